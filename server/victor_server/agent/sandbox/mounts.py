"""What a sandboxed command sees of the file system, as a list of mounts: all else does not exist for it."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from victor_server.agent.sandbox.model import Command
from victor_server.agent.sandbox.protected import git_elsewhere, protected_in
from victor_server.errors import Unavailable

SYSTEM = ("/usr", "/etc", "/opt", "/nix/store", "/nix/var/nix/profiles", "/gnu/store", "/run/current-system")
_TOP = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_NAMES = ("/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager/resolv.conf")
"""Where the links lead that `/etc/resolv.conf` is on many systems: of use only with a network."""

TOOLS = (
    ".asdf",
    ".bun/bin",
    ".bun/install/cache",
    ".cache/ms-playwright",
    ".cache/pypoetry/virtualenvs",
    ".cargo/bin",
    ".cargo/git",
    ".cargo/registry",
    ".deno/bin",
    ".gem/ruby",
    ".ghcup",
    ".juliaup",
    ".local/bin",
    ".local/lib",
    ".local/pipx/venvs",
    ".local/share/fnm/node-versions",
    ".local/share/gem",
    ".local/share/hatch/env",
    ".local/share/mise/installs",
    ".local/share/pipx/venvs",
    ".local/share/pnpm",
    ".local/share/uv/python",
    ".local/share/uv/tools",
    ".local/share/virtualenvs",
    ".m2/repository",
    ".nuget/packages",
    ".nvm/versions",
    ".opam",
    ".pyenv",
    ".rbenv",
    ".rustup/settings.toml",
    ".rustup/toolchains",
    ".sdkman/candidates",
    ".virtualenvs",
    ".volta/bin",
    ".volta/tools",
    "anaconda3",
    "go/bin",
    "go/pkg/mod",
    "mambaforge",
    "miniconda3",
    "miniforge3",
    "sdk",
)
"""Where languages keep their tools and packages below a home folder; none of them holds keys."""

KEYS = (
    ".aws",
    ".azure",
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".config/gcloud",
    ".config/gh",
    ".docker",
    ".git-credentials",
    ".gnupg",
    ".kube",
    ".local/share/keyrings",
    ".netrc",
    ".npmrc",
    ".password-store",
    ".pypirc",
    ".ssh",
)
"""What stays hidden also where a setting makes the folder readable that it lies in."""

_MOST_HIDDEN = 2_000
_TMPFS_BYTES, _HOME_BYTES, _SHARED_BYTES = 1 << 30, 1 << 30, 256 << 20

How = Literal["bind", "ro-bind", "tmpfs", "symlink", "dev", "proc", "dir", "remount-ro"]


@dataclass(frozen=True, slots=True)
class Mount:
    """One step of building the file system: `source` is a path outside, or what a link says; `size` bytes at most."""

    how: How
    target: str
    source: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Outside:
    """What of the machine matters: the person's home folder, Victor's, what else may be read, and whether git's own
    folder may be written. `empty_file` and `empty_folder` stand in for what is hidden, `git_config` for the person's
    settings of git.
    """

    person: Path
    home: Path
    readable: tuple[Path, ...]
    empty_file: Path
    empty_folder: Path
    git_writable: bool = False
    git_config: Path | None = None


def refuse_root(root: Path, outside: Outside) -> None:
    """Raise Unavailable for a workspace in which nothing could be kept from a command."""
    for kept in (outside.person, outside.home):
        if kept == root or root in kept.parents:
            what = (
                "your home folder" if kept == outside.person else "the folder in which Victor keeps its data"
            )
            raise Unavailable(
                f"Commands do not run in {root}: {what} lies in it, and a command may change its workspace.",
                "Open the folder of one project instead.",
            )
    if outside.home in root.parents:
        raise Unavailable(
            f"Commands do not run in {root}: it is part of Victor's own data.", "Open another folder."
        )


def mounts_for(command: Command, outside: Outside) -> tuple[Mount, ...]:
    """The whole file system for one command, in the order in which it is built. Reads the disk."""
    return (
        *_system(network=command.network),
        Mount("proc", "/proc"),
        Mount("dev", "/dev"),
        Mount("tmpfs", "/dev/shm", size=_SHARED_BYTES),  # noqa: S108  # the sandbox's own
        Mount("tmpfs", "/tmp", size=_TMPFS_BYTES),  # noqa: S108  # the sandbox's own
        Mount("tmpfs", "/run", size=1 << 20),
        Mount("tmpfs", "/var/tmp", size=_TMPFS_BYTES),  # noqa: S108  # the sandbox's own
        Mount("symlink", "/var/run", "/run"),
        Mount("tmpfs", str(outside.person), size=_HOME_BYTES),
        *_readable(outside),
        *_git_config(outside),
        *mounts_in_root(command, outside),
        Mount("remount-ro", "/"),
    )


def mounts_in_root(command: Command, outside: Outside) -> tuple[Mount, ...]:
    """The workspace itself, and what is closed or hidden in it (and in what else may be read). Reads the disk.

    Raises Unavailable where too much would have to be hidden.
    """
    root = str(command.root)
    hidden = tuple(_hidden(command, outside))
    if len(hidden) > _MOST_HIDDEN:
        raise Unavailable(
            f"More than {_MOST_HIDDEN} files and folders of this workspace are private: too many to hide from a command.",
            "Make the patterns of private paths match whole folders.",
        )
    closed = tuple(_closed(command, outside)) if command.is_writable else ()
    return (
        *(Mount("ro-bind", str(each), str(each)) for each in git_elsewhere(command.root)),
        Mount("bind" if command.is_writable else "ro-bind", root, root),
        *(_held(command.root, closed, hidden) if command.is_writable else ()),
        *closed,
        *hidden,
    )


def _system(*, network: bool) -> Iterator[Mount]:
    for each in _TOP:
        path = Path(each)
        if path.is_symlink():
            yield Mount("symlink", each, str(path.readlink()))
        elif path.is_dir():
            yield Mount("ro-bind", each, each)
    for each in SYSTEM + (_NAMES if network else ()):
        if os.path.exists(each):  # noqa: PTH110  as above
            yield Mount("ro-bind", each, str(Path(each).resolve()))


def readable_folders(person: Path, more: Sequence[Path]) -> tuple[Path, ...]:
    """The folders outside a workspace that commands may read, as far as they are there."""
    found = [path for path in (*(person / each for each in TOOLS), *more) if os.path.exists(path)]  # noqa: PTH110  False also where it may not be looked at
    return tuple(dict.fromkeys(found))


def _readable(outside: Outside) -> Iterator[Mount]:
    for path in outside.readable:
        yield Mount("ro-bind", str(path), str(path.resolve()))


def _git_config(outside: Outside) -> Iterator[Mount]:
    if outside.git_config:
        yield Mount("ro-bind", str(outside.person / ".gitconfig"), str(outside.git_config))


def _closed(command: Command, outside: Outside) -> Iterator[Mount]:
    """What runs later without anybody asking for it stays as it is: a command must not be able to plant anything there."""
    closed: set[Path] = set()
    for path in protected_in(command.root, git_writable=outside.git_writable):
        if closed.isdisjoint(path.parents):
            closed.add(path)
            yield Mount("ro-bind", str(path), str(path if path.exists() else outside.empty_folder))


def _held(root: Path, closed: Sequence[Mount], hidden: Sequence[Mount]) -> Iterator[Mount]:
    """Each folder on the way to what is closed or hidden, as a mount of its own, for a mount cannot be renamed: else the
    next command would find it where nobody looks for it.
    """
    kept = {Path(each.target) for each in closed}
    folders = {
        folder
        for each in (*closed, *hidden)
        for folder in Path(each.target).parents
        if root in folder.parents
    }
    for folder in sorted(folders):
        if folder not in kept and kept.isdisjoint(folder.parents):
            yield Mount("bind", str(folder), str(folder))


def _hidden(command: Command, outside: Outside) -> Iterator[Mount]:
    seen = (command.root, *outside.readable)
    named = (*command.hidden, outside.home, *(outside.person / each for each in KEYS), *_sockets())
    found = {path.resolve() for path in named if os.path.lexists(path)}
    for path in sorted(found):
        above = [folder for folder in path.parents if folder in found]
        if above or not any(path == folder or folder in path.parents for folder in seen):
            continue
        yield Mount("ro-bind", str(path), str(outside.empty_folder if path.is_dir() else outside.empty_file))


_SOCKET = re.compile(r"^\S+ \S+ \S+ \S+ \S+ \S+ +\d+ (/.+)$", re.MULTILINE)


def _sockets() -> Iterator[Path]:
    """Sockets at which programs of this machine listen: a folder that can be read lets one connect to those in it."""
    try:
        table = Path("/proc/net/unix").read_text("utf-8", "replace")
    except OSError:
        return
    for path in _SOCKET.findall(table):
        yield Path(path)
