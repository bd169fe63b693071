"""Whether a rule fits a call: patterns of tools, paths, commands and addresses.

Where a pattern can be read in two ways, an allow is read narrowly, an ask or a deny broadly.
"""

import posixpath
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from victor_indexer.scan.gitignore import Rules, rules_from_patterns
from victor_server.agent.permissions.model import Rule
from victor_server.agent.permissions.wrappers import name_of
from victor_server.agent.tools.tool import ToolKind

_SYSTEM_FOLDERS = ("/bin", "/usr/bin", "/sbin", "/usr/sbin")


def tool_fits(rule: Rule, tool: str, kind: ToolKind) -> bool:
    """`edit_*` is a pattern of names, `@edit` all tools of that kind; to delete or move a file counts as editing it,
    but for an allow.
    """
    if rule.tool.startswith("@"):
        return kind in ({"edit", "delete", "move"} if _is_broad_edit(rule) else {rule.tool[1:]})
    return _tool_expression(rule.tool).fullmatch(tool) is not None


def _is_broad_edit(rule: Rule) -> bool:
    return rule.tool == "@edit" and rule.decision != "allow"


@lru_cache(maxsize=512)
def _tool_expression(pattern: str) -> re.Pattern[str]:
    # Several stars in a row mean what one means, and cost more.
    return re.compile(translate(re.sub(r"\*+", "*", pattern)))


def path_fits(rule: Rule, path: str, root: str) -> bool:
    """Whether a rule with a path, or with none, fits an absolute path with `/`.

    A pattern is as in a `.gitignore` at the workspace's root, where `./` ties it to that folder, or absolute
    (`/etc/…`, `~/…`, `C:/…`). Without a pattern an allow is for the workspace only.
    """
    is_allow = rule.decision == "allow"
    inside = relative_to(path, root)
    if rule.path is None:
        return not is_allow or inside is not None
    if _is_absolute(rule.path):
        if _gitignore_fits(_expanded(rule.path), path.lstrip("/"), is_allow=is_allow):
            return True
        # Who writes `/dist` for a deny may mean it as git does.
        return not is_allow and inside is not None and _gitignore_fits(rule.path, inside, is_allow=False)
    if inside is not None:
        tied = rule.path[1:] if rule.path.startswith("./") else rule.path
        return _gitignore_fits(tied, inside, is_allow=is_allow)
    return not is_allow and _gitignore_fits(_anywhere(rule.path), path.lstrip("/"), is_allow=False)


def relative_to(path: str, root: str) -> str | None:
    """The path below a folder with `/`, "" for the folder itself; None for one that is not below it."""
    if path == root:
        return ""
    lead = root.rstrip("/") + "/"
    return path[len(lead) :] if path.startswith(lead) else None


def _is_absolute(pattern: str) -> bool:
    return pattern.startswith(("~", "/")) or re.match(r"[A-Za-z]:[\\/]", pattern) is not None


def _expanded(pattern: str) -> str:
    """An absolute pattern from the top of the file system: `~/x`, `/etc/x` and `C:/x`."""
    if pattern.startswith("~"):
        home = Path.home().as_posix().lstrip("/")
        return f"/{home}/{pattern[1:].lstrip('/')}"
    return "/" + pattern.replace("\\", "/").lstrip("/")


def _anywhere(pattern: str) -> str:
    return pattern if "/" not in pattern.rstrip("/") else f"**/{pattern.lstrip('/')}"


def _gitignore_fits(pattern: str, path: str, *, is_allow: bool) -> bool:
    if pattern in ("**", "*", "**/*", "/**"):
        return True
    if not is_allow:
        pattern, path = _folded(pattern), _folded(path)
    rules = _compiled(pattern)
    if rules is None or not path:
        return False
    parts = path.split("/")
    ways = ("/".join(parts[:n]) for n in range(1, len(parts)))
    if any(_matches(rules, way, is_dir=True) for way in ways):
        return True
    # A deny of a folder holds for the folder itself, whether or not it is there yet.
    return _matches(rules, path, is_dir=False) or (not is_allow and _matches(rules, path, is_dir=True))


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Rules | None:
    return rules_from_patterns([pattern], "")


def _matches(rules: Rules, path: str, *, is_dir: bool) -> bool:
    rule = rules.match(path, is_dir=is_dir)
    return rule is not None and not rule.negated


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def url_fits(rule: Rule, url: str) -> bool:
    """Whether a rule's address fits: a host (`*.example.com` with all below it), or an address that it begins with."""
    if rule.url is None:
        return True
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return rule.decision != "allow"
    wanted = rule.url.casefold()
    if "://" not in wanted:
        below = wanted.removeprefix("*")
        return wanted in ("*", host) or (wanted.startswith("*.") and host.endswith(below))
    asked = urlsplit(wanted.rstrip("*"))
    same = (parts.scheme, host, parts.port) == (asked.scheme, asked.hostname, asked.port)
    if "@" in parts.netloc and rule.decision == "allow":
        return False
    path = posixpath.normpath(parts.path or "/")
    begin = asked.path or "/"
    below = begin if begin.endswith("/") else f"{begin}/"
    return same and (path == begin.rstrip("/") or f"{path}/".startswith(below) or begin == "/")


@dataclass(frozen=True, slots=True)
class _Item:
    """One word of a pattern: its characters, of which some stand for any; `is_any` stands for any words."""

    characters: tuple[tuple[str, bool], ...] = ()
    is_any: bool = False

    @property
    def is_literal(self) -> bool:
        return not self.is_any and not any(wild for _, wild in self.characters)

    @property
    def text(self) -> str:
        return "".join(char for char, _ in self.characters)


@dataclass(frozen=True, slots=True)
class CommandPattern:
    """A rule's command. `is_exact`: it stands for one sequence of words only."""

    items: tuple[_Item, ...]

    @property
    def is_exact(self) -> bool:
        """Whether nothing in it is left open."""
        return all(item.is_literal for item in self.items)

    def allows(self, argv: Sequence[str]) -> bool:
        """The narrow reading: just these words, and more only where a `*` stands for them."""
        ways = {tuple(argv), _as_called(argv)}
        return any(_fit(_narrow(self.items), way, is_broad=False) for way in ways)

    def covers(self, argv: Sequence[str]) -> bool:
        """The broad reading: whatever the program's folder and case, and with any words after it."""
        ways = {tuple(argv), (name_of(argv[0]), *argv[1:])} if argv else set()
        readings = [(*self.items, _ANY), (*_narrow(self.items), _ANY)]
        return any(_fit(items, way, is_broad=True) for items in readings for way in ways)


_ANY = _Item(is_any=True)


@lru_cache(maxsize=1024)
def command_pattern(text: str) -> CommandPattern | None:
    """Read a pattern: words with blanks between them, `*` and `?` in them, quotes around what is meant as it stands.

    None for one that has no words, a quote without end, or that would be several commands.
    """
    items: list[_Item] = []
    current: list[tuple[str, bool]] | None = None
    quote = ""
    at = 0
    while at < len(text):
        char = text[at]
        at += 1
        if quote:
            if char == quote:
                quote = ""
            elif current is not None:
                current.append((char, False))
            continue
        if char in ";|&<>`$\n":
            return None
        if char in " \t":
            if current is not None:
                items.append(_item(current))
            current = None
            continue
        current = [] if current is None else current
        if char in "'\"":
            quote = char
        elif char == "\\" and at < len(text):
            current.append((text[at], False))
            at += 1
        else:
            current.append((char, char in "*?"))
    if current is not None:
        items.append(_item(current))
    return CommandPattern(tuple(items)) if items and not quote else None


def _item(characters: Sequence[tuple[str, bool]]) -> _Item:
    return _ANY if list(characters) == [("*", True)] else _Item(tuple(characters))


def _narrow(items: tuple[_Item, ...]) -> tuple[_Item, ...]:
    """`git status*` is `git status` and any further words: no other word that begins so."""
    last = items[-1]
    characters = last.characters
    if len(characters) > 1 and characters[-1] == ("*", True) and characters[-2][0].isalnum():
        return (*items[:-1], _Item(characters[:-1]), _ANY)
    return items


def _as_called(argv: Sequence[str]) -> tuple[str, ...]:
    """The words, with a program of the system by its bare name."""
    if argv and posixpath.dirname(argv[0]) in _SYSTEM_FOLDERS:
        return (posixpath.basename(argv[0]), *argv[1:])
    return tuple(argv)


def _fit(items: Sequence[_Item], argv: Sequence[str], *, is_broad: bool) -> bool:
    """Whether items match all words; each `*` takes as many as it must. As `_glob`, over words."""
    at = read = 0
    star, mark = -1, 0
    while read < len(argv):
        if at < len(items) and items[at].is_any:
            if at == len(items) - 1:
                return True
            star, mark = at, read
            at += 1
        elif at < len(items) and _word(items[at], argv[read], at, is_broad):
            at, read = at + 1, read + 1
        elif star >= 0:
            mark += 1
            at, read = star + 1, mark
        else:
            return False
    return all(item.is_any for item in items[at:])


def _word(item: _Item, word: str, number: int, is_broad: bool) -> bool:
    if item.is_literal:
        same = item.text == word
        return same or (is_broad and number == 0 and item.text.casefold() == word.casefold())
    if not is_broad and ".." in word.replace("\\", "/").split("/") and ".." not in item.text:
        return False
    return _glob(item.characters, word)


def _glob(pattern: Sequence[tuple[str, bool]], word: str) -> bool:
    """`*` and `?` over the characters of one word, in time that grows with pattern times word."""
    at = read = 0
    star, mark = -1, 0
    while read < len(word):
        if at < len(pattern) and pattern[at] == ("*", True):
            star, mark = at, read
            at += 1
        elif at < len(pattern) and (pattern[at] == ("?", True) or pattern[at] == (word[read], False)):
            at, read = at + 1, read + 1
        elif star >= 0:
            mark += 1
            at, read = star + 1, mark
        else:
            return False
    return all(each == ("*", True) for each in pattern[at:])


def quoted(argv: Sequence[str]) -> str:
    """The pattern that fits just these words."""
    return " ".join(map(_quoted, argv))


def _quoted(word: str) -> str:
    if word and re.fullmatch(r"[A-Za-z0-9_@%+=:,./~^{}-]+", word):
        return word
    if "'" not in word:
        return f"'{word}'"
    return f'"{word}"' if '"' not in word else re.sub(r"([\\'\"*?\s])", r"\\\1", word)
