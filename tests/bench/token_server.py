"""A model server that writes tokens as fast as they are read, in a process of its own: what remains is the client.

It answers every chat completion with so many tokens as `max_tokens` says, each in a write of its own. A model called
`hangs` falls silent after its first token; `/closed` then tells when its client hung up, on the system's clock. One
called `paced` writes 60 tokens a second. The first token is the moment at which it is written, on that clock.
"""

import asyncio
import json
import sys
import time

_PACE_S = 1 / 60
_WORDS = (
    " It", " opens", " a", " connection", ",", " reads", " what", " `main`", " wrote", " and", " returns", " its",
    " length", ".\n", "\n", "def", " area", "(", "width", ",", " height", "):\n   ", " return", " width", " *",
)  # fmt: skip
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


class TokenServer:
    """Remembers when the last client hung up."""

    def __init__(self) -> None:
        self._closed: asyncio.Queue[float] = asyncio.Queue()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().lower().split("\r\n")
                length = next((int(line[15:]) for line in lines if line.startswith("content-length:")), 0)
                body = await reader.readexactly(length)
                if lines[0].startswith("get /closed"):
                    _answer(writer, json.dumps(await self._closed.get()).encode())
                elif lines[0].startswith("get "):
                    _answer(writer, b"{}")
                else:
                    await self._stream(json.loads(body), reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _stream(
        self, body: dict[str, object], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(_HEAD)
        n_tokens = body.get("max_tokens")
        for number in range(n_tokens if isinstance(n_tokens, int) else 0):
            _event(
                writer,
                {"content": _WORDS[number % len(_WORDS)] if number else f"{time.perf_counter()} "},
                None,
            )
            await writer.drain()
            await asyncio.sleep(_PACE_S if body.get("model") == "paced" else 0)
            if body.get("model") == "hangs":
                await reader.read(1)
                self._closed.put_nowait(time.perf_counter())
                return
        _event(writer, {}, "stop")
        _chunk(writer, b"data: [DONE]\n\n")
        writer.write(b"0\r\n\r\n")
        await writer.drain()


def _event(writer: asyncio.StreamWriter, delta: dict[str, str], finish: str | None) -> None:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    event = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    _chunk(writer, f"data: {json.dumps(event)}\n\n".encode())


def _chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def _answer(writer: asyncio.StreamWriter, data: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n"
    writer.write(head.encode() + data)


async def main() -> None:
    """Serve until stdin ends."""
    server = await asyncio.start_server(TokenServer().serve, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
