"""`victor mcp`: what it prints, for people and for scripts."""

import json
import os
from pathlib import Path

import pytest
from mcp_servers import RawServer, tool, write_servers

from victor_server.cli.main import run


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RawServer:
    """A server that is set up as `raw`, and a workspace as the current folder."""
    home = tmp_path / "home"
    monkeypatch.setenv("VICTOR_HOME", str(home))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    raw = RawServer(tmp_path / "raw.json", tool("do", "Does \x1b[2Jit."), tool("un\u200bseen"))
    write_servers(home, raw={"command": raw.command, "env": {"A": "${HOME}"}})
    return raw


def test_servers_are_listed_without_being_started(
    server: RawServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """What each costs is known once it was asked."""
    assert run(["mcp"]) == 0
    assert "raw: " in (first := capsys.readouterr().out)
    assert "not asked for its tools yet" in first
    assert server.heard == []
    assert run(["mcp", "check", "raw"]) == 0
    told = capsys.readouterr().out
    assert "mcp__raw__do" in told
    assert "\x1b" not in told
    assert "left out: unseen: its name" in told
    assert run(["mcp", "list", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)["servers"]
    assert (listed["name"], listed["source"], listed["given"], listed["n_tools"]) == (
        "raw",
        "home",
        ["HOME"],
        1,
    )
    assert 30 < listed["tokens"] < 200
    assert server.n_heard("initialize") == 1


def test_one_that_does_not_start_says_why(server: RawServer, capsys: pytest.CaptureFixture[str]) -> None:
    """With its own last words."""
    server.told["do"] = {"initialize": "exit"}
    server.write()
    assert run(["mcp", "check", "raw", "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["kind"] == "unavailable"
    assert "something is missing" in error["message"]


def test_what_is_wrong_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """With its line; and that a repository's servers are not read."""
    file = tmp_path / "home/mcp.yaml"
    file.write_text("servers:\n  a b: {command: x}\n  c: {url: ftp://x}\n", encoding="utf-8")
    (tmp_path / "work/.mcp.json").write_text("{}", encoding="utf-8")
    assert run(["mcp"]) == 1
    told = capsys.readouterr().out
    assert f"{file}:2: 'a b' cannot be a server's name" in told
    assert f"{file}:3: c: url must be" in told
    assert ".mcp.json is not read: this folder is not trusted" in told
    assert run(["mcp", "check", "zzz"]) == 2


def test_a_file_that_others_may_write_is_not_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """They could have anything started."""
    (tmp_path / "home/mcp.yaml").chmod(0o666)
    assert run(["mcp"]) == 1
    assert "others than you may have written it" in capsys.readouterr().out
    assert os.environ["VICTOR_HOME"] == str(tmp_path / "home")
