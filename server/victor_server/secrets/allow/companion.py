"""Lets detect-secrets find again what stands in the baseline beside this file; it reports nothing else.

Victor wrote this file and the baseline. Some of the secrets in there detect-secrets would not find by itself, and it
would drop them, with what people said of them, as soon as it writes the baseline anew. It takes this file for its
own plugin for keywords, with these secrets besides: its `audit` fails with plugins of other names.
Needs nothing but detect-secrets. Commit it with the baseline.
"""

from __future__ import annotations

import bisect
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from detect_secrets.core.potential_secret import PotentialSecret
from detect_secrets.filters import heuristic
from detect_secrets.plugins import keyword

_BASELINE = ".secrets.baseline"
_MAX_LINE = 4_000
_MAX_CUTS = 160
_CUT = re.compile(r"(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2})|(?<![^\W_])|(?![^\W_])")
_DELIMITERS = r"\s\"'`=:,;()\[\]{}<>@/|&?#\\"
_WIDE_CUT = re.compile(
    rf"(?<=[{_DELIMITERS}])(?=[^{_DELIMITERS}])|(?<=[^{_DELIMITERS}])(?=[{_DELIMITERS}])|^|$", re.MULTILINE
)
_BEGINNING = re.compile(
    r"\b(?:gh[pousr](?=_)|gl[a-z]{2,5}(?=-)|BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?|PuTTY-User-Key-File-2)"
)
_MAX_PIECES = 1_000_000
_BLOCK_START = re.compile(r"----[ -]BEGIN |PuTTY-User-Key-File-")
_BLOCK_END = re.compile(r"END [A-Z0-9 ]{0,60}(?:-----| ----)|Private-MAC: [0-9a-f]{40,64}")
_MAX_BLOCK = 20_000
_MAX_BLOCKS = 12
_HARMLESS = "known"


class FromWholeFile:
    """Finds secrets in a file as a whole: all are reported with its first line, each with its own line's number.

    Kept apart by lines, those in calls (`f("…")`) would be lost, as such lines are not shown to any plugin.
    """

    def secrets_of(self, filename: str, line_number: int, *, is_by_line: bool) -> set[PotentialSecret]:
        """What to report with a line; only what stands there for an audit, which shows the value."""
        if is_by_line:
            return {secret for secret in self._in_file(filename) if secret.line_number == line_number}
        if getattr(self, "_asked", None) == filename:
            return set()
        self._asked = filename
        found = set(self._in_file(filename))
        for secret in found:
            if _would_be_left_out(secret.secret_value or ""):
                secret.secret_value = _HARMLESS
        return found

    def _in_file(self, filename: str) -> Iterator[PotentialSecret]:
        for kind, value, line in self.find(filename):
            secret = PotentialSecret(kind, filename, value, line)
            secret.secret_value = re.split(r"[\r\n]", value, maxsplit=1)[0]
            yield secret

    def find(self, filename: str) -> Iterable[tuple[str, str, int]]:
        """(type, value, line from 1) of each secret in a file."""
        raise NotImplementedError


def _would_be_left_out(value: str) -> bool:
    """Whether detect-secrets' filters take a value for none: it was a person who decided about those here."""
    checks = (
        heuristic.is_sequential_string,
        heuristic.is_potential_uuid,
        heuristic.is_templated_secret,
        heuristic.is_prefixed_with_dollar_sign,
        heuristic.is_not_alphanumeric_string,
    )
    return any(check(value) for check in checks)


@lru_cache(maxsize=1)
def _entries() -> dict[str, dict[str, list[tuple[str, int]]]]:
    """What the baseline holds: path → hash → (type, line)."""
    entries: dict[str, dict[str, list[tuple[str, int]]]] = {}
    baseline = json.loads(Path(__file__).with_name(_BASELINE).read_text(encoding="utf-8"))
    for path, items in baseline["results"].items():
        of_file = entries.setdefault(path.replace("\\", "/"), {})
        for item in items:
            of_file.setdefault(item["hashed_secret"], []).append((item["type"], item.get("line_number", 0)))
    return entries


@lru_cache(maxsize=4)
def _known_in(filename: str) -> tuple[tuple[str, str, int], ...]:
    of_file = _entries().get(filename.replace("\\", "/"))
    if not of_file:
        return ()
    try:
        with open(filename, encoding="utf-8", errors="replace", newline="") as file:  # noqa: PTH123 - any Python
            text = file.read()
    except OSError:
        return ()
    return tuple(found_again(text, of_file)[0])


def found_again(
    text: str, of_file: dict[str, list[tuple[str, int]]]
) -> tuple[list[tuple[str, str, int]], bool]:
    """(type, value, line) of each recorded value that still stands in the text, and whether all of it was looked at.

    The lines where they stood come first, and are looked at most closely.
    """
    starts = [0, *(end.end() for end in re.finditer(r"\r\n|\r|\n", text))]
    recorded = {line - 1 for places in of_file.values() for _, line in places}
    missing = set(of_file)
    found: list[tuple[str, str, int]] = []
    n_pieces = 0
    for line in sorted(range(len(starts)), key=lambda line: line not in recorded):
        end = starts[line + 1] if line + 1 < len(starts) else len(text)
        for value in _pieces(text, starts[line], end, _CUT if line in recorded else _WIDE_CUT):
            n_pieces += 1
            digest = hashlib.sha1(value.encode("utf-8", "replace")).hexdigest()  # noqa: S324 - detect-secrets' own
            if digest in missing:
                missing.discard(digest)
                found += [(kind, value, line + 1) for kind in sorted({kind for kind, _ in of_file[digest]})]
        if not missing or n_pieces > _MAX_PIECES:
            break
    return found, not missing or n_pieces <= _MAX_PIECES


def _pieces(text: str, start: int, end: int, cut: re.Pattern[str]) -> Iterator[str]:
    """Everything in a line from one cut to another, how keys begin, and blocks of lines that begin there."""
    for beginning in _BEGINNING.finditer(text, start, end):
        yield beginning.group()
    for block in islice(_BLOCK_START.finditer(text, start, end), _MAX_BLOCKS):
        dashes = text.rfind("-----BEGIN", start, block.end())
        first = dashes if dashes >= 0 else block.start()
        for last in islice(_BLOCK_END.finditer(text, first, first + _MAX_BLOCK), _MAX_BLOCKS):
            yield text[first : last.end()]
    cuts = [place.start() for place in cut.finditer(text, start, min(end, start + _MAX_LINE))][:_MAX_CUTS]
    for place, left in enumerate(cuts):
        for right in cuts[bisect.bisect_right(cuts, left, place) :]:
            yield text[left:right]


class KeywordDetector(keyword.KeywordDetector, FromWholeFile):
    """detect-secrets' own, and whatever stands in the baseline, of any type."""

    def analyze_line(  # type: ignore[override]  # arguments are given by name, and only those that are declared
        self,
        filename: str,
        line: str,
        line_number: int = 0,
        context: Any = None,
        enable_eager_search: bool = False,
    ) -> set[PotentialSecret]:
        found = super().analyze_line(filename=filename, line=line, line_number=line_number, context=context)
        return found | self.secrets_of(filename, line_number, is_by_line=enable_eager_search)

    def find(self, filename: str) -> Iterable[tuple[str, str, int]]:
        return _known_in(filename)
