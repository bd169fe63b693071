"""Servers made with the protocol's own library: on standard input and output, and over HTTP on loopback."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from mcp_servers import PROGRAM, Permit, names_of, window, write_servers
from tool_calls import call, scene_of

from victor_server.agent.mcp.servers import Offered
from victor_server.agent.tools.tool import Done

STDIO = {"command": sys.executable, "args": [str(PROGRAM), "stdio"]}


async def done(offered: Offered, name: str, root: Path, **arguments: object) -> Done:
    """What a call of one of the tools gives."""
    tool = next(each for each in offered.tools if each.listed.name == name)
    return await call(tool, scene_of(root), **arguments)


@asynccontextmanager
async def http_program() -> AsyncGenerator[str, None]:
    """Such a server over HTTP; its address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PROGRAM), "http", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        port = int(await process.stdout.readline())
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.kill()
        await process.wait()


async def test_a_process_offers_its_tools_and_answers(tmp_path: Path) -> None:
    """It runs in the workspace, is given what is named and nothing else, and its results are texts."""
    home, root = tmp_path / "home", tmp_path / "work"
    root.mkdir()
    write_servers(home, toys={**STDIO, "env": {"TOKEN": "${MY_TOKEN}"}})
    environment = {
        **os.environ,
        "MY_TOKEN": "x",
        "ANTHROPIC_API_KEY": "y",
        "HTTPS_PROXY": "http://127.0.0.1:1",
    }
    async with window(home, environment) as servers:
        offered = await servers.offered(root, Permit())
        assert offered.notes == ()
        assert "mcp__toys__echo" in names_of(offered)
        assert (await done(offered, "echo", root, text="hi", times=2)).text == "hi hi"
        told = json.loads((await done(offered, "surroundings", root)).text)
        assert told["folder"] == str(root)
        assert "TOKEN" in told["environment"]
        assert not {"MY_TOKEN", "ANTHROPIC_API_KEY", "HTTPS_PROXY"} & set(told["environment"])
        assert (await done(offered, "picture", root)).text == "(an image, image/png, 108 bytes: not shown)"
        failed = await done(offered, "fails", root)
        assert failed.is_error
        assert "fails" in failed.text
        back = await done(offered, "asks_back", root)
        assert root.as_uri() in back.text
        assert "Sampling not supported" in back.text


async def test_all_that_a_server_started_ends_with_the_window(tmp_path: Path) -> None:
    """Also a process that it left behind in a session of its own."""
    home, root = tmp_path / "home", tmp_path / "work"
    root.mkdir()
    write_servers(home, toys=STDIO)
    async with window(home, os.environ) as servers:
        offered = await servers.offered(root, Permit())
        left = int((await done(offered, "leaves_behind", root)).text)
        assert psutil.pid_exists(left)
    assert not psutil.pid_exists(left)


async def test_a_cancel_is_passed_on(tmp_path: Path) -> None:
    """The tool hears of it, and the server goes on."""
    home, root = tmp_path / "home", tmp_path / "work"
    root.mkdir()
    write_servers(home, toys=STDIO)
    begun, cancelled = tmp_path / "begun", tmp_path / "cancelled"
    os.mkfifo(begun)
    os.mkfifo(cancelled)
    async with window(home, os.environ) as servers:
        offered = await servers.offered(root, Permit())
        asked = done(offered, "waits", root, begun=str(begun), cancelled=str(cancelled))
        calling = asyncio.create_task(asked)
        await asyncio.to_thread(begun.read_text)
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        assert await asyncio.to_thread(cancelled.read_text) == "now"
        assert (await done(offered, "echo", root, text="still")).text == "still"


async def test_a_server_over_http(tmp_path: Path) -> None:
    """The same over HTTP; headers go with each request."""
    home, root = tmp_path / "home", tmp_path / "work"
    root.mkdir()
    async with http_program() as url:
        write_servers(home, web={"url": url, "headers": {"X-Key": "${MY_KEY}"}})
        async with window(home, {"MY_KEY": "k"}) as servers:
            offered = await servers.offered(root, Permit())
            assert offered.notes == ()
            assert (await done(offered, "echo", root, text="hi")).text == "hi"
    async with window(home, {"MY_KEY": "k"}) as servers:
        offered = await servers.offered(root, Permit())
        assert "mcp__web__echo" in names_of(offered), "its tools are known from before"
        assert (await done(offered, "echo", root, text="hi")).is_error, "and it is gone"
