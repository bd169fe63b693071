"""What the commands that ask the index share: settings, the connection, progress while they wait."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path
from typing import Any

from victor_indexer.client import IndexClient, OnEvent
from victor_indexer.model import Status
from victor_indexer.wire import status_from_wire
from victor_server.cli.chat.neutral import neutral
from victor_server.compose.worker_command import worker_command
from victor_server.errors import Unavailable, UsageError
from victor_server.settings.load import resolve
from victor_server.settings.resolved import Settings

_TELL_EVERY_PERCENT = 10


def load_settings(folder: Path | None = None) -> Settings:
    """Return the settings of the command line: the person's file, that of `folder` if it is trusted, and the
    environment; problems go to stderr."""
    resolved = resolve([], folder=folder)
    for problem in resolved.problems:
        print(neutral(problem.told), file=sys.stderr)
    return resolved.settings


def real_root(path: Path, *, hint: str = "put a query of several words in quotes") -> Path:
    """Return the folder as the index knows it. Raises UsageError where there is none, with a hint at what was meant."""
    if path.is_file():
        raise UsageError(f"{path} is a file.", "Name the folder that it stands in.")
    if not path.is_dir():
        raise UsageError(f"There is no folder {path}.", f"Name one that exists; {hint}.")
    return Path(os.path.realpath(path))


def options_to_wire(settings: Settings) -> dict[str, object]:
    """Return what of a root is indexed, as the worker takes it."""
    return {"max_file_bytes": settings.index.max_file_bytes, "exclude": list(settings.index.exclude)}


@contextlib.contextmanager
def connect(settings: Settings, on_event: OnEvent | None = None) -> Iterator[IndexClient]:
    """Yield a client of the index worker. Raises Unavailable where the settings switch the index off."""
    if not settings.index.enabled:
        raise Unavailable("The index is switched off.", "Set `index.enabled` to true.")
    client = IndexClient(settings.home, worker_command(settings), on_event)
    try:
        yield client
    finally:
        client.close()


def ask_and_wait(client: IndexClient, method: str, **params: Any) -> Any:
    """Ask and wait; Ctrl-C stops the worker's side too."""
    answer = client.ask(method, **params)
    try:
        while True:
            try:
                return answer.result(timeout=0.5)  # short waits: Windows delivers no Ctrl-C within a long one
            except FutureTimeout:
                if answer.done():
                    raise
    except BaseException:
        answer.cancel()
        raise


@contextlib.contextmanager
def follow_progress(root: Path) -> Iterator[OnEvent]:
    """Yield a listener that shows the progress of `root` on stderr: a bar on a terminal, plain lines elsewhere."""
    if sys.stderr.isatty():
        with _bar(root) as on_status:
            yield _statuses_of(root, on_status)
    else:
        yield _statuses_of(root, _PlainLines())


def _statuses_of(root: Path, on_status: Callable[[Status], None]) -> OnEvent:
    def on_event(name: str, params: dict[str, Any]) -> None:
        if name == "status" and params["root"] == str(root):
            on_status(status_from_wire(params))

    return on_event


class _PlainLines:
    """A line at each tenth of the way."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, status: Status) -> None:
        percent = 100 * status.files_done // max(1, status.files_total)
        step = percent - percent % _TELL_EVERY_PERCENT
        line = f"{status.state}"
        if status.state == "indexing":
            line += f" {step} % of {status.files_total:,} files"
        if line != self._last and status.state == "indexing":
            print(line, file=sys.stderr)
            self._last = line


@contextlib.contextmanager
def _bar(root: Path) -> Iterator[Callable[[Status], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"{root.name}: scanning", total=None)

        def on_status(status: Status) -> None:
            total = status.files_total or None
            progress.update(
                task, description=f"{root.name}: {status.state}", completed=status.files_done, total=total
            )

        yield on_status
