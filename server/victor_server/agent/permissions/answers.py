"""Keeps what a person has said "always" to, in VICTOR_HOME: found again, and taken back, at any time."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from victor_server.agent.permissions.model import Decision, Rule
from victor_server.agent.permissions.ruleset import Listed
from victor_server.errors import SettingsError, UsageError
from victor_server.settings.home import create_home
from victor_server.settings.own_file import locked, read_own, replace_own

FILE_NAME = "permission-answers.json"
_FORMAT = 1
_MAX_BYTES = 1_000_000
_MOST = 2_000
_FIX = "Mend or remove that file; then nothing is remembered until you say so again."
_TEXTS = ("id", "tool", "decision", "root", "since")
_OPTIONAL = ("path", "command", "url")


@dataclass(frozen=True, slots=True)
class AnswerStore:
    """The store of one VICTOR_HOME. It is read at each question: another window may have answered meanwhile."""

    home: Path

    @property
    def file(self) -> Path:
        """Where it lies."""
        return self.home / FILE_NAME

    def listed(self) -> list[Listed]:
        """Every answer, oldest first. Raises SettingsError if the store cannot be read."""
        try:
            data = read_own(self.file, _MAX_BYTES + 1)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise SettingsError(f"{self.file}: {error.strerror or 'it cannot be read'}.", _FIX) from error
        try:
            document = json.loads(data)
            if document["version"] != _FORMAT:
                raise SettingsError(
                    f"{self.file} has the format {document['version']!r}.", "Use a newer version of Victor."
                )
            return [_listed(each) for each in document["answers"]]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise SettingsError(f"{self.file} does not hold what it should.", _FIX) from error

    def add(self, rules: Sequence[Rule], root: str) -> list[Listed]:
        """Remember rules, in one workspace or in all with ""; each takes the place of one for the same.

        Raises SettingsError.
        """
        since = datetime.now(UTC).isoformat(timespec="seconds")
        added = [_made(rule, root, since, uuid.uuid4().hex[:8]) for rule in rules]
        create_home(self.home)
        with locked(self.file):
            kept = [each for each in self.listed() if not any(_same(each, other) for other in added)]
            if len(kept) + len(added) > _MOST:
                raise SettingsError(
                    f"More than {_MOST:,} answers are remembered.", "Run `victor permissions forget`."
                )
            self._write([*kept, *added])
        return added

    def forget(self, name: str) -> Listed:
        """Take one answer back, by its id. Raises UsageError if there is no such, and SettingsError."""
        if not self.home.is_dir():
            raise _no_such(name)
        with locked(self.file):
            before = self.listed()
            found = next((each for each in before if each.id == name), None)
            if found is None:
                raise _no_such(name)
            self._write([each for each in before if each.id != name])
        return found

    def _write(self, answers: Sequence[Listed]) -> None:
        document = {"version": _FORMAT, "answers": [_written(each) for each in answers]}
        replace_own(self.file, json.dumps(document, indent=1) + "\n")


def _no_such(name: str) -> UsageError:
    return UsageError(f"No answer has the id {name[:40]!r}.", "`victor permissions` lists them.")


def _same(one: Listed, other: Listed) -> bool:
    first, second = one.rule, other.rule
    parts = (first.tool, first.path, first.command, first.url, one.root)
    return parts == (second.tool, second.path, second.command, second.url, other.root)


def _made(rule: Rule, root: str, since: str, name: str) -> Listed:
    return Listed(rule, "answer", f"your answer {name} of {since[:10]}", root, since, name)


def _written(each: Listed) -> dict[str, str]:
    parts = {"tool": each.rule.tool, "decision": each.rule.decision}
    parts |= {name: value for name in _OPTIONAL if (value := getattr(each.rule, name)) is not None}
    return {"id": each.id, **parts, "root": each.root, "since": each.since}


def _listed(document: Any) -> Listed:
    texts = [document[name] for name in _TEXTS] + [document[name] for name in _OPTIONAL if name in document]
    decision = document["decision"]
    if not all(isinstance(each, str) for each in texts) or decision not in get_args(Decision):
        raise ValueError
    rule = Rule(
        document["tool"], decision, document.get("path"), document.get("command"), document.get("url")
    )
    return _made(rule, document["root"], document["since"], document["id"])
