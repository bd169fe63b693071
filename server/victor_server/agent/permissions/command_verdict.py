"""Judges a command line: each command in it, the files that it names, and what could not be understood."""

import fnmatch
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from victor_server.agent.permissions.command_line import (
    Command,
    parse_command,
    without_options_of_git,
)
from victor_server.agent.permissions.model import JudgedCommand, Rule
from victor_server.agent.permissions.patterns import command_pattern
from victor_server.agent.permissions.places import is_harmless_device, paths_of, printable
from victor_server.agent.permissions.shell_words import Word
from victor_server.agent.permissions.spoken import FLOOR, Judge, Spoken, strictest
from victor_server.agent.permissions.wrappers import name_of
from victor_server.policy.private_files import ALWAYS_PRIVATE

HARMLESS_VARIABLES = frozenset(
    {
        "CI",
        "NO_COLOR",
        "FORCE_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "TZ",
        "COLUMNS",
    }
    | {"LINES", "TERM", "RUST_BACKTRACE", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "NODE_ENV"}
)
"""Variables that change how a program speaks and not what it runs."""

_NO_FILES = frozenset(
    {"echo", "printf", "true", "false", ":", "test", "[", "exit", "return", "expr", "seq", "sleep"}
)
_WRITERS = frozenset(
    {
        "tee",
        "cp",
        "mv",
        "ln",
        "install",
        "dd",
        "touch",
        "mkdir",
        "rm",
        "rmdir",
        "unlink",
        "shred",
        "truncate",
        "chmod",
    }
    | {
        "chown",
        "chgrp",
        "rsync",
        "patch",
        "sponge",
        "setfacl",
        "chattr",
        "mkfifo",
        "mknod",
        "sed",
        "perl",
        "unzip",
    }
)
_CHANGES_FOLDER = frozenset({"cd", "pushd", "popd", "chdir"})
_MOST_FOLDERS = 12
_LONGEST = 4_000
_LONGEST_NAME = 100
_MOST_PARTS = 60
_NAMES_OF_PRIVATE = tuple(
    pattern.rpartition("/")[2].replace("*", "")
    for pattern in ALWAYS_PRIVATE
    if not pattern.startswith(("!", "*"))
)
_ORDER = {"allow": 0, "ask": 1, "deny": 2}


@dataclass(frozen=True, slots=True)
class _Judged:
    command: Command
    said: Spoken
    is_exact: bool = False


def judge_command(judge: Judge, line: str, folder: str) -> tuple[list[Spoken], tuple[JudgedCommand, ...]]:
    """What is said of a line that would run in `folder`, and of each command in it."""
    parsed = parse_command(line)
    folders = _folders(parsed.commands, folder)
    judged = [_one(judge, command, folders) for command in parsed.commands]
    lifted = [_lifted(each, judged) for each in judged]
    spoken = [each.said for each in lifted]
    spoken += [
        Spoken("ask", f"It is not understood for sure: {why}.", FLOOR, is_final=True)
        for why in parsed.unclear
    ]
    if len(folders) > _MOST_FOLDERS:
        spoken.append(Spoken("ask", "It goes through too many folders.", FLOOR, is_final=True))
    spoken += _of_folder(judge, folder)
    if not spoken:
        spoken.append(Spoken("ask", "There is no command in it.", FLOOR, is_final=True))
    shown = [each for each in lifted if each.command.how != "guess" or each.said.decision == "deny"]
    commands = (
        JudgedCommand(each.command.argv, each.said.decision, each.said.rule)
        for each in shown
        if each.command.argv
    )
    return spoken, tuple(commands)


def _of_folder(judge: Judge, folder: str) -> Iterator[Spoken]:
    """Where it would run: outside of the workspace that is a question of its own."""
    said = judge.for_tool("list_dir", "read").of_path(folder, changes=False)
    if said.decision != "allow":
        yield said


def _lifted(each: _Judged, judged: Sequence[_Judged]) -> _Judged:
    """A rule that spells out a command wholly holds for what that command runs as well, but lifts no deny."""
    within = each.command.within
    while within is not None:
        outer = judged[within]
        if outer.is_exact and outer.said.decision == "allow" and each.said.decision == "ask":
            return replace(each, said=replace(outer.said, is_final=False))
        within = outer.command.within
    return each


def _one(judge: Judge, command: Command, folders: Sequence[str]) -> _Judged:
    said, is_exact = _by_rules(judge, command)
    found = [said, *_of_files(judge, command, folders)]
    if command.how == "guess":
        denied = [each for each in found if each.decision == "deny"]
        return _Judged(command, strictest(denied) if denied else _allowed("it may not run at all"))
    found += _doubts(command, is_exact=is_exact)
    if said.decision == "allow":
        found += _elsewhere(judge, command, folders)
    if command.how == "wrapper" and said.decision == "ask" and said.source == "default":
        found[0] = _allowed("judged by what it runs")
    return _Judged(command, strictest(found), is_exact)


def _allowed(why: str) -> Spoken:
    return Spoken("allow", why, why, "none")


def _by_rules(judge: Judge, command: Command) -> tuple[Spoken, bool]:
    """What the rules say of its words, and whether a rule that allows it has spelled them out wholly."""
    if not command.words:
        return _allowed("it runs nothing"), False
    argv = tuple(word.text for word in command.words)
    said = judge.decided(_fits(argv, command.is_known))
    for other in without_options_of_git(command):
        there = tuple(word.text for word in other.words)
        said = strictest([said, _only_denied(judge.decided(_fits(there, other.is_known)))])
    if said.decision != "allow":
        return said, False
    exact = judge.decided(_fits(argv, command.is_known, exactly=True))
    return said, exact.decision == "allow"


def _only_denied(said: Spoken) -> Spoken:
    return said if said.decision == "deny" else _allowed("no rule denies it")


def _fits(argv: Sequence[str], is_known: bool, *, exactly: bool = False) -> Callable[[Rule], bool]:
    def fits(rule: Rule) -> bool:
        if rule.path is not None or rule.url is not None:
            return False
        if rule.command is None:
            return rule.decision != "allow" or (is_known and not exactly)
        pattern = command_pattern(rule.command)
        if pattern is None:
            return rule.decision != "allow"
        if rule.decision != "allow":
            return pattern.covers(argv)
        return is_known and (pattern.is_exact or not exactly) and pattern.allows(argv)

    return fits


def _doubts(command: Command, *, is_exact: bool) -> Iterator[Spoken]:
    """What nobody's rule can settle, but for one that spells out the command."""
    for name, _ in command.assignments:
        if name not in HARMLESS_VARIABLES:
            yield Spoken("ask", f"It sets {name}, which may change what runs.", FLOOR, is_final=True)
    if not command.is_known:
        yield Spoken("ask", "Not all of its words are known before it runs.", FLOOR, is_final=True)
    if command.unreadable and not is_exact:
        reason = f"Only a rule that spells it out could allow it: {command.unreadable}."
        yield Spoken("ask", reason, FLOOR)


def _elsewhere(judge: Judge, command: Command, folders: Sequence[str]) -> Iterator[Spoken]:
    """A rule's `./lint` is the workspace's own: by the same words another program runs in another folder."""
    name = command.words[0].text if command.words else ""
    is_relative = "/" in name and not name.startswith(("/", "~"))
    if is_relative and any(folder != judge.places.root for folder in folders):
        reason = f"It does not run in the workspace's own folder, so {printable(name[:_LONGEST_NAME])} is another program."
        yield Spoken("ask", reason, FLOOR, is_final=True)


def _of_files(judge: Judge, command: Command, folders: Sequence[str]) -> Iterator[Spoken]:
    """What the rules of files say of redirections, and of words that may be files."""
    edit, read = judge.for_tool("edit_file", "edit"), judge.for_tool("read_file", "read")
    for file in command.files:
        paths = [path for folder in folders for path in paths_of(file.target.text, folder)]
        for path in paths:
            if not is_harmless_device(path):
                yield (edit if file.writes else read).of_path(path, changes=file.writes)
    name = name_of(command.words[0].text) if command.words else ""
    if name in _NO_FILES:
        return
    words = [*_that_may_be_files(name, command.words[1:]), *(value for _, value in command.assignments)]
    if command.words and "/" in command.words[0].text:
        words.append(command.words[0])
    if name in _CHANGES_FOLDER:
        words += [Word(text, text) for text in _targets([word.text for word in command.words])]
    if any(
        len(word.text) > _LONGEST or len(re.findall(r"[=:@,]", word.text)) > _MOST_PARTS for word in words
    ):
        yield Spoken("ask", "It has words that are too long to be looked into.", FLOOR, is_final=True)
        words = []
    for text in dict.fromkeys(each for word in words for each in _candidates(word)):
        for path in dict.fromkeys(path for folder in folders for path in paths_of(text, folder)):
            yield from _of_word(judge, read, edit if name in _WRITERS else None, path)


def _of_word(judge: Judge, read: Judge, edit: Judge | None, path: str) -> Iterator[Spoken]:
    """A word may be a file: what denies or asks for the file counts, what allows it is no permission to run."""
    if is_harmless_device(path) or path in _PROGRAM_FOLDERS or posixpath.dirname(path) in _PROGRAM_FOLDERS:
        return
    said = read.of_path(path, changes=False)
    if said.decision != "allow":
        yield said
    if (named := judge.of_named_path(path)) is not None:
        yield named
    if edit is not None:
        said = edit.of_path(path, changes=True)
        if said.decision == "deny":
            yield said
    if why := judge.places.why_asked(path):
        yield Spoken("ask", why, FLOOR, is_final=True)


def _option_targets(texts: Sequence[str]) -> Iterator[str]:
    """Where options say that a program shall work."""
    for at, text in enumerate(texts):
        if text in ("-C", "--chdir", "--directory", "--cwd") and at + 1 < len(texts):
            yield texts[at + 1]
        elif match := re.match(r"(?:--chdir|--directory|--cwd)=(.+)|-C(.+)", text, re.DOTALL):
            yield match[1] or match[2]


def _targets(texts: Sequence[str]) -> list[str]:
    """Where a `cd` leads: home where it names nothing."""
    return [text for text in texts[1:] if not text.startswith("-")] or ["~"]


_PROGRAM_FOLDERS = frozenset({"/bin", "/usr/bin", "/sbin", "/usr/sbin"})


def _that_may_be_files(name: str, words: Sequence[Word]) -> list[Word]:
    """The words without messages of commits, and without the expression that a search looks for."""
    found = list(words)
    if name == "git":
        messages = [at + 1 for at, word in enumerate(words) if re.fullmatch(r"-[a-z]*m|--message", word.text)]
        return [word for at, word in enumerate(words) if at not in messages]
    if name in _SEARCHES and not any(
        re.match(r"-[A-Za-z0-9]*[ef]|--(?:regexp|file)", word.text) for word in words
    ):
        first = next((at for at, word in enumerate(words) if not word.text.startswith("-")), None)
        if first is not None:
            del found[first]
    return found


_SEARCHES = frozenset({"grep", "egrep", "fgrep", "rg", "ag", "ack"})


def _candidates(word: Word) -> Iterator[str]:
    """The files that a word may mean: itself, and what stands behind `=`, `:`, `@`, `,` or the letter of an option."""
    for text in _expansions(word):
        if not text:
            continue
        if not text.startswith("-"):
            yield text
        elif len(text) > 2 and not text.startswith("--"):
            yield from (
                text[at:] for at in range(2, min(len(text), 6))
            )  # the last of several letters may take it
        parts = re.split(r"[=:@,]", text)
        for at in range(1, len(parts)):
            yield parts[at]
        if len(parts) > 1 and not parts[0].startswith("-"):
            yield parts[0]
        if "://" not in text:
            yield from (text[match.end() :] for match in re.finditer(r"[=:@]", text))


def _expansions(word: Word) -> Iterator[str]:
    """The word, and names of private files that its patterns may stand for."""
    yield word.text
    if word.is_known:
        return
    last = word.text.rpartition("/")[2]
    if any(char in last for char in "*?[") and last.strip("*?"):
        lead = word.text[: len(word.text) - len(last)]
        yield from (lead + name for name in _NAMES_OF_PRIVATE if fnmatch.fnmatchcase(name, last))
    if "{" in word.text and (match := re.search(r"\{([^{}]*)\}", word.text)):
        for part in match[1].split(",")[:20]:
            yield word.text[: match.start()] + part + word.text[match.end() :]


def _folders(commands: Sequence[Command], folder: str) -> list[str]:
    """Every folder that the line may be in at some point: each `cd` adds to those before it."""
    found = [folder]
    for command in commands:
        texts = [word.text for word in command.words]
        if texts and name_of(texts[0]) in _CHANGES_FOLDER:
            targets = _targets(texts)
        else:
            targets = list(_option_targets(texts))
        for target in targets:
            there = [path for base in found for path in paths_of(target, base)]
            found = list(dict.fromkeys([*found, *there]))[: _MOST_FOLDERS + 1]
    return found
