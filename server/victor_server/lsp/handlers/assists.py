"""`victor.assist`: runs an assist, and shows what came of it. Loaded when first needed."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from lsprotocol import types

from victor_indexer.errors import IndexerError
from victor_server.agent.run_events import Answered, Noted, ReceiptWritten, Routed, RunEvent
from victor_server.errors import UsageError, VictorError
from victor_server.features.assists.assist import Assist, Offer
from victor_server.features.assists.commit_message import COMMIT_MESSAGE, has_message, is_message
from victor_server.features.assists.fix_diagnostic import FIX_DIAGNOSTIC
from victor_server.features.assists.outcome import CommitMessage, LeftAlone, Outcome, Proposed, Written
from victor_server.features.assists.partial import Partly
from victor_server.features.assists.patch import patch_of_edit
from victor_server.features.assists.place import Place, Reported
from victor_server.features.assists.table import BY_ID
from victor_server.features.chat.views import write_view
from victor_server.features.edits.model import EditSet
from victor_server.features.edits.reviewed_file import where
from victor_server.lsp.assist_places import (
    MAX_REPORTED,
    definition_at,
    place_of,
    without_odd_characters,
)
from victor_server.lsp.assist_runs import Report, stoppable
from victor_server.lsp.client import ClientRefusedError
from victor_server.lsp.dispatch import Request
from victor_server.lsp.documents import Document
from victor_server.lsp.editor_diagnostics import ask_editor
from victor_server.lsp.editor_source import editor_source
from victor_server.lsp.handlers.assist_actions import own_assists, root_of
from victor_server.lsp.handlers.chat import agent_of
from victor_server.lsp.handlers.status import tell_later
from victor_server.lsp.session import Session
from victor_server.lsp.shapes import assists as shapes
from victor_server.lsp.shapes.assists import AssistParams
from victor_server.lsp.show_document import aloud, home_of, show_file

_SYMBOLS_LIMIT_S = 2.0
"""So long the parser may take to say what is defined at the cursor; then the lines' beginnings have to do."""


_HOW = "This editor takes no edits that it did not ask for: the code actions on these lines bring them, each by itself."


@dataclass(slots=True)
class Heard:
    """What a run told: which model answered, and which receipts it left."""

    model: str = ""
    receipts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


async def assist(session: Session, params: AssistParams) -> None:
    """Run an assist. Answers before that: some editors wait for the answer."""
    document = session.take_snapshot(params.uri) if params.uri else None
    if document is None and params.assist != COMMIT_MESSAGE.id:
        raise UsageError("The document is not open.", "Open it, and choose the action again.")
    session.background.start(aloud(session, _run(session, params, document)))


async def _run(session: Session, params: AssistParams, document: Document | None) -> None:
    wanted = await _assist(session, params.assist, document)
    place = place_for(session, params, document)
    heard = Heard()
    outcome = await stoppable(
        session,
        title_of(wanted, place),
        lambda report: run(session, wanted, place, document, heard, report),
        said=lambda outcome: _last_words(outcome, heard),
    )
    if outcome is not None:
        await _show(session, outcome, document, heard)


async def run(
    session: Session,
    wanted: Assist,
    place: Place,
    document: Document | None,
    heard: Heard,
    report: Report,
    partly: Partly | None = None,
) -> Outcome:
    """Run an assist to its end; `report` is told how it goes, `partly` what would come of it. Raises as `run_assist`."""
    place = await _looked_up(session, wanted, place, document)
    agent = await agent_of(session)
    n_characters = 0

    def told(event: RunEvent) -> None:
        nonlocal n_characters
        match event:
            case Routed(decision):
                heard.model = decision.model or decision.profile
                report(heard.model)
                tell_later(session)
            case Answered(kept=more):
                before, n_characters = n_characters, n_characters + len(more)
                if before // 1_000 != n_characters // 1_000:
                    report(f"{heard.model}: {n_characters:,} characters")
            case Noted(text):
                heard.notes.append(text)
                report(text)
            case ReceiptWritten(receipt_id):
                heard.receipts.append(receipt_id)
            case _:
                pass

    around = editor_source(session, None if document is None else document.uri, None)
    return await agent.assist(wanted, place, around=around, told=told, partly=partly)


async def _assist(session: Session, name: str, document: Document | None) -> Assist:
    if name in BY_ID:
        return BY_ID[name]
    own = await own_assists(session, root_of(session, None if document is None else document.path))
    found = next((each for each in own if each.id == name), None)
    if found is None:
        raise UsageError(
            f"There is no assist {name[:80]!r}.", "See assists.yaml, and ask for the actions again."
        )
    return found


def place_for(
    session: Session, params: AssistParams, document: Document | None, root: Path | None = None
) -> Place:
    """The place that is meant; `root` is the folder where there is no document, else the first one."""
    if document is None:
        return Place("", "", (), 0, root=root or next(iter(session.roots.paths), None))
    place = place_of(document, params.range, root_of(session, document.path))
    reported = [
        Reported(each.startLine, each.endLine, each.message, each.source, each.code)
        for each in params.reported[:MAX_REPORTED]
    ]
    return replace(without_odd_characters(place), reported=reported, instruction=params.instruction.strip())


def title_of(wanted: Assist, place: Place) -> str:
    """What the progress of a run is called."""
    offer = wanted.offer(place)
    return offer.title if isinstance(offer, Offer) else f"Victor: {wanted.title.lower()}"


async def _looked_up(session: Session, wanted: Assist, place: Place, document: Document | None) -> Place:
    """The place with what takes a moment to find: what is defined there exactly, what others report."""
    if document is None:
        return place
    if place.selected is None and wanted is not COMMIT_MESSAGE:
        with suppress(VictorError, IndexerError, TimeoutError):
            async with asyncio.timeout(_SYMBOLS_LIMIT_S):
                index = await session.index()
                symbols = await index.document_symbols(
                    document.path or Path(document.name),
                    document.text.readable,
                    document.language_id,
                    unsaved=document.edited or not document.saved,
                )
            place = replace(place, definition=definition_at(symbols, place) or place.definition)
    if wanted is FIX_DIAGNOSTIC and document.path is not None:
        notes = await ask_editor(session, [document.path])
        asked = [
            Reported(note.line, note.end_line + 1, note.message, note.source, note.code) for note in notes
        ]
        place = replace(place, reported=_each_once([*place.reported, *asked]))
    return place


def _each_once(reported: Sequence[Reported]) -> Sequence[Reported]:
    """What the client sent along and what it was asked for is mostly the same."""
    found = {(each.start, each.message): each for each in reversed(reported)}
    return list(reversed(found.values()))


async def _show(session: Session, outcome: Outcome, document: Document | None, heard: Heard) -> None:
    match outcome:
        case Proposed(edits, said):
            await _show_proposed(session, edits, said, heard)
        case Written(title, text):
            await _show_text(session, title, text, heard)
        case CommitMessage(text):
            if document is None or not await _inserted(session, document, text):
                await _show_text(session, "commit message", f"```text\n{text}\n```", heard)
        case LeftAlone():
            _tell(session, f"nothing to change here, says {heard.model or 'the model'}.", heard)


def _last_words(outcome: Outcome, heard: Heard) -> str:
    """What the progress ends with: who answered."""
    said = "nothing to change" if isinstance(outcome, LeftAlone) else "done"
    return f"{said}, by {heard.model}" if heard.model else said


async def _show_proposed(session: Session, edits: EditSet, said: Sequence[str], heard: Heard) -> None:
    """The review itself shows the hunks. Here is told what is wrong with them, and who made them if no progress did."""
    problems = [f"{file.path.name}: {each}" for file in edits.files for each in file.problems]
    features = session.features
    # Who is shown the patch reads there who made it.
    is_told = features.work_done_progress or not features.applies_edits
    if problems or said or heard.notes or not is_told:
        by = f", by {heard.model}" if heard.model else ""
        _tell(session, " ".join([f"{edits.origin.title}{by}.", *said, *problems]), heard)
    if not features.applies_edits:
        await _show_text(session, edits.origin.title, _as_patch(edits), heard)


def _as_patch(edits: EditSet) -> str:
    """For an editor that takes no edits by itself: what would change, to read."""
    root = edits.origin.root
    patches = [
        patch_of_edit(file, where(file.path, root), "" if file.to is None else where(file.to, root))
        for file in edits.files
    ]
    return f"```diff\n{''.join(patches)}```\n\n{_HOW}"


async def _show_text(session: Session, title: str, text: str, heard: Heard) -> None:
    heading = "" if text.lstrip().startswith("# ") else f"# {title[:1].upper()}{title[1:]}\n\n"
    remarks = [heard.model, *heard.notes, *(f"Receipt {each}." for each in heard.receipts)]
    ends = "".join(f"*{' '.join(each.split())}*\n\n" for each in remarks if each)
    name = f"assist-{secrets.token_hex(6)}.md"
    whole = f"{heading}{text.rstrip()}\n\n{ends}".rstrip() + "\n"
    await show_file(session, await asyncio.to_thread(write_view, home_of(session), name, whole))


def _tell(session: Session, text: str, heard: Heard) -> None:
    notes = "".join(f" {each}" for each in heard.notes)
    session.client.show(f"Victor: {text}{notes}", types.MessageType.Info)


async def _inserted(session: Session, document: Document, text: str) -> bool:
    """Whether the message stands in the editor's document now, which is one for messages and has none yet."""
    now = session.take_snapshot(document.uri)
    if now is None or not session.features.applies_edits:
        return False
    place = place_of(now, None, None)
    if not is_message(place) or has_message(place):
        return False
    start = types.Position(0, 0)
    ends = "" if now.text.lines and not now.text.lines[0].strip() else "\n"
    edit = types.TextEdit(types.Range(start, start), f"{text}{ends}")
    versioned = types.OptionalVersionedTextDocumentIdentifier(uri=now.uri, version=now.version)
    change = (
        types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(versioned, [edit])])
        if session.features.document_changes
        else types.WorkspaceEdit(changes={now.uri: [edit]})
    )
    params = types.ApplyWorkspaceEditParams(label="Victor: commit message", edit=change)
    try:
        answer = await session.client.ask(types.WORKSPACE_APPLY_EDIT, params)
    except ClientRefusedError:
        return False
    return isinstance(answer, dict) and answer.get("applied") is True


COMMANDS: Mapping[str, tuple[str, Request]] = {
    shapes.ASSIST: ("assist", Request(AssistParams, assist)),
}
