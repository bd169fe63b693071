"""A server does not outlive Victor, however that ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from mcp_servers import RawServer, tool, write_servers

_WINDOW = """
import asyncio, os, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from mcp_servers import Permit, window

async def main():
    async with window(Path({home!r}), os.environ) as servers:
        await servers.offered(Path({root!r}), Permit())
        print("open", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_server_ends_with_the_window(tmp_path: Path, how: signal.Signals) -> None:
    """Also one that reads its input no more, and what it has started."""
    root, home = tmp_path / "work", tmp_path / "home"
    root.mkdir()
    raw = RawServer(tmp_path / "raw.json", tool("do"))
    script = tmp_path / "stubborn.sh"
    words = " ".join(raw.command)
    script.write_text(f"setsid sleep 600 &\ntrap '' TERM HUP INT\n{words}\nsleep 600\n", encoding="utf-8")
    write_servers(home, raw={"command": "sh", "args": [str(script)]})
    program = _WINDOW.format(tests=str(Path(__file__).parents[1]), home=str(home), root=str(root))
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(os.environ),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"open\n"
    below = psutil.Process(process.pid).children(recursive=True)
    assert any("sleep" in each.name() for each in below)
    process.send_signal(how)
    process.wait()
    process.stdout.close()
    _, alive = psutil.wait_procs(below, timeout=20)
    assert alive == []
