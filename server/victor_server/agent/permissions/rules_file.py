"""Reads `permissions.yaml`: what is right is kept, what is wrong is told with its line and closes."""

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from victor_server.agent.permissions.model import Rule
from victor_server.agent.permissions.patterns import command_pattern
from victor_server.agent.permissions.ruleset import Listed, Source
from victor_server.errors import UsageError
from victor_server.settings.home import may_exist
from victor_server.settings.layer import Problem
from victor_server.settings.own_file import read_own
from victor_server.settings.yaml_text import NotReadable, as_written, read_document

FILE_NAME = "permissions.yaml"
WORKSPACE_FILE = ".victor/permissions.yaml"
MAX_BYTES = 256_000
MAX_RULES = 1_000
_NAMES = ("tool", "decision", "path", "command", "url")
_DECISIONS = ("allow", "ask", "deny")
_LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class ReadRules:
    """The rules of a file, and what is wrong in it.

    `closed`, a sentence, is not empty where something in it cannot be understood: it may have been a restriction. Then
    the rules that allow are left out.
    """

    rules: tuple[Listed, ...] = ()
    problems: tuple[Problem, ...] = ()
    closed: str = ""


def read_rules(home: Path) -> ReadRules:
    """What VICTOR_HOME/permissions.yaml says; without the file nothing. Raises nothing."""
    return _read(home / FILE_NAME, FILE_NAME, "file", is_own=True)


def read_workspace_rules(root: Path) -> ReadRules:
    """What a workspace's own file says: it may only ask and deny. Raises nothing."""
    read = _read(root / WORKSPACE_FILE, WORKSPACE_FILE, "workspace", is_own=False)
    problems = [
        Problem(
            str(root / WORKSPACE_FILE),
            _line_of(each),
            "a workspace's own rules may only ask and deny",
        )
        for each in read.rules
        if each.rule.decision == "allow"
    ]
    stricter = tuple(each for each in read.rules if each.rule.decision != "allow")
    return ReadRules(stricter, (*read.problems, *problems), read.closed)


def _line_of(each: Listed) -> int | None:
    number = each.place.rpartition(" ")[2]
    return int(number) if number.isdigit() else None


def check_rule(rule: Rule) -> Rule:
    """The rule, if it is one that could stand in the file. Raises UsageError."""
    written = {name: value for name in _NAMES if (value := getattr(rule, name)) is not None}
    reading = _Reading("", "", "answer")
    reading.rule(written, None)
    if reading.problems:
        raise UsageError(f"This is no rule: {reading.problems[0].message}.", "See docs/permissions.md.")
    return rule


def _read(file: Path, name: str, source: Source, *, is_own: bool) -> ReadRules:
    if not may_exist(file):
        return ReadRules()
    try:
        text = _text_of(file, is_own=is_own)
        values, lines = _document(text)
    except NotReadable as error:
        return _closed(file, name, error.line, error.message)
    except UnicodeDecodeError:
        return _closed(file, name, None, "cannot be read: it is not UTF-8")
    except OSError as error:
        return _closed(file, name, None, f"cannot be read: {error.strerror or 'an error of the system'}")
    reading = _Reading(str(file), name, source)
    reading.all(values, lines)
    if not reading.problems:
        return ReadRules(tuple(reading.rules))
    stricter = tuple(each for each in reading.rules if each.rule.decision != "allow")
    return ReadRules(stricter, tuple(reading.problems), _why_closed(name, reading.problems[0]))


def _text_of(file: Path, *, is_own: bool) -> str:
    if is_own:
        data = read_own(file, MAX_BYTES + 1, follow=True)
    else:
        if not stat.S_ISREG(file.stat().st_mode):
            raise OSError(0, "it is not a plain file")
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise OSError(0, f"it is larger than {MAX_BYTES:,} bytes")
    return data.decode("utf-8")


def _closed(file: Path, name: str, line: int | None, message: str) -> ReadRules:
    problem = Problem(str(file), line, message, restricts=True)
    return ReadRules((), (problem,), _why_closed(name, problem))


def _why_closed(name: str, problem: Problem) -> str:
    line = "" if problem.line is None else f", line {problem.line}"
    return f"{name}{line}: {problem.message}; until that is mended all but reading is asked for."


def _document(text: str) -> tuple[Mapping[str, Any], Mapping[str, list[int]]]:
    """What stands under each name, and the lines of what is in its list. Raises NotReadable."""
    import yaml  # loaded with the first file that is there

    document = read_document(text)
    for way in document.twice:
        raise NotReadable(f"{as_written(way[-1])} stands here twice", document.lines.get(way))
    try:
        top = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:  # what `${…}` hides from YAML: no rule needs it
        raise NotReadable("this is not YAML") from None
    lines = {
        str(key.value): [item.start_mark.line + 1 for item in value.value]
        for key, value in (top.value if isinstance(top, yaml.MappingNode) else ())
        if isinstance(value, yaml.SequenceNode)
    }
    return {as_written(str(name)): value for name, value in document.values.items()}, lines


@dataclass(slots=True)
class _Reading:
    source: str
    name: str
    kind: Source
    rules: list[Listed] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def all(self, values: Mapping[str, Any], lines: Mapping[str, list[int]]) -> None:
        """Every rule of a document."""
        for name in values:
            if name != "rules":
                self._tell(None, f"{name[:80]!r} is no name that belongs here; rules stand under `rules`")
        written = values.get("rules")
        if written is None:
            return
        if not isinstance(written, list):
            self._tell(None, "rules must be a list")
            return
        if len(written) > MAX_RULES:
            self._tell(None, f"these are more than {MAX_RULES:,} rules")
        places = lines.get("rules", [])
        for number, each in enumerate(written[:MAX_RULES]):
            line = places[number] if number < len(places) else None
            rule = self.rule(each, line)
            if rule is not None:
                self.rules.append(Listed(rule, self.kind, f"{self.name}, line {line}"))

    def rule(self, written: object, line: int | None) -> Rule | None:
        """One of them; None, and told, for what is none."""
        if not isinstance(written, dict):
            self._tell(line, "a rule must hold tool, decision, and a path, command or url")
            return None
        wrong = list(_wrong(written))
        for message in wrong:
            self._tell(line, message)
        if wrong:
            return None
        texts = {name: as_written(written[name]) for name in _NAMES if written.get(name) is not None}
        decision = written["decision"]
        return Rule(texts["tool"], decision, texts.get("path"), texts.get("command"), texts.get("url"))

    def _tell(self, line: int | None, message: str) -> None:
        self.problems.append(Problem(self.source, line, message, restricts=True))


def _wrong(written: Mapping[Any, Any]) -> Iterator[str]:
    """What is wrong with a rule, thing by thing."""
    for name in written:
        if name not in _NAMES:
            yield f"{str(name)[:80]!r} is no part of a rule"
    for name in _NAMES:
        value = written.get(name)
        if value is None and name in ("tool", "decision"):
            yield f"{name} is missing"
        elif value is not None and (not isinstance(value, str) or not value.strip() or len(value) > _LONGEST):
            yield f"{name} must be a text"
            return
    if written.get("decision") not in (*_DECISIONS, None):
        yield "decision must be allow, ask or deny"
    if len([name for name in ("path", "command", "url") if written.get(name) is not None]) > 1:
        yield "a rule is for a path, a command or a url: only one of them"
    command, path = written.get("command"), written.get("path")
    if isinstance(command, str) and command_pattern(as_written(command)) is None:
        yield "command must be the words of one command, with quotes around what is not a word"
    if isinstance(path, str) and path.startswith("!"):
        yield "a path cannot take back another rule: write a rule of its own below it"
