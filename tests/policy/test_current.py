"""The policy while Victor runs: what is written anew holds at once, and what is half written closes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from victor_server.errors import SettingsError
from victor_server.policy.current import CurrentPolicy
from victor_server.policy.current_private_files import CurrentPrivateFiles
from victor_server.policy.policy import Policy


class Person:
    """Somebody with one file, and how often it was read; in it stand private paths, or `off` for offline."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "file.yaml"
        self.n_read = 0
        self.broken = False

    def read(self) -> Policy:
        """The policy that the file comes to."""
        self.n_read += 1
        if self.broken:
            raise SettingsError("It cannot be read.")
        words = self.file.read_text("utf-8").split() if self.file.exists() else []
        return Policy(offline="off" in words, private_paths=tuple(word for word in words if word != "off"))


@pytest.fixture
def person(tmp_path: Path) -> Person:
    """Somebody who has written nothing."""
    return Person(tmp_path)


def test_nothing_is_read_twice_without_need(person: Person) -> None:
    """Whoever asks a thousand times has the file read once."""
    person.file.write_text("on", encoding="utf-8")
    current = CurrentPolicy([person.file], person.read)
    assert not any(current.now().offline for _ in range(1000))
    assert person.n_read == 1


def test_a_change_holds_at_once_and_is_told(person: Person) -> None:
    """In both directions; a file that only was touched is no change to tell."""
    told: list[Policy] = []
    current = CurrentPolicy([person.file], person.read, told.append)
    assert not current.now().offline
    person.file.write_text("off", encoding="utf-8")
    assert current.now().offline
    person.file.write_text("on then", encoding="utf-8")
    assert not current.now().offline
    person.file.write_text("on then", encoding="utf-8")
    current.now()
    assert [policy.offline for policy in told] == [True, False]


def _empty(file: Path) -> None:
    file.write_bytes(b"")


@pytest.mark.parametrize("lose", [_empty, Path.unlink])
def test_a_file_that_is_just_written_closes(lose: Callable[[Path], None], person: Person) -> None:
    """Editors empty a file or move it away before they write it: what it restricts must not open meanwhile."""
    person.file.write_text("off *.sql !a.sql", encoding="utf-8")
    current = CurrentPolicy([person.file], person.read)
    private = CurrentPrivateFiles(current)
    assert current.now().closed == ""
    lose(person.file)
    assert current.now().offline
    assert str(person.file) in current.now().closed
    assert private.why("a.sql")
    person.file.write_text("on", encoding="utf-8")
    assert not current.now().offline


def test_what_cannot_be_read_any_more_closes(person: Person) -> None:
    """Nothing but this machine, for the reason that reading has; private files stay private."""
    person.file.write_text("*.sql", encoding="utf-8")
    current = CurrentPolicy([person.file], person.read)
    private = CurrentPrivateFiles(current)
    assert not current.now().offline
    person.broken = True
    person.file.write_text("*.sql  ", encoding="utf-8")
    assert (current.now().offline, current.now().closed) == (True, "It cannot be read.")
    assert private.why("schema.sql")


def test_a_file_that_becomes_private_is_private_at_once(person: Person) -> None:
    """The patterns are those of now."""
    private = CurrentPrivateFiles(CurrentPolicy([person.file], person.read))
    assert private.why("customers/list.txt") == ""
    person.file.write_text("customers/", encoding="utf-8")
    assert "customers/" in private.why("customers/list.txt")
