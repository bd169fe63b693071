"""Edits under review as clients get them."""

from collections.abc import Mapping
from datetime import UTC, datetime

from victor_server.features.edits.lines import split_lines
from victor_server.features.edits.model import EditSet, FileEdit, Hunk
from victor_server.features.edits.reviewed_file import where
from victor_server.lsp.convert import to_lsp_lines, to_lsp_uri
from victor_server.lsp.session import Session
from victor_server.lsp.shapes.edits import EditFile, EditHunk, EditItem

Places = Mapping[str, tuple[int, int]]


def to_edit_item(
    session: Session,
    edits: EditSet,
    places: Places,
    *,
    whole: bool,
    reasons: Mapping[str, str] | None = None,
) -> EditItem:
    """An edit; with its texts where it is to be `whole`."""
    origin = edits.origin
    return EditItem(
        edits.id,
        " ".join(origin.title.split()),
        str(origin.root),
        datetime.fromtimestamp(edits.made_at, UTC).isoformat(timespec="seconds"),
        [_to_file(session, edits, file, places, reasons or {}, whole=whole) for file in edits.files],
        origin.session_id,
        origin.turn_id,
        origin.call_id,
        origin.assist,
    )


def _to_file(
    session: Session,
    edits: EditSet,
    file: FileEdit,
    places: Places,
    reasons: Mapping[str, str],
    *,
    whole: bool,
) -> EditFile:
    return EditFile(
        to_lsp_uri(file.path, session.documents.at(file.path)),
        where(file.path, edits.origin.root),
        file.kind,
        [_to_hunk(hunk, places, reasons.get(hunk.id, ""), whole=whole) for hunk in file.hunks],
        None if file.to is None else to_lsp_uri(file.to, session.documents.at(file.to)),
        list(file.problems),
    )


def _to_hunk(hunk: Hunk, places: Places, reason: str, *, whole: bool) -> EditHunk:
    place = places.get(hunk.id)
    return EditHunk(
        hunk.id,
        hunk.state,
        None if place is None or hunk.state == "stale" else to_lsp_lines(*place),
        len(split_lines(hunk.before)),
        len(split_lines(hunk.after)),
        hunk.before if whole else None,
        hunk.after if whole else None,
        reason,
    )
