"""The tool `run_command`: a line for a shell, run in a sandbox."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import Field

from victor_server.agent.sandbox.model import Command, Ended, FindSandbox, Limits, Output
from victor_server.agent.tools.built_in import BuiltIn, ToolArguments
from victor_server.agent.tools.file_text import open_buffers
from victor_server.agent.tools.hidden_files import HiddenFiles
from victor_server.agent.tools.limits import bounded
from victor_server.agent.tools.tool import Done, Prepared, Scene, Streamed, Touched
from victor_server.agent.tools.workspace_paths import name_in, resolve_in
from victor_server.errors import Unavailable, UsageError, VictorError

MAX_LINE_CHARACTERS = 20_000
MAX_TIMEOUT_S = 600
MAX_CHARACTERS = 20_000
"""Of what a command prints that a model is told; a person is shown all of it while it runs."""

_MAX_TITLE = 80
_MAX_UNSAVED = 5
_GIVEN = {"TERM": "dumb", "NO_COLOR": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_PAGER": "cat", "PAGER": "cat"}
_HANDED_ON = ("TZ",)
"""Of Victor's own environment. Keys and proxies are not; where programs are, and the language, the sandbox says."""
_GIT_IS_CLOSED = re.compile(r"/\.git/[^\n]*: Read-only file system")
_PLACEHOLDER = re.compile(r"\[REDACTED:[a-z0-9-]+:\d+:[a-z0-9]+\]")


@dataclass(frozen=True, slots=True)
class Shell:
    """How commands run. `environment` is Victor's own, of which little is handed on; `network` whether they have any.

    `hidden` finds what they must not see, and remembers where it looked.
    """

    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    limits: Limits = field(default_factory=Limits)
    network: Callable[[], bool] = lambda: False
    hidden: HiddenFiles = field(default_factory=HiddenFiles, repr=False)


class RunCommand(ToolArguments):
    """What is run."""

    command: str = Field(min_length=1, max_length=MAX_LINE_CHARACTERS, description="A line for bash")
    folder: str = Field(".", description="Where, relative to the workspace")
    timeout_s: int | None = Field(None, ge=1, le=MAX_TIMEOUT_S)


def run_command_tool(shell: Shell) -> BuiltIn[RunCommand]:
    """Runs a command."""
    description = (
        "Run a command in the workspace, in a sandbox: no input, no network, private files are empty."
        " For builds, tests and linters; read, search and change files with the other tools."
    )

    def plan(told: RunCommand, scene: Scene) -> Prepared:
        return _plan(told, scene, shell)

    return BuiltIn("run_command", "execute", description, RunCommand, plan)


def environment_for_commands(environment: Mapping[str, str]) -> dict[str, str]:
    """What of an environment a command is given: no key, no proxy, no socket of another program."""
    return {**{name: environment[name] for name in _HANDED_ON if name in environment}, **_GIVEN}


def _plan(told: RunCommand, scene: Scene, shell: Shell) -> Prepared:
    if scene.sandbox is None:
        raise UsageError("Commands cannot be run here.", "Say which command the person may run, and why.")
    if _PLACEHOLDER.search(told.command):
        raise UsageError(
            "A placeholder of a secret stands in the command, and no command is given a secret.",
            "Write it so that the program finds the secret itself, or ask the person to run it.",
        )
    folder = resolve_in(scene.root, told.folder, must_exist=True)
    if not folder.is_dir():
        raise UsageError(f"{name_in(scene.root, folder)} is no folder.")
    touched = Touched(_title(told.command), command=told.command, folder=folder)
    find = scene.sandbox

    async def run(_review: bool) -> AsyncGenerator[Streamed | Done, None]:
        async with aclosing(_run(told, scene, shell, find, folder)) as events:
            async for event in events:
                yield event

    return Prepared(touched, run)


def _title(command: str) -> str:
    line = " ".join(command.split())
    return f"Run {line if len(line) <= _MAX_TITLE else line[:_MAX_TITLE] + '…'}"


async def _run(
    told: RunCommand, scene: Scene, shell: Shell, find: FindSandbox, folder: Path
) -> AsyncGenerator[Streamed | Done, None]:
    try:
        sandbox = await find()
        command = await asyncio.to_thread(_command, told, scene, shell, folder)
        printed: list[str] = []
        async with aclosing(sandbox.run(command)) as events:
            async for event in events:
                if isinstance(event, Output):
                    printed.append(event.text)
                    yield Streamed(event.text)
                else:
                    yield _done(told, scene, "".join(printed), event, command.limits)
                    return
        raise Unavailable("The sandbox did not say how the command ended.")
    except VictorError as error:
        yield Done(f"It was not run. {error.message} {error.fix}".strip(), is_error=True)


def _command(told: RunCommand, scene: Scene, shell: Shell, folder: Path) -> Command:
    limits = shell.limits if told.timeout_s is None else replace(shell.limits, wall_s=float(told.timeout_s))
    return Command(
        told.command,
        folder,
        scene.root,
        environment_for_commands(shell.environment),
        hidden=shell.hidden.below(scene.root, scene.sources.private.why),
        network=shell.network(),
        limits=limits,
    )


def _done(told: RunCommand, scene: Scene, printed: str, ended: Ended, limits: Limits) -> Done:
    how = _how(ended, limits)
    text = bounded(printed.rstrip(), MAX_CHARACTERS) or "It printed nothing."
    notes = [how]
    if ended.n_left_out:
        notes.append(f"{ended.n_left_out:,} of the {ended.n_bytes:,} bytes that it printed were not kept.")
    if _GIT_IS_CLOSED.search(printed):
        notes.append(
            "What git keeps cannot be written by commands, unless the person sets `sandbox.git_writable`."
        )
    if unsaved := _unsaved(scene):
        notes.append(f"It saw files as they are on disk; not saved in the editor: {unsaved}.")
    said = "\n".join(f"[{note}]" for note in notes)
    return Done(
        f"{text}\n\n{said}",
        is_error=ended.how != "exited",
        title=f"{_title(told.command)} ({how.rstrip('.')})",
    )


def _how(ended: Ended, limits: Limits) -> str:
    match ended.how:
        case "exited" if ended.signal:
            return f"ended by {ended.signal}, exit code {ended.exit_code}"
        case "exited":
            return f"exit code {ended.exit_code}"
        case "timed_out":
            return f"stopped after {limits.wall_s:.0f} s: it took too long"
        case "too_much_output":
            return "stopped: it printed too much"
        case "killed":
            return f"stopped: {ended.limit or ended.signal or 'it used more than it may'}"


def _unsaved(scene: Scene) -> str:
    names = [
        name_in(scene.root, path)
        for path, buffer in open_buffers(scene).items()
        if buffer.edited and path.is_relative_to(scene.root)
    ]
    more = f" and {len(names) - _MAX_UNSAVED} more" if len(names) > _MAX_UNSAVED else ""
    return ", ".join(names[:_MAX_UNSAVED]) + more
