"""The index worker: one process for all windows, editors and commands of a user.

It listens in VICTOR_HOME, keeps one `Workspace` per root that somebody has open, and leaves when the last client
has been gone for a while. An OS lock makes sure that there is one writer, whatever dies when.
"""

import dataclasses
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from victor_indexer import wire
from victor_indexer.errors import IndexerError, RequestCancelled, WorkspaceNotFound
from victor_indexer.meter import Meter
from victor_indexer.model import ParsedFile, Status
from victor_indexer.pool import ParserPool
from victor_indexer.workspace import Workspace, WorkspaceOptions

logger = logging.getLogger(__name__)

LEAVE_AFTER_S = 60.0
_OVERLAY_WAIT_S = 0.5
_FIRST_OVERLAY_WAIT_S = 5.0
"""The first buffer may have to wait for a parser child to start."""
_REQUEST_THREADS = 8

OpenWorkspace = Callable[[Path, ParserPool, Callable[[Status], None]], Workspace]
"""(root, parser children, who hears of a changed status) → the live index of that root, not started yet."""


def serve(home: Path, *, pool: ParserPool, open_workspace: OpenWorkspace, leave_after_s: float) -> int:
    """Serve until nobody is left. Prints `ready` once it listens, or `busy` where another worker has the lock."""
    place = wire.meeting_place(home)
    lock = FileLock(home / "worker" / f"index-{wire.INDEX_FORMAT}.lock", mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        _say("busy")
        return 0
    with lock:
        if place.family == "AF_UNIX":
            Path(place.address).unlink(
                missing_ok=True
            )  # left by a worker that was killed; the lock says it is gone
            old_mask = os.umask(0o177)
            try:
                listener = Listener(place.address, place.family, backlog=64)
            finally:
                os.umask(old_mask)
        else:
            listener = Listener(place.address, place.family, authkey=place.authkey)
        worker = Worker(pool, open_workspace, leave_after_s)
        threading.Thread(target=worker.accept, args=[listener], name="victor-accept", daemon=True).start()
        _say("ready")
        worker.wait_until_left()
        listener.close()
        worker.close()
    return 0


class Worker:
    """The clients that are connected and the workspaces that they have open."""

    def __init__(self, pool: ParserPool, open_workspace: OpenWorkspace, leave_after_s: float) -> None:
        self.pool = pool
        self._open_workspace = open_workspace
        self._leave_after_s = leave_after_s
        self._lock = threading.Lock()
        self._opening = threading.Lock()  # one root is never closed and opened at once: there is one writer
        self._workspaces: dict[str, Workspace] = {}
        self._sessions: set[Session] = set()
        self._changed = threading.Condition(self._lock)
        self._alone_since = time.monotonic()
        self._ended = False
        self.requests = ThreadPoolExecutor(_REQUEST_THREADS, thread_name_prefix="victor-request")

    def accept(self, listener: Listener) -> None:
        """Take clients until the listener closes."""
        while not self._ended:
            try:
                connection = listener.accept()
            except OSError:
                if self._ended:
                    return
                logger.warning("a client's connection could not be accepted")
                time.sleep(0.1)  # out of file descriptors, most likely: do not spin
                continue
            except Exception:  # noqa: BLE001 a stranger failed the pipe's authentication, or hung up while it greeted
                logger.warning("a stranger was turned away")
                continue
            session = Session(self, connection)
            with self._changed:
                self._sessions.add(session)
                self._changed.notify_all()
            session.start()

    def wait_until_left(self) -> None:
        """Return once nobody has been connected for `leave_after_s`, or `end` was called."""
        with self._changed:
            while not self._ended:
                left = self._alone_since + self._leave_after_s - time.monotonic()
                if self._sessions:
                    self._changed.wait()
                elif left <= 0:
                    self._ended = True
                else:
                    self._changed.wait(left)

    def end(self) -> None:
        """Leave now."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def close(self) -> None:
        """Let go of everything, in order."""
        with self._lock:
            sessions, workspaces = list(self._sessions), list(self._workspaces.values())
        for session in sessions:
            session.hang_up()
        for workspace in workspaces:
            workspace.close()
        self.requests.shutdown(wait=False, cancel_futures=True)
        self.pool.close()

    def open(self, root: str) -> Workspace:
        """Return the live index of `root`, starting it when nobody has it open yet."""
        folder = Path(root)
        if not folder.is_dir():
            raise WorkspaceNotFound(f"{root} is not a folder.", "Name a folder that exists.")
        with self._opening:
            workspace = self._workspaces.get(root)
            if workspace is None:
                workspace = self._open_workspace(folder, self.pool, self._tell_status)
                with self._lock:
                    self._workspaces[root] = workspace
                workspace.start()
        return workspace

    def left(self, session: "Session") -> None:
        """Forget a client that is gone, and close what nobody has open any more."""
        with self._changed:
            self._sessions.discard(session)
            self._alone_since = time.monotonic()
            self._changed.notify_all()
        self.close_unused()

    def close_unused(self) -> None:
        """Close workspaces that no client has open."""
        with self._opening:
            with self._lock:
                wanted = {root for session in self._sessions for root in session.roots}
                idle = [self._workspaces.pop(root) for root in set(self._workspaces) - wanted]
            for workspace in idle:
                workspace.close()

    def _tell_status(self, status: Status) -> None:
        with self._lock:
            sessions = [session for session in self._sessions if status.root in session.roots]
        for session in sessions:
            session.tell("status", dataclasses.asdict(status))


@dataclass
class _Overlay:
    version: int
    parsed: "Future[ParsedFile]"
    latest: ParsedFile | None = None


@dataclass
class _Running:
    cancelled: threading.Event = field(default_factory=threading.Event)


class Session:
    """One client: its open roots, its unsaved buffers, the requests it waits for."""

    def __init__(self, worker: Worker, connection: Connection) -> None:
        self.roots: set[str] = set()
        self._worker = worker
        self._connection = connection
        self._lock = threading.Lock()
        self._running: dict[int, _Running] = {}
        self._overlays: dict[tuple[str, str], _Overlay] = {}
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()

    def start(self) -> None:
        """Begin to read and answer, each on a thread of its own."""
        threading.Thread(target=self._read, name="victor-session", daemon=True).start()
        threading.Thread(target=self._write, name="victor-session-out", daemon=True).start()

    def tell(self, name: str, params: dict[str, Any]) -> None:
        """Send an event."""
        self._outbox.put(wire.pack([0, True, [name, params]]))

    def hang_up(self) -> None:
        """End the connection from this side."""
        wire.hang_up(self._connection)

    def overlays(self, root: str) -> dict[str, ParsedFile]:
        """This client's unsaved buffers in `root`, as parsed; waits a moment for one that is being parsed."""
        with self._lock:
            mine = {path: overlay for (its_root, path), overlay in self._overlays.items() if its_root == root}
        found: dict[str, ParsedFile] = {}
        for path, overlay in mine.items():
            try:
                wait_s = _OVERLAY_WAIT_S if overlay.latest else _FIRST_OVERLAY_WAIT_S
                overlay.latest = overlay.parsed.result(timeout=wait_s)
            except Exception:  # noqa: BLE001 late, cancelled or failed alike: the last good state stands
                logger.debug("an unsaved buffer is not parsed yet")
            if overlay.latest is not None:
                found[path] = overlay.latest
        return found

    def lay_over(self, root: str, path: str, text: str | None, version: int) -> None:
        """Let `text` stand before the file `path`, or (None) take the buffer away."""
        key = (root, path)
        with self._lock:
            before = self._overlays.get(key)
            if before is not None and before.version > version:
                return
            if text is None:
                self._overlays.pop(key, None)
                return
            latest = before.latest if before else None
            self._overlays[key] = _Overlay(version, self._worker.pool.parse_text(path, text), latest)

    def _read(self) -> None:
        try:
            while True:
                number, method, params = wire.unpack(self._connection.recv_bytes(wire.MAX_MESSAGE_BYTES))
                if not (isinstance(number, int) and isinstance(method, str) and isinstance(params, dict)):
                    return
                self._take(number, method, params)
        except (EOFError, OSError, ValueError, TypeError, KeyError):
            pass  # the client is gone, or no client of ours
        finally:
            for running in list(self._running.values()):
                running.cancelled.set()
            self._outbox.put(None)
            self._worker.left(self)

    def _take(self, number: int, method: str, params: dict[str, Any]) -> None:
        if method == "cancel":
            running = self._running.get(params["id"])
            if running:
                running.cancelled.set()
            return
        if method in NOTES:
            NOTES[method](self._worker, self, params)  # in order, at once: later requests must see it
            self._answer(number, True, None)
            return
        running = self._running[number] = _Running()
        if method in LONG:
            threading.Thread(target=self._run, args=[number, method, params, running], daemon=True).start()
        else:
            self._worker.requests.submit(self._run, number, method, params, running)

    def _run(self, number: int, method: str, params: dict[str, Any], running: _Running) -> None:
        try:
            handler = LONG.get(method) or REQUESTS.get(method)
            if handler is None:
                raise IndexerError(f"The index worker does not know {method!r}.", "Restart your editor.")
            result = handler(self._worker, self, params, running.cancelled.is_set)
            self._answer(number, True, result)
        except IndexerError as error:
            self._answer(number, False, [error.kind, error.message, error.fix])
        except Exception:
            logger.exception("bug: %s failed", method)
            message = "The index worker failed at this request (a bug in Victor)."
            self._answer(number, False, ["bug", message, "See the worker's log: `victor doctor` names it."])
        finally:
            self._running.pop(number, None)

    def _answer(self, number: int, ok: bool, payload: Any) -> None:
        if number:  # 0: the client repeats to a new worker what an older one has answered
            self._outbox.put(wire.pack([number, ok, payload]))

    def _write(self) -> None:
        while (body := self._outbox.get()) is not None:
            try:
                self._connection.send_bytes(body)
            except (OSError, ValueError):
                break
        try:
            self._connection.close()
        except OSError:
            pass


Cancelled = Callable[[], bool]
Note = Callable[[Worker, Session, dict[str, Any]], None]
Request = Callable[[Worker, Session, dict[str, Any], Cancelled], Any]


def _close_root(worker: Worker, session: Session, params: dict[str, Any]) -> None:
    session.roots.discard(params["root"])
    threading.Thread(target=worker.close_unused, daemon=True).start()


def _overlay(worker: Worker, session: Session, params: dict[str, Any]) -> None:
    session.lay_over(params["root"], params["path"], params["text"], params["version"])


def _open(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    """Open a root with this client's options and keep it live: an editor has it in front of a person."""
    workspace = _opened(worker, session, params["root"])
    workspace.configure(_options(params))
    workspace.go_live()
    return dataclasses.asdict(workspace.status())


def _end(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    worker.end()


def _ping(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    return {"pid": os.getpid(), "format": wire.INDEX_FORMAT}


def _search(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    root = params["root"]
    workspace = _opened(worker, session, root)
    result = workspace.search(params["query"], params["k"], session.overlays(root), cancelled)
    return dataclasses.asdict(result)


def _status(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    return dataclasses.asdict(_opened(worker, session, params["root"]).status())


def _symbols(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    overlay = session.overlays(params["root"]).get(params["path"])
    if overlay is not None:
        return [dataclasses.astuple(symbol) for symbol in overlay.symbols]
    symbols = _opened(worker, session, params["root"]).symbols_of(params["path"])
    return None if symbols is None else [dataclasses.astuple(symbol) for symbol in symbols]


def _symbols_of_text(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    parsed = worker.pool.parse_text(params["path"], params["text"])
    while True:
        try:
            return [dataclasses.astuple(symbol) for symbol in parsed.result(timeout=0.1).symbols]
        except TimeoutError:
            if cancelled():
                parsed.cancel()
                raise RequestCancelled("The request was cancelled.") from None


def _find_symbols(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    root = params["root"]
    workspace = _opened(worker, session, root)
    found = workspace.find_symbols(params["query"], params["limit"], session.overlays(root))
    return [[located.path, dataclasses.astuple(located.symbol)] for located in found]


def _explain(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    return dataclasses.asdict(_opened(worker, session, params["root"]).explain(params["path"]))


def _changed(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    _opened(worker, session, params["root"]).changed(frozenset(params["paths"]))


def _pause(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    workspace = _opened(worker, session, params["root"])
    workspace.pause()
    return dataclasses.asdict(workspace.status())


def _resume(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    workspace = _opened(worker, session, params["root"])
    workspace.resume()
    return dataclasses.asdict(workspace.status())


def _rebuild(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    workspace = _opened(worker, session, params["root"])
    workspace.rebuild()
    return dataclasses.asdict(workspace.status())


def _wait(worker: Worker, session: Session, params: dict[str, Any], cancelled: Cancelled) -> Any:
    """Look through the whole tree, wait until the index is current, and say what it holds and what that cost."""
    newborn = [os.getpid()] if params["spawned"] else []
    measured = [os.getpid(), params["pid"]]
    started = time.monotonic()
    with Meter(lambda: [*measured, *worker.pool.pids()], from_birth=newborn) as meter:
        workspace = _opened(worker, session, params["root"])
        workspace.configure(_options(params))
        summary = workspace.wait_until_current(since=started, rebuild=params["rebuild"], cancelled=cancelled)
    wall_s = time.monotonic() - started
    return {
        **summary,
        "cpu_seconds": meter.cost.cpu_s,
        "wall_seconds": round(wall_s, 3),
        "peak_rss_mb": meter.cost.peak_rss_mb,
    }


def _options(params: dict[str, Any]) -> WorkspaceOptions:
    options = params["options"]
    return WorkspaceOptions(options["max_file_bytes"], tuple(options["exclude"]))


def _opened(worker: Worker, session: Session, root: str) -> Workspace:
    session.roots.add(root)
    return worker.open(root)


NOTES: dict[str, Note] = {"close_root": _close_root, "overlay": _overlay}
"""Handled at once and in order on the reading thread."""

REQUESTS: dict[str, Request] = {
    "open": _open,
    "ping": _ping,
    "end": _end,
    "search": _search,
    "status": _status,
    "symbols": _symbols,
    "symbols_of_text": _symbols_of_text,
    "find_symbols": _find_symbols,
    "explain": _explain,
    "changed": _changed,
    "pause": _pause,
    "resume": _resume,
    "rebuild": _rebuild,
}
"""Answered by a small pool of threads."""

LONG: dict[str, Request] = {"wait": _wait}
"""Answered on a thread of their own: they may take minutes."""


def _say(word: str) -> None:
    """Tell whoever started the worker how that went, then leave its standard output alone."""
    sys.stdout.write(word + "\n")
    sys.stdout.flush()
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, sys.stdout.fileno())
    os.close(quiet)
