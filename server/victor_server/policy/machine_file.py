"""The policy of whoever looks after the machine: a file of root's, which can only tighten what a person may."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from victor_server.policy.host_list import plain_entry

# Not from the environment: that is the person's, and the file is not.
MACHINE_FILE = Path(r"C:\ProgramData\victor\policy.yaml" if os.name == "nt" else "/etc/victor/policy.yaml")
_MAX_BYTES = 1_000_000
_MAX_ENTRIES = 10_000


@dataclass(frozen=True, slots=True)
class MachinePolicy:
    """What the file says. None, False and empty restrict nothing; `children` False: no network for children."""

    offline: bool = False
    allowed_hosts: tuple[str, ...] | None = None
    only_hosts: tuple[str, ...] | None = None
    allowed_providers: frozenset[str] | None = None
    private_paths: tuple[str, ...] = ()
    children: bool = True


class MachineFileUnusable(Exception):
    """The file is there, but must not or cannot be read; the text is the end of a sentence."""


def read_machine_file(file: Path, *, owner: int = 0) -> MachinePolicy | None:
    """What the file says, None where there is no such file. Raises MachineFileUnusable for anything else.

    `owner` is the only user who may be able to write to the file and to its folder; not checked on Windows, where
    the folder's access list is the machine's own business.
    """
    text = _read_owned(file, owner)
    if text is None:
        return None
    written = _parse(text)
    unknown = sorted(str(name) for name in written if name not in _READERS)
    if unknown:
        raise MachineFileUnusable(f"{unknown[0]!r} is not one of {', '.join(_READERS)}")
    nothing = next((name for name, value in written.items() if value is None), None)
    if nothing is not None:
        raise MachineFileUnusable(f"{nothing} holds nothing; leave it out, or say what it restricts")
    return MachinePolicy(**dict(_READERS[name](name, value) for name, value in written.items()))


def _read_owned(file: Path, owner: int) -> bytes | None:
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    try:
        folder = file.parent.lstat()
        if stat.S_ISLNK(folder.st_mode):
            raise MachineFileUnusable("its folder is a link")
        handle = os.open(file, flags)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise MachineFileUnusable(f"it cannot be read: {error.strerror}") from None
    try:
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode):
            raise MachineFileUnusable("it is no plain file")
        _check_owner(info, owner, "it")
        _check_owner(folder, owner, "its folder")
        with os.fdopen(handle, "rb", closefd=False) as opened:
            text = opened.read(_MAX_BYTES + 1)
    finally:
        os.close(handle)
    if len(text) > _MAX_BYTES:
        raise MachineFileUnusable("it is too large")
    if not text:
        raise MachineFileUnusable("it is empty")  # somebody may just be writing it
    return text


def _check_owner(info: os.stat_result, owner: int, what: str) -> None:
    if os.name == "nt":
        return
    if info.st_uid != owner:
        raise MachineFileUnusable(f"{what} does not belong to root")
    if info.st_mode & 0o022:
        raise MachineFileUnusable(f"{what} can be written to by others than root")


def _parse(text: bytes) -> Mapping[Any, Any]:
    # Loaded here: most machines have no such file, and this is asked whenever settings are read.
    import yaml

    from victor_server.settings.yaml_text import load_bounded

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        written = load_bounded(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        raise MachineFileUnusable("it is not YAML") from None
    if written is None:
        return {}
    if not isinstance(written, dict) or not isinstance(node, yaml.MappingNode):
        raise MachineFileUnusable("it must hold settings by name, like `offline_mode: true`")
    if len(node.value) != len(written):
        raise MachineFileUnusable("it sets one name twice")
    return written


def _offline(name: str, value: object) -> tuple[str, Any]:
    return "offline", _flag(name, value)


def _children(name: str, value: object) -> tuple[str, Any]:
    return "children", _flag(name, value)


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise MachineFileUnusable(f"{name} must be true or false")
    return value


def _hosts(name: str, value: object) -> tuple[str, Any]:
    texts = _texts(name, value)
    wrong = next((text for text in texts if not plain_entry(text)), None)
    if wrong is not None:
        raise MachineFileUnusable(f"{wrong!r} in {name} is no host, domain, address or network")
    return name, tuple(map(plain_entry, texts))


def _providers(name: str, value: object) -> tuple[str, Any]:
    return name, frozenset(_texts(name, value))


def _paths(name: str, value: object) -> tuple[str, Any]:
    texts = _texts(name, value)
    if any(text.startswith("!") for text in texts):
        # It would take back what the person keeps private.
        raise MachineFileUnusable(f"{name} must not take anything back with `!`")
    return name, texts


def _texts(name: str, value: object) -> tuple[str, ...]:
    if (
        not isinstance(value, list)
        or len(value) > _MAX_ENTRIES
        or not all(isinstance(text, str) for text in value)
    ):
        raise MachineFileUnusable(f"{name} must be a list of texts")
    return tuple(value)


_READERS = {
    "offline_mode": _offline,
    "allowed_hosts": _hosts,
    "only_hosts": _hosts,
    "allowed_providers": _providers,
    "private_paths": _paths,
    "children": _children,
}
