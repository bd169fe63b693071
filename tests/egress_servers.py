"""Real servers on loopback that record who reached them: an HTTP server, a proxy, a name service in memory."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

from victor_server.egress.model import Blocked


@dataclass
class HttpServer:
    """Answers every request with `answer` (a whole HTTP answer), after all of `first`, or with what `answers` has for
    its target; `requests` are the heads that came.
    """

    answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    answers: dict[str, bytes] = field(default_factory=dict)
    first: list[bytes] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    n_connections: int = 0
    port: int = 0
    open: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: requests without bodies, until the client leaves."""
        self.n_connections += 1
        self.open.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                start = await reader.readexactly(1)
                if start == b"\x16":
                    break  # the client wants TLS, which is not spoken here
                head = (start + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                self.requests.append(head)
                target = head.split(" ")[1]
                writer.write(self.first.pop(0) if self.first else self.answers.get(target, self.answer))
                await writer.drain()
        await self._close(writer)

    async def close(self) -> None:
        """End every connection that is still open."""
        for writer in list(self.open):
            await self._close(writer)

    async def _close(self, writer: asyncio.StreamWriter) -> None:
        self.open.discard(writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def http_server(server: HttpServer | None = None, host: str = "127.0.0.1") -> AsyncIterator[HttpServer]:
    """A server that listens on a port of its own."""
    made = server or HttpServer()
    listening = await asyncio.start_server(made.serve, host, made.port)
    made.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield made
        await made.close()


def redirect(location: str, status: int = 307) -> bytes:
    """An answer that sends the client elsewhere."""
    return f"HTTP/1.1 {status} Go\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()


@dataclass
class Names:
    """A name service: what each name leads to; a sequence of answers is given one after the other."""

    known: Mapping[str, Sequence[str]]
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a host, or OSError."""
        self.asked.append(host)
        if host not in self.known:
            raise OSError("no such name")
        return self.known[host]


@dataclass
class Records:
    """Keeps what was blocked."""

    blocked: list[Blocked] = field(default_factory=list)

    def __call__(self, blocked: Blocked) -> None:
        """Keep one."""
        self.blocked.append(blocked)


@dataclass
class TunnelProxy:
    """A company's proxy: lets through what asks for CONNECT, to `port` on this machine whatever the host is called."""

    to_port: int
    asked: list[str] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One tunnel, until either end leaves."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode("latin-1"))
            there, out = await asyncio.open_connection("127.0.0.1", self.to_port)
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            await asyncio.gather(_pour(reader, out), _pour(there, writer))


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


@contextlib.asynccontextmanager
async def tunnel_proxy(to_port: int, context: ssl.SSLContext | None = None) -> AsyncIterator[TunnelProxy]:
    """A proxy that listens, with TLS of its own if there is a context."""
    made = TunnelProxy(to_port)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        await made.serve(reader, writer)

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    made.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield made
        await asyncio.wait_for(asyncio.gather(*tasks), 10)
