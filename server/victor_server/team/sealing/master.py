"""The master key: the one that all others are sealed with; read from a file, the environment or a command."""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from victor_server.errors import SettingsError
from victor_server.team.configuration.resolved import MasterKey

KEY_BYTES = 32
COMMAND_TIME_LIMIT_S = 30.0

_MAKE_ONE = "Make one with `openssl rand -base64 32`, and keep a copy apart from the database's backups."
_KNOWN = frozenset(
    {
        bytes(range(KEY_BYTES)),
        bytes(range(1, KEY_BYTES + 1)),
        b"0123456789abcdef0123456789abcdef",
        b"01234567890123456789012345678901",
        b"abcdefghijklmnopqrstuvwxyz012345",
        b"change-me-change-me-change-me-ch",
        b"your-32-byte-secret-key-goes-her",
        hashlib.sha256(b"").digest(),
        *(
            hashlib.sha256(word).digest()
            for word in (b"victor", b"secret", b"changeme", b"password", b"test")
        ),
    }
)
"""Keys that stand in examples: whoever reads them could open the database."""


@dataclass(frozen=True, slots=True)
class MasterKeyBytes:
    """The key. `key_id` tells it from others and says nothing of it; `made`: the file that a first run has just written."""

    key: bytes = field(repr=False)
    made: Path | None = None

    @property
    def key_id(self) -> str:
        """A name that only this key has."""
        return hmac.digest(self.key, b"victor master key id", "sha256")[:8].hex()


def read_master_key(settings: MasterKey, environment: Mapping[str, str]) -> MasterKeyBytes:
    """The key that `settings` name. Raises `SettingsError`; no message shows what was read."""
    match settings.source:
        case "file":
            return _of_file(settings.file, make=settings.make)
        case "environment":
            return MasterKeyBytes(_checked(_of_variable(settings.variable, environment), settings.variable))
        case "command":
            return MasterKeyBytes(
                _checked(_of_command(settings.command, environment), "the command's output")
            )


def _of_file(file: Path | None, *, make: bool) -> MasterKeyBytes:
    if file is None:
        raise SettingsError("No file is named for the master key.", "Set encryption.master_key.file.")
    try:
        handle = os.open(file, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        if make:
            return _made(file)
        raise SettingsError(
            f"The master key's file {file} is not there.",
            "Put it back: what is sealed in the database cannot be read without it. " + _MAKE_ONE,
        ) from None
    except OSError as error:
        raise SettingsError(
            f"The master key's file {file}: {error.strerror}.", "See its permissions."
        ) from None
    try:
        _refuse_others(file, os.fstat(handle))
        return MasterKeyBytes(_checked(os.read(handle, 1_024), str(file)))
    finally:
        os.close(handle)


def _refuse_others(file: Path, info: os.stat_result) -> None:
    """Only we may read it; or our group, where root has laid it there for us, as a cluster's secrets are."""
    if os.name != "posix":
        return
    if not stat.S_ISREG(info.st_mode):
        raise SettingsError(f"The master key's file {file} is not a plain file.", "Name another one.")
    if info.st_uid not in (0, os.geteuid()):
        raise SettingsError(f"The master key's file {file} belongs to somebody else.", f"chown it: {file}")
    is_lent = info.st_uid == 0 and os.geteuid() != 0
    if stat.S_IMODE(info.st_mode) & (0o037 if is_lent else 0o077):
        raise SettingsError(f"Others may read the master key's file {file}.", f"Run: chmod 600 {file}")


def _made(file: Path) -> MasterKeyBytes:
    """A new key in a new file that only its owner may read, on disk when this returns."""
    key = secrets.token_bytes(KEY_BYTES)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as opened:
            opened.write(base64.b64encode(key) + b"\n")
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:
        raise SettingsError(
            f"The master key's file {file}: {error.strerror}.", "Name another place."
        ) from None
    return MasterKeyBytes(key, made=file)


def _of_variable(name: str, environment: Mapping[str, str]) -> bytes:
    value = environment.get(name, "") if name else ""
    if not value:
        raise SettingsError(f"The master key's variable {name or '(no name)'} is not set.", _MAKE_ONE)
    return value.encode("utf-8", "surrogateescape")


def _of_command(command: tuple[str, ...], environment: Mapping[str, str]) -> bytes:
    if not command:
        raise SettingsError("No command is named for the master key.", "Set encryption.master_key.command.")
    try:
        done = subprocess.run(  # the operator's own command, without a shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environment),
            timeout=COMMAND_TIME_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired, ValueError):
        raise SettingsError(
            f"The master key's command {command[0]} could not be run, or took too long.", "Run it by hand."
        ) from None
    if done.returncode:
        raise SettingsError(
            f"The master key's command {command[0]} ended with code {done.returncode}.", "Run it by hand."
        )
    return done.stdout


def _checked(text: bytes, origin: str) -> bytes:
    """32 bytes, as hex, as base64, or as they are."""
    key = _decoded(text)
    if key is None:
        raise SettingsError(f"What {origin} holds is no master key of {KEY_BYTES} bytes.", _MAKE_ONE)
    if key in _KNOWN or len(set(key)) < 8 or key[:16] == key[16:]:
        raise SettingsError(f"The master key in {origin} is one that anybody would guess.", _MAKE_ONE)
    return key


def _decoded(text: bytes) -> bytes | None:
    if len(text) == KEY_BYTES:
        return text
    word = text.strip()
    if len(word) == 2 * KEY_BYTES:
        try:
            return bytes.fromhex(word.decode("ascii"))
        except ValueError:
            return None
    try:
        key = base64.b64decode(
            word.translate(bytes.maketrans(b"-_", b"+/")) + b"=" * (-len(word) % 4), validate=True
        )
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None
