"""The progress bar of each root that is being indexed: created, begun, reported and ended, each exactly once.

One is begun only for what takes a while: a bar that comes and goes at once, each time a folder is opened or a file is
saved, is nothing but unrest.
"""

from dataclasses import dataclass

from lsprotocol import types

from victor_indexer.model import Status
from victor_server.lsp.background import Background, Later
from victor_server.lsp.client import Client, ClientRefusedError


@dataclass(slots=True)
class _Bar:
    token: str
    latest: Status
    begun: bool = False
    percentage: int = 0
    message: str = ""


class IndexProgress:
    """Turns the statuses of roots into work-done progress; `later` says how long one must be at work for that."""

    def __init__(self, client: Client, background: Background, later: Later) -> None:
        self._client = client
        self._background = background
        self._later = later
        self._bars: dict[str, _Bar] = {}
        self._n_bars = 0
        self._refused = False

    def show(self, status: Status) -> None:
        """Bring the root's bar up to date; called on the event loop with each new status."""
        bar = self._bars.get(status.root)
        if bar is None:
            self._wait(status)
            return
        bar.latest = status
        if bar.begun:
            self._report(bar) if _is_busy(status) else self._end(bar)

    def end(self, root: str) -> None:
        """End the root's bar, if it has one: nobody will report on it any more."""
        self._later.drop(root)
        bar = self._bars.pop(root, None)
        if bar is not None and bar.begun:
            self._end(bar)

    def end_all(self) -> None:
        """End every bar."""
        self._later.close()
        for root in list(self._bars):
            self.end(root)

    def close(self) -> None:
        """End every bar, and begin none afterwards."""
        self.end_all()
        self._refused = True

    def _wait(self, status: Status) -> None:
        """See whether the root is still being indexed in a moment."""
        if status.state != "indexing":
            self._later.drop(status.root)
        elif not self._refused and (_has_files_left(status) or self._later.waits(status.root)):
            self._later.call(status.root, lambda: self._create(status))

    def _create(self, status: Status) -> None:
        self._n_bars += 1
        self._bars[status.root] = bar = _Bar(f"victor-index-{self._n_bars}", status)
        self._background.start(self._begin(bar))

    async def _begin(self, bar: _Bar) -> None:
        try:
            await self._client.ask(
                types.WINDOW_WORK_DONE_PROGRESS_CREATE, types.WorkDoneProgressCreateParams(token=bar.token)
            )
        except ClientRefusedError:
            self._refused = True
            self._bars.pop(bar.latest.root, None)
            return
        if self._bars.get(bar.latest.root) is not bar:
            return
        bar.begun, bar.percentage, bar.message = True, _percentage(bar.latest), _counts(bar.latest)
        title = f"Indexing {_name_of(bar.latest.root)}"
        begin = types.WorkDoneProgressBegin(
            title=title, cancellable=False, message=bar.message, percentage=bar.percentage
        )
        self._send(bar, begin)
        if not _is_busy(bar.latest):
            self._end(bar)

    def _report(self, bar: _Bar) -> None:
        # The total may grow while files are found; a bar that runs backwards would be against the protocol.
        percentage, message = max(bar.percentage, _percentage(bar.latest)), _counts(bar.latest)
        if (percentage, message) == (bar.percentage, bar.message):
            return
        bar.percentage, bar.message = percentage, message
        self._send(
            bar, types.WorkDoneProgressReport(cancellable=False, message=message, percentage=percentage)
        )

    def _end(self, bar: _Bar) -> None:
        self._bars.pop(bar.latest.root, None)
        self._send(bar, types.WorkDoneProgressEnd(message=bar.latest.detail or _counts(bar.latest)))

    def _send(
        self,
        bar: _Bar,
        value: types.WorkDoneProgressBegin | types.WorkDoneProgressReport | types.WorkDoneProgressEnd,
    ) -> None:
        self._client.notify(types.PROGRESS, types.ProgressParams(token=bar.token, value=value))


def _is_busy(status: Status) -> bool:
    return status.state in ("scanning", "indexing")


def _has_files_left(status: Status) -> bool:
    """False for the upkeep of the search index, which also follows a save."""
    return status.files_done < status.files_total


def _name_of(root: str) -> str:
    return root.replace("\\", "/").rstrip("/").rpartition("/")[2] or root


def _percentage(status: Status) -> int:
    return min(100, 100 * status.files_done // status.files_total) if status.files_total > 0 else 0


def _counts(status: Status) -> str:
    if not status.files_total:
        return "looking for files"
    return f"{status.files_done:,} of {status.files_total:,} files"
