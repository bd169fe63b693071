"""Finds secrets in a text: one keyword pass, then the rules of the keywords on the lines where they stand."""

from bisect import bisect_right, insort
from collections.abc import Iterator
from functools import cache

from victor_server.secrets.allow.pragmas import is_allowed
from victor_server.secrets.file_kind import FileFacts, file_facts
from victor_server.secrets.finding import Finding, Tier, fingerprint, mask
from victor_server.secrets.keywords import Search, build_search, fold
from victor_server.secrets.lines import line_span, line_starts
from victor_server.secrets.rule import Candidate, Rule, Span
from victor_server.secrets.rules.table import RULES

_Ranked = tuple[int, Span]
"""(place of the rule in the table, span)"""


def scan(text: str, path: str) -> list[Finding]:
    """The secrets in `text` in reading order, without those its author allowed. Never raises, opens nothing.

    `path` tells how values are written (code, configuration…) and whether they are likely made up (tests, docs).
    """
    return _scan(text, path, keep_allowed=False)


def scan_with_allowed(text: str, path: str) -> list[Finding]:
    """The same, with those that carry an allow comment: that comment is about reporting, not about disclosure."""
    return _scan(text, path, keep_allowed=True)


def _scan(text: str, path: str, *, keep_allowed: bool) -> list[Finding]:
    hits = _search()(fold(text))
    if not hits:
        return []
    facts = file_facts(path)
    starts = line_starts(text)
    spans = _without_overlaps(_spans(text, starts, hits, facts))
    findings = [_finding(text, starts, rank, span, facts) for rank, span in spans]
    if keep_allowed:
        return findings
    places = {(finding.line, finding.end_line) for finding in findings}
    allowed = {place for place in places if is_allowed(text, starts, *place)}
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
def _ranks_by_index() -> list[tuple[int, ...]]:
    return list(_ranks_by_keyword().values())


def _spans(text: str, starts: list[int], hits: list[tuple[int, int]], facts: FileFacts) -> Iterator[_Ranked]:
    """Each rule once on each line where one of its keywords stands."""
    ranks_by_index = _ranks_by_index()
    line_end = -1
    done: set[int] = set()
    candidate = Candidate(text, 0, 0, facts)
    for index, offset in hits:
        if offset >= line_end:
            line = bisect_right(starts, offset) - 1
            line_end = starts[line + 1] if line + 1 < len(starts) else len(text) + 1
            candidate = Candidate(text, *line_span(text, starts, line), facts)
            done = set()
        for rank in ranks_by_index[index]:
            if rank not in done:
                done.add(rank)
                yield from ((rank, span) for span in RULES[rank].find(candidate))


def _without_overlaps(ranked: Iterator[_Ranked]) -> list[_Ranked]:
    """Where two rules claim the same text, the one that stands first in the table has it; in reading order."""
    kept: list[tuple[int, int, int, Span]] = []
    for rank, span in sorted(ranked):
        place = bisect_right(kept, (span.start, span.end, rank, span))
        free_before = place == 0 or kept[place - 1][1] <= span.start
        free_after = place == len(kept) or span.end <= kept[place][0]
        if free_before and free_after:
            insort(kept, (span.start, span.end, rank, span))
    return [(rank, span) for _, _, rank, span in kept]


def _finding(text: str, starts: list[int], rank: int, span: Span, facts: FileFacts) -> Finding:
    rule: Rule = RULES[rank]
    value = text[span.start : span.end]
    line = bisect_right(starts, span.start) - 1
    end_line = bisect_right(starts, span.end - 1) - 1
    tier: Tier = "possible" if facts.is_test else span.tier
    return Finding(
        line=line,
        start_column=span.start - starts[line],
        end_line=end_line,
        end_column=span.end - starts[end_line],
        start=span.start,
        end=span.end,
        rule=rule.id,
        title=rule.title,
        tier=tier,
        masked=mask(value),
        fingerprint=fingerprint(value),
    )
