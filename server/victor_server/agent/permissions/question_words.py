"""What a person reads of a question: nothing of it hides, changes its place, or passes for Victor's own words."""

import re
import shlex
from collections.abc import Iterable, Sequence

from victor_server.agent.permissions.model import Question, Rule, Verdict, Wanted
from victor_server.agent.permissions.spoken import in_words
from victor_server.agent.tools.tool import ToolKind
from victor_server.agent.tools.workspace_paths import name_in

_WANTS: dict[ToolKind, str] = {
    "read": "read",
    "search": "look through",
    "edit": "change",
    "delete": "delete",
    "move": "move",
    "execute": "run a command",
    "fetch": "fetch",
    "think": "use the tool",
    "other": "use the tool",
}
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Printable by the book, and yet nothing is seen of them."""
_BLANKS = re.compile(r"[^\S\n]{17,}")
_EMPTY_LINES = re.compile(r"\n(?:[^\S\n]*\n){3,}")


def wish(question: Question) -> str:
    """What is wanted, in a few words: "Victor wants to run a command"."""
    wanted = question.wanted
    tool = f" {in_line(wanted.tool)}" if wanted.kind in ("think", "other") else ""
    return f"Victor wants to {_WANTS[wanted.kind]}{tool}"


def things(wanted: Wanted) -> Sequence[str]:
    """What it is about, whole: the command line, the address, the files, or what a server would be handed."""
    touched = wanted.touched
    if touched.command:
        return (seen(touched.command),)
    if touched.url:
        return (in_line(touched.url),)
    if touched.sent:
        return (seen(touched.sent),)
    named = tuple(in_line(name_in(wanted.root, path)) for path in touched.paths)
    return named or (in_line(touched.title),)


def folder_of(wanted: Wanted) -> str:
    """Where a command is to run, "" in the workspace's own folder."""
    folder = wanted.touched.folder
    if not wanted.touched.command or folder is None or folder == wanted.root:
        return ""
    return in_line(name_in(wanted.root, folder))


def remembered(verdict: Verdict) -> str:
    """What "for this session" and "always" would allow from now on, "" where nothing can be remembered."""
    return ", ".join(in_line(in_words(rule)) for rule in verdict.remembers)


def how_to_allow(rules: Iterable[Rule]) -> str:
    """The commands by which a person allows as much without a question."""
    return "; ".join(f"`victor permissions allow {_words(rule)}`" for rule in rules)


def in_line(text: str) -> str:
    """A text of others in one line."""
    return seen(text).replace("\n", " ⏎ ")


def seen(text: str) -> str:
    """A text of others in which every character is seen; line feeds stay. Long runs of blanks are counted instead: they
    would push what stands behind them out of sight.
    """
    text = text.replace("\r\n", "\n")
    text = _EMPTY_LINES.sub(lambda found: f"\n⟨{found[0].count(chr(10)) - 1} blank lines⟩\n", text)
    text = _BLANKS.sub(lambda found: f" ⟨{len(found[0])} blanks⟩ ", text)
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char == "\n" or _is_seen(char) else _code(char) for char in text)


def _is_seen(char: str) -> bool:
    return char.isprintable() and not _UNSEEN.match(char)


def _code(char: str) -> str:
    return f"\\u{{{ord(char):x}}}"


def _words(rule: Rule) -> str:
    if rule.command is not None:
        return shlex.quote(in_line(rule.command))
    tool = f"--tool {shlex.quote(in_line(rule.tool))}"
    if rule.path is not None:
        return f"{tool} --path {shlex.quote(in_line(rule.path))}"
    return f"{tool} --url {shlex.quote(in_line(rule.url))}" if rule.url is not None else tool
