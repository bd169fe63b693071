"""`run_command`: what the sandbox is given, what the model is told, and what is never run."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from context_sources import MemoryEditor
from offered_tools import scene_at

from victor_server.agent.context.sources import Buffer
from victor_server.agent.sandbox.model import Command, Ended, Output, Sandbox
from victor_server.agent.tools.run_command import (
    MAX_CHARACTERS,
    Shell,
    environment_for_commands,
    run_command_tool,
)
from victor_server.agent.tools.tool import Done, Scene, Streamed
from victor_server.errors import Unavailable, UsageError


@dataclass(slots=True)
class Told:
    """Implements `Sandbox`: remembers what it was to run, and gives these events."""

    events: Sequence[Output | Ended] = (Output("ok\n"), Ended("exited", 0))
    commands: list[Command] = field(default_factory=list)
    closed: int = 0
    name: str = "told"

    async def run(self, command: Command) -> AsyncGenerator[Output | Ended, None]:
        """Run nothing."""
        self.commands.append(command)
        try:
            for event in self.events:
                yield event
        finally:
            self.closed += 1

    async def find(self) -> Sandbox:
        """It is here."""
        return self


async def run(scene: Scene, shell: Shell | None = None, **arguments: Any) -> list[Streamed | Done]:
    """All that one call gives."""
    prepared = run_command_tool(shell or Shell()).prepare("1", arguments, scene)
    async with aclosing(prepared.run(False)) as events:
        return [event async for event in events]


def end_of(events: Sequence[Streamed | Done]) -> Done:
    """Its result."""
    assert isinstance(events[-1], Done)
    return events[-1]


async def test_what_is_run(tmp_path: Path) -> None:
    """The line as it is, in its folder, with next to nothing of our environment; what it prints comes as it comes."""
    (tmp_path / "sub").mkdir()
    sandbox = Told()
    environment = {
        "TZ": "UTC",
        "OPENAI_API_KEY": "k",
        "HTTPS_PROXY": "p",
        "SSH_AUTH_SOCK": "s",
        "BASH_ENV": "b",
    }
    prepared = run_command_tool(Shell(environment)).prepare(
        "1", {"command": "make -j2", "folder": "sub"}, scene_at(tmp_path, sandbox=sandbox.find)
    )
    assert (prepared.touched.command, prepared.touched.folder) == ("make -j2", tmp_path / "sub")
    assert prepared.touched.title == "Run make -j2"
    assert not prepared.is_reviewed
    async with aclosing(prepared.run(False)) as events:
        told = [event async for event in events]
    (command,) = sandbox.commands
    assert (command.line, command.folder, command.root) == ("make -j2", tmp_path / "sub", tmp_path)
    assert set(command.environment) == {"TZ", "TERM", "NO_COLOR", "GIT_TERMINAL_PROMPT", "GIT_PAGER", "PAGER"}
    assert not command.network
    assert told == [
        Streamed("ok\n"),
        Done("ok\n\n[exit code 0]", title="Run make -j2 (exit code 0)"),
    ]
    assert sandbox.closed == 1


async def test_limits_and_network(tmp_path: Path) -> None:
    """A call may have another time limit, and the network where the policy says so."""
    sandbox = Told()
    scene = scene_at(tmp_path, sandbox=sandbox.find)
    await run(scene, Shell(network=lambda: True), command="x", timeout_s=7)
    assert sandbox.commands[0].limits.wall_s == 7
    assert sandbox.commands[0].network
    with pytest.raises(UsageError):
        await run(scene, command="x", timeout_s=100_000)


async def test_private_files_are_hidden(tmp_path: Path) -> None:
    """A command sees none of the files that no model is shown; a library's certificates stay."""
    for name in (".env", "a.py", "deep/er/id_rsa", ".ssh/config", "lib/site-packages/certifi/cacert.pem"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / ".env")
    sandbox = Told()
    await run(scene_at(tmp_path, sandbox=sandbox.find), command="cat .env")
    assert {path.relative_to(tmp_path).as_posix() for path in sandbox.commands[0].hidden} == {
        ".env",
        "deep/er/id_rsa",
        ".ssh",
    }


@pytest.mark.parametrize(
    ("ended", "says", "is_error"),
    [
        (Ended("exited", 2), "exit code 2", False),
        (Ended("exited", 139, "SIGSEGV"), "ended by SIGSEGV, exit code 139", False),
        (Ended("timed_out"), "stopped after 120 s: it took too long", True),
        (Ended("too_much_output"), "stopped: it printed too much", True),
        (Ended("killed", limit="more memory than it may"), "stopped: more memory than it may", True),
    ],
)
async def test_how_it_ended(tmp_path: Path, ended: Ended, says: str, is_error: bool) -> None:
    """The model is told how; a test that fails is no error of the tool."""
    sandbox = Told((Output("words"), ended))
    done = end_of(await run(scene_at(tmp_path, sandbox=sandbox.find), command="x"))
    assert done.text == f"words\n\n[{says}]"
    assert done.is_error is is_error
    assert done.title == f"Run x ({says})"


async def test_long_output_is_cut_and_said_to_be(tmp_path: Path) -> None:
    """The beginning and the end are told, and what is missing is counted."""
    sandbox = Told(
        (Output("first\n" + "word\n" * 20_000 + "last"), Ended("exited", 0, n_bytes=999_999, n_left_out=5))
    )
    done = end_of(await run(scene_at(tmp_path, sandbox=sandbox.find), command="x"))
    assert done.text.startswith("first\n")
    assert "last\n\n[exit code 0]" in done.text
    assert "characters are left out here" in done.text
    assert "[5 of the 999,999 bytes that it printed were not kept.]" in done.text
    assert len(done.text) < MAX_CHARACTERS + 300


async def test_a_closed_repository_says_how_it_is_opened(tmp_path: Path) -> None:
    """A commit that fails is no dead end: who reads it learns which setting it hangs on."""
    said = f"fatal: Unable to create '{tmp_path}/.git/index.lock': Read-only file system\n"
    sandbox = Told((Output(said), Ended("exited", 128)))
    done = end_of(await run(scene_at(tmp_path, sandbox=sandbox.find), command="git commit -m x"))
    assert "sandbox.git_writable" in done.text


async def test_unsaved_files_are_named(tmp_path: Path) -> None:
    """The model knows what a person has open and a command does not see."""
    (tmp_path / "a.py").write_text("old")
    sandbox = Told()
    scene = scene_at(tmp_path, sandbox=sandbox.find)
    editor = MemoryEditor(
        opened=[Buffer(tmp_path / "a.py", "new", edited=True), Buffer(tmp_path / "b.py", "same")]
    )
    scene = replace(scene, sources=replace(scene.sources, editor=editor))
    done = end_of(await run(scene, command="x"))
    assert "not saved in the editor: a.py." in done.text


async def test_without_a_sandbox(tmp_path: Path) -> None:
    """Nothing is run outside of one, and the model is told why."""

    async def find() -> Sandbox:
        raise Unavailable("There is no sandbox.", "Install bubblewrap.")

    with pytest.raises(UsageError):
        await run(scene_at(tmp_path), command="x")
    done = end_of(await run(scene_at(tmp_path, sandbox=find), command="x"))
    assert done.is_error
    assert done.text == "It was not run. There is no sandbox. Install bubblewrap."


@pytest.mark.parametrize(
    "arguments",
    [
        {"command": ""},
        {"command": "echo [REDACTED:api-key:1:abcdefghij]"},
        {"command": "x", "folder": ".."},
        {"command": "x", "folder": "a.py"},
        {"command": "x", "folder": "missing"},
        {"command": "x", "cwd": "/"},
    ],
)
async def test_what_is_not_run(tmp_path: Path, arguments: dict[str, Any]) -> None:
    """No placeholder of a secret, no folder outside, nothing that is not understood."""
    (tmp_path / "a.py").write_text("")
    sandbox = Told()
    with pytest.raises(UsageError):
        await run(scene_at(tmp_path, sandbox=sandbox.find), **arguments)
    assert sandbox.commands == []


async def test_stopped_in_the_middle(tmp_path: Path) -> None:
    """The sandbox is closed when the call is."""
    sandbox = Told((Output("one"), Output("two"), Ended("exited", 0)))
    prepared = run_command_tool(Shell()).prepare(
        "1", {"command": "x"}, scene_at(tmp_path, sandbox=sandbox.find)
    )
    events = prepared.run(False)
    assert await anext(events) == Streamed("one")
    await events.aclose()
    assert sandbox.closed == 1


def test_the_environment_holds_no_secret() -> None:
    """Whatever ours is called."""
    assert "AWS_SECRET_ACCESS_KEY" not in environment_for_commands(
        {"AWS_SECRET_ACCESS_KEY": "x", "PATH": "/x"}
    )
