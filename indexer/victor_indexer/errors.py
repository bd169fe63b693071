"""Every error the index raises on purpose.

IndexerError
├── WorkspaceNotFound     the folder to index is not there, or is not a folder
├── WorkerUnavailable     no worker answers and none could be started
├── StoreUnreadable       what lies on disk is corrupt or of another format (the caller rebuilds)
├── DiskFull              the index could not be written for want of space
└── RequestCancelled      the asker no longer wants the answer

`kind` is the stable name that travels over the worker's socket and into `--json` answers; `fix` says what to do.
"""


class IndexerError(Exception):
    """Base of the tree. Attributes: `kind` (stable name), `message`, `fix` (what to do next, may be empty)."""

    kind = "index_error"

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


class WorkspaceNotFound(IndexerError):
    """The folder to index is not there, or is not a folder."""

    kind = "workspace_not_found"


class WorkerUnavailable(IndexerError):
    """No index worker answers and none could be started."""

    kind = "worker_unavailable"


class StoreUnreadable(IndexerError):
    """What lies on disk is corrupt or of a format this version does not know."""

    kind = "store_unreadable"


class DiskFull(IndexerError):
    """The index could not be written for want of space."""

    kind = "disk_full"


class RequestCancelled(IndexerError):
    """The asker no longer wants the answer."""

    kind = "cancelled"
