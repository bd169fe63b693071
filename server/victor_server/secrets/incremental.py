"""Scans a changed text again where it was changed, and only there: the result is that of a scan of all of it."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from victor_server.secrets.finding import Finding
from victor_server.secrets.judge.file_kind import FileFacts, file_facts
from victor_server.secrets.lines import line_around
from victor_server.secrets.rule import MAX_BLOCK
from victor_server.secrets.scanner import Claim, claims, findings_of

_REACH = MAX_BLOCK + 1_000
"""How far from a change the rules see it: the block they may look at, and the marker that ends it."""

_PIECE = 1 << 16
"""Texts are compared in pieces of so many characters: a comparison of all at once does not say where they differ."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A text, the secrets in it (in reading order, without those its author allowed), and what led to them."""

    text: str = field(repr=False)
    facts: FileFacts
    findings: Sequence[Finding]
    claims: Sequence[Claim] = field(repr=False)
    """In the order of the lines that they were made for."""


def first_scan(text: str, path: str) -> Scan:
    """Look through all of `text`. Never raises; the findings are those of `scanner.scan`."""
    facts = file_facts(path)
    return _scan(text, facts, claims(text, 0, len(text), facts))


def scan_again(before: Scan, text: str) -> Scan:
    """The scan of `text`, which `before.text` has become by edits; where that text is the same, `before`.

    Only the lines that were edited are looked through, and those whose rules may see the edits. Never raises.
    """
    if text is before.text:
        return before
    n_same = _n_same_at_start(before.text, text)
    if n_same == len(text) == len(before.text):
        return before
    n_same_behind = _n_same_at_end(before.text, text, min(len(before.text), len(text)) - n_same)
    start = line_around(text, max(0, n_same - _REACH))[0]
    end = min(len(text), line_around(text, min(len(text), len(text) - n_same_behind + _REACH))[2])
    longer = len(text) - len(before.text)
    first = bisect_left(before.claims, start, key=_line_start)
    last = (
        bisect_left(before.claims, end - longer, key=_line_start) if end < len(text) else len(before.claims)
    )
    anew = claims(text, start, end, before.facts)
    behind = [_moved(claim, longer) for claim in before.claims[last:]]
    return _scan(text, before.facts, [*before.claims[:first], *anew, *behind])


def same_scan(text: str, path: str, claimed: Sequence[Claim]) -> Scan:
    """The scan of a text for which the rules are known to claim `claimed`."""
    return _scan(text, file_facts(path), claimed)


def _scan(text: str, facts: FileFacts, claimed: Sequence[Claim]) -> Scan:
    return Scan(text, facts, findings_of(text, claimed, facts), claimed)


def _line_start(claim: Claim) -> int:
    return claim.line_start


def _moved(claim: Claim, by: int) -> Claim:
    if by == 0:
        return claim
    span = claim.span
    return Claim(claim.rank, span._replace(start=span.start + by, end=span.end + by), claim.line_start + by)


def _n_same_at_start(one: str, other: str) -> int:
    """How many characters the two begin with in common."""
    most = min(len(one), len(other))
    at = 0
    while at < most and one[at : at + _PIECE] == other[at : at + _PIECE]:
        at += _PIECE
    low, high = min(at, most), min(at + _PIECE, most)
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _n_same_at_end(one: str, other: str, most: int) -> int:
    """How many characters, up to `most`, the two end with in common."""

    def same(done: int, n_chars: int) -> bool:
        first, second = len(one) - done, len(other) - done
        return one[first - n_chars : first] == other[second - n_chars : second]

    done = 0
    while done + _PIECE <= most and same(done, _PIECE):
        done += _PIECE
    low, high = 0, min(_PIECE, most - done)
    while low < high:
        middle = (low + high + 1) // 2
        if same(done, middle):
            low = middle
        else:
            high = middle - 1
    return done + low
