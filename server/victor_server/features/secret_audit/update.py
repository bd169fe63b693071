"""Brings a baseline up to date with what stands in the files."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from victor_server.features.secret_scan.decode import decode
from victor_server.features.secret_scan.files import scan_files
from victor_server.features.secret_scan.report import Place, Report
from victor_server.secrets.allow.baseline import Found, baseline_of, change_baseline
from victor_server.secrets.allow.entries import Entry, parse_document, read_entries
from victor_server.secrets.allow.known import read_known
from victor_server.secrets.allow.named_file import read_bytes
from victor_server.secrets.finding import fingerprint


@dataclass(frozen=True, slots=True)
class Update:
    """What became of the baseline, in entries: a secret may have more than one."""

    n_entries: int
    n_new: int
    n_dropped: int
    n_unlabelled: int


def update_baseline(file: Path, paths: Sequence[Path], place: Place, report: Report) -> Update:
    """Scan `paths` (the root if there are none) and write what is there into a baseline; `report` tells of the scan.

    What ignore files leave out is left out here too; the entries of files outside of `paths` stay. Raises
    `UsageError` if the file is no baseline or cannot be written.
    """
    scan_files(paths or [place.root], place, read_known(place.root).without_baseline(), report)
    report.notes += read_known(place.root).problems
    found = list(_with_texts(report, place))
    counts: list[Update] = []

    def change(text: str | None, companion: str | None) -> str:
        before = _entries(text)
        texts = {path: _text(path, place) for path in before if _is_below(path, paths, place)}
        changed = baseline_of(text, found, texts, companion=companion)
        counts.append(_counts(before, _entries(changed)))
        return changed

    change_baseline(file, change, root=place.root)
    return counts[-1]


def _with_texts(report: Report, place: Place) -> list[Found]:
    """The findings with the texts in which they stand; a file that has changed since is left for the next time."""
    found: list[Found] = []
    texts: dict[str, str | None] = {}
    for each in report.findings:
        if each.path not in texts:
            texts[each.path] = _text(each.path, place)
        text = texts[each.path]
        if (
            text is None
            or fingerprint(text[each.finding.start : each.finding.end]) != each.finding.fingerprint
        ):
            report.could_not_scan(each.shown, "changed while it was scanned, or its name holds a secret")
        else:
            found.append((each.path, each.finding, text))
    return found


def _text(path: str, place: Place) -> str | None:
    """A file's text by its path; None if it is gone, and for what lies outside of the root."""
    data, _ = read_bytes(place.root / path, place.root)
    return None if data is None else decode(data)


def _is_below(path: str, paths: Sequence[Path], place: Place) -> bool:
    file = place.root / path
    return not paths or any(file.is_relative_to(os.path.normpath(place.working / each)) for each in paths)


def _entries(text: str | None) -> dict[str, list[Entry]]:
    document = parse_document(text)[0] if text else None
    return read_entries(document)[0] if document else {}


def _counts(before: dict[str, list[Entry]], after: dict[str, list[Entry]]) -> Update:
    old = {(path, entry.type, entry.hash) for path in before for entry in before[path]}
    new = {(path, entry.type, entry.hash): entry for path in after for entry in after[path]}
    n_unlabelled = sum(entry.is_secret is None for entry in new.values())
    return Update(len(new), len(new.keys() - old), len(old - new.keys()), n_unlabelled)
