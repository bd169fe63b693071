"""Keeps the rules current: what is written while Victor runs holds from the next question on."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from victor_server.agent.permissions.answers import AnswerStore
from victor_server.agent.permissions.rules_file import (
    FILE_NAME,
    WORKSPACE_FILE,
    ReadRules,
    read_rules,
    read_workspace_rules,
)
from victor_server.agent.permissions.ruleset import DEFAULTS, Listed, Ruleset
from victor_server.errors import SettingsError
from victor_server.settings.layer import Problem
from victor_server.settings.stamp import GONE, Stamp, stamp_of


@dataclass(slots=True)
class _Known:
    stamp: Stamp
    read: ReadRules


class CurrentRules:
    """The rules of one person. May be used from several threads.

    A file that held rules and is gone or cannot be read closes: what it asked for and denied stays so, and all but
    reading is asked for until it can be read again.
    """

    def __init__(self, home: Path, is_trusted: Callable[[Path], bool]) -> None:
        self.answers = AnswerStore(home)
        self._home = home
        self._is_trusted = is_trusted
        self._known: dict[Path, _Known] = {}
        self._lock = threading.Lock()

    def of(self, root: Path | None) -> Ruleset:
        """The rules for a workspace; for none those that hold everywhere. Asks the disk; never raises."""
        own = self._own()
        workspace = self._workspace(root)
        answers, trouble = self._answered()
        rules = (*DEFAULTS, *own.rules)
        return Ruleset(rules, workspace.rules, answers, own.closed or workspace.closed or trouble)

    def problems(self, root: Path | None) -> Sequence[Problem]:
        """What is wrong in what was written."""
        _, trouble = self._answered()
        told = [Problem(str(self.answers.file), None, trouble, restricts=True)] if trouble else []
        return (*self._own().problems, *self._workspace(root).problems, *told)

    def _own(self) -> ReadRules:
        return self._read(self._home / FILE_NAME, lambda: read_rules(self._home))

    def _workspace(self, root: Path | None) -> ReadRules:
        if root is None or stamp_of(root / WORKSPACE_FILE) == GONE or not self._is_trusted(root):
            return ReadRules()
        return self._read(root / WORKSPACE_FILE, lambda: read_workspace_rules(root))

    def _answered(self) -> tuple[Sequence[Listed], str]:
        try:
            return self.answers.listed(), ""
        except SettingsError as error:
            return (), f"{error.message} Until that is mended all but reading is asked for."

    def _read(self, file: Path, read: Callable[[], ReadRules]) -> ReadRules:
        with self._lock:
            # First the stamp: what changes while it is read is seen the next time.
            stamp = stamp_of(file)
            known = self._known.get(file)
            if known is not None and known.stamp == stamp:
                return known.read
            made = read() if stamp != GONE or known is None else _lost(file)
            if made.closed and known is not None:
                stricter = tuple(each for each in known.read.rules if each.rule.decision != "allow")
                made = ReadRules(tuple(dict.fromkeys((*stricter, *made.rules))), made.problems, made.closed)
            if stamp != GONE or known is not None:
                self._known[file] = _Known(stamp, made)
            return made


def _lost(file: Path) -> ReadRules:
    message = "it is gone or empty, and was not when Victor began"
    closed = f"{file.name}: {message}; until it is there again all but reading is asked for."
    return ReadRules((), (Problem(str(file), None, message, restricts=True),), closed)
