"""Rules for keys without a mark of their own: the vendor's name stands near, and the value has the exact shape."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from victor_server.secrets.finding import Tier
from victor_server.secrets.judge.classify import (
    entropy,
    is_placeholder,
    is_sequential,
    is_wordy,
    judge_token,
    looks_random,
)
from victor_server.secrets.judge.names import name_kind
from victor_server.secrets.rule import Candidate, Judge, Rule, Span, compiled
from victor_server.secrets.words import words

_REACH = 120
"""How far, in characters, a vendor's name may stand from the value on one line."""
_SHORT_WORD = 5
"""Names up to this length also occur inside other words."""

_BLOCK_LINES = 8
_BLOCK_REACH = 1_000
_MAX_OPENER = 200

_LEFT = r"(?:(?<![A-Za-z0-9_+/.@-])|(?<=\\[nt]))"
_RIGHT = r"(?![A-Za-z0-9_+/=-])"

_QUOTES = "\"'`\\"
_GAP = " \t=:>(,|?[]){}@+" + _QUOTES
_SIGNS = re.compile(r"[=:>(,|\[]")
_WORD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-$"
_SCHEME = re.compile(
    r"(?<=[:=(,\"'`])\s{0,2}(?i:bearer|token|basic|apikey|api-key|key|ssws|geniekey|splunk|secret|pat)(?:\s{1,3}|\s?token=)[\"'\\]{0,2}$"
)

_NOT_A_NAME = words(
    "value string str const final static default content text char byte var let get or if else return line export set "
    "setenv define env name id type is as to with nil null none std::string android"
)
_SECRET_NAMES = words(
    "key apikey token pat auth secret password pwd pass credential credentials dsn login access api bearer authorization"
)
_OTHER_NAMES = re.compile(
    r"(?i)md5|sha\d|hash|checksum|digest|commit|revision|(?<![a-z])rev(?![a-z])|integrity|(?<![a-z])url(?![a-z])|(?-i:Url)|path|image|etag|fingerprint|"
    r"version|public|publishable|uuid|guid|(?<!secret)[_-]id(?![a-z])|(?<=[a-z])(?<!secret)(?-i:Id)(?![a-z])|client_?id|account_?id|site_?key"
)
_OPENER = re.compile(r"[\w\"'`\])]\s{0,3}(?:=>|:=|[=:>])?\s{0,3}[{(\[\"'`|>]{0,2}[,;]?\s*$")
_VALUE_NAMES = frozenset({"value", "default"})


@dataclass(frozen=True, slots=True)
class NamedRule(Rule):
    """A rule whose `source` is the shape of the value alone; its keywords are the vendor's names."""


class _Lead(NamedTuple):
    """What stands before a value: its name, what is between them, and the name before that one."""

    name: str
    gap: str
    outer: str


def named_rule(
    rule_id: str,
    title: str,
    vendor: str,
    pattern: str,
    *,
    judge: Judge | None = None,
) -> NamedRule:
    """A rule for `pattern`, the exact shape of a value, where one of the words in `vendor` is near.

    `vendor` holds the keywords, separated by spaces. They count in the value's name, in a name, address or call on
    the same line, and in the line that opens the block the value stands in, as `datadog:` does in YAML. The value's
    own name must say that it is a secret, or be the vendor's.
    """
    vendor_words = tuple(dict.fromkeys(spelling for word in vendor.split() for spelling in _spellings(word)))
    shape = rf"{_LEFT}(?:{pattern}){_RIGHT}"
    is_vendor = _vendor_finder(vendor_words)
    decide = judge or judge_shape

    def find(candidate: Candidate) -> Iterator[Span]:
        n_found = 0
        for span in _on_line(candidate, shape, is_vendor, decide):
            n_found += 1
            yield span
        if not n_found:
            yield from _in_block(candidate, shape, is_vendor, decide)

    return NamedRule(rule_id, title, vendor_words, pattern, find)


def exactly(shape: str) -> Judge:
    """Certain only where the value has `shape`, one of the documented lengths, to the letter; else possible."""

    def judge(value: str) -> Tier | None:
        tier = judge_token(value)
        return tier if tier is None or compiled(shape).fullmatch(value) else "possible"

    return judge


def _spellings(word: str) -> tuple[str, ...]:
    """`dd_api` is also written `dd-api`, `dd.api`, `dd api` and `ddApi`."""
    inner = word.rstrip("_")
    return (word, *(inner.replace("_", sign) for sign in "-. " if "_" in inner), inner.replace("_", ""))[
        : 5 if "_" in inner else 1
    ]


def judge_shape(value: str) -> Tier | None:
    """For values that only their length and alphabet tell: certain if drawn at random."""
    if is_placeholder(value) or not _is_random(value) or (is_wordy(value) and not value.isalnum()):
        return None
    return "possible" if is_sequential(value) else "certain"


def judge_letters(value: str) -> Tier | None:
    """The same for values that may do without digits."""
    return judge_token(value) if looks_random(value) else None


def _is_random(value: str) -> bool:
    """Letters and digits, many different ones: exact shapes need no more."""
    has_both = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    return has_both and entropy(value) >= (2.8 if len(value) >= 20 else 2.4)


def _vendor_finder(vendor_words: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether one of the words stands in a text; short ones must begin a word there."""
    parts = [
        rf"(?i:{re.escape(word)})"
        if len(word) > _SHORT_WORD
        else rf"(?<![A-Za-z])(?i:{re.escape(word)})|(?<=[a-z]){re.escape(word.capitalize())}"
        for word in vendor_words
    ]
    pattern = "|".join(parts)
    return lambda text: compiled(pattern).search(text) is not None


def _on_line(
    candidate: Candidate, shape: str, is_vendor: Callable[[str], bool], decide: Judge
) -> Iterator[Span]:
    text = candidate.text
    for match in compiled(shape).finditer(text, candidate.start, candidate.end):
        start, end = match.span()
        before = text[max(candidate.start, start - _REACH) : start]
        after = text[end : min(candidate.end, end + _REACH)]
        tier = _tier(_lead(before), before, after, is_vendor)
        judged = decide(text[start:end]) if tier else None
        if tier and judged:
            yield Span(start, end, "possible" if "possible" in {tier, judged} else "certain")


def _tier(lead: _Lead | None, before: str, after: str, is_vendor: Callable[[str], bool]) -> Tier | None:
    """How sure name and place make us, whatever the value is."""
    if lead is None or _OTHER_NAMES.search(lead.name):
        return None
    is_signed = bool(_SIGNS.search(lead.gap)) or lead.name.startswith("--")
    kind = name_kind(lead.name) or _plain_kind(lead.name)
    in_name = is_vendor(lead.name) or is_vendor(lead.outer)
    if in_name:
        return "certain" if kind and is_signed else "possible"
    if kind and (is_vendor(before) or is_vendor(after)):
        return "certain" if is_signed else "possible"
    return None


def _plain_kind(name: str) -> str | None:
    last = name.lower().replace("-", "_").replace(".", "_").rpartition("_")[2]
    return "token" if last in _SECRET_NAMES else None


def _lead(before: str) -> _Lead | None:
    """The name of the value that follows `before`, None where nothing names it."""
    rest = _SCHEME.sub("", before.rstrip(_QUOTES)) if before else ""
    name, gap, rest = _name_at_end(before, rest.rstrip(_GAP))
    while name.lower().lstrip("$&*") in _NOT_A_NAME and rest:
        following = rest
        name, gap_before, rest = _name_at_end(following, following.rstrip(_GAP))
        gap = gap_before + gap
    if not name:
        return None
    outer = _name_at_end(rest, rest.rstrip(_GAP))[0]
    return _Lead(name, gap, outer)


def _name_at_end(text: str, bare: str) -> tuple[str, str, str]:
    """(name, what `text` has after it, what stands before it); `bare` is `text` cut where the name ends."""
    start = len(bare.rstrip(_WORD))
    return bare[start:], text[len(bare) :], bare[:start]


def _in_block(
    candidate: Candidate, shape: str, is_vendor: Callable[[str], bool], decide: Judge
) -> Iterator[Span]:
    """Values on the lines that a line with the vendor's name opens: `datadog:` and below it `  apiKey: …`."""
    text = candidate.text
    opener = text[candidate.start : min(candidate.end, candidate.start + _MAX_OPENER + 1)]
    if len(opener) > _MAX_OPENER or not is_vendor(opener) or not _opens(opener):
        return
    names_secret = any(
        name_kind(name) or _plain_kind(name) for name in compiled(r"[\w.-]{3,60}").findall(opener)
    )
    for start, line in _lines_below(text, candidate.end, _indent(opener), names_secret):
        for match in compiled(shape).finditer(line):
            before = line[max(0, match.start() - _REACH) : match.start()]
            judged = decide(match.group()) if _is_secret_below(before, names_secret) else None
            if judged:
                yield Span(start + match.start(), start + match.end(), judged)


def _is_secret_below(before: str, names_secret: bool) -> bool:
    """Whether a value in a block, behind `before` on its line, has a secret's name there or in the opening line."""
    name, gap, _ = _name_at_end(before, before.rstrip(_GAP))
    if not name:
        return names_secret
    if _OTHER_NAMES.search(name) or not _SIGNS.search(gap):
        return False
    is_plain_value = names_secret and name.lower() in _VALUE_NAMES
    return is_plain_value or bool(name_kind(name) or _plain_kind(name))


def _opens(line: str) -> bool:
    """`[datadog]`, `datadog:`, `"datadog": {`, `provider "datadog" {`, `new Datadog({`, `- name: DD_API_KEY`, `<datadog>`."""
    stripped = line.strip()
    return not stripped.startswith(("#", "//", "*", "import ", "from ", "use ")) and bool(
        _OPENER.search(line[-60:])
    )


def _lines_below(text: str, end: int, indent: int, names_secret: bool) -> Iterator[tuple[int, str]]:
    """(offset, line) of the block: the deeper lines, or those that belong to a list's or section's entry."""
    window = text[end : end + _BLOCK_REACH]
    offset = end
    for number, line in enumerate(window.split("\n")[: _BLOCK_LINES + 1]):
        is_below = number and line.strip() and len(line) <= _MAX_OPENER
        is_shallow = _indent(line) < indent or (_indent(line) == indent and not names_secret and indent)
        if is_below and (is_shallow or line.lstrip().startswith(("[", "}", ")"))):
            return
        if is_below:
            yield offset, line
        offset += len(line) + 1


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
