"""Finds secrets in a text: one keyword pass, then the rules of the keywords on the lines where they stand."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from victor_server.secrets.allow.pragmas import is_allowed
from victor_server.secrets.finding import Finding, Tier, fingerprint, mask
from victor_server.secrets.judge.file_kind import FileFacts, file_facts
from victor_server.secrets.keywords import Search, build_search, fold
from victor_server.secrets.lines import Passage, line_around, line_starts, passages
from victor_server.secrets.placeholders import OPENING, opaque
from victor_server.secrets.rule import Candidate, Rule, Span
from victor_server.secrets.rules.table import RULES

_LONG_LINE = 4_000
_BEFORE_A_KEYWORD = 500
_BEHIND_A_KEYWORD = 6_000
"""Characters around a keyword that its rule sees in a line longer than `_LONG_LINE`: minified code, maps, data."""
_LINES_AROUND = 8
"""Lines before and after a secret in which a comment may allow it; two are enough for all that there are."""


_EVERY_LINE = -1


class Claim(NamedTuple):
    """What one rule says of one line: `rank` is the rule's place in the table, `line_start` where the line begins."""

    rank: int
    span: Span
    line_start: int


def scan(text: str, path: str) -> list[Finding]:
    """The secrets in `text` in reading order, without those its author allowed. Never raises, opens nothing.

    `path` tells how values are written (code, configuration…) and whether they are likely made up (tests, docs).
    """
    facts = file_facts(path)
    return findings_of(text, claims(text, 0, len(text), facts), facts)


def scan_with_allowed(text: str, path: str) -> list[Finding]:
    """The same, with those that carry an allow comment: that comment is about reporting, not about disclosure."""
    facts = file_facts(path)
    return findings_of(text, claims(text, 0, len(text), facts), facts, keep_allowed=True)


def claims(text: str, start: int, end: int, facts: FileFacts) -> list[Claim]:
    """What the rules say of the whole lines `text[start:end]`; they may look around in all of `text`."""
    part = text if end - start == len(text) else text[start:end]
    if OPENING in text:  # the words in a placeholder are no names, what follows them is no value
        text = opaque(text)
        part = text[start:end]
    hits = _search()(fold(part))
    if facts.role in _ranks_by_role():
        hits = sorted([*hits, *_starts_of_lines(part)], key=_offset)
    return list(_claims(text, start, hits, facts)) if hits else []


def _starts_of_lines(text: str) -> Iterator[tuple[int, int]]:
    """A hit on each line, of a keyword that has the number `_EVERY_LINE`."""
    yield from ((_EVERY_LINE, start) for start in line_starts(text) if start < len(text))


def _offset(hit: tuple[int, int]) -> int:
    return hit[1]


def findings_of(
    text: str, claimed: Iterable[Claim], facts: FileFacts, *, keep_allowed: bool = False
) -> list[Finding]:
    """The findings that these claims on `text` come to: each piece of text has one, in reading order."""
    kept = _without_overlaps(claimed)
    findings: list[Finding] = []
    for passage, first, last in passages(text, [claim.span[:2] for claim in kept], _LINES_AROUND):
        found = [_finding(passage, claim, facts) for claim in kept[first:last]]
        findings += found if keep_allowed else _not_allowed(passage, found)
    return findings


def _not_allowed(passage: Passage, findings: list[Finding]) -> list[Finding]:
    places = {(finding.line, finding.end_line) for finding in findings}
    allowed = {
        (first, last)
        for first, last in places
        if is_allowed(passage.text, passage.starts, first - passage.first_line, last - passage.first_line)
    }
    return [finding for finding in findings if (finding.line, finding.end_line) not in allowed]


@cache
def _search() -> Search:
    return build_search(list(_ranks_by_keyword()))


@cache
def _ranks_by_keyword() -> dict[str, tuple[int, ...]]:
    ranks: dict[str, tuple[int, ...]] = {}
    for rank, rule in enumerate(RULES):
        for keyword in rule.keywords:
            ranks[keyword] = (*ranks.get(keyword, ()), rank)
    return ranks


@cache
def _ranks_by_role() -> dict[str, tuple[int, ...]]:
    roles = {rule.role for rule in RULES} - {""}
    return {role: tuple(rank for rank, rule in enumerate(RULES) if rule.role == role) for role in roles}


@cache
def _ranks_by_index() -> list[tuple[int, ...]]:
    return list(_ranks_by_keyword().values())


def _claims(text: str, base: int, hits: list[tuple[int, int]], facts: FileFacts) -> Iterator[Claim]:
    """Each rule once on each line where one of its keywords stands; the hits' offsets count from `base`."""
    line_end = -1
    is_long = False
    done: set[int] = set()
    candidate = Candidate(text, 0, 0, facts)
    for place, (index, offset) in enumerate(hits):
        if base + offset >= line_end:
            start, end, line_end = line_around(text, base + offset)
            is_long = end - start > _LONG_LINE
            candidate = Candidate(text, start, end, facts)
            done = set()
            if is_long:
                after = bisect_left(hits, line_end - base, place, key=_offset)
                yield from _claims_in_stretches(hits[place:after], base, candidate)
        if is_long:
            continue
        for rank in _ranks_by_role()[facts.role] if index == _EVERY_LINE else _ranks_by_index()[index]:
            if rank not in done:
                done.add(rank)
                for span in RULES[rank].find(candidate):
                    yield Claim(rank, span, candidate.start)


def _claims_in_stretches(hits: list[tuple[int, int]], base: int, line: Candidate) -> Iterator[Claim]:
    """The same for one long line: a rule sees only what is around its keywords."""
    for rank, start, end in _stretches(hits, base, line):
        for span in RULES[rank].find(Candidate(line.text, start, end, line.facts)):
            yield Claim(rank, span, line.start)


def _stretches(hits: list[tuple[int, int]], base: int, line: Candidate) -> Iterator[tuple[int, int, int]]:
    """(rank, start, end) of the parts of a line that each rule must see; a rule's parts do not overlap."""
    opened: dict[int, tuple[int, int]] = {}
    for index, offset in hits:
        first = max(line.start, base + offset - _BEFORE_A_KEYWORD)
        last = min(line.end, base + offset + _BEHIND_A_KEYWORD)
        for rank in _ranks_by_role()[line.facts.role] if index == _EVERY_LINE else _ranks_by_index()[index]:
            before = opened.get(rank)
            if before and first > before[1]:
                yield rank, *before
                before = None
            opened[rank] = (before[0] if before else first, last)
    yield from ((rank, *stretch) for rank, stretch in opened.items())


def _without_overlaps(claimed: Iterable[Claim]) -> list[Claim]:
    """Where two rules claim the same text, the one that stands first in the table has it; in reading order."""
    kept: list[tuple[int, int, Claim]] = []
    for claim in sorted(claimed):
        start, end, _ = claim.span
        place = bisect_right(kept, (start, end, claim))
        free_before = place == 0 or kept[place - 1][1] <= start
        free_after = place == len(kept) or end <= kept[place][0]
        if free_before and free_after:
            insort(kept, (start, end, claim))
    return [claim for _, _, claim in kept]


def _finding(passage: Passage, claim: Claim, facts: FileFacts) -> Finding:
    rule: Rule = RULES[claim.rank]
    start, end = claim.span.start - passage.offset, claim.span.end - passage.offset
    value = passage.text[start:end]
    line = bisect_right(passage.starts, start) - 1
    end_line = bisect_right(passage.starts, end - 1) - 1
    tier: Tier = "possible" if facts.is_test else claim.span.tier
    return Finding(
        line=passage.first_line + line,
        start_column=start - passage.starts[line],
        end_line=passage.first_line + end_line,
        end_column=end - passage.starts[end_line],
        start=claim.span.start,
        end=claim.span.end,
        rule=rule.id,
        title=rule.title,
        tier=tier,
        masked=mask(value),
        fingerprint=fingerprint(value),
    )
