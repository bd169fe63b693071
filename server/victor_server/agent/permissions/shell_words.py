"""A strict reading of command lines: only what every POSIX shell takes for the same words is read, all else is refused.

It is the second opinion beside the syntax tree. What it reads it reads rightly; loops, functions, substitutions and
here-documents it does not read at all.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

_BLANK = frozenset(" \t")
_OPERATORS = (
    "&>>",
    "<<<",
    "<<-",
    ";;&",
    "&&",
    "||",
    "|&",
    ";;",
    ";&",
    "&>",
    ">>",
    ">&",
    ">|",
    "<<",
    "<&",
    "<>",
)
_SEPARATORS = frozenset({";", "&&", "||", "|", "&", "\n", "(", ")"})
_REDIRECTIONS = frozenset({"<", ">", ">>", ">|", "<>", ">&", "<&"})
_OF_BASH = frozenset({"|&", "&>", "&>>"})
_RESERVED = frozenset(
    [
        "if",
        "then",
        "elif",
        "else",
        "fi",
        "for",
        "while",
        "until",
        "do",
        "done",
        "case",
        "esac",
        "in",
        "function",
        "select",
        "coproc",
        "[[",
        "]]",
        "((",
    ]
)
_ENDS = frozenset(" \t\n;&|<>()")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:\[[^]]*\])?\+?=")
_INVISIBLE = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u034f")
_TAGS = range(0xE0000, 0xE1000)
_SELECTORS = range(0xFE00, 0xFE10)


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `text` is without its quotes; what is not known before it runs is left out of it.

    `is_known`: the shell hands over exactly `text`. `raw` is how it stands in the line.
    """

    text: str
    raw: str
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Redirection:
    """`operator` without its number. Files only: copies of descriptors (`2>&1`) are none."""

    operator: str
    target: Word

    @property
    def writes(self) -> bool:
        """Whether the file may be changed."""
        return self.operator != "<"


@dataclass(frozen=True, slots=True)
class Simple:
    """One simple command: assignments before it, its words, its files."""

    words: tuple[Word, ...] = ()
    assignments: tuple[tuple[str, Word], ...] = ()
    redirections: tuple[Redirection, ...] = ()


class NotSimple(Exception):
    """The line is more than this reads; the message says what, as a thing (`a loop`)."""


def odd_character(text: str) -> str:
    """The first character that nobody sees or that changes how a line looks, by its number; "" for none."""
    for char in text:
        if " " <= char <= "~" or char in "\n\t":
            continue
        number = ord(char)
        kind = unicodedata.category(char)
        odd = kind[0] in "CZ" or char in _INVISIBLE or number in _TAGS or number in _SELECTORS
        if odd:
            return f"U+{number:04X}"
    return ""


def read_simple(line: str) -> tuple[Simple, ...]:
    """The simple commands of a line, in order. Raises NotSimple."""
    return tuple(_commands(_Scanner(line).tokens()))


def split_assignment(word: Word) -> tuple[str, Word] | None:
    """The name and value of a word that assigns, where it stands before a command."""
    match = _ASSIGNMENT.match(word.raw)
    if match is None:
        return None
    rest = word.text[match.end() :] if word.text.startswith(match[0]) else word.text
    return match[1], Word(rest, word.raw[match.end() :], word.is_known)


@dataclass(frozen=True, slots=True)
class _Operator:
    text: str


_Token = Word | _Operator


def _commands(tokens: Sequence[_Token]) -> list[Simple]:
    reading = _Reading()
    at = 0
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if isinstance(token, Word):
            reading.word(token)
        elif token.text in _REDIRECTIONS:
            target = tokens[at] if at < len(tokens) else None
            if not isinstance(target, Word):
                raise NotSimple("a redirection without a file")
            at += 1
            reading.redirect(token.text, target)
        elif token.text in _SEPARATORS:
            reading.separate(token.text)
        elif token.text in _OF_BASH:
            raise NotSimple(f"`{token.text}`, which is not the same for all shells,")
        else:
            raise NotSimple("a here-document" if token.text.startswith("<<") else _STATEMENT)
    return reading.closed()


_STATEMENT = "a shell statement"
_CONTINUED = "a word over two lines"
_UNEVEN = "something that no shell takes"


@dataclass(slots=True)
class _Reading:
    """Commands between separators. `wants`: a command must follow; `is_group`: what ended last is a group of them."""

    found: list[Simple] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    assignments: list[tuple[str, Word]] = field(default_factory=list)
    redirections: list[Redirection] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    wants: bool = False
    is_group: bool = False
    is_negated: bool = False
    is_piped: bool = False
    copies: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.assignments or self.redirections or self.is_group or self.copies)

    def word(self, word: Word) -> None:
        if self.is_group and word.raw != "}":
            raise NotSimple(_UNEVEN)
        if self.words:
            self.words.append(word)
        elif not (self.copies or self.redirections or self.assignments) and (
            word.raw in GROUPING or word.raw in _RESERVED
        ):
            self._reserved(word.raw)
        elif (assigned := split_assignment(word)) is not None:
            self.assignments.append(assigned)
        else:
            self.words.append(word)

    def _reserved(self, raw: str) -> None:
        if raw in _RESERVED:
            raise NotSimple(_STATEMENT)
        if not self.is_empty or (raw == "!" and (self.is_negated or self.is_piped)):
            raise NotSimple(_UNEVEN)
        if raw == "!":
            self.is_negated = self.wants = True
        elif raw == "{":
            self._open("}")
        else:
            self._close("}")

    def redirect(self, operator: str, target: Word) -> None:
        if operator in (">&", "<&") and re.fullmatch(r"[\d-]+", target.raw):
            if target.raw not in ("0", "1", "2", "-"):
                raise NotSimple("a descriptor of its own")
            self.copies = True
            return
        if operator in (">&", "<&"):
            raise NotSimple(f"`{operator}` with a file, which is not the same for all shells,")
        if self.is_group:
            self.found.append(Simple(redirections=(Redirection(operator, target),)))
        else:
            self.redirections.append(Redirection(operator, target))

    def separate(self, mark: str) -> None:
        if mark == "(":
            if not self.is_empty:
                raise NotSimple("a function")
            self._open(")")
        elif mark == ")":
            self._end()
            self._close(")")
        elif mark == "\n":
            if self.is_negated and self.is_empty:
                raise NotSimple(_UNEVEN)
            if not self.is_empty:
                self._end()
        else:
            if self.is_empty:
                raise NotSimple(_UNEVEN)
            self._end()
            self.wants = mark in ("&&", "||", "|")
            self.is_piped = mark == "|"

    def closed(self) -> list[Simple]:
        self._end()
        if self.wants or self.opened:
            raise NotSimple(_UNEVEN)
        return self.found

    def _open(self, closing: str) -> None:
        self.opened.append(closing)
        self.wants, self.is_negated, self.is_piped = True, False, False

    def _close(self, closing: str) -> None:
        if self.wants or not self.opened or self.opened.pop() != closing:
            raise NotSimple(_UNEVEN)
        self.is_group = True

    def _end(self) -> None:
        if self.words or self.assignments or self.redirections:
            simple = Simple(tuple(self.words), tuple(self.assignments), tuple(self.redirections))
            self.found.append(simple)
            self.words, self.assignments, self.redirections = [], [], []
            self.wants = self.is_piped = False
        elif self.is_group or self.copies:
            self.wants = False
        self.is_group = self.is_negated = self.copies = False


class _Scanner:
    """Cuts a line into words and operators."""

    def __init__(self, line: str) -> None:
        self._line = line
        self._at = 0

    def tokens(self) -> list[_Token]:
        found: list[_Token] = []
        while self._at < len(self._line):
            char = self._line[self._at]
            if char in _BLANK:
                self._at += 1
            elif self._line.startswith("\\\n", self._at):
                self._continue()
            elif char == "#":
                self._skip_comment()
            elif char in "\n;&|<>()":
                found.append(self._operator())
            else:
                found.append(self._word())
                self._check_descriptor(found)
        return found

    def _continue(self) -> None:
        """A line that goes on: read between words only, for within one it may join `$` and a name."""
        if self._at and self._line[self._at - 1] not in " \t\n":
            raise NotSimple(_CONTINUED)
        self._at += 2

    def _skip_comment(self) -> None:
        end = self._line.find("\n", self._at)
        self._at = len(self._line) if end < 0 else end

    def _operator(self) -> _Operator:
        if self._line.startswith("((", self._at):
            raise NotSimple("arithmetic")
        text = next((each for each in _OPERATORS if self._line.startswith(each, self._at)), "")
        text = text or self._line[self._at]
        self._at += len(text)
        if text in "<>" and self._line.startswith("(", self._at):
            raise NotSimple("a process substitution")
        return _Operator(text)

    def _check_descriptor(self, found: list[_Token]) -> None:
        """A number right before `<` or `>` is no word; a name in braces there is neither."""
        last = found[-1]
        if not isinstance(last, Word) or self._line[self._at : self._at + 1] not in ("<", ">"):
            return
        if last.raw.isascii() and last.raw.isdigit():
            if len(last.raw) > 1:  # one shell takes it for a descriptor, another for a word
                raise NotSimple("a descriptor of its own")
            found.pop()
        elif last.raw.startswith("{"):
            raise NotSimple("a named descriptor")

    def _word(self) -> Word:
        start, parts, is_known = self._at, list[str](), True
        while self._at < len(self._line) and (char := self._line[self._at]) not in _ENDS:
            if char == "'":
                parts.append(self._single())
            elif char == '"':
                text, known = self._double()
                parts.append(text)
                is_known = is_known and known
            elif char == "\\":
                parts.append(self._escaped())
            elif char in "$`":
                text, known = self._dollar(in_quotes=False)
                parts.append(text)
                is_known = is_known and known
            else:
                parts.append(char)
                self._at += 1
        raw = self._line[start : self._at]
        return Word("".join(parts), raw, is_known and not is_expanded(raw))

    def _single(self) -> str:
        end = self._line.find("'", self._at + 1)
        if end < 0:
            raise NotSimple("a quote that does not end")
        text = self._line[self._at + 1 : end]
        self._at = end + 1
        return text

    def _double(self) -> tuple[str, bool]:
        self._at += 1
        parts, is_known = list[str](), True
        while self._at < len(self._line):
            char = self._line[self._at]
            if char == '"':
                self._at += 1
                return "".join(parts), is_known
            if char == "\\" and self._line[self._at + 1 : self._at + 2] in ("$", "`", '"', "\\", "\n"):
                parts.append(self._escaped())
            elif char in "$`":
                text, known = self._dollar(in_quotes=True)
                parts.append(text)
                is_known = is_known and known
            else:
                parts.append(char)
                self._at += 1
        raise NotSimple("a quote that does not end")

    def _escaped(self) -> str:
        after = self._line[self._at + 1 : self._at + 2]
        if not after:
            raise NotSimple("a backslash at the end")
        if after == "\n":
            raise NotSimple(_CONTINUED)
        self._at += 2
        return after

    def _dollar(self, *, in_quotes: bool) -> tuple[str, bool]:
        """A variable, which is not known, or the sign itself."""
        match = re.compile(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-])").match(self._line, self._at)
        if match is not None:
            self._at = match.end()
            return "", False
        after = self._line[self._at + 1 : self._at + 2]
        if self._line[self._at] == "`" or after in ("(", "{", "["):
            raise NotSimple("a substitution")
        if not in_quotes and after in ("'", '"'):
            raise NotSimple("a quotation with escapes")
        self._at += 1
        return "$", True


_QUOTED = re.compile(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"|\\.", re.DOTALL)


def is_expanded(raw: str) -> bool:
    """Whether a shell makes something else of the unquoted part of a word: of `*`, `{a,b}`, `~name`."""
    bare = _QUOTED.sub("\0", raw)
    if any(char in bare for char in "*?") or (bare != "[" and "[" in bare):
        return True
    if "{" in bare and re.search(r",|\.\.", bare[bare.index("{") :]):
        return True
    return re.search(r"(?:^|[=:])~(?!/|$|:)", bare) is not None


def raw_words(line: str) -> list[str]:
    """Every word of a line as it stands there, in order, without those that only group. Raises NotSimple."""
    tokens = _Scanner(line).tokens()
    return [token.raw for token in tokens if isinstance(token, Word) and token.raw not in GROUPING]


GROUPING = frozenset({"!", "{", "}"})
