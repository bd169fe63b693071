"""Hunks under review as diagnostics, for editors that know no reviews: each says what it is about, and what to do."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

from victor_server.lsp.review_state import ShownReview
from victor_server.lsp.session import Session
from victor_server.lsp.text import Text

if TYPE_CHECKING:
    from victor_server.features.edits.review_model import Placed

MAX_SHOWN = 200
_MAX_OLD, _MAX_NEW = 4, 12
"""Lines of a message: the old ones stand in the document, the new ones nowhere else."""
_MAX_CHARACTERS = 160
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""What would steer a terminal, or turn the direction of text: a model's words and a repository's are shown as text."""


def review_items(session: Session, uri: str) -> list[types.Diagnostic]:
    """The hunks of a document, as long as its text is the one that they were found in."""
    shown = session.reviewed.shown.get(uri)
    document = session.documents.get(uri)
    if shown is None or (document is not None and document.text is not shown.text):
        return []
    return [to_lsp_review(session, shown, each) for each in shown.placed[:MAX_SHOWN]]


def to_lsp_review(session: Session, shown: ShownReview, placed: "Placed") -> types.Diagnostic:
    """One hunk."""
    state = placed.hunk.state
    return types.Diagnostic(
        range=range_of(shown.text, placed, session),
        message=message_of(placed),
        severity=types.DiagnosticSeverity.Information,
        source="victor",
        code=state,
        data={"edit": placed.edit_id, "hunk": placed.hunk.id} if session.features.diagnostic_data else None,
    )


def message_of(placed: "Placed") -> str:
    """What becomes of which lines, then what for, and how to decide: editors cut off what does not fit beside a line."""
    title = as_shown(" ".join(placed.title.split()))
    first, last = "Victor proposes:", "Accept or reject it by a code action."
    if placed.is_in:
        first, last = "Victor has changed this:", "Keep or undo it by a code action."
    old = _marked("-", placed.hunk.before, _MAX_OLD)
    new = _marked("+", placed.hunk.after, _MAX_NEW)
    return "\n".join([first, *old, *new, f"{title}. {last}"])


def _marked(mark: str, text: str, most: int) -> list[str]:
    lines = text.splitlines()
    more = [f"… {len(lines) - most} more lines"] if len(lines) > most else []
    return [*(f"{mark} {as_shown(line)}" for line in lines[:most]), *more]


def lines_of(text: Text, placed: "Placed") -> tuple[int, int]:
    """The first and the last line that a hunk is shown at; between two lines, the one before."""
    n_lines = max(1, len(text.lines))
    if placed.start == placed.end:
        line = min(max(0, placed.start - 1), n_lines - 1)
        return line, line
    return min(placed.start, n_lines - 1), min(placed.end, n_lines) - 1


def touching(shown: ShownReview, first: int, last: int) -> "Sequence[Placed]":
    """The hunks that are shown at these lines, both included."""
    found = []
    for each in shown.placed:
        start, end = lines_of(shown.text, each)
        if start <= last and first <= end:
            found.append(each)
    return found


def range_of(text: Text, placed: "Placed", session: Session) -> types.Range:
    """The lines at which a hunk is shown."""
    start, end = lines_of(text, placed)
    units = text.units(end, len(text.content(end)), session.documents.encoding)
    return types.Range(types.Position(start, 0), types.Position(end, units))


def as_shown(line: str, most: int = _MAX_CHARACTERS) -> str:
    """A line of somebody's words as a person may see it."""
    cut = f"{line[:most]}…" if len(line) > most else line
    return _UNSEEN.sub("\ufffd", cut)
