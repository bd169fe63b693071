"""Finds the sandbox of this machine: a Docker engine where the person named an image, else bubblewrap, else none."""

import asyncio
import contextlib
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from victor_server.agent.sandbox.bubblewrap import Bubblewrap
from victor_server.agent.sandbox.bubblewrap_words import system_program
from victor_server.agent.sandbox.docker import find_docker
from victor_server.agent.sandbox.git_identity import git_identity
from victor_server.agent.sandbox.model import Command, Ended, FindSandbox, Sandbox
from victor_server.agent.sandbox.mounts import SYSTEM, Outside, readable_folders
from victor_server.errors import Unavailable
from victor_server.policy.policy import HoldsPolicy
from victor_server.settings.home import FOLDER_MODE
from victor_server.settings.own_file import replace_own
from victor_server.settings.resolved import SandboxSettings

PROGRAM_FOLDERS = tuple(
    Path(each)
    for each in ("/usr/bin", "/bin", "/usr/local/bin", "/run/wrappers/bin", "/run/current-system/sw/bin")
)
_INSTALL = (
    "Install bubblewrap (`apt install bubblewrap`, `dnf install bubblewrap`, `apk add bubblewrap bash`), or name an"
    " image that your Docker engine has in the setting `sandbox.image`."
)


@dataclass(frozen=True, slots=True)
class Machine:
    """Where to look: the person's home folder, the folders of the system's own programs, and the person's own PATH, by
    which commands find the programs of their languages.
    """

    person: Path
    program_folders: Sequence[Path] = PROGRAM_FOLDERS
    kernel: Path = Path("/proc/sys")
    path: str = ""


def finder(
    home: Path, policy: HoldsPolicy, settings: SandboxSettings, *, machine: Machine | None = None
) -> FindSandbox:
    """`find_sandbox`, which remembers what it found; a sandbox that was not found is looked for anew."""
    found: list[Sandbox] = []
    one_at_a_time = asyncio.Lock()

    async def find() -> Sandbox:
        async with one_at_a_time:
            if not found:
                found.append(await find_sandbox(home, policy, settings, machine=machine))
            return found[0]

    return find


async def find_sandbox(
    home: Path, policy: HoldsPolicy, settings: SandboxSettings, *, machine: Machine | None = None
) -> Sandbox:
    """The best sandbox that works here, tried with a command that does nothing.

    Raises Unavailable, which says what is missing and how to get it. `home` is VICTOR_HOME.
    """
    there = machine or Machine(Path.home())
    if sys.platform != "linux" and not settings.image:
        raise Unavailable(
            "Commands run in a sandbox only, and there is none for this system.",
            "Start Docker, and name an image that it has in the setting `sandbox.image`.",
        )
    outside = await asyncio.to_thread(_outside, home, settings, there)
    why_not = "no image is set for it"
    if settings.kind != "bubblewrap" and settings.image:
        program = system_program(["docker"], there.program_folders)
        docker = await find_docker(program, settings.image, outside, policy)
        if not isinstance(docker, str):
            return docker
        why_not = docker
    if settings.kind == "docker":
        raise Unavailable(f"Commands are to run in Docker, and that does not do: {why_not}.", _DOCKER_FIX)
    return await _bubblewrap(outside, policy, there)


_DOCKER_FIX = "Start the engine, pull the image that `sandbox.image` names, or let `sandbox.kind` be `auto` for bubblewrap."


async def _bubblewrap(outside: Outside, policy: HoldsPolicy, machine: Machine) -> Bubblewrap:
    program = system_program(["bwrap"], machine.program_folders)
    shell = system_program(["bash", "sh"], machine.program_folders)
    if program is None or shell is None:
        raise Unavailable(
            "Commands run in a sandbox only, and this machine has none: bubblewrap is not installed.",
            _INSTALL,
        )
    found = Bubblewrap(program, shell, outside, policy, tool_path(outside, machine.path))
    await _try(found, machine)
    return found


async def _try(sandbox: Bubblewrap, machine: Machine) -> None:
    """Run nothing in it. Raises Unavailable with what to do where it does not work."""
    with tempfile.TemporaryDirectory(prefix="victor-") as folder:
        elsewhere = await asyncio.to_thread(Path(folder).resolve)
        try:
            async with contextlib.aclosing(
                sandbox.run(Command("exit 0", elsewhere, elsewhere, is_writable=False))
            ) as running:
                ends = [each async for each in running if isinstance(each, Ended)]
        except Unavailable as error:
            raise Unavailable(
                error.message, why_forbidden(machine.kernel) or error.fix or _INSTALL
            ) from error
    if ends[-1].exit_code != 0:
        raise Unavailable("The sandbox of this machine does not run even an empty command.", _INSTALL)


def why_forbidden(kernel: Path) -> str:
    """What to do where this system keeps user namespaces, which the sandbox is made of, from its users."""

    def value(name: str) -> str:
        try:
            return (kernel / name).read_text("ascii").strip()
        except (OSError, ValueError):
            return ""

    if value("kernel/apparmor_restrict_unprivileged_userns") == "1":
        return (
            "AppArmor keeps user namespaces from bubblewrap. Write a profile: put `abi <abi/4.0>, include"
            " <tunables/global> profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }` into"
            " /etc/apparmor.d/bwrap, then run `sudo systemctl reload apparmor`."
        )
    if value("kernel/unprivileged_userns_clone") == "0":
        return "Run `sudo sysctl kernel.unprivileged_userns_clone=1`: user namespaces are switched off."
    if value("user/max_user_namespaces") == "0":
        return "Run `sudo sysctl user.max_user_namespaces=15000`: user namespaces are switched off."
    return ""


def _outside(home: Path, settings: SandboxSettings, machine: Machine) -> Outside:
    folder = home.resolve() / "sandbox"
    empty_file, empty_folder, git_config = folder / "empty", folder / "none", folder / "gitconfig"
    person = machine.person.resolve()
    if person == person.parent:
        person = Path("/nonexistent")  # as users have it that are not people
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        empty_folder.mkdir(mode=0o755, exist_ok=True)
        if not empty_file.exists():
            empty_file.touch(mode=0o444)
        replace_own(git_config, git_identity(system_program(["git"], machine.program_folders), person))
        git_config.chmod(0o644)  # it may be somebody else who reads it, where Victor runs as root
    except OSError as error:
        raise Unavailable(f"{folder} cannot be written to: {error.strerror}.") from error
    more = [path for path in settings.readable if path not in (person, *person.parents)]
    return Outside(
        person,
        home.resolve(),
        readable_folders(person, more),
        empty_file,
        empty_folder,
        settings.git_writable,
        git_config,
    )


def tool_path(outside: Outside, path: str) -> tuple[str, ...]:
    """The folders with programs among what may be read: those of the person's `path` in its order, then others."""
    wanted = [Path(each) for each in path.split(":") if each.startswith("/")]
    seen = (*outside.readable, *map(Path, SYSTEM))
    named = [each for each in wanted if any(each == top or top in each.parents for top in seen)]
    own = [
        each if each.name in ("bin", "shims") else each / "shims"
        for each in outside.readable
        if each.name == "bin" or (each / "shims").is_dir()
    ]
    return tuple(dict.fromkeys(map(str, (*named, *own, *_unnamed(outside.person)))))


def _unnamed(person: Path) -> list[Path]:
    """Where languages put programs that only a shell's start file adds to PATH, which an editor may not have read."""
    nodes = sorted(person.glob(".nvm/versions/node/v*/bin"), key=_version)[-1:]
    return [*nodes, *sorted(person.glob(".sdkman/candidates/*/current/bin")), Path("/usr/local/go/bin")]


def _version(folder: Path) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", folder.parent.name)]
