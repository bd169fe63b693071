"""The rules of one ignore file, read and matched as git does.

Names are compared byte by byte, as git compares them: `?` is one byte of a UTF-8 name. Every pattern becomes a
regular expression whose time is bounded by the length of the pattern times that of the path, because an ignore file
is written by whoever wrote the repository.
"""

import os
import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 262_144
"""No more of an ignore file than this is read; a rule cut in two by the limit is dropped."""

_SPECIAL = frozenset("*?[\\")
_POSIX_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r" \t\n\r",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of an ignore file. `source` is the file as a person would name it; `line` is 0 where there is none."""

    source: str
    line: int
    text: str
    pattern: str
    negated: bool
    only_dirs: bool
    by_name: bool
    """The pattern holds no slash: it is compared with the last part of a path, at any depth."""

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.text}" if self.line else f"{self.source}:{self.text}"

    @property
    def reaches_into_ignored(self) -> bool:
        """Whether this rule takes back something that lies inside an ignored folder: it names the way there."""
        return self.negated and not self.by_name and not self.pattern.startswith("**/")


@dataclass(frozen=True, slots=True)
class _Table:
    """The rules of one file in the shape that is quick to ask; each holds the position of the last rule that fits."""

    names: dict[str, int]
    extensions: dict[str, int]
    paths: dict[str, int]
    name_regex: "_Alternatives | None"
    path_regex: "_Alternatives | None"

    def last_match(self, path: str) -> int:
        name = path.rpartition("/")[2]
        found = max(self.names.get(name, -1), self.paths.get(path, -1))
        if self.extensions:
            _, dot, extension = name.rpartition(".")
            if dot:
                found = max(found, self.extensions.get(extension, -1))
        if self.name_regex is not None:
            found = max(found, self.name_regex.last_match(name))
        if self.path_regex is not None:
            found = max(found, self.path_regex.last_match(path))
        return found


@dataclass(frozen=True, slots=True)
class _Alternatives:
    """Many patterns in one expression, the last rule first, so that the first to fit is the one that counts."""

    regex: re.Pattern[str]
    positions: tuple[int, ...]

    def last_match(self, text: str) -> int:
        found = self.regex.match(text)
        return -1 if found is None or found.lastindex is None else self.positions[found.lastindex - 1]


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one ignore file, and where it stands.

    Paths are asked for relative to the workspace's root. `lead` is put before them when the file lies above that
    root, `cut` bytes are taken off when it lies below.
    """

    rules: tuple[Rule, ...]
    lead: str
    cut: int
    _files: _Table
    _dirs: _Table

    def match(self, path: str, *, is_dir: bool) -> Rule | None:
        """The last rule that fits the path itself (not its parents), negated or not."""
        if not path.isascii():
            path = _as_bytes(path)
        candidate = self.lead + path if self.lead else path[self.cut :]
        position = (self._dirs if is_dir else self._files).last_match(candidate)
        return None if position < 0 else self.rules[position]

    @property
    def has_negations(self) -> bool:
        """Whether anything is taken back."""
        return any(rule.negated for rule in self.rules)


def read_rules(
    file: str | Path, source: str, *, lead: str = "", below: str = "", follow: bool = False
) -> Rules | None:
    """The rules in a file; None if it is not there, holds none, or is no plain file. Links are followed on request.

    The file speaks of paths under `below` (a folder relative to the root, ending in `/`), or, if it lies above the
    root, of paths that begin with `lead`.
    """
    data = _read_plain_file(file, follow=follow)
    if not data:
        return None
    if len(data) > MAX_BYTES:
        data = data[: data.rfind(b"\n", 0, MAX_BYTES) + 1]
    lines = data.removeprefix(b"\xef\xbb\xbf").decode("latin-1").split("\n")
    rules = (parse_rule(line.removesuffix("\r"), source, number) for number, line in enumerate(lines, 1))
    return make_rules((rule for rule in rules if rule is not None), _as_bytes(lead), len(_as_bytes(below)))


def parse_rule(line: str, source: str, number: int) -> Rule | None:
    """One line as a rule; None for a blank line or a comment. `line` holds bytes as Latin-1 characters."""
    text = _strip_trailing_spaces(line.partition("\0")[0])
    if not text or text.startswith("#"):
        return None
    negated = text.startswith("!")
    pattern = text[1:] if negated else text
    only_dirs = pattern.endswith("/")
    if only_dirs:
        pattern = pattern[:-1]
    by_name = "/" not in pattern
    shown = text.encode("latin-1").decode("utf-8", "backslashreplace")
    return Rule(source, number, shown, pattern.removeprefix("/"), negated, only_dirs, by_name)


def rules_from_patterns(patterns: Sequence[str], source: str) -> Rules | None:
    """Rules that a person wrote as a list of patterns, relative to the root."""
    parsed = (parse_rule(_as_bytes(pattern), source, 0) for pattern in patterns)
    return make_rules((rule for rule in parsed if rule is not None), "", 0)


def only_reaching(rules: Rules) -> Rules | None:
    """The rules that count inside an ignored folder: a bare name takes nothing back there."""
    kept = [rule for rule in rules.rules if not rule.negated or rule.reaches_into_ignored]
    return make_rules(kept, rules.lead, rules.cut) if any(rule.negated for rule in kept) else None


def ways_into_ignored(rules: Rules) -> Rules | None:
    """Rules that fit each folder on the way to something that is taken back inside an ignored folder."""
    ways = (
        Rule(rule.source, rule.line, rule.text, way, negated=True, only_dirs=True, by_name=False)
        for rule in rules.rules
        if rule.reaches_into_ignored
        for way in _folders_on_the_way(rule.pattern)
    )
    return make_rules(ways, rules.lead, rules.cut)


def make_rules(rules: Iterable[Rule], lead: str = "", cut: int = 0) -> Rules | None:
    """Rules ready to be asked, or None if there are none; `lead` and `cut` as in `Rules`."""
    kept = tuple(rules)
    if not kept:
        return None
    return Rules(kept, lead, cut, _table(kept, dirs=False), _table(kept, dirs=True))


def _folders_on_the_way(pattern: str) -> Iterable[str]:
    parts = pattern.split("/")
    for end in range(1, len(parts)):
        if parts[end - 1] == "**":
            yield "/".join(parts[:end])
            return
        yield "/".join(parts[:end])


def _table(rules: Sequence[Rule], *, dirs: bool) -> _Table:
    names: dict[str, int] = {}
    extensions: dict[str, int] = {}
    paths: dict[str, int] = {}
    name_patterns: list[tuple[int, str]] = []
    path_patterns: list[tuple[int, str]] = []
    for position, rule in enumerate(rules):
        if rule.only_dirs and not dirs:
            continue
        pattern = rule.pattern
        if not _SPECIAL.intersection(pattern):
            (names if rule.by_name else paths)[pattern] = position
        elif rule.by_name and pattern.startswith("*.") and _is_plain_extension(pattern[2:]):
            extensions[pattern[2:]] = position
        else:
            (name_patterns if rule.by_name else path_patterns).append((position, pattern))
    return _Table(
        names, extensions, paths, _alternatives(name_patterns, paths=False), _alternatives(path_patterns)
    )


def _is_plain_extension(text: str) -> bool:
    return bool(text) and "." not in text and not _SPECIAL.intersection(text)


def _alternatives(patterns: Sequence[tuple[int, str]], *, paths: bool = True) -> _Alternatives | None:
    translated = [(position, translate(pattern, paths=paths)) for position, pattern in reversed(patterns)]
    possible = [(position, regex) for position, regex in translated if regex is not None]
    if not possible:
        return None
    joined = "|".join(f"({regex})" for _, regex in possible)
    return _Alternatives(
        re.compile(rf"(?:{joined})\Z", re.DOTALL), tuple(position for position, _ in possible)
    )


def translate(pattern: str, *, paths: bool = True) -> str | None:
    """The pattern as a regular expression without capturing groups; None if it can fit nothing.

    A star takes as little as it can and never gives it back (`(?>…)`): what follows it up to the next star has a
    fixed length, so the earliest fit leaves the most room for the rest. Only the last star is free to move. That
    keeps the time linear where plain translation is exponential in the number of stars.
    """
    tokens = _tokens(pattern, paths=paths)
    if tokens is None:
        return None
    stars = [at for at, token in enumerate(tokens) if token in _STARS]
    if not stars:
        return "".join(tokens)
    return _join_pieces(
        tokens, stars, last_folders=max((at for at in stars if tokens[at] == _FOLDERS), default=-1)
    )


_STAR = "[^/]*"
_FOLDERS = "(?:[^/]+/)*"
_EVERYTHING = ".*"
_STARS = (_STAR, _FOLDERS)


def _join_pieces(tokens: Sequence[str], stars: Sequence[int], *, last_folders: int) -> str:
    """Two levels: pieces between `**/`, each placed as early as it fits, and in each piece its stars likewise."""
    out = "".join(tokens[: stars[0]])
    open_groups = ""
    for index, at in enumerate(stars):
        end = stars[index + 1] if index + 1 < len(stars) else len(tokens)
        fixed = "".join(tokens[at + 1 : end])
        if tokens[at] == _FOLDERS:
            out += open_groups + ("(?:[^/]+/)*" if at == last_folders else "(?>(?:[^/]+/)*?")
            open_groups = "" if at == last_folders else ")"
            out += fixed
        elif end == len(tokens):
            out += _STAR + fixed
        else:
            out += f"(?>[^/]*?{fixed})"
    return out + open_groups


def _tokens(pattern: str, *, paths: bool) -> list[str] | None:
    tokens: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "*":
            token, at = _star(pattern, at, paths=paths)
        elif char == "?":
            token, at = "[^/]", at + 1
        elif char == "[":
            bracket = _bracket(pattern, at)
            if bracket is None:
                return None
            token, at = bracket
        elif char == "\\":
            if at + 1 == len(pattern):
                return None
            token, at = re.escape(pattern[at + 1]), at + 2
        else:
            token, at = re.escape(char), at + 1
        if not (token == _STAR and tokens and tokens[-1] == _STAR):
            tokens.append(token)
    return tokens


def _star(pattern: str, at: int, *, paths: bool) -> tuple[str, int]:
    """The token for a run of stars. Two or more are special between slashes only: `**/`, `/**/`, `/**`."""
    end = at
    while end < len(pattern) and pattern[end] == "*":
        end += 1
    if end - at == 1 or not paths or (at > 0 and pattern[at - 1] != "/"):
        return _STAR, end
    if end == len(pattern):
        return _EVERYTHING, end
    return (_FOLDERS, end + 1) if pattern[end] == "/" else (_STAR, end)


def _bracket(pattern: str, at: int) -> tuple[str, int] | None:
    """The token for `[…]`, or None if it never closes or names an unknown class, which to git fits nothing."""
    at += 1
    negated = pattern[at : at + 1] in ("!", "^")
    at += negated
    members: list[str] = []
    first = True
    while first or pattern[at : at + 1] != "]":
        first = False
        item = _bracket_item(pattern, at)
        if item is None:
            return None
        member, at = item
        members.append(member)
    inside = "".join(members)
    if negated:
        return f"[^/{inside}]", at + 1
    return f"(?!/)[{inside}]", at + 1


def _bracket_item(pattern: str, at: int) -> tuple[str, int] | None:
    """One member of a bracket: a class like `[:digit:]`, a range, or a character (also for a range backwards)."""
    if pattern.startswith("[:", at):
        end = pattern.find("]", at + 2)
        if end < 0:
            return None
        if pattern[end - 1] == ":" and end - 1 >= at + 2:
            members = _POSIX_CLASSES.get(pattern[at + 2 : end - 1])
            return None if members is None else (members, end + 1)
    low = _bracket_char(pattern, at)
    if low is None:
        return None
    char, at = low
    if pattern[at : at + 1] != "-" or pattern[at + 1 : at + 2] in ("", "]"):
        return _escape_member(char), at
    high = _bracket_char(pattern, at + 1)
    if high is None:
        return None
    last, at = high
    return f"{_escape_member(char)}-{_escape_member(last)}" if char <= last else _escape_member(char), at


def _bracket_char(pattern: str, at: int) -> tuple[str, int] | None:
    if pattern[at : at + 1] == "\\":
        at += 1
    return (pattern[at], at + 1) if at < len(pattern) else None


def _escape_member(char: str) -> str:
    return f"\\x{ord(char):02x}"


def _strip_trailing_spaces(text: str) -> str:
    """Without the spaces at the end, unless a backslash holds the first of them."""
    end = len(text)
    while end and text[end - 1] == " ":
        end -= 1
    backslashes = len(text[:end]) - len(text[:end].rstrip("\\"))
    return text[: end + 1] if backslashes % 2 and end < len(text) else text[:end]


def _as_bytes(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def _read_plain_file(file: str | Path, *, follow: bool) -> bytes:
    """What a plain file holds, "" for anything else: a pipe in its place must not stop the walk."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not follow:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    try:
        handle = os.open(file, flags)
    except (OSError, ValueError):
        return b""
    with os.fdopen(handle, "rb") as opened:
        try:
            return opened.read(MAX_BYTES + 1) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
        except OSError:
            return b""
