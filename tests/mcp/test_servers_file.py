"""What people and repositories write of servers, and what is made of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.agent.mcp.servers_file import (
    filled,
    read_servers,
    read_workspace_servers,
    variables_of,
)
from victor_server.errors import Unavailable


def problems(folder: Path, **server: Any) -> list[str]:
    """What is wrong with a server of a repository."""
    (folder / ".mcp.json").write_text(json.dumps({"mcpServers": {"s": server}}), encoding="utf-8")
    read = read_workspace_servers(folder)
    assert bool(read.problems) != bool(read.servers)
    return [each.message for each in read.problems]


@pytest.mark.parametrize(
    ("server", "wrong"),
    [
        ({}, "either a command or a url"),
        ({"command": "x", "url": "http://x"}, "either a command or a url"),
        ({"command": 7}, "command must be"),
        ({"command": []}, "command must be"),
        ({"command": "x\n"}, "command must be"),
        ({"command": "x\u202ey"}, "command must be"),
        ({"command": "x", "args": "y"}, "args must be"),
        ({"command": "x", "env": {"A B": "y"}}, "env must hold"),
        ({"command": "x", "env": {"A": 7}}, "env must hold"),
        ({"command": "x", "headers": {"a: b": "c"}}, "headers must hold"),
        ({"command": "x", "timeout": 0}, "timeout must be"),
        ({"command": "x", "timeout": True}, "timeout must be"),
        ({"command": "x", "enabled": "no"}, "enabled must be"),
        ({"command": "x", "cwd": "/"}, "'cwd' is no part"),
        ({"url": "file:///etc"}, "url must be"),
        ({"url": "http://user:key@host/"}, "url must be"),
        ({"url": "http://x", "type": "sse"}, "only servers on standard input"),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, server: dict[str, Any], wrong: str) -> None:
    """And the server is left out."""
    assert any(wrong in each for each in problems(tmp_path, **server))


def test_both_files_say_the_same(tmp_path: Path) -> None:
    """In YAML and in JSON, with variables anywhere."""
    (tmp_path / "mcp.yaml").write_text(
        'servers:\n  s: {command: [npx, -y], args: [x], env: {K: ${KEY}, M: "a${MORE:-z}b"}}\n',
        encoding="utf-8",
    )
    (tmp_path / "mcp.yaml").chmod(0o600)
    assert problems(tmp_path, command="npx", args=["-y", "x"], env={"K": "${KEY}", "M": "a${MORE:-z}b"}) == []
    (own,), (theirs,) = read_servers(tmp_path).servers, read_workspace_servers(tmp_path).servers
    assert (own.command, own.environment) == (theirs.command, theirs.environment)
    assert own.digest != theirs.digest
    assert variables_of(own) == ("KEY", "MORE")
    given = filled(own, {"KEY": "${MORE}"})
    assert given.environment == {"K": "${MORE}", "M": "azb"}, "values are not read again"
    with pytest.raises(Unavailable, match="needs KEY"):
        filled(own, {})
    assert "KEY" not in repr(own)


@pytest.mark.parametrize("text", ["{", "[]", '{"mcpServers": []}', '{"mcpServers": {"s": 1}}', "[" * 100_000])
def test_what_is_no_such_file_starts_nothing(tmp_path: Path, text: str) -> None:
    """And is told."""
    (tmp_path / ".mcp.json").write_text(text, encoding="utf-8")
    read = read_workspace_servers(tmp_path)
    assert read.servers == ()
    assert read.problems


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """A repository may put one there."""
    import os

    os.mkfifo(tmp_path / ".mcp.json")
    assert "not a plain file" in read_workspace_servers(tmp_path).problems[0].message


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["command", "args", "env", "url", "timeout", "tools"]) | st.text(max_size=3),
            inner,
        )
    ),
    max_leaves=10,
)


@given(_JSON)
@settings(deadline=None, max_examples=100)
def test_anything_may_stand_there(tmp_path_factory: pytest.TempPathFactory, server: Any) -> None:
    """Whatever it is, it is either a server that can be started, or told."""
    folder = tmp_path_factory.getbasetemp() / "any"
    folder.mkdir(exist_ok=True)
    (folder / ".mcp.json").write_text(json.dumps({"mcpServers": {"s": server}}), encoding="utf-8")
    read = read_workspace_servers(folder)
    for each in read.servers:
        assert all(isinstance(word, str) for word in each.command)
        assert each.command or each.url
    is_off = isinstance(server, dict) and server.get("enabled") is False
    assert read.servers or read.problems or is_off
