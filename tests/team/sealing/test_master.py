"""The master key: where it comes from, and which keys are none."""

import base64
import os
import secrets
import stat
import sys
from pathlib import Path

import pytest

from victor_server.errors import SettingsError
from victor_server.team.configuration.resolved import MasterKey
from victor_server.team.sealing.master import read_master_key

posix = pytest.mark.skipif(os.name != "posix", reason="this system has no such modes")
KEY = bytes((7 * at + 3) % 251 for at in range(32))


def in_variable(value: str) -> bytes:
    return read_master_key(MasterKey("environment", variable="K"), {"K": value}).key


@posix
def test_a_first_run_makes_one(tmp_path: Path) -> None:
    """The file is its owner's alone; the next start reads the same key and makes nothing."""
    settings = MasterKey("file", file=tmp_path / "home" / "master.key", make=True)
    made = read_master_key(settings, {})
    assert made.made == settings.file
    assert settings.file is not None
    assert stat.S_IMODE(settings.file.stat().st_mode) == 0o600
    again = read_master_key(settings, {})
    assert (again.key, again.key_id, again.made) == (made.key, made.key_id, None)


def test_a_deployment_without_its_key_does_not_start(tmp_path: Path) -> None:
    """Nothing is made up where an operator said where the key is."""
    with pytest.raises(SettingsError, match="is not there"):
        read_master_key(MasterKey("file", file=tmp_path / "master.key"), {})
    assert not list(tmp_path.iterdir())


@posix
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o604])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """Whoever could read it could open the database."""
    file = tmp_path / "master.key"
    file.write_bytes(base64.b64encode(KEY))
    file.chmod(mode)
    with pytest.raises(SettingsError, match="Others may read"):
        read_master_key(MasterKey("file", file=file), {})


@posix
def test_what_is_no_plain_file_is_refused(tmp_path: Path) -> None:
    """A folder holds no key."""
    with pytest.raises(SettingsError, match=r"folder|directory|plain file"):
        read_master_key(MasterKey("file", file=tmp_path), {})


def test_ways_of_writing_it() -> None:
    """Hex, both alphabets of base64, with or without padding, with a line's end."""
    ways = (
        KEY.hex(),
        KEY.hex().upper() + "\n",
        base64.b64encode(KEY).decode(),
        base64.urlsafe_b64encode(KEY).decode().rstrip("=") + "\n",
    )
    assert {in_variable(way) for way in ways} == {KEY}


@pytest.mark.parametrize(
    "value",
    [
        "",
        "short",
        "0" * 64,
        base64.b64encode(bytes(32)).decode(),
        base64.b64encode(b"A" * 32).decode(),
        bytes(range(32)).hex(),
        (KEY[:16] * 2).hex(),
        "0123456789abcdef0123456789abcdef",
        KEY.hex()[:-2],
        base64.b64encode(KEY + b"x").decode(),
        "z" * 64,
    ],
)
def test_keys_that_are_none(value: str) -> None:
    """Too short, too long, all the same, counted up, or out of an example; the message does not repeat it."""
    with pytest.raises(SettingsError) as refused:
        in_variable(value)
    assert len(value) < 6 or value not in f"{refused.value.message} {refused.value.fix}"


def test_a_command_tells_it() -> None:
    """Its output is the key; it runs without a shell, with the environment that was given."""
    said = "import os; print(os.environ['HELD'])"
    command = MasterKey("command", command=(sys.executable, "-c", said))
    environment = {**os.environ, "HELD": KEY.hex()}
    assert read_master_key(command, environment).key == KEY


@pytest.mark.parametrize(
    "command", [(), ("/nowhere/at-all",), (sys.executable, "-c", "import sys; print('told'); sys.exit(3)")]
)
def test_a_command_that_fails(command: tuple[str, ...]) -> None:
    """It is named, and what it said is not."""
    with pytest.raises(SettingsError) as refused:
        read_master_key(MasterKey("command", command=command), dict(os.environ))
    assert "told" not in refused.value.message


def test_a_key_is_not_shown() -> None:
    """Neither by `repr` nor by its name."""
    key = read_master_key(MasterKey("environment", variable="K"), {"K": secrets.token_bytes(32).hex()})
    assert key.key.hex() not in repr(key)
    assert repr(key.key) not in repr(key)
    assert key.key_id not in key.key.hex()
