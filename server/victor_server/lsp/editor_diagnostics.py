"""What the editor's other language servers report: asked of a client that offers to tell."""

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from victor_server.agent.context.sources import Note, Severity
from victor_server.lsp import uris
from victor_server.lsp.client import ClientRefusedError
from victor_server.lsp.session import Session
from victor_server.lsp.shapes.context import EDITOR_DIAGNOSTICS, EditorDiagnosticsParams
from victor_server.lsp.text import without_surrogates

logger = logging.getLogger(__name__)

TIME_LIMIT_S = 2.0
MAX_NOTES = 2_000
_SEVERITIES: Mapping[object, Severity] = {1: "error", 2: "warning", 3: "information", 4: "hint"}


async def ask_editor(session: Session, paths: Sequence[Path]) -> Sequence[Note]:
    """What is reported of these files, or of all without any, but for what Victor reports itself. Never raises.

    Empty where the client does not offer it, refuses, is slow or talks nonsense.
    """
    if not session.features.victor_diagnostics:
        return []
    wanted = [_uri_of(session, path) for path in paths]
    try:
        question = session.client.ask(EDITOR_DIAGNOSTICS, EditorDiagnosticsParams(wanted))
        answer = await asyncio.wait_for(question, TIME_LIMIT_S)
    except (ClientRefusedError, TimeoutError):
        logger.info("the client does not tell what others report")
        return []
    return read_answer(answer)


def read_answer(answer: object) -> Sequence[Note]:
    """The diagnostics in a client's answer; whatever does not look like one is passed over."""
    documents = answer.get("documents") if isinstance(answer, Mapping) else None
    notes: list[Note] = []
    for document in documents if isinstance(documents, list) else []:
        notes += _notes_of(document)
        if len(notes) >= MAX_NOTES:
            break
    return notes[:MAX_NOTES]


def _notes_of(document: object) -> Iterator[Note]:
    if not isinstance(document, Mapping) or not isinstance(document.get("uri"), str):
        return
    path, found = uris.to_path(document["uri"]), document.get("diagnostics")
    if path is None or not isinstance(found, list):
        return
    for each in found[:MAX_NOTES]:
        note = _note(Path(path), each) if isinstance(each, Mapping) else None
        if note is not None and note.source != "victor":
            yield note


def _note(path: Path, each: Mapping[str, Any]) -> Note | None:
    start, end = _line(each, "start"), _line(each, "end")
    message, code, source = each.get("message"), each.get("code", ""), each.get("source", "")
    if start is None or end is None or not isinstance(message, str):
        return None
    severity = each.get("severity")
    said = _SEVERITIES.get(severity, "error") if isinstance(severity, int) else "error"
    name = str(code) if isinstance(code, str | int) else ""
    who = source if isinstance(source, str) else ""
    text, who, name = (without_surrogates(part) for part in (message, who, name))
    return Note(path, start, end, said, text, who, name)


def _line(each: Mapping[str, Any], which: str) -> int | None:
    place: object = each.get("range")
    for name in (which, "line"):
        place = place.get(name) if isinstance(place, Mapping) else None
    return place if isinstance(place, int) and 0 <= place < 2**31 else None


def _uri_of(session: Session, path: Path) -> str:
    document = session.documents.at(path)
    return uris.from_path(str(path)) if document is None else document.uri
