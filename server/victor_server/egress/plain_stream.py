"""A connection without TLS for httpcore2, on asyncio alone: each piece of an answer costs half of what it costs by anyio."""

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore2


async def connect_plain(
    address: str, port: int, timeout_s: float | None, socket_options: Iterable[Any] | None = None
) -> httpcore2.AsyncNetworkStream:
    """Open one. Raises `httpcore2.ConnectTimeout` and `httpcore2.ConnectError`."""
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection(address, port)
    except TimeoutError as error:
        raise httpcore2.ConnectTimeout("nobody answered in time") from error
    except OSError as error:
        raise httpcore2.ConnectError(str(error)) from error
    for option in socket_options or ():
        writer.get_extra_info("socket").setsockopt(*option)
    return _PlainStream(reader, writer)


class _PlainStream(httpcore2.AsyncNetworkStream):
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109  # the library's
        """What comes next; b"" at the end. Raises `httpcore2.ReadTimeout` and `httpcore2.ReadError`."""
        try:
            async with asyncio.timeout(timeout):
                return await self._reader.read(max_bytes)
        except TimeoutError as error:
            raise httpcore2.ReadTimeout from error
        except OSError as error:
            raise httpcore2.ReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109  # the library's
        """Send all of it. Raises `httpcore2.WriteTimeout` and `httpcore2.WriteError`."""
        try:
            async with asyncio.timeout(timeout):
                self._writer.write(buffer)
                await self._writer.drain()
        except TimeoutError as error:
            raise httpcore2.WriteTimeout from error
        except OSError as error:
            raise httpcore2.WriteError(str(error)) from error

    async def aclose(self) -> None:
        """Close it now: what was not sent yet is wanted by nobody any more."""
        self._writer.transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  # the library's
    ) -> httpcore2.AsyncNetworkStream:
        """Never: only what speaks plain HTTP gets one of these."""
        raise httpcore2.ConnectError("this connection is without TLS")

    def get_extra_info(self, info: str) -> Any:
        """`is_readable`: between two answers that means the server has closed it."""
        if info == "is_readable":
            return self._reader.at_eof() or self._writer.is_closing()
        names = {"socket": "socket", "client_addr": "sockname", "server_addr": "peername"}
        return self._writer.get_extra_info(names[info]) if info in names else None
