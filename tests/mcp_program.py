"""A server of the Model Context Protocol, made with its library: `python mcp_program.py stdio`, or `http` on a free port."""

import os
import subprocess
import sys
from pathlib import Path

import anyio
from mcp.server import MCPServer
from mcp.server.mcpserver import Context, Image

server = MCPServer("toys")


@server.tool()
def echo(text: str, times: int = 1) -> str:
    """Say it again."""
    return " ".join([text] * times)


@server.tool()
def surroundings() -> dict[str, object]:
    """Tell where it runs, and with what."""
    return {"folder": str(Path.cwd()), "environment": sorted(os.environ)}


@server.tool()
def picture() -> Image:
    """Give an image."""
    return Image(data=b"\x89PNG\r\n\x1a\n" + bytes(100), format="png")


@server.tool()
def fails() -> str:
    """Fail."""
    raise ValueError("it is broken")


@server.tool()
def leaves_behind() -> int:
    """Start a process that nobody waits for."""
    words = [sys.executable, "-c", "import time; time.sleep(600)"]
    return subprocess.Popen(words, start_new_session=True, stdout=subprocess.DEVNULL).pid


@server.tool()
async def waits(begun: str, cancelled: str) -> str:
    """Wait for ever; who reads one pipe hears that it has begun, who reads the other that it was cancelled."""
    await anyio.to_thread.run_sync(tell, begun)
    try:
        await anyio.sleep_forever()
    finally:
        tell(cancelled)
    return ""


def tell(pipe: str) -> None:
    """Wait until somebody reads it."""
    with Path(pipe).open("w", encoding="utf-8") as opened:
        opened.write("now")


@server.tool()
async def asks_back(context: Context) -> str:
    """Want the person asked, and the roots told."""
    roots = await context.session.list_roots()
    try:
        await context.session.create_message(messages=[], max_tokens=1)
    except Exception as error:  # noqa: BLE001 - whatever it is told
        said = str(error)
    return f"{[str(each.uri) for each in roots.roots]} {said}"


def serve_http() -> None:
    """On a free port of loopback, which is the first line that is printed."""
    import socket

    import uvicorn

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(server.streamable_http_app(), log_level="critical")
    anyio.run(uvicorn.Server(config).serve, [listening])


if __name__ == "__main__":
    if sys.argv[1] == "http":
        serve_http()
    else:
        server.run("stdio")
