"""A client's side of the index worker: find it or start it, ask, and ask again when it died.

Every request may be sent twice (they change nothing that a second time would change again), so a worker that is
killed costs its clients a moment and no answer: the client starts another, opens its roots, lays its unsaved buffers
over them, and repeats what was not answered.
"""

import contextlib
import itertools
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, BinaryIO

from victor_indexer import wire
from victor_indexer.errors import (
    DiskFull,
    IndexerError,
    RequestCancelled,
    StoreUnreadable,
    WorkerUnavailable,
    WorkspaceNotFound,
)

logger = logging.getLogger(__name__)

OnEvent = Callable[[str, dict[str, Any]], None]
"""(name, parameters) of what the worker tells unasked; called on the client's own thread.

Two events are the client's own: `worker/lost` when the connection ended, and `worker/unavailable` (`message`, `fix`)
when what is kept is served by nobody, because no worker could be reached.
"""

_MAX_DEATHS = 5
_DEATHS_WITHIN_S = 60.0
_MAX_STILLBORN = 3
"""A worker that ends before it listens is started this often in a row."""
_CONNECT_WITHIN_S = 2.0
_CLOSE_WITHIN_S = 0.4
"""How long `close` waits for each of the two threads; what still runs then ends by itself."""
_MAX_LOG_BYTES = 1_000_000
_ERRORS = {
    error.kind: error
    for error in (
        WorkspaceNotFound,
        WorkerUnavailable,
        StoreUnreadable,
        DiskFull,
        RequestCancelled,
        IndexerError,
    )
}


@dataclass(frozen=True, slots=True)
class WorkerCommand:
    """How to start the worker: the words of its command line, and what to add to its environment."""

    words: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Asked:
    method: str
    params: dict[str, Any]
    answer: "Future[Any]"


class IndexClient:
    """One client's connection to the worker of `home`; connects on the first request. Safe from any thread."""

    def __init__(
        self,
        home: Path,
        command: WorkerCommand,
        on_event: OnEvent | None = None,
        *,
        start_within_s: float = 30.0,
    ) -> None:
        self._home = home
        self._start_within_s = start_within_s
        self._command = command
        self._on_event = on_event or _ignore_event
        self._lock = threading.Lock()
        self._sending = threading.Lock()  # held while something is sent, and to close what is sent upon
        self._ids = itertools.count(1)
        self._asked: dict[int, _Asked] = {}
        self._kept: dict[tuple[str, ...], tuple[str, dict[str, Any]]] = {}
        self._outbox: queue.SimpleQueue[tuple[int, bytes] | None] = queue.SimpleQueue()
        self._connection: Connection | None = None
        self._generation = 0
        self._deaths: list[float] = []
        self._wanted = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._writer: threading.Thread | None = None
        self.spawned = False
        """True when this client started the worker that it talks to."""

    def ask(self, method: str, **params: Any) -> "Future[Any]":
        """Send a request; the future holds its plain result, or an error of the indexer's tree.

        Cancelling the future tells the worker to stop.
        """
        answer: Future[Any] = Future()
        number = next(self._ids)
        answer.add_done_callback(lambda done: self._on_done(number, done))
        with self._lock:
            closed = self._closed
            if not closed:
                self._asked[number] = _Asked(method, params, answer)
                self._send(number, method, params)
                self._ensure_running()
        if closed:  # not under the lock: the future's callback takes it
            answer.set_exception(_closed())
        return answer

    def keep(self, key: tuple[str, ...], method: str, **params: Any) -> "Future[Any]":
        """Like `ask`, and repeat it to every later worker until `forget(key)` or another `keep` of that key."""
        with self._lock:
            self._kept[key] = (method, params)
        return self.ask(method, **params)

    def forget(self, key: tuple[str, ...]) -> None:
        """Stop to repeat what was kept under `key`."""
        with self._lock:
            self._kept.pop(key, None)

    def close(self) -> None:
        """End the connection at once; what was not answered fails with WorkerUnavailable."""
        with self._lock:
            self._closed = True
        self._wanted.set()
        self._outbox.put(None)
        _join(self._writer)  # what was asked last is still sent
        with self._lock:
            if self._connection is not None:
                wire.hang_up(self._connection)
        _join(self._thread)
        self._fail_all(_closed())

    def _ensure_running(self) -> None:
        self._wanted.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="victor-index-client", daemon=True)
            self._thread.start()
            self._writer = threading.Thread(target=self._write, name="victor-index-writer", daemon=True)
            self._writer.start()

    def _send(self, number: int, method: str, params: dict[str, Any]) -> None:
        if self._connection is not None:
            self._outbox.put((self._generation, wire.pack([number, method, params])))

    def _on_done(self, number: int, done: "Future[Any]") -> None:
        with self._lock:
            known = self._asked.pop(number, None)
            if known and done.cancelled():
                self._send(0, "cancel", {"id": number})

    def _run(self) -> None:
        while not self._closed:
            self._wanted.wait()
            self._wanted.clear()
            if self._closed:
                return
            try:
                connection = self._connect()
            except IndexerError as error:
                self._give_up(error)
                continue
            except Exception:
                logger.exception("bug: could not connect to the index worker")
                self._give_up(
                    WorkerUnavailable("The index worker could not be reached.", _see_log(self._home))
                )
                continue
            if self._greet(connection):
                self._read(connection)
            self._lost(connection)

    def _give_up(self, error: IndexerError) -> None:
        """Nobody can be asked: say so to all who wait, and to those who have something open."""
        if self._kept and not self._closed:
            self._tell("worker/unavailable", {"message": error.message, "fix": error.fix})
        self._fail_all(error)

    def _connect(self) -> Connection:
        """Connect to the worker, starting one when none answers."""
        now = time.monotonic()
        self._deaths = [death for death in self._deaths if now - death < _DEATHS_WITHIN_S]
        if len(self._deaths) >= _MAX_DEATHS:
            raise WorkerUnavailable(
                f"The index worker died {len(self._deaths)} times within a minute; it is left alone for now.",
                _see_log(self._home),
            )
        place = wire.meeting_place(self._home)
        give_up = now + self._start_within_s
        pause, stillborn = 0.02, 0
        while not self._closed:
            connection = _try_connect(place)
            if connection is not None:
                return connection
            word = self._start_worker(give_up)
            self.spawned = word == _READY or self.spawned
            connection = _try_connect(place)
            if connection is not None:
                return connection
            stillborn += word == _ENDED
            if stillborn >= _MAX_STILLBORN or time.monotonic() > give_up:
                break
            time.sleep(pause)  # another client's worker is just starting, or the last one is just leaving
            pause = min(0.5, pause * 2)
        raise WorkerUnavailable("No index worker answers and none could be started.", _see_log(self._home))

    def _start_worker(self, give_up: float) -> bytes | None:
        """Start a worker; returns its first word, None if it had not said one until `give_up` or our own end."""
        words = _start_worker(self._home, self._command)
        while not self._closed and time.monotonic() <= give_up:
            try:
                return words.get(timeout=0.05)
            except queue.Empty:
                continue
        return None

    def _greet(self, connection: Connection) -> bool:
        """Open what was open and ask again what was not answered; False if nobody wants that any more."""
        with self._lock:
            if self._closed:
                return False
            self._generation += 1
            self._connection = connection
            for method, params in self._kept.values():
                self._send(0, method, params)
            for number, asked in self._asked.items():
                self._send(number, asked.method, asked.params)
            return True

    def _read(self, connection: Connection) -> None:
        while True:
            try:
                number, ok, payload = wire.unpack(connection.recv_bytes(wire.MAX_MESSAGE_BYTES))
            except (EOFError, OSError, ValueError):
                return
            if number:
                self._answer(number, ok, payload)
            elif not self._closed:
                self._tell(*payload)

    def _answer(self, number: int, ok: bool, payload: Any) -> None:
        answer = self._claim(number)
        if answer is None:
            return
        if ok:
            answer.set_result(payload)
        else:
            kind, message, fix = payload
            answer.set_exception(_ERRORS.get(kind, IndexerError)(message, fix))

    def _claim(self, number: int) -> "Future[Any] | None":
        """Take the right to answer from all others; None if somebody else has it, or nobody wants an answer."""
        with self._lock:
            asked = self._asked.pop(number, None)
        return asked.answer if asked and asked.answer.set_running_or_notify_cancel() else None

    def _tell(self, name: str, params: dict[str, Any]) -> None:
        try:
            self._on_event(name, params)
        except Exception:
            logger.exception("bug: a listener to the index failed")

    def _write(self) -> None:
        while (item := self._outbox.get()) is not None:
            generation, body = item
            with self._sending:
                connection = self._connection
                if connection is None or generation != self._generation:
                    continue
                try:
                    connection.send_bytes(body)
                except (OSError, ValueError):
                    pass  # the reader sees the same end and connects again

    def _lost(self, connection: Connection) -> None:
        with self._lock:
            self._connection = None
            again = not self._closed and bool(self._asked or self._kept)
        wire.hang_up(connection)  # who is still sending sees the end …
        with self._sending:  # … and has let go before the descriptor can become another file's
            _close_quietly(connection)
        if self._closed:
            return
        self._deaths.append(time.monotonic())
        logger.info("the index worker is gone; starting another: %s", again)
        self._tell("worker/lost", {})
        if again:
            self._wanted.set()

    def _fail_all(self, error: IndexerError) -> None:
        with self._lock:
            left = list(self._asked)
        for number in left:
            answer = self._claim(number)
            if answer is not None:
                answer.set_exception(error)


_READY, _ENDED = b"ready", b""
"""What a worker says once it listens, and what is heard of one that ended without a word."""


def _try_connect(place: wire.MeetingPlace) -> Connection | None:
    try:
        return wire.connect(place, _CONNECT_WITHIN_S)
    except (OSError, EOFError):
        return None


def _start_worker(home: Path, command: WorkerCommand) -> "queue.SimpleQueue[bytes]":
    """Start a worker; its first word comes into the queue: `ready`, `busy` where another one has the lock, or none."""
    options: dict[str, Any] = {}
    if sys.platform == "win32":
        options["creationflags"] = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    else:
        options["start_new_session"] = True
    with _open_log(home / "worker" / "worker.log") as errors:
        worker = subprocess.Popen(
            list(command.words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=home,
            env={**os.environ, **command.environment},
            **options,
        )
    words: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=[worker, words], name="victor-worker-wait", daemon=True).start()
    return words


def _listen(worker: "subprocess.Popen[bytes]", words: "queue.SimpleQueue[bytes]") -> None:
    """Hand on the worker's first word, and stay until it has ended, so that it leaves no zombie."""
    if worker.stdout is not None:
        with worker.stdout:
            words.put(worker.stdout.readline().strip())
    worker.wait()


def _open_log(path: Path) -> BinaryIO:
    """Open the worker's log to write at its end; one that has grown large is put aside."""
    try:
        with contextlib.suppress(FileNotFoundError, PermissionError):  # Windows moves no file that is in use
            if path.stat().st_size > _MAX_LOG_BYTES:
                path.replace(path.with_name(f"{path.name}.old"))
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        return os.fdopen(os.open(path, flags, 0o600), "ab")
    except OSError as error:
        raise WorkerUnavailable(
            f"{path} cannot be written: {error.strerror or error}.", wire.FIX_HOME
        ) from error


def _closed() -> WorkerUnavailable:
    return WorkerUnavailable("The connection to the index is closed.")


def _join(thread: threading.Thread | None) -> None:
    if thread is not None and thread is not threading.current_thread():
        thread.join(_CLOSE_WITHIN_S)


def _see_log(home: Path) -> str:
    return f"See {home / 'worker' / 'worker.log'}, or run `victor doctor`."


def _close_quietly(connection: Connection) -> None:
    try:
        connection.close()
    except OSError:
        pass


def _ignore_event(name: str, params: dict[str, Any]) -> None:
    pass
