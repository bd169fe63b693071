"""What a rule is, and how the common ones are written: a format that proves itself."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from victor_server.secrets.finding import Tier
from victor_server.secrets.judge.classify import judge_token
from victor_server.secrets.judge.file_kind import FileFacts

MAX_BLOCK = 20_000
"""Characters that a rule may look at before and after its line: four times an armoured RSA-8192 key."""


class Span(NamedTuple):
    """Where a secret stands in the text, and how sure the rule is."""

    start: int
    end: int
    tier: Tier


class Candidate(NamedTuple):
    """A line on which one of the rule's keywords stands: `text[start:end]`, without what ends the line."""

    text: str
    start: int
    end: int
    facts: FileFacts


Finder = Callable[[Candidate], Iterable[Span]]
Judge = Callable[[str], Tier | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of secret.

    `keywords` are lower case; a line is looked at when one of them stands on it. `source` is what the rule goes
    by, as text: when it changes, redaction has changed. A span may reach beyond the line, never before it.
    In files of the `role` (see `FileFacts`) every line is looked at.
    """

    id: str
    title: str
    keywords: tuple[str, ...]
    source: str
    find: Finder
    role: str = ""


def format_rule(
    rule_id: str, title: str, keywords: str, pattern: str, *, judge: Judge = judge_token, bounded: bool = True
) -> Rule:
    """A rule that is one regex on one line: the secret is the group `value`, else the whole match.

    `keywords` are separated by spaces. `judge` says how sure the value makes us, None for "no secret".
    `bounded`: the match must not continue a longer word to its left, nor go on to its right.
    """

    def find(candidate: Candidate) -> Iterator[Span]:
        regex = compiled(pattern)
        for match in regex.finditer(candidate.text, candidate.start, candidate.end):
            if bounded and not _stands_alone(candidate.text, match.start(), match.end()):
                continue
            start, end = match.span("value") if "value" in regex.groupindex else match.span()
            tier = judge(candidate.text[start:end])
            if tier:
                yield Span(start, end, tier)

    return Rule(rule_id, title, tuple(keywords.split()), pattern, find)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """The compiled pattern; compiling all of them would cost more than most scans, so each waits for its line."""
    return re.compile(pattern)


def _stands_alone(text: str, start: int, end: int) -> bool:
    if end < len(text) and _is_word(text[end]) and _is_word(text[end - 1]):
        return False
    if start == 0 or not _is_word(text[start - 1]) or not _is_word(text[start]):
        return True
    # In "\nghp_…" the n is half of an escape sequence, in "%3Dghp_…" the D is the end of one.
    return text[start - 2 : start] in {"\\n", "\\r", "\\t"} or (start >= 3 and text[start - 3] == "%")


def _is_word(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char == "_")
