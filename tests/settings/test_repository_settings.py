"""A repository's own `.victor/settings.yaml`: only where it is trusted, and no more than an editor may set."""

import sys
from pathlib import Path

import pytest

from victor_server.settings.load import REPOSITORY_FILE, Resolved, resolve
from victor_server.settings.trust import TrustStore


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with settings of its own, which nobody trusts."""
    folder = tmp_path / "work"
    (folder / ".victor").mkdir(parents=True)
    write(folder, "index: {exclude: [vendor/]}\nsecrets: {on_open: false}\n")
    return folder


def write(folder: Path, text: str) -> None:
    """Its settings."""
    (folder / REPOSITORY_FILE).write_text(text)


def load(folder: Path, **environment: str) -> Resolved:
    """The settings in that folder; VICTOR_HOME lies beside it."""
    return resolve(environment={"VICTOR_HOME": str(folder.parent / "home")} | environment, folder=folder)


def trust(folder: Path) -> None:
    """A person's word."""
    TrustStore(folder.parent / "home").set(folder, True)


def test_without_trust_it_is_not_read(repository: Path) -> None:
    """Not even to say what is wrong in it."""
    write(repository, "{ nonsense")
    resolved = load(repository)
    assert resolved.settings.index.exclude == ()
    assert resolved.problems == ()


def test_with_trust_it_counts(repository: Path) -> None:
    """With its file as the source."""
    trust(repository)
    resolved = load(repository)
    assert resolved.settings.index.exclude == ("vendor/",)
    assert resolved.settings.secrets.on_open is False
    assert resolved.sources["index.exclude"] == str(repository / REPOSITORY_FILE)
    TrustStore(repository.parent / "home").set(repository, False)
    assert load(repository).settings.index.exclude == ()


def test_it_lies_over_the_persons_file_and_below_the_environment(repository: Path) -> None:
    """As the order in the manual says."""
    trust(repository)
    (repository.parent / "home" / "settings.yaml").write_text("index: {exclude: [mine/], workers: 3}\n")
    assert load(repository).settings.index.exclude == ("vendor/",)
    assert load(repository).settings.index.workers == 3
    assert load(repository, VICTOR_INDEX_EXCLUDE="env/").settings.index.exclude == ("env/",)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("home: /tmp", "home"),
        ("network: {allowed_hosts: [example.org]}", "network.allowed_hosts"),
        ("network: {private_paths: []}", "network.private_paths"),
        ("budget: {day_usd: 1000000}", "budget.day_usd"),
        ("audit: {enabled: false}", "audit.enabled"),
        ("index: {folder: /tmp/elsewhere}", "index.folder"),
    ],
)
def test_it_opens_nothing_and_restricts_nothing(repository: Path, text: str, name: str) -> None:
    """What an editor may not set, a repository may not; and its mistakes close no network."""
    trust(repository)
    write(repository, text + "\n")
    resolved = load(repository)
    home = repository.parent / "home"
    assert resolved.settings == resolve(environment={"VICTOR_HOME": str(home)}).settings
    assert [(each.message, each.line, each.restricts) for each in resolved.problems] == [
        (f"{name} cannot be set here", 1, False)
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_no_link_is_followed(repository: Path) -> None:
    """A repository's file is its own, not one of the person's."""
    trust(repository)
    (repository.parent / "other.yaml").write_text("index: {exclude: [stolen/]}\n")
    (repository / REPOSITORY_FILE).unlink()
    (repository / REPOSITORY_FILE).symlink_to(repository.parent / "other.yaml")
    resolved = load(repository)
    assert resolved.settings.index.exclude == ()
    assert [each.message for each in resolved.problems] == ["cannot be read: symlink"]
