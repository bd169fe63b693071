"""A wide reading of command lines by their syntax tree: every command in it is found, however deep it stands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from victor_server.agent.permissions.shell_words import GROUPING, Redirection, Simple, Word

_DEEPEST = 120
_CPU_LIMIT_S = 0.2
_WORDS = frozenset(
    [
        "word",
        "number",
        "string",
        "raw_string",
        "ansi_c_string",
        "translated_string",
        "concatenation",
        "simple_expansion",
        "expansion",
        "command_substitution",
        "process_substitution",
        "arithmetic_expansion",
        "brace_expression",
        "extglob_pattern",
        "regex",
        "test_operator",
        "variable_name",
        "special_variable_name",
    ]
)
_UNKNOWN = frozenset(
    "command_substitution process_substitution arithmetic_expansion brace_expression extglob_pattern".split()  # noqa: SIM905
)
_STATEMENTS = {
    "for_statement": "a loop",
    "c_style_for_statement": "a loop",
    "while_statement": "a loop",
    "if_statement": "a condition",
    "case_statement": "a choice of cases",
    "function_definition": "a function",
    "heredoc_redirect": "a here-document",
    "herestring_redirect": "a here-string",
    "command_substitution": "a substitution",
    "process_substitution": "a process substitution",
    "test_command": "a test",
    "ERROR": "something that is no shell language",
}
_UNENDED = "something that does not end"
_ESCAPES = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip
_ANSI = re.compile(
    r"\\(?:([abeEfnrtv\\'\"?])|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|c(.))",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Wide:
    """What is in a line: its simple commands in order of their starts, and the texts that a shell may be fed with.

    `statements` name what makes it more than simple commands; `raws` are its words in order, as they stand there.
    """

    commands: tuple[Simple, ...]
    statements: tuple[str, ...]
    fed: tuple[str, ...]
    raws: tuple[str, ...]

    @property
    def is_broken(self) -> bool:
        """Whether a part of the line is no shell language to the grammar: what it holds may be missing here."""
        return _STATEMENTS["ERROR"] in self.statements or _UNENDED in self.statements


class _Node(Protocol):
    @property
    def type(self) -> str: ...
    @property
    def text(self) -> bytes | None: ...
    @property
    def children(self) -> Sequence["_Node"]: ...
    @property
    def is_missing(self) -> bool: ...
    @property
    def start_byte(self) -> int: ...
    @property
    def end_byte(self) -> int: ...


def read_wide(line: str) -> Wide:
    """Everything that may run in a line, by its syntax tree. Never raises; what it cannot read is a statement."""
    # The grammar is loaded with the first command line, not with the room.
    from victor_indexer.languages import language_named
    from victor_indexer.syntax import parse

    bash = language_named("bash")
    tree = parse(line, bash, budget_s=_CPU_LIMIT_S) if bash is not None else None
    if tree is None:
        return Wide((), ("more than can be read in time",), (), ())
    reading = _Reading(tree.source)
    reading.visit(tree.root, 0)
    found = [Simple(tuple(each.words), tuple(each.assignments), tuple(each.files)) for each in reading.found]
    statements = dict.fromkeys(reading.statements)
    return Wide(tuple(found), tuple(statements), tuple(reading.fed), tuple(reading.raws))


@dataclass(slots=True)
class _Open:
    words: list[Word] = field(default_factory=list)
    assignments: list[tuple[str, Word]] = field(default_factory=list)
    files: list[Redirection] = field(default_factory=list)


class _Reading:
    """One walk over a tree. `values` are the variables that the line itself sets, so that `$x` can be looked into."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self.found: list[_Open] = []
        self.statements: list[str] = []
        self.fed: list[str] = []
        self.raws: list[str] = []
        self._values: dict[str, str] = {}

    def visit(self, node: _Node, depth: int) -> None:
        if depth > _DEEPEST:
            self.statements.append("more within each other than can be read")
            return
        if node.is_missing:
            self.statements.append(_UNENDED)
        if node.type in _STATEMENTS:
            self.statements.append(_STATEMENTS[node.type])
        if node.type in ("command", "declaration_command", "unset_command"):
            self._command(node, depth)
        elif node.type == "file_redirect":
            self._file(node, self._last(), depth)
        elif node.type == "variable_assignment":
            self._assignment(node, self._new(), depth)
        elif node.type == "herestring_redirect":
            self._here_string(node, depth)
        elif node.type == "heredoc_body":
            self.fed.append(_text(node))
            self._within(node, depth)
        elif node.type in _WORDS:
            self._loose_word(node, depth)
        else:
            for child in node.children:
                self.visit(child, depth + 1)

    def _new(self) -> _Open:
        self.found.append(_Open())
        return self.found[-1]

    def _last(self) -> _Open:
        return self.found[-1] if self.found else self._new()

    def _command(self, node: _Node, depth: int) -> None:
        command = self._new()
        for child in node.children:
            kind = child.type
            if kind == "variable_assignment" and node.type == "command":
                self._assignment(child, command, depth)
            elif kind == "variable_assignment":
                command.words.append(self._word(child, depth))
                self._assignment(child, command, depth, counts=False)
            elif kind == "command_name":
                inner = child.children[0] if child.children else child
                command.words.append(self._word(inner, depth))
            elif kind == "file_redirect":
                self._file(child, command, depth)
            elif kind in ("herestring_redirect", "heredoc_redirect") or kind in ("ERROR", "subshell"):
                self.visit(child, depth + 1)
            else:
                command.words.append(self._word(child, depth))

    def _assignment(self, node: _Node, command: _Open, depth: int, *, counts: bool = True) -> None:
        name, _, _ = _text(node).partition("=")
        name = name.rstrip("+")
        value = node.children[-1] if node.children else node
        for child in node.children[:-1]:
            if child.type == "subscript":
                self._within(child, depth)
        if counts:
            self.raws.append(_text(node))
        word = self._valued(value, depth) if value.type in _WORDS else Word("", "", value.type == "=")
        if word.is_known:
            self._values[name] = word.text
        if value.type not in _WORDS:
            self._within(value, depth)
        command.assignments.append((name, word))

    def _file(self, node: _Node, command: _Open, depth: int) -> None:
        operator = ""
        for child in node.children:
            if child.type == "file_descriptor":
                continue
            if child.type in _WORDS:
                word = self._word(child, depth)
                if not (operator in (">&", "<&") and re.fullmatch(r"\d+-?|-", word.raw)):
                    command.files.append(Redirection(operator, word))
            else:
                operator = child.type

    def _here_string(self, node: _Node, depth: int) -> None:
        for child in node.children:
            if child.type in _WORDS:
                self.fed.append(self._word(child, depth).text)

    def _loose_word(self, node: _Node, depth: int) -> None:
        """A word outside of a command: what a loop runs over, what is tested."""
        self._word(node, depth)

    def _within(self, node: _Node, depth: int) -> None:
        """The commands in substitutions somewhere below a node."""
        for child in node.children:
            if child.type in ("command_substitution", "process_substitution"):
                self.visit_inside(child, depth + 1)
            elif depth < _DEEPEST:
                self._within(child, depth + 1)
            else:
                self.statements.append("more within each other than can be read")

    def visit_inside(self, node: _Node, depth: int) -> None:
        """The commands of a substitution. Their words are no part of the line's own sequence of words."""
        self.statements.append(_STATEMENTS[node.type])
        for child in node.children:
            self.visit(child, depth + 1)

    def _word(self, node: _Node, depth: int) -> Word:
        raw = _text(node)
        if raw not in GROUPING:
            self.raws.append(raw)
        return self._valued(node, depth)

    def _valued(self, node: _Node, depth: int) -> Word:
        text, known = self._value(node, depth)
        return Word(text, _text(node), known)

    def _value(self, node: _Node, depth: int) -> tuple[str, bool]:
        """The text of a word as far as it is known, and whether that is all of it."""
        kind, raw = node.type, _text(node)
        if depth > _DEEPEST:
            self.statements.append("more within each other than can be read")
            return "", False
        if kind == "raw_string":
            return raw[1:-1], True
        if kind == "ansi_c_string":
            return _ANSI.sub(_unescaped, raw[2:-1]), False
        if kind in ("string", "translated_string"):
            return self._quoted(node, depth)
        if kind in ("simple_expansion", "expansion"):
            self._within(node, depth)
            return self._values.get(re.sub(r"\W.*", "", raw[1:].lstrip("{"), flags=re.DOTALL), ""), False
        if kind in _UNKNOWN:
            if kind in ("command_substitution", "process_substitution"):
                self.visit_inside(node, depth + 1)
            else:
                self._within(node, depth)
            return (raw if kind in ("brace_expression", "extglob_pattern") else ""), False
        if kind in ("concatenation", "variable_assignment"):
            return self._joined(node, depth)
        return re.sub(r"\\(\n?)", lambda match: "", raw) if "\\" in raw else raw, not _is_pattern(raw)

    def _joined(self, node: _Node, depth: int) -> tuple[str, bool]:
        found = [self._value(child, depth + 1) for child in node.children]
        known = all(known for _, known in found) and not _is_pattern(_text(node))
        return "".join(text for text, _ in found), known

    def _quoted(self, node: _Node, depth: int) -> tuple[str, bool]:
        """What stands between double quotes: the parts that are none of the tree's children are text as well."""
        parts, known, at = list[str](), True, node.start_byte
        for child in node.children:
            if child.type in ("string_content", '"', "$"):
                continue
            parts.append(self._between(at, child.start_byte))
            text, is_known = self._value(child, depth + 1)
            parts.append(text)
            known = known and is_known
            at = child.end_byte
        parts.append(self._between(at, node.end_byte))
        whole = "".join(parts)
        return whole.removeprefix("$").removeprefix('"').removesuffix('"'), known

    def _between(self, start: int, end: int) -> str:
        text = self._source[start:end].decode("utf-8", "replace")
        return re.sub(r"\\([$`\"\\\n])", lambda match: "" if match[1] == "\n" else match[1], text)


def _is_pattern(raw: str) -> bool:
    return any(char in raw for char in "*?[{~")


def _unescaped(match: re.Match[str]) -> str:
    plain, two, four, eight, octal, control = match.groups()
    if plain:
        return _ESCAPES[plain]
    if octal:
        return chr(int(octal, 8) & 0xFF)
    if control:
        return chr(ord(control[0]) & 0x1F)
    number = int(two or four or eight, 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else ""


def _text(node: _Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")
