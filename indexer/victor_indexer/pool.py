"""The worker's parser children: jobs go out, parsed files come back, a child that hangs or dies is replaced."""

import contextlib
import itertools
import logging
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from victor_indexer import wire
from victor_indexer.errors import IndexerError, RequestCancelled
from victor_indexer.model import FileStatus, FoundFile, ParsedFile

logger = logging.getLogger(__name__)

BATCH_FILES = 64
BATCH_BYTES = 400_000
AHEAD = 8
"""Batches for each child that may wait to be taken: children go on while the worker commits."""

_URGENT, _BULK = 0, 1
_LOOK_UP_EVERY_S = 0.1
_MAX_STILLBORN = 3
"""A child that ends before it is up is started this often in a row."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost a child, and how long an idle child stays. All in seconds."""

    file_cpu_s: float = 20.0
    file_wall_s: float = 120.0
    idle_s: float = 20.0
    look_every_s: float = 0.5


@dataclass(order=True)
class _Job:
    priority: int
    number: int
    message: list[Any] = field(compare=False, default_factory=list)
    files: Sequence[str] = field(compare=False, default=())
    answer: "Future[list[ParsedFile]]" = field(compare=False, default_factory=Future)


class ParserPool:
    """Up to `size` children started by `command`, each fed by one thread; safe to call from any thread.

    Jobs fail with an IndexerError where no child can be started, and are cancelled once the pool is closed.
    """

    def __init__(self, command: Sequence[str], *, size: int = 2, limits: Limits | None = None) -> None:
        self._command = list(command)
        self._limits = limits or Limits()
        self._jobs: queue.PriorityQueue[_Job] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._closed = False
        self._slots = [_Slot(self._command, self._jobs, self._limits) for _ in range(max(1, size))]

    def parse_text(self, path: str, text: str) -> "Future[ParsedFile]":
        """Parse an unsaved buffer, ahead of everything else. Who cancels the future takes the text back."""
        return self._first(["text", path, text, 0])

    def find_broken(self, path: str, text: str) -> "Future[ParsedFile]":
        """Say where a text does not parse, ahead of everything else; as `ingest.find_broken`."""
        return self._first(["broken", path, text, 0])

    def _first(self, message: list[Any]) -> "Future[ParsedFile]":
        answer: Future[ParsedFile] = Future()
        job = _Job(_URGENT, next(self._numbers), message, [message[1]])
        job.answer.add_done_callback(lambda done: _hand_on_first(done, answer))
        answer.add_done_callback(lambda done: job.answer.cancel() if done.cancelled() else None)
        self._put(job)
        return answer

    def parse_now(self, root: Path, found: Sequence[FoundFile], max_bytes: int) -> "Future[list[ParsedFile]]":
        """Parse a few files ahead of any bulk work (somebody has just saved them)."""
        return self._submit(root, found, max_bytes, _URGENT)

    def parse_all(
        self, root: Path, found: Sequence[FoundFile], max_bytes: int, cancelled: Callable[[], bool]
    ) -> Iterator[Sequence[ParsedFile]]:
        """Yield `found` parsed, batch by batch as they are done; ends early once `cancelled()`.

        An empty batch comes when nothing was done for a moment, so that the caller can see to something else.
        """
        batches = _batches(found)
        waiting: set[Future[list[ParsedFile]]] = set()
        try:
            while not cancelled():
                while len(waiting) < AHEAD * len(self._slots) and (batch := next(batches, None)):
                    waiting.add(self._submit(root, batch, max_bytes, _BULK))
                if not waiting:
                    return
                done, waiting = wait(waiting, timeout=_LOOK_UP_EVERY_S, return_when=FIRST_COMPLETED)
                yield [parsed for answer in done for parsed in answer.result()]
        finally:
            for left in waiting:
                left.cancel()

    def close(self) -> None:
        """End the children. Jobs not begun yet are cancelled, others fail; none is taken any more."""
        with self._lock:
            self._closed = True
        with contextlib.suppress(queue.Empty):
            while True:
                self._jobs.get_nowait().answer.cancel()
        for _ in self._slots:
            self._jobs.put(_Job(_URGENT - 1, next(self._numbers)))
        for slot in self._slots:
            slot.end()
        for slot in self._slots:
            slot.join()

    def pids(self) -> list[int]:
        """Return the children that live now."""
        return [slot.pid for slot in self._slots if slot.pid]

    def _submit(
        self, root: Path, found: Sequence[FoundFile], max_bytes: int, priority: int
    ) -> "Future[list[ParsedFile]]":
        rows = [[file.path, file.size, file.mtime_ns, file.ctime_ns] for file in found]
        message = ["files", str(root), rows, max_bytes]
        job = _Job(priority, next(self._numbers), message, [file.path for file in found])
        self._put(job)
        return job.answer

    def _put(self, job: _Job) -> None:
        with self._lock:
            if not self._closed:
                self._jobs.put(job)
                return
        job.answer.cancel()


class _Slot:
    """One child and the thread that feeds it, which alone starts and reaps it."""

    def __init__(self, command: list[str], jobs: "queue.PriorityQueue[_Job]", limits: Limits) -> None:
        self._command = command
        self._jobs = jobs
        self._limits = limits
        self._lock = threading.Lock()  # no child is started once this is closed
        self._closed = False
        self._child: subprocess.Popen[bytes] | None = None
        self._is_up = False
        self._thread = threading.Thread(target=self._run, name="victor-parser", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        child = self._child
        return child.pid if child and child.poll() is None else 0

    def end(self) -> None:
        """Kill the child; the thread sees its end, and ends too."""
        with self._lock:
            self._closed = True
            if self._child is not None:
                self._child.kill()

    def join(self) -> None:
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=self._limits.idle_s)
            except queue.Empty:
                self._stop_child()
                continue
            if not job.message:
                self._stop_child()
                return
            if not job.answer.set_running_or_notify_cancel():
                continue
            try:
                job.answer.set_result(self._answer(job))
            except Exception as error:  # noqa: BLE001 the asker gets it; the thread must live on
                self._stop_child()  # what it still answers would be taken for an answer to the next job
                job.answer.set_exception(error)

    def _answer(self, job: _Job) -> list[ParsedFile]:
        """Send the job; when the child dies, note the file it was at and go on with the rest."""
        done: list[ParsedFile] = []
        tried_again: set[str] = set()
        stillborn = 0
        while len(done) < len(job.files):
            message = _rest_of(job.message, len(done))
            why = self._feed(message, done, len(job.files))
            if not why:
                break
            if not self._is_up:
                stillborn += 1
                if stillborn >= _MAX_STILLBORN:
                    raise IndexerError("The index's parser cannot be started.", _SEE_LOG)
                continue
            path = job.files[len(done)]
            if why == "crashed" and path not in tried_again:
                # Somebody may have ended the child from outside: the file gets one more try.
                tried_again.add(path)
                continue
            logger.warning("parser child %s at a file; the file is left out", why)
            done.append(ParsedFile(path, FileStatus.FAILED, error=_explain(why, self._limits)))
        return done

    def _feed(self, message: list[Any], done: list[ParsedFile], wanted: int) -> str:
        """Collect answers into `done`; returns "" when all came, else how the child ended."""
        child = self._start_child()
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("a parser child was started without pipes")
        watch = _FileWatch(child, self._limits)
        try:
            watch.next_file()
            if not self._is_up:
                wire.read_message(child.stdout)  # type: ignore[arg-type] # IO[bytes] of a Popen is a BinaryIO
                self._is_up = True
            wire.write_message(child.stdin, message)  # type: ignore[arg-type] # as above
            while len(done) < wanted:
                watch.next_file()
                done.append(wire.parsed_from_wire(wire.read_message(child.stdout)))  # type: ignore[arg-type] # as above
        except (EOFError, OSError, ValueError):
            self._stop_child()
            return watch.verdict or "crashed"
        finally:
            watch.stop()
        return ""

    def _start_child(self) -> "subprocess.Popen[bytes]":
        if self._child is None or self._child.poll() is not None:
            self._stop_child()
            with self._lock:
                if self._closed:
                    raise RequestCancelled("The index worker is leaving.")
                self._is_up = False
                self._child = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self._child

    def _stop_child(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                try:
                    pipe.close()
                except OSError:
                    pass  # unsent bytes of a dead child's pipe


class _FileWatch:
    """Kills a child that spends too long on one file. CPU time decides, so a busy machine is no offence."""

    def __init__(self, child: "subprocess.Popen[bytes]", limits: Limits) -> None:
        self.verdict = ""
        self._child = child
        self._limits = limits
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._since = (time.monotonic(), 0.0)
        self._fresh = True
        self._thread: threading.Thread | None = None

    def next_file(self) -> None:
        with self._lock:
            self._fresh = True
        if self._thread is None:
            self._thread = threading.Thread(target=self._look, name="victor-parser-watch", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def _look(self) -> None:
        try:
            process = psutil.Process(self._child.pid)
            while not self._stopped.wait(self._limits.look_every_s):
                times = process.cpu_times()
                self._judge(time.monotonic(), times.user + times.system)
        except psutil.Error:
            return  # the child is gone; the reader sees its pipe close

    def _judge(self, now: float, cpu: float) -> None:
        with self._lock:
            if self._fresh:
                self._fresh = False
                self._since = (now, cpu)
                return
        wall_0, cpu_0 = self._since
        if cpu - cpu_0 > self._limits.file_cpu_s or now - wall_0 > self._limits.file_wall_s:
            self.verdict = "hung"
            self._child.kill()
            self._stopped.set()


def _batches(found: Sequence[FoundFile]) -> Iterator[Sequence[FoundFile]]:
    batch: list[FoundFile] = []
    size = 0
    for file in found:
        batch.append(file)
        size += file.size
        if len(batch) >= BATCH_FILES or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _rest_of(message: list[Any], n_done: int) -> list[Any]:
    kind, place, payload, max_bytes = message
    return [kind, place, payload[n_done:] if kind == "files" else payload, max_bytes]


_SEE_LOG = "The worker's log says why: `victor doctor` names it."


def _explain(why: str, limits: Limits) -> str:
    if why == "hung":
        return f"the parser spent more than {limits.file_cpu_s:.0f} s on this file and was stopped"
    return "the parser crashed on this file, twice"


def _hand_on_first(done: "Future[list[ParsedFile]]", answer: "Future[ParsedFile]") -> None:
    if done.cancelled():
        answer.cancel()
    elif not answer.set_running_or_notify_cancel():
        pass  # taken back
    elif (error := done.exception()) is not None:
        answer.set_exception(error)
    else:
        answer.set_result(done.result()[0])
