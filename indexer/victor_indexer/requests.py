"""What the worker's clients may ask, and what answers: the tables stand at the end."""

import dataclasses
import os
import time
from concurrent.futures import Future
from typing import Any

from victor_indexer import wire
from victor_indexer.errors import RequestCancelled
from victor_indexer.meter import Meter
from victor_indexer.model import FileStatus, ParsedFile
from victor_indexer.worker import Cancelled, Methods, Note, Request, Session, Worker
from victor_indexer.workspace import Workspace
from victor_indexer.writer import WorkspaceOptions


def _close_root(worker: Worker, session: Session, params: dict[str, Any]) -> None:
    session.close_root(params["root"])
    worker.roots.close_unused()


def _overlay(worker: Worker, session: Session, params: dict[str, Any]) -> None:
    session.lay_over(params["root"], params["path"], params["text"], params["version"])


def _open(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    """Open a root with this client's options and keep it live: an editor has it in front of a person."""
    options = _options(params)
    workspace = worker.roots.open(params["root"], options, live=True)
    workspace.configure(options or WorkspaceOptions())
    workspace.go_live()
    return _told(workspace)


def _end(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    worker.end()


def _ping(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    return {"pid": os.getpid(), "format": wire.INDEX_FORMAT}


def _search(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    root = params["root"]
    workspace = _opened(worker, params)
    result = workspace.search(params["query"], params["k"], session.overlays(root), cancelled)
    return dataclasses.asdict(result)


def _status(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    return dataclasses.asdict(_opened(worker, params).status())


def _symbols(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    overlay = session.overlays(params["root"]).get(params["path"])
    if overlay is not None:
        return [dataclasses.astuple(symbol) for symbol in overlay.symbols]
    symbols = _opened(worker, params).symbols_of(params["path"])
    return None if symbols is None else [dataclasses.astuple(symbol) for symbol in symbols]


def _symbols_of_text(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    parsed = _waited_for(worker.pool.parse_text(params["path"], params["text"]), cancelled)
    return [dataclasses.astuple(symbol) for symbol in parsed.symbols]


def _broken_in_text(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    parsed = _waited_for(worker.pool.find_broken(params["path"], params["text"]), cancelled)
    if parsed.status is not FileStatus.INDEXED:
        return None
    return [[each.start_line, each.end_line, each.name] for each in parsed.symbols]


def _waited_for(parsed: Future[ParsedFile], cancelled: Cancelled) -> ParsedFile:
    while True:
        try:
            return parsed.result(timeout=0.1)
        except TimeoutError:
            if cancelled():
                parsed.cancel()
                raise RequestCancelled("The request was cancelled.") from None


def _find_symbols(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    root = params["root"]
    workspace = _opened(worker, params)
    found = workspace.find_symbols(params["query"], params["limit"], session.overlays(root))
    return [[located.path, dataclasses.astuple(located.symbol)] for located in found]


def _find_paths(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    return _opened(worker, params).find_paths(params["query"], params["limit"])


def _repo_map(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    ranked = _opened(worker, params).repo_map(params["focus"], params["limit"], cancelled)
    return [[each.located.path, dataclasses.astuple(each.located.symbol), each.score] for each in ranked]


def _explain(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    return dataclasses.asdict(_opened(worker, params).explain(params["path"]))


def _changed(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    _opened(worker, params).changed(frozenset(params["paths"]))


def _pause(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    workspace = _opened(worker, params)
    workspace.pause()
    return _told(workspace)


def _resume(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    workspace = _opened(worker, params)
    workspace.resume()
    return _told(workspace)


def _rebuild(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    workspace = _opened(worker, params)
    workspace.rebuild()
    return _told(workspace)


def _wait(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    """Look through the whole tree, wait until the index is current, and say what it holds and what that cost."""
    newborn = [os.getpid()] if params["spawned"] else []
    measured = [os.getpid(), params["pid"]]
    started = time.monotonic()
    with Meter(lambda: [*measured, *worker.pool.pids()], from_birth=newborn) as meter:
        workspace = _opened(worker, params)
        workspace.configure(_options(params) or WorkspaceOptions())
        summary = workspace.wait_until_current(since=started, rebuild=params["rebuild"], cancelled=cancelled)
    wall_s = time.monotonic() - started
    return {
        **summary,
        "cpu_seconds": meter.cost.cpu_s,
        "wall_seconds": round(wall_s, 3),
        "peak_rss_mb": meter.cost.peak_rss_mb,
    }


def _options(params: dict[str, Any]) -> WorkspaceOptions | None:
    options = params.get("options")
    return options and WorkspaceOptions(options["max_file_bytes"], tuple(options["exclude"]))


def _opened(worker: Worker, params: dict[str, Any]) -> Workspace:
    """The index of a root; opened for this request, by the options that came with it, if it was not open."""
    return worker.roots.open(params["root"], _options(params))


def _told(workspace: Workspace) -> dict[str, Any]:
    """Tell the status before the answer: who asks knows it then, and nothing newer is overtaken by the answer."""
    workspace.tell()
    return dataclasses.asdict(workspace.status())


_NOTES: dict[str, Note] = {"close_root": _close_root, "overlay": _overlay}

_REQUESTS: dict[str, Request] = {
    "open": _open,
    "ping": _ping,
    "end": _end,
    "search": _search,
    "status": _status,
    "symbols": _symbols,
    "symbols_of_text": _symbols_of_text,
    "broken_in_text": _broken_in_text,
    "find_symbols": _find_symbols,
    "find_paths": _find_paths,
    "explain": _explain,
    "changed": _changed,
    "pause": _pause,
    "resume": _resume,
    "rebuild": _rebuild,
}

_LONG: dict[str, Request] = {"repo_map": _repo_map, "wait": _wait}

METHODS = Methods(_NOTES, _REQUESTS, _LONG)
