"""Which folders are trusted: closed by default, by real path, the nearest word counts."""

import json
import os
import sys
import threading
from pathlib import Path

import pytest

from victor_server.errors import SettingsError, UsageError
from victor_server.settings.trust import FILE_NAME, TrustStore

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="modes and links of POSIX")


@pytest.fixture
def store(tmp_path: Path) -> TrustStore:
    """A store in a home of its own."""
    return TrustStore(tmp_path / "home")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with a folder inside."""
    made = tmp_path / "work" / "inside"
    made.mkdir(parents=True)
    return made.parent


def test_nothing_is_trusted_by_default(store: TrustStore, folder: Path) -> None:
    """Without a word of the person there is no trust, and asking writes nothing."""
    assert not store.is_trusted(folder)
    assert "nobody has said" in store.why(folder)
    assert store.listed() == []
    assert not (folder.parent / "home").exists()


def test_trust_holds_for_what_lies_inside_and_for_other_processes(store: TrustStore, folder: Path) -> None:
    """A trusted folder's insides are trusted; another store on the same home sees it."""
    store.set(folder, True)
    other = TrustStore(folder.parent / "home")
    assert other.is_trusted(folder)
    assert other.is_trusted(folder / "inside")
    assert not other.is_trusted(folder.parent)
    assert "as part of" in other.why(folder / "inside")


def test_a_name_that_only_begins_alike_is_not_inside(store: TrustStore, folder: Path) -> None:
    """`work-evil` is not part of `work`."""
    evil = folder.with_name("work-evil")
    evil.mkdir()
    store.set(folder, True)
    assert not store.is_trusted(evil)


def test_the_nearest_word_counts(store: TrustStore, folder: Path) -> None:
    """Trust taken back for a folder inside a trusted one stays taken back; the one around stays trusted."""
    store.set(folder, True)
    store.set(folder / "inside", False)
    assert store.is_trusted(folder)
    assert not store.is_trusted(folder / "inside")
    store.set(folder / "inside", True)
    assert store.is_trusted(folder / "inside")


def test_taking_back_leaves_no_entry(store: TrustStore, folder: Path) -> None:
    """What nobody trusts needs no entry."""
    store.set(folder, True)
    store.set(folder, False)
    assert store.listed() == []
    assert not store.is_trusted(folder)


@posix_only
def test_links_are_followed_both_ways(store: TrustStore, folder: Path) -> None:
    """A link to a trusted folder is trusted; a link inside a trusted one that leads out is not."""
    link = folder.parent / "link"
    link.symlink_to(folder)
    outside = folder.parent / "outside"
    outside.mkdir()
    (folder / "out").symlink_to(outside)
    store.set(link, True)
    assert store.is_trusted(folder)
    assert store.is_trusted(link)
    assert not store.is_trusted(folder / "out")


def test_a_moved_folder_takes_no_trust_with_it(store: TrustStore, folder: Path) -> None:
    """Trust is of a place; and another folder put there is another one."""
    store.set(folder, True)
    moved = folder.with_name("moved")
    folder.rename(moved)
    assert not store.is_trusted(moved)
    assert not store.is_trusted(folder)
    folder.mkdir()  # `moved` still exists, so this one cannot have its number
    assert not store.is_trusted(folder)
    assert "another folder" in store.why(folder)
    assert [entry.trusted for entry in store.listed()] == [False]


def test_a_folder_that_came_back_is_trusted_again(store: TrustStore, folder: Path) -> None:
    """The same folder at the same place is what was trusted."""
    store.set(folder, True)
    moved = folder.rename(folder.with_name("moved"))
    moved.rename(folder)
    assert store.is_trusted(folder)


def test_only_folders_can_be_trusted(store: TrustStore, folder: Path) -> None:
    """A file, a missing folder and the whole file system are refused in words."""
    file = folder / "file"
    file.write_text("x")
    for wrong in (file, folder / "missing", Path(folder.anchor)):
        with pytest.raises(UsageError):
            store.set(wrong, True)


def test_trust_in_a_missing_folder_can_be_taken_back(store: TrustStore, folder: Path) -> None:
    """A folder that is gone can still be forgotten."""
    store.set(folder / "inside", True)
    (folder / "inside").rmdir()
    store.set(folder / "inside", False)
    assert store.listed() == []


@posix_only
def test_the_store_is_for_its_owner_alone(store: TrustStore, folder: Path) -> None:
    """Mode 0600; and a store that others may write is not believed."""
    store.set(folder, True)
    file = folder.parent / "home" / FILE_NAME
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o666)
    assert not store.is_trusted(folder)
    with pytest.raises(SettingsError, match="others than you"):
        store.listed()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        '{"version": 2, "folders": []}',
        '{"version": 1, "folders": [{"path": 3, "trusted": true, "since": "", "number": 0}]}',
        '{"version": 1, "folders": [{"path": "/", "trusted": "yes", "since": "", "number": 0}]}',
        "[" * 100_000,
    ],
)
def test_a_store_that_cannot_be_read_trusts_nobody(store: TrustStore, folder: Path, content: str) -> None:
    """Whatever stands there: closed, told, and not overwritten."""
    store.set(folder, True)
    file = folder.parent / "home" / FILE_NAME
    file.write_text(content)
    assert not store.is_trusted(folder)
    assert FILE_NAME in store.why(folder)
    with pytest.raises(SettingsError):
        store.set(folder, True)
    assert file.read_text() == content


def test_two_writers_lose_nothing(tmp_path: Path) -> None:
    """Each of several processes' words is kept."""
    folders = [tmp_path / f"work{number}" for number in range(8)]
    for each in folders:
        each.mkdir()
    threads = [
        threading.Thread(target=lambda each=each: TrustStore(tmp_path / "home").set(each, True))
        for each in folders
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry.path for entry in TrustStore(tmp_path / "home").listed()] == [
        os.path.realpath(each) for each in folders
    ]
    assert json.loads((tmp_path / "home" / FILE_NAME).read_text())["version"] == 1
