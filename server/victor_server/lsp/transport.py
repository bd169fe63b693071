"""Bytes to and from the client: one thread that reads, one that writes, so that a client that stalls stalls only itself."""

import asyncio
import logging
import os
import queue
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from victor_server.lsp.framing import Broken, FrameReader, Message, to_frame

logger = logging.getLogger(__name__)

READ_BYTES = 256 * 1024
MAX_WAITING_MESSAGES = 1024
MAX_UNSENT_BYTES = 256 * 1024 * 1024
FLUSH_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Wire:
    """A stream of bytes both ways. `read` gives b"" at the end; all of them may raise OSError, and block."""

    read: Callable[[int], bytes]
    write: Callable[[bytes], None]
    close: Callable[[], None]


def take_stdio() -> Wire:
    """The process's stdin and stdout, kept for the wire alone.

    What else reads stdin finds it empty, what else prints goes to stderr, and children inherit neither stream.
    """
    sys.stdout.flush()
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(0, os.O_BINARY)
        msvcrt.setmode(1, os.O_BINARY)
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return file_wire(incoming, outgoing)


def file_wire(incoming: int, outgoing: int) -> Wire:
    """A wire over two file descriptors, which become its own. Only the outgoing one is closed: a read may hang in the other."""

    def write(data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(outgoing, view) :]

    return Wire(lambda n_bytes: os.read(incoming, n_bytes), write, lambda: os.close(outgoing))


def socket_wire(connection: socket.socket) -> Wire:
    """A wire over a connected socket, which becomes its own."""

    def close() -> None:
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            # The other side has gone already.
            pass
        connection.close()

    return Wire(connection.recv, connection.sendall, close)


class Connection:
    """Carries frames between a wire and the event loop; made and used on the loop, its threads are its own affair."""

    def __init__(
        self, wire: Wire, on_frame: Callable[[Message | Broken], None], on_end: Callable[[], None]
    ) -> None:
        self._wire = wire
        self._on_frame = on_frame
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self._room = threading.Semaphore(MAX_WAITING_MESSAGES)
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._unsent_lock = threading.Lock()
        self._unsent_bytes = 0
        self._writer = threading.Thread(target=self._write, name="victor-writer", daemon=True)

    def start(self) -> None:
        """Begin to read and to write."""
        self._writer.start()
        threading.Thread(target=self._read, name="victor-reader", daemon=True).start()

    def send(self, body: bytes) -> None:
        """Queue one message; returns at once. A client that takes nothing for too long loses its connection."""
        frame = to_frame(body)
        with self._unsent_lock:
            self._unsent_bytes += len(frame)
            too_much = self._unsent_bytes > MAX_UNSENT_BYTES
        if too_much:
            logger.error("the client does not read; the connection ends")
            self._on_end()
        else:
            self._outgoing.put(frame)

    def close(self) -> None:
        """Send what is queued, for a few seconds at most, and close the wire."""
        self._outgoing.put(None)
        self._writer.join(FLUSH_TIMEOUT_S)
        if not self._writer.is_alive():
            self._wire.close()

    def _read(self) -> None:
        frames = FrameReader()
        try:
            while data := self._wire.read(READ_BYTES):
                for frame in frames.feed(data):
                    self._room.acquire()
                    self._on_loop(partial(self._deliver, frame))
        except OSError as error:
            logger.info("reading from the client ended: %s", error)
        self._on_loop(self._on_end)

    def _deliver(self, frame: Message | Broken) -> None:
        self._room.release()
        self._on_frame(frame)

    def _write(self) -> None:
        try:
            while (frame := self._outgoing.get()) is not None:
                self._wire.write(frame)
                with self._unsent_lock:
                    self._unsent_bytes -= len(frame)
        except OSError as error:
            logger.info("writing to the client ended: %s", error)
            self._on_loop(self._on_end)

    def _on_loop(self, call: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:
            # The loop is closed: the server has ended.
            pass
