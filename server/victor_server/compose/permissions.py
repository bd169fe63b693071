"""Builds the permissions of a person for commands that run no agent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from victor_server.agent.permissions.permissions import RulePermissions
from victor_server.compose.restrictions import read_restrictions
from victor_server.policy.private_files import PrivateFiles
from victor_server.remote.journal import open_journal
from victor_server.settings.load import resolve
from victor_server.settings.profiles import Mode


@dataclass(frozen=True, slots=True)
class Permissions:
    """The permissions, and what decides beside the rules."""

    rules: RulePermissions
    private: PrivateFiles
    home: Path
    mode: Mode


def open_permissions(environment: Mapping[str, str], mode: Mode | None = None) -> Permissions:
    """The permissions of a person in `mode`, in that of profiles.yaml with None. Raises SettingsError without a home."""
    settings = resolve(environment=environment).settings
    read, decided = read_restrictions(settings.home, environment)
    chosen: Mode = mode or read.profiles.mode
    private = PrivateFiles(decided.policy.private_paths)
    held: Callable[[], Mode] = lambda: chosen  # noqa: E731 - a constant, where a chat has something that changes
    rules = RulePermissions(settings.home, open_journal(settings), held, private)
    return Permissions(rules, private, settings.home, chosen)
