"""Runs lines in the real sandbox of this machine, in a workspace and with a home folder of a test's own."""

import contextlib
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from victor_server.agent.sandbox.find import Machine, find_sandbox
from victor_server.agent.sandbox.model import Command, Ended, Limits, Output, Sandbox
from victor_server.policy.policy import Policy
from victor_server.settings.resolved import SandboxSettings

PYTHON = f"{sys.base_prefix}/bin/python3"
"""An interpreter that a sandbox of `Scene` may read."""

FEW = Limits(wall_s=20.0, cpu_s=20.0, memory_bytes=1 << 30, n_processes=64, disk_bytes=1 << 30)


@dataclass(frozen=True, slots=True)
class Scene:
    """A workspace, a person's home folder, a VICTOR_HOME, and the sandbox that this machine has for them."""

    root: Path
    person: Path
    home: Path
    sandbox: Sandbox

    def command(self, line: str, **more: Any) -> Command:
        """A line to be run in the workspace; `more` are fields of Command."""
        return Command(line, more.pop("folder", self.root), self.root, **{"limits": FEW, **more})

    async def run(self, line: str, **more: Any) -> tuple[str, Ended]:
        """All that a line printed, and how it ended."""
        texts: list[str] = []
        ends: list[Ended] = []
        async with contextlib.aclosing(self.sandbox.run(self.command(line, **more))) as running:
            async for each in running:
                match each:
                    case Output(text):
                        assert not ends
                        texts.append(text)
                    case Ended():
                        ends.append(each)
        assert len(ends) == 1
        return "".join(texts), ends[0]

    async def python(self, code: str, **more: Any) -> str:
        """What a program prints that lies in the workspace; it must end well."""
        (self.root / "program.py").write_text(code, "utf-8")
        return await self.prints(f"{PYTHON} program.py", **more)

    async def prints(self, line: str, **more: Any) -> str:
        """What a line printed, which ended well."""
        text, ended = await self.run(line, **more)
        assert (ended.how, ended.exit_code) == ("exited", 0), (text, ended)
        return text


def need_bubblewrap() -> None:
    """Skip the test where there is none (which fails it in CI)."""
    if shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin") is None:
        pytest.skip("bubblewrap is not installed, and nothing was proved of it: apt-get install bubblewrap")


async def scene(folder: Path, *, machine: Machine | None = None, **settings: Any) -> Scene:
    """A scene in a folder. `settings` are fields of SandboxSettings."""
    need_bubblewrap()
    root, person, home = _made(folder)
    wanted = SandboxSettings(**{"kind": "bubblewrap", "readable": (Path(sys.base_prefix),), **settings})
    found = await find_sandbox(home, Policy(), wanted, machine=machine or Machine(person))
    return Scene(root, person, home, found)


def _made(folder: Path) -> tuple[Path, Path, Path]:
    there = folder.resolve()
    root, person, home = there / "work" / "project", there / "person", there / "victor-home"
    for each in (root, person / ".ssh", home):
        each.mkdir(parents=True, exist_ok=True)
    return root, person, home
