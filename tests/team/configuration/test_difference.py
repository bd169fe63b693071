"""What changes between two configurations, as the audit log and the operator are told."""

from dataclasses import replace
from pathlib import Path

from victor_server.team.configuration.difference import HIDDEN, changes
from victor_server.team.configuration.resolved import (
    DatabaseSettings,
    LimitSettings,
    MasterKey,
    ModelSettings,
    TeamSettings,
)

BEFORE = TeamSettings(
    home=Path("/h"),
    database=DatabaseSettings("sqlite:///a"),
    master_key=MasterKey("environment", variable="K"),
    models=(ModelSettings("small", "ollama", "s", api_key="old" + "-key"),),
)


def test_values_are_told_by_name_and_secrets_are_not() -> None:
    """Members of lists go by their names; a key that changed is named, its value is not."""
    after = replace(
        BEFORE,
        limits=LimitSettings(calls_at_once=2),
        models=(ModelSettings("small", "ollama", "s", api_key="new" + "-key"),),
    )
    found = {each.name: (each.before, each.after) for each in changes(BEFORE, after)}
    assert found == {"limits.calls_at_once": ("8", "2"), "models.small.api_key": (HIDDEN, HIDDEN)}


def test_what_needs_a_restart_says_so() -> None:
    """The database is opened once; its address is a secret."""
    (change,) = changes(BEFORE, replace(BEFORE, database=DatabaseSettings("sqlite:///b")))
    assert change.needs_restart
    assert (change.before, change.after) == (HIDDEN, HIDDEN)


def test_nothing_changed() -> None:
    """The same is no change."""
    assert not changes(BEFORE, replace(BEFORE, file=Path("/x")))
