"""The sandbox of a Docker engine: a container of an image that is there already, without network and without power."""

import asyncio
import contextlib
import os
import uuid
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from victor_server.agent.sandbox.docker_words import run_words
from victor_server.agent.sandbox.model import Command, Ended, Limits, Output
from victor_server.agent.sandbox.mounts import Outside, mounts_in_root, refuse_root
from victor_server.agent.sandbox.placeholders import placeholders
from victor_server.agent.sandbox.plain_output import plain_line
from victor_server.agent.sandbox.running import Running, pipe_of, stream
from victor_server.agent.uninterrupted import uninterrupted
from victor_server.errors import Unavailable
from victor_server.policy.policy import HoldsPolicy

LABEL = "victor.sandbox"
_ANSWER_TIME_LIMIT_S = 10.0
_NOT_STARTED = 125
_COMPLAINS, _COMPLAINT_BYTES = "docker: ", 4096
_ROOTLESS = "name=rootless"


@dataclass(frozen=True, slots=True)
class Docker:
    """A `Sandbox`. `program` is the absolute path of the engine's command; `image` is one that it has.

    `is_rootless`: the engine runs as the person, who is then the container's root.
    """

    program: Path
    image: str
    outside: Outside
    policy: HoldsPolicy
    is_rootless: bool = False

    @property
    def name(self) -> str:
        """What a person knows it as."""
        return "docker"

    async def run(self, command: Command) -> AsyncGenerator[Output | Ended, None]:
        """Run it. Closed early, or cancelled, its container is gone before that returns.

        Raises Unavailable where it could not be started.
        """
        refuse_root(command.root, self.outside)
        held = replace(command, network=command.network and self.policy.now().children_network)
        async with placeholders(self.outside.home, command.root, is_writable=command.is_writable):
            inside = replace(self.outside, readable=())  # languages come with the image
            mounts = await asyncio.to_thread(mounts_in_root, held, inside)
            name = f"victor-{uuid.uuid4().hex}"
            words = run_words(held, self.image, mounts, name=name, user=self._user(command.root))
            running = stream(lambda: self._start(words, name), held.limits, command.root)
            async with contextlib.aclosing(running):
                async for each in running:
                    yield each

    def _user(self, root: Path) -> tuple[int, int]:
        if self.is_rootless:
            return 0, 0
        if os.geteuid() != 0:
            return os.geteuid(), os.getegid()
        owner = root.stat()
        return owner.st_uid, owner.st_gid

    async def _start(self, words: Sequence[str], name: str) -> Running:
        process = await _started(self, words, stdin=asyncio.subprocess.PIPE)
        return _Container(self, process, name)


async def find_docker(
    program: Path | None, image: str, outside: Outside, policy: HoldsPolicy
) -> Docker | str:
    """The engine's sandbox, or why there is none: no command, no engine that answers, no such image.

    Containers that an earlier Victor left because it was killed are removed.
    """
    if program is None:
        return "Docker is not installed"
    docker = Docker(program, image, outside, policy)
    code, about = await _ask(docker, "info", "--format", "{{json .SecurityOptions}}")
    if code != 0:
        return "no engine answers"
    code, _ = await _ask(docker, "image", "inspect", "--format", "{{.Id}}", image)
    if code != 0:
        return f"it has no image {image}"
    await _remove_orphans(docker)
    return replace(docker, is_rootless=_ROOTLESS in about)


async def _remove_orphans(docker: Docker) -> None:
    """Remove containers whose Victor is gone."""
    row = '{{.ID}} {{.Label "' + LABEL + '"}}'
    _, listed = await _ask(docker, "ps", "--all", "--filter", f"label={LABEL}", "--format", row)
    for line in listed.splitlines():
        container, _, owner = line.partition(" ")
        if owner.isdigit() and not psutil.pid_exists(int(owner)):
            await _ask(docker, "rm", "--force", container)


class _Container:
    """A `Running`: the engine's command, which is attached to a container."""

    def __init__(self, docker: Docker, process: asyncio.subprocess.Process, name: str) -> None:
        self.output = pipe_of(process.stdout)
        self._errors = pipe_of(process.stderr)  # the engine's own: a line has both its streams in the other
        self._docker = docker
        self._process = process
        self._name = name

    async def ended(self) -> int:
        """Its exit code. Raises Unavailable where the engine could not start it."""
        code = await self._process.wait()
        complaint = (await self._errors.read(_COMPLAINT_BYTES)).decode("utf-8", "replace")
        if complaint.startswith(_COMPLAINS):
            first = plain_line(complaint.removeprefix(_COMPLAINS).splitlines()[0].encode()).rstrip(".")
            raise Unavailable(f"The Docker engine did not start the container: {first}.")
        return code

    async def kill(self) -> None:
        """Remove the container with all its processes, and end the command that is attached to it."""
        if self._process.returncode is not None:
            return
        await _ask(self._docker, "rm", "--force", self._name)
        try:
            async with asyncio.timeout(_ANSWER_TIME_LIMIT_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
            await _ask(self._docker, "rm", "--force", self._name)

    def over_limit(self, limits: Limits) -> str:
        """Nothing: the engine holds the limits of a container by itself."""
        return ""


async def _ask(docker: Docker, *words: str) -> tuple[int, str]:
    """The exit code and the answer of one short command of the engine's."""
    process = await _started(docker, (*words,), stdin=asyncio.subprocess.DEVNULL)
    try:
        async with asyncio.timeout(_ANSWER_TIME_LIMIT_S):
            answer, _ = await process.communicate()
    except TimeoutError:
        return _NOT_STARTED, ""
    finally:
        if process.returncode is None:
            process.kill()
            await uninterrupted(process.wait())
    return process.returncode or 0, answer.decode("utf-8", "replace")


async def _started(docker: Docker, words: Sequence[str], *, stdin: int) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            str(docker.program),
            *words,
            stdin=stdin,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin", "HOME": str(docker.outside.person)},
            cwd="/",
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise Unavailable(f"{docker.program} could not be started.") from error
