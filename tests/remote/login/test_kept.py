"""Where tokens are kept: in a real keyring if there is one, else in a file of one's own; never in two places at once."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked

from victor_server.errors import SettingsError
from victor_server.remote.login.kept import FILE_NAME, Kept, Tokens, open_kept, system_store

TOKENS = Tokens(url="https://victor.example.test", access="a" * 40, expires_s=1.0, refresh="r" * 40)


class Ring(KeyringBackend):
    """A system's keyring. `locked`: its owner does not open it; `forgets`: it takes what it does not keep."""

    __module__ = "keyring.backends.of_tests"
    priority = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # theirs has no types
        self.held: dict[tuple[str, str], str] = {}
        self.is_locked = False
        self.forgets = False

    def get_password(self, service: str, username: str) -> str | None:
        """See `KeyringBackend`."""
        self._look()
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """See `KeyringBackend`."""
        self._look()
        if not self.forgets:
            self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """See `KeyringBackend`."""
        self._look()
        del self.held[service, username]

    def _look(self) -> None:
        if self.is_locked:
            raise KeyringLocked


@pytest.fixture
def ring() -> Iterator[Ring]:
    """The system's keyring, for the time of a test."""
    before, ring = keyring.get_keyring(), Ring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


def test_in_the_keyring(tmp_path: Path, ring: Ring) -> None:
    """There and nowhere else, under the home's name; forgotten for good."""
    kept = open_kept(tmp_path)
    assert kept.place == "the system's keyring"
    kept.write(TOKENS)
    assert open_kept(tmp_path).read() == TOKENS
    assert open_kept(tmp_path / "other").read() is None
    assert list(tmp_path.iterdir()) == []
    kept.forget()
    assert ring.held == {}
    assert kept.read() is None


@pytest.mark.parametrize("fault", ["is_locked", "forgets"])
def test_keyring_that_fails(tmp_path: Path, ring: Ring, fault: str) -> None:
    """What it does not take goes into the file, and the place that is told is the file."""
    setattr(ring, fault, True)
    written = open_kept(tmp_path).write(TOKENS)
    assert written.place == str(tmp_path / FILE_NAME)
    assert open_kept(tmp_path).read() == TOKENS
    open_kept(tmp_path).forget()
    assert open_kept(tmp_path).read() is None


def test_file_becomes_keyring(tmp_path: Path, ring: Ring) -> None:
    """Once there is a keyring the file goes with the next login."""
    Kept(tmp_path, None).write(TOKENS)
    newer = TOKENS.model_copy(update={"access": "b" * 40})
    open_kept(tmp_path).write(newer)
    assert not (tmp_path / FILE_NAME).exists()
    assert open_kept(tmp_path).read() == newer


def test_keyring_that_was_locked_does_not_bring_back_what_is_old(tmp_path: Path, ring: Ring) -> None:
    """Tokens that went into the file while it was locked are newer than those in it: they are read once it opens again."""
    open_kept(tmp_path).write(TOKENS)
    newer = TOKENS.model_copy(update={"refresh": "n" * 40})
    ring.is_locked = True
    open_kept(tmp_path).write(newer)
    ring.is_locked = False
    assert open_kept(tmp_path).read() == newer


def test_without_a_keyring(tmp_path: Path) -> None:
    """The file is its owner's alone; a keyring that keeps nothing, or that is no system's own, is not used."""
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]  # theirs has no types
    try:
        assert system_store() is None
        kept = open_kept(tmp_path)
        kept.write(TOKENS)
    finally:
        keyring.set_keyring(before)
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert kept.read() == TOKENS


@pytest.mark.parametrize("content", ["", "{}", "[]", "\x00", '{"url": "x"', '{"url": "u", "access": 1}'])
def test_file_that_cannot_be_read(tmp_path: Path, content: str) -> None:
    """What is broken asks to log in again, and shows nothing of itself; a login replaces it."""
    kept = Kept(tmp_path, None)
    (tmp_path / FILE_NAME).write_text(content)
    (tmp_path / FILE_NAME).chmod(0o600)
    with pytest.raises(SettingsError, match="read"):
        kept.read()
    assert kept.read_if_any() is None
    kept.write(TOKENS)
    assert kept.read() == TOKENS


def test_file_of_others(tmp_path: Path) -> None:
    """A file that others may write, or a link, is not believed."""
    kept = Kept(tmp_path, None)
    kept.write(TOKENS)
    (tmp_path / FILE_NAME).chmod(0o666)
    with pytest.raises(SettingsError):
        kept.read()
    (tmp_path / FILE_NAME).rename(tmp_path / "real")
    (tmp_path / "real").chmod(0o600)
    (tmp_path / FILE_NAME).symlink_to(tmp_path / "real")
    with pytest.raises(SettingsError):
        kept.read()
