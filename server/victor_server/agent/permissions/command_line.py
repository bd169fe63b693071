"""Reads a command line: every simple command in it, with wrappers taken off, and what could not be understood."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from victor_server.agent.permissions.carriers import reads_script_from_input, why_unreadable
from victor_server.agent.permissions.shell_tree import Wide, read_wide
from victor_server.agent.permissions.shell_words import (
    GROUPING,
    NotSimple,
    Redirection,
    Simple,
    Word,
    odd_character,
    raw_words,
    read_simple,
)
from victor_server.agent.permissions.wrappers import name_of, what_it_runs

MAX_CHARACTERS = 16_000
_DEEPEST = 6
_MOST_COMMANDS = 150

_MARKS = re.compile(r"[;&|\n(){}`<>]|\$\(|\b(?:then|do|else|elif|if|while|until)\b")

_QUOTE_IN_EXPANSION = re.compile(r"\$\{[^}]*['\"]")
"""Between double quotes a single one there begins nothing to a shell, but it does to the tree."""
_COMPUTED = re.compile(r"\[\s*(?:\$\(|`)|@P\}|\bPS[0-4]=")
_RUNS = re.compile(
    r"PAGER|EDITOR|COMMAND|SHELL|BROWSER|VISUAL|ASKPASS|LESSOPEN|LESSCLOSE|DIFF|_SSH|WRAPPER|RUNNER|_ENV$|_CMD$|^PS[0-4]$"
)
"""Names of variables whose values programs run."""

_TOO_MUCH = "there is more in it than can be read"

How = Literal["plain", "wrapper", "guess"]


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command. `words` are without quotes, its program first; none where it only assigns or redirects.

    `how`: a `wrapper` does nothing but run the commands after it whose `within` is its number; a `guess` may not run
    at all. `unreadable` says why what it runs cannot be read, as the end of a sentence.
    """

    words: tuple[Word, ...]
    assignments: tuple[tuple[str, Word], ...] = ()
    files: tuple[Redirection, ...] = ()
    how: How = "plain"
    within: int | None = None
    unreadable: str = ""

    @property
    def argv(self) -> tuple[str, ...]:
        """Its words as texts; for one that is not known before it runs, how it stands in the line."""
        return tuple(word.text if word.is_known else word.raw or word.text or "…" for word in self.words)

    @property
    def is_known(self) -> bool:
        """Whether every word is known before it runs."""
        words = (*self.words, *(word for _, word in self.assignments), *(each.target for each in self.files))
        return all(word.is_known for word in words)


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """`unclear` are the ends of sentences that say what was not understood; with any of them nobody may allow it."""

    commands: tuple[Command, ...]
    unclear: tuple[str, ...]


def parse_command(line: str) -> ParsedLine:
    """Read a line as a shell would. Never raises: what cannot be understood is said in `unclear`."""
    reading = _Reading()
    reading.read(line, depth=0, within=None, is_guess=False)
    return ParsedLine(tuple(reading.commands), tuple(dict.fromkeys(reading.unclear)))


@dataclass(slots=True)
class _Reading:
    commands: list[Command] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)

    def read(self, line: str, *, depth: int, within: int | None, is_guess: bool) -> None:
        """Add the commands of a line. What is unclear in a guess is no trouble of the line."""
        unclear: list[str] = []
        if depth > _DEEPEST or len(self.commands) >= _MOST_COMMANDS:
            self.unclear.append(_TOO_MUCH)
            return
        if len(line) > MAX_CHARACTERS:
            self.unclear.append("it is too long")
            return
        if odd := odd_character(line):
            unclear.append(
                f"it holds the character {odd}, which cannot be seen or changes how the line looks"
            )
        wide = read_wide(line)
        simples, trouble = _agreed(line, wide)
        unclear += trouble
        for simple in simples:
            self._add(simple, depth, within, is_guess=is_guess)
        if not trouble and not all(word.is_known for simple in simples for word in simple.words):
            self._look_into_variables(wide, depth, within)
        if trouble:
            for other in _otherwise(line):
                self.read(other, depth=depth + 1, within=within, is_guess=True)
        if wide.is_broken or (trouble and _QUOTE_IN_EXPANSION.search(line)):
            self._read_crudely(line, within)
        if any(simple.words and reads_script_from_input(simple.words) for simple in simples):
            unclear.append("an interpreter is told by its input what to run")
            self._read_input(simples, wide, depth, within)
        if not is_guess:
            self.unclear += unclear

    def _look_into_variables(self, wide: Wide, depth: int, within: int | None) -> None:
        """The tree's reading knows what the line itself has put into a variable."""
        for simple in wide.commands:
            if not all(word.is_known for word in simple.words):
                self._add(simple, depth, within, is_guess=True)

    def _read_crudely(self, line: str, within: int | None) -> None:
        """Of a line that is no shell language to the tree: whatever stands between two marks of a shell."""
        for piece in _MARKS.split(line)[:_MOST_COMMANDS]:
            words = tuple(Word(text, text) for text in re.sub(r"[\\'\"]", "", piece).split())
            if words:
                self._guess(words, within)

    def _read_input(self, simples: Sequence[Simple], wide: Wide, depth: int, within: int | None) -> None:
        """What may be fed to a shell: here-documents, and the words of commands that print them."""
        printed = (" ".join(word.text for word in simple.words[1:]) for simple in simples if _prints(simple))
        for text in (*wide.fed, *printed):
            self.read(text.replace("\\n", "\n"), depth=depth + 1, within=within, is_guess=True)

    def _add(self, simple: Simple, depth: int, within: int | None, *, is_guess: bool) -> None:
        if depth > _DEEPEST or len(self.commands) >= _MOST_COMMANDS:
            self.unclear.append(_TOO_MUCH)
            return
        runs = what_it_runs(simple.words) if simple.words else None
        how: How = "guess" if is_guess else "plain"
        unreadable = why_unreadable(simple.words) if simple.words else ""
        if runs is not None and runs.is_transparent and (runs.commands or runs.scripts) and not is_guess:
            how = "wrapper"
        number = len(self.commands)
        self.commands.append(
            Command(simple.words, simple.assignments, simple.redirections, how, within, unreadable)
        )
        for name, value in simple.assignments:
            if _RUNS.search(name):
                self.read(value.text.lstrip("|! "), depth=depth + 1, within=number, is_guess=True)
        if runs is None:
            return
        for words in runs.commands:
            self._add(Simple(words, runs.assignments), depth + 1, number, is_guess=is_guess)
        for script in runs.scripts:
            if not script.is_known and how == "wrapper":
                self.unclear.append("what it runs is not known before it runs")
            self.read(script.text, depth=depth + 1, within=number, is_guess=is_guess or how != "wrapper")
        for words in runs.guesses:
            self._guess(words, number)

    def _guess(self, words: tuple[Word, ...], within: int | None) -> None:
        """A command that may run, and one more step into it: deeper ones stand among the guesses themselves."""
        if len(self.commands) >= _MOST_COMMANDS:
            self.unclear.append(_TOO_MUCH)
            return
        self.commands.append(Command(words, how="guess", within=within))
        runs = what_it_runs(words)
        for script in runs.scripts if runs is not None else ():
            self.read(script.text, depth=_DEEPEST - 1, within=within, is_guess=True)


def _agreed(line: str, wide: Wide) -> tuple[list[Simple], list[str]]:
    """The commands of a line, and why it is not understood: two readings of it must come to the same words."""
    try:
        strict = read_simple(line)
        raws = raw_words(line)
    except NotSimple as error:
        reasons = wide.statements or (str(error),)
        return list(wide.commands), [f"there is {reason} in it" for reason in reasons]
    if wide.statements or raws != [raw for raw in wide.raws if raw not in GROUPING]:
        reasons = wide.statements or ("something that shells may read in two ways",)
        return [*wide.commands, *strict], [f"there is {reason} in it" for reason in reasons]
    return list(strict), []


def _otherwise(line: str) -> Iterator[str]:
    """What a shell makes of a line where its tree sees something else, or text only."""
    if "\\\n" in line:  # a shell joins what the tree takes for two words
        yield line.replace("\\\n", "")
    if "\\`" in line:  # a substitution in a substitution
        yield line.replace("\\`", "`")
    bare = re.sub(r"['\"]", "", line)
    if bare != line and _COMPUTED.search(line):  # what is quoted is a command still
        yield bare


def _prints(simple: Simple) -> bool:
    return bool(simple.words) and name_of(simple.words[0].text) in ("echo", "printf", "cat")


def without_options_of_git(command: Command) -> Iterator[Command]:
    """The command as it would be without what stands between `git` and its subcommand; nothing for any other."""
    words = command.words
    if not words or name_of(words[0].text) != "git":
        return
    at = 1
    while at < len(words) and words[at].text.startswith("-"):
        at += (
            2
            if words[at].text in ("-c", "-C", "--git-dir", "--work-tree", "--namespace", "--config-env")
            else 1
        )
    if 1 < at < len(words):
        yield replace(command, words=(words[0], *words[at:]))
