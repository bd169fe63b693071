"""File events of one workspace, in batches, from the system's own watcher."""

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

from watchfiles import Change, DefaultFilter, watch

logger = logging.getLogger(__name__)

_QUIET_MS = 60
"""A batch ends when nothing happened for this long …"""
_BATCH_MS = 400
"""… or when it has gone on for this long."""
_LOOK_UP_MS = 100


class _NoVersionControl(DefaultFilter):
    """Drops what happens inside version control's own folders; ignore rules are the walk's business."""

    ignore_dirs = (".git", ".hg", ".svn", ".jj")
    ignore_entity_patterns = ()


class Watch:
    """Calls `on_changes(paths relative to root)` on its own thread until closed; "" is the root itself.

    `on_live()` comes once, when every change from then on is heard of; `on_failure(sentence)` when none is any more.
    """

    def __init__(
        self,
        root: Path,
        *,
        on_live: Callable[[], None],
        on_changes: Callable[[frozenset[str]], None],
        on_failure: Callable[[str], None],
    ) -> None:
        self._root = root
        self._on_live = on_live
        self._on_changes = on_changes
        self._on_failure = on_failure
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="victor-watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop watching; returns when the thread has ended."""
        self._stop.set()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        is_live = False
        try:
            for changes in watch(
                self._root,
                watch_filter=_NoVersionControl(),
                debounce=_BATCH_MS,
                step=_QUIET_MS,
                rust_timeout=_LOOK_UP_MS,
                yield_on_timeout=True,  # the first word, changes or none, says that the system listens
                stop_event=self._stop,
                raise_interrupt=False,
                recursive=True,
                ignore_permission_denied=True,
            ):
                if not is_live:
                    is_live = True
                    self._on_live()
                if changes:
                    self._on_changes(_relative(self._root, changes))
        except Exception as error:  # noqa: BLE001 the library raises OSError, RuntimeError and its own Rust error
            if not self._stop.is_set():
                logger.warning("file watching ended: %s", type(error).__name__)
                self._on_failure(_explain(error))


def _relative(root: Path, changes: set[tuple[Change, str]]) -> frozenset[str]:
    start = len(str(root).rstrip(os.sep)) + 1
    return frozenset(path[start:].replace(os.sep, "/") for _, path in changes)


def _explain(error: Exception) -> str:
    if "watch" in str(error).lower() and ("limit" in str(error).lower() or "space" in str(error).lower()):
        return (
            "The system's limit of watched folders is reached: changes made outside the editor are found at the "
            "next start only. Raise fs.inotify.max_user_watches."
        )
    return "Changes made outside the editor are not seen (file watching failed); they are found at the next start."
