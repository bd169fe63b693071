"""What to ask a person about a baseline: one question for each secret, whatever number of entries it has."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from victor_server.errors import UsageError
from victor_server.features.secret_audit.context import Line, Masked, masked_lines
from victor_server.features.secret_scan.decode import decode
from victor_server.secrets.allow.baseline import Key
from victor_server.secrets.allow.entries import Entry, parse_document, read_entries
from victor_server.secrets.allow.named_file import read_bytes
from victor_server.secrets.finding import Finding, fingerprint, mask
from victor_server.secrets.lines import line_starts
from victor_server.secrets.scanner import scan_with_allowed


@dataclass(frozen=True, slots=True)
class Question:
    """One secret in one file. `line` is 0-based, `keys` are its entries, `label` what they say; no secret in it.

    `rule` is ours, "" where only another tool found it. `context` are the lines around it, masked.
    """

    path: str
    line: int
    title: str
    rule: str
    masked: str
    keys: frozenset[Key]
    label: bool | None
    context: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Questions:
    """All secrets of a baseline that still stand in their files, in order, and the number of entries that do not."""

    questions: tuple[Question, ...]
    n_gone: int


def read_questions(text: str, root: Path) -> Questions:
    """What a baseline's text holds; its paths are relative to `root`, and nothing outside of it is opened.

    Raises `UsageError` if it is no baseline.
    """
    document, problem = parse_document(text)
    if document is None:
        raise UsageError(f"The baseline {problem}.", "Name another file, or write a new one.")
    entries, _ = read_entries(document)
    questions: list[Question] = []
    n_gone = 0
    for path in sorted(entries):
        data, _ = read_bytes(root / path, root)
        scanned = (None if data is None else decode(data)) or ""
        asked = list(_questions_of(path, scanned, entries[path]))
        questions += asked
        n_gone += len({(e.type, e.hash) for e in entries[path]}) - sum(len(each.keys) for each in asked)
    return Questions(tuple(questions), n_gone)


@dataclass(frozen=True, slots=True)
class _Standing:
    """Entries of one hash, and where its value stands: `text[start:end]`."""

    start: int
    end: int
    entries: tuple[Entry, ...]


def _questions_of(path: str, text: str, entries: Sequence[Entry]) -> Iterator[Question]:
    standing = sorted(_standing(text, entries), key=lambda each: (each.start, each.end))
    if not standing:
        return
    findings = scan_with_allowed(text, path)
    starts = line_starts(text)
    groups = list(_groups(standing, findings))
    masks = [_masked(text, start, end) for start, end, _ in groups]
    masks += [Masked(each.start, each.end, each.masked) for each in findings]
    for start, end, together in groups:
        yield _question(path, text, starts, (start, end), together, findings, masks)


def _standing(text: str, entries: Sequence[Entry]) -> Iterator[_Standing]:
    # detect-secrets takes a quarter of a second to load.
    from victor_server.secrets.allow.companion import found_again

    by_hash: dict[str, list[Entry]] = {}
    for entry in entries:
        by_hash.setdefault(entry.hash, []).append(entry)
    recorded = {digest: [("", each.line) for each in of_hash] for digest, of_hash in by_hash.items()}
    starts = line_starts(text)
    for _, value, line in found_again(text, recorded)[0]:
        start = text.find(value, starts[line - 1])
        yield _Standing(start, start + len(value), tuple(by_hash[fingerprint(value)]))


def _groups(
    standing: Sequence[_Standing], findings: Sequence[Finding]
) -> Iterator[tuple[int, int, list[_Standing]]]:
    """Those that overlap are one secret; it is as long as what we find there."""
    group: list[_Standing] = []
    start = end = 0
    for each in standing:
        first, last = _whole(each, findings)
        if group and first < end:
            group.append(each)
            end = max(end, last)
            continue
        if group:
            yield start, end, group
        group, start, end = [each], first, last
    if group:
        yield start, end, group


def _whole(each: _Standing, findings: Iterable[Finding]) -> tuple[int, int]:
    over = [finding for finding in findings if finding.start < each.end and each.start < finding.end]
    return min([each.start, *(f.start for f in over)]), max([each.end, *(f.end for f in over)])


def _question(
    path: str,
    text: str,
    starts: list[int],
    span: tuple[int, int],
    together: Sequence[_Standing],
    findings: Sequence[Finding],
    masks: Sequence[Masked],
) -> Question:
    from bisect import bisect_right

    entries = [entry for each in together for entry in each.entries]
    found = next((f for f in findings if f.start < span[1] and span[0] < f.end), None)
    labels = {entry.is_secret for entry in entries}
    line = bisect_right(starts, span[0]) - 1
    return Question(
        path=path,
        line=line,
        title=found.title if found else entries[0].type,
        rule=found.rule if found else "",
        masked=found.masked if found else mask(text[slice(*span)]),
        keys=frozenset((entry.type, entry.hash) for entry in entries),
        label=None if None in labels else True in labels,
        context=masked_lines(text, starts, masks, line),
    )


def _masked(text: str, start: int, end: int) -> Masked:
    return Masked(start, end, mask(text[start:end]))
