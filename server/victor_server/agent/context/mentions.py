"""Mentions in a prompt: `@file`, `@symbol`, `@selection`, `@diagnostics`, `@diff`.

`@src/app.py`           a file, `@src/app.py:10-20` lines of it (1-based, both included)
`@"a name with spaces"` the same in quotes
`@file:NAME`            said to be a file, `@symbol:NAME` said to be a definition
`@Router.decide`        whatever bears that name: a file first, then a definition
`@selection` `@diagnostics` `@diff`   what is selected, what language servers say, what has changed

A mention stands at the start of a word. Code in backquotes or fences holds none: its decorators are not ours.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

MentionKind = Literal["name", "file", "symbol", "selection", "diagnostics", "diff"]

WORDS: Sequence[MentionKind] = ("selection", "diagnostics", "diff")
MAX_MENTIONS = 50

_CODE = re.compile(r"^ {0,3}(`{3,}|~{3,})[^`~\n]*\n.*?(?:^ {0,3}\1|\Z)|`[^`\n]*`", re.DOTALL | re.MULTILINE)
_MENTION = re.compile(
    r"""(?<![^\s(\[{<,;'"])@(?:(?P<said>file|symbol):)?(?:"(?P<quoted>[^"\n]{1,500})"|(?P<bare>[^\s"'`,;()\[\]{}<>@]{1,500}))"""
    r"""(?::(?P<after>\d{1,9}(?:-\d{1,9})?)\b)?"""
)
_LINES = re.compile(r"(?P<name>.+?):(?P<first>\d{1,9})(?:-(?P<last>\d{1,9}))?\Z")


@dataclass(frozen=True, slots=True)
class Mention:
    """One mention: `name` without its marks, 0-based lines with an exclusive end, and where it stands in the prompt.

    Kind `name` is decided when it is looked up.
    """

    kind: MentionKind
    name: str
    start: int
    end: int
    lines: tuple[int, int] | None = None


def parse_mentions(prompt: str) -> Sequence[Mention]:
    """The mentions in a prompt, in order, at most MAX_MENTIONS of them. Takes linear time."""
    found: list[Mention] = []
    for start, end in _outside_code(prompt):
        for match in _MENTION.finditer(prompt, start, end):
            if (mention := _mention(match)) is not None:
                found.append(mention)
            if len(found) == MAX_MENTIONS:
                return found
    return found


def without_mentions(prompt: str) -> str:
    """The prompt as a question to the index: names stay as words, those of files without their folders, which all their
    neighbours share; the words for sources go.
    """
    pieces, at = [], 0
    for mention in parse_mentions(prompt):
        pieces.append(prompt[at : mention.start])
        pieces.append(_as_words(mention))
        at = mention.end
    return "".join([*pieces, prompt[at:]])


def _as_words(mention: Mention) -> str:
    if mention.kind in WORDS:
        return ""
    path = PurePosixPath(mention.name)
    is_file = mention.kind == "file" or mention.lines is not None or len(path.parts) > 1
    return path.stem if is_file else mention.name


def as_mention(kind: MentionKind, name: str) -> str:
    """The shortest way to write a mention that is read back as this `name`, which holds no quote and no backquote."""
    if kind in WORDS:
        return f"@{kind}"
    said = "@symbol:" if kind == "symbol" else "@"
    ways = (f"{said}{name}", f'{said}"{name}"', f'@{kind}:"{name}"')
    return next((way for way in ways if _reads_back(way, name)), ways[-1])


def _reads_back(written: str, name: str) -> bool:
    found = parse_mentions(f"{written} ")
    return [(each.name, each.lines, each.end) for each in found] == [(name, None, len(written))]


def _mention(match: re.Match[str]) -> Mention | None:
    said, quoted, bare = match["said"], match["quoted"], match["bare"]
    if bare is not None and bare.rstrip(".,!?") in ("file:", "symbol:"):
        return None
    name, lines, end = (quoted, match["after"], match.end()) if quoted else _bare(match, bare)
    if not name.strip("./:"):
        return None
    if said is None and quoted is None and name in WORDS and lines is None:
        return Mention(_word(name), "", match.start(), end)
    kind: MentionKind = "file" if said == "file" else "symbol" if said == "symbol" else "name"
    return Mention(kind, name, match.start(), end, _span(lines))


def _bare(match: re.Match[str], bare: str) -> tuple[str, str | None, int]:
    """A name without the marks of the sentence around it, its lines, and where it ends."""
    end = match.end("bare")
    lines = match["after"]
    if lines is not None:
        return bare, lines, match.end()
    name = bare.rstrip(".,:!?")
    end -= len(bare) - len(name)
    if with_lines := _LINES.match(name):
        span = with_lines["first"] + (f"-{with_lines['last']}" if with_lines["last"] else "")
        return with_lines["name"], span, end
    return name, None, end


def _word(name: str) -> MentionKind:
    return next(word for word in WORDS if word == name)


def _span(lines: str | None) -> tuple[int, int] | None:
    if lines is None:
        return None
    first, _, last = lines.partition("-")
    start = max(int(first) - 1, 0)
    return start, max(int(last or first), start + 1)


def _outside_code(prompt: str) -> Iterator[tuple[int, int]]:
    at = 0
    for code in _CODE.finditer(prompt):
        yield at, code.start()
        at = code.end()
    yield at, len(prompt)
