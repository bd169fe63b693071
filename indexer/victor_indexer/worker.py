"""The worker's clients: who is connected, which roots and unsaved buffers each has open, and what it waits for."""

import contextlib
import dataclasses
import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Listener
from typing import Any

from victor_indexer import wire
from victor_indexer.errors import IndexerError
from victor_indexer.model import ParsedFile, Status
from victor_indexer.pool import ParserPool
from victor_indexer.roots import OpenRoots, OpenWorkspace

logger = logging.getLogger(__name__)

_OVERLAY_WAIT_S = 0.5
_FIRST_OVERLAY_WAIT_S = 5.0
"""The first buffer may have to wait for a parser child to start."""
_REQUEST_THREADS = 32
"""Some may have to wait for a root that takes its time to close."""
_MAX_UNREAD = 10_000
"""A client that leaves so many messages unread is frozen; it is hung up on, and may come again."""

Cancelled = Callable[[], bool]
Note = Callable[["Worker", "Session", dict[str, Any]], None]
Request = Callable[["Worker", "Session", dict[str, Any], Cancelled], Any]


@dataclass(frozen=True, slots=True)
class Methods:
    """What clients may ask: `notes` are taken at once and in order, `requests` by a few threads, `long` by their own."""

    notes: Mapping[str, Note]
    requests: Mapping[str, Request]
    long: Mapping[str, Request]


class Worker:
    """The clients that are connected and the roots that they have open."""

    def __init__(
        self, pool: ParserPool, open_workspace: OpenWorkspace, methods: Methods, leave_after_s: float
    ) -> None:
        self.pool = pool
        self.methods = methods
        self.roots = OpenRoots(open_workspace, self._tell_status, self._is_wanted)
        self.requests = ThreadPoolExecutor(_REQUEST_THREADS, thread_name_prefix="victor-request")
        self._leave_after_s = leave_after_s
        self._changed = threading.Condition()
        self._sessions: set[Session] = set()
        self._alone_since = time.monotonic()
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether the worker is leaving."""
        return self._ended

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
            self._take(connection)

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
        """Leave now. Not for a signal's handler, which may come while its own thread holds the lock."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def close(self, within_s: float) -> None:
        """Let go of everything, in order; a root that takes longer is left as it is, which costs it nothing."""
        self.end()
        with self._changed:
            sessions = list(self._sessions)
        for session in sessions:
            session.hang_up()
        closing = threading.Thread(target=self.roots.close, name="victor-close", daemon=True)
        closing.start()
        closing.join(within_s)
        self.requests.shutdown(wait=False, cancel_futures=True)
        self.pool.close()

    def left(self, session: "Session") -> None:
        """Forget a client that is gone, and close what nobody has open any more."""
        with self._changed:
            self._sessions.discard(session)
            self._alone_since = time.monotonic()
            self._changed.notify_all()
        self.roots.close_unused()

    def _take(self, connection: Connection) -> None:
        session = Session(self, connection)
        with self._changed:
            if self._ended:
                connection.close()  # the client asks the next worker
                return
            self._sessions.add(session)
            self._changed.notify_all()
        session.start()

    def _is_wanted(self, root: str) -> bool:
        with self._changed:
            return any(root in session.roots for session in self._sessions)

    def _tell_status(self, status: Status) -> None:
        with self._changed:
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
        self.roots: frozenset[str] = frozenset()
        """Changed by the reading thread alone, in the order in which the client opens and closes."""
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
        self._send([0, True, [name, params]])

    def hang_up(self) -> None:
        """End the connection from this side."""
        with self._lock:
            if not self._connection.closed:
                wire.hang_up(self._connection)

    def overlays(self, root: str) -> dict[str, ParsedFile]:
        """This client's unsaved buffers in `root`, as parsed; waits a moment for those that are being parsed."""
        with self._lock:
            mine = {path: overlay for (its_root, path), overlay in self._overlays.items() if its_root == root}
        began = time.monotonic()
        found: dict[str, ParsedFile] = {}
        for path, overlay in mine.items():
            wait_s = _OVERLAY_WAIT_S if overlay.latest else _FIRST_OVERLAY_WAIT_S
            try:
                overlay.latest = overlay.parsed.result(timeout=max(0.0, began + wait_s - time.monotonic()))
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
            if before is not None:
                if before.version > version:
                    return
                before.parsed.cancel()
            if text is None:
                self._overlays.pop(key, None)
                return
            latest = before.latest if before else None
            self._overlays[key] = _Overlay(version, self._worker.pool.parse_text(path, text), latest)

    def close_root(self, root: str) -> None:
        """Have `root` open no more, and none of its buffers."""
        self.roots -= {root}
        self._forget_overlays(root)

    def _forget_overlays(self, root: str | None = None) -> None:
        with self._lock:
            for key in [key for key in self._overlays if root in (None, key[0])]:
                self._overlays.pop(key).parsed.cancel()

    def _read(self) -> None:
        try:
            while True:
                number, method, params = wire.unpack(self._connection.recv_bytes(wire.MAX_MESSAGE_BYTES))
                if not (isinstance(number, int) and isinstance(method, str) and isinstance(params, dict)):
                    return
                self._take(number, method, params)
        except (EOFError, OSError, ValueError, TypeError, KeyError):
            pass  # the client is gone, or no client of ours
        except RuntimeError:
            logger.info("a client's request came too late: the worker is leaving")
        finally:
            for running in list(self._running.values()):
                running.cancelled.set()
            self._forget_overlays()
            self._outbox.put(None)
            self._worker.left(self)

    def _take(self, number: int, method: str, params: dict[str, Any]) -> None:
        methods = self._worker.methods
        if method == "cancel":
            running = self._running.get(params["id"])
            if running:
                running.cancelled.set()
            return
        if method in methods.notes:
            methods.notes[method](self._worker, self, params)  # at once: later requests must see it
            self._answer(number, True, None)
            return
        if isinstance(root := params.get("root"), str):
            self.roots |= {root}
        running = self._running[number] = _Running()
        if method in methods.long:
            threading.Thread(target=self._run, args=[number, method, params, running], daemon=True).start()
        else:
            self._worker.requests.submit(self._run, number, method, params, running)

    def _run(self, number: int, method: str, params: dict[str, Any], running: _Running) -> None:
        try:
            methods = self._worker.methods
            handler = methods.long.get(method) or methods.requests.get(method)
            if handler is None:
                raise IndexerError(f"The index worker does not know {method!r}.", "Restart your editor.")
            result = handler(self._worker, self, params, running.cancelled.is_set)
            self._answer(number, True, result)
        except IndexerError as error:
            if not self._worker.ended:  # else the client hears nothing, and asks the next worker
                self._answer(number, False, [error.kind, error.message, error.fix])
        except Exception:
            logger.exception("bug: %s failed", method)
            message = "The index worker failed at this request (a bug in Victor)."
            self._answer(number, False, ["bug", message, "See the worker's log: `victor doctor` names it."])
        finally:
            self._running.pop(number, None)

    def _answer(self, number: int, ok: bool, payload: Any) -> None:
        if number:  # 0: the client repeats to a new worker what an older one has answered
            self._send([number, ok, payload])

    def _send(self, message: list[Any]) -> None:
        self._outbox.put(wire.pack(message))
        if self._outbox.qsize() > _MAX_UNREAD:
            self.hang_up()

    def _write(self) -> None:
        is_there = True
        while (body := self._outbox.get()) is not None:
            try:
                if is_there:
                    self._connection.send_bytes(body)
            except (OSError, ValueError):
                is_there = False
                self.hang_up()  # the reader sees the end; only then is the descriptor given back
        with self._lock, contextlib.suppress(OSError):
            self._connection.close()
