"""What clients ask for and wait for: a change of lines, code of an answer as a change, a commit message. Loaded late."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from victor_server.agent.context.git import has_staged
from victor_server.errors import UsageError
from victor_server.features.assists.commit_message import COMMIT_MESSAGE
from victor_server.features.assists.offered import Spot
from victor_server.features.assists.outcome import CommitMessage, Proposed
from victor_server.features.assists.partial import Partial
from victor_server.features.assists.refactor import REFACTOR
from victor_server.features.edits.model import EditSet
from victor_server.lsp.assist_runs import stoppable
from victor_server.lsp.convert import to_lsp_lines
from victor_server.lsp.dispatch import Request
from victor_server.lsp.documents import Document
from victor_server.lsp.handlers.assists import Heard, place_for, run, title_of
from victor_server.lsp.handlers.chat import agent_of
from victor_server.lsp.session import Session
from victor_server.lsp.shapes import assists as shapes
from victor_server.lsp.shapes.assists import (
    AssistParams,
    CommitMessageParams,
    CommitMessageResult,
    EditOfferParams,
    EditOfferResult,
    EditPartialParams,
    EditProposeParams,
    EditProposeResult,
)
from victor_server.lsp.shapes.edits import EditItem
from victor_server.lsp.to_edit_items import to_edit_item


async def propose(session: Session, params: EditProposeParams) -> EditProposeResult:
    """Have lines changed as the person says; answers with the edit. A cancel of the request ends it too."""
    document = _open_document(session, params.uri)
    if not params.instruction.strip():
        raise UsageError("There is no instruction.", "Say what to do with the lines.")
    wanted = AssistParams(REFACTOR.id, params.uri, params.range, params.instruction)
    place, heard, token = place_for(session, wanted, document), Heard(), params.partialToken

    def partly(found: Partial) -> None:
        lines = to_lsp_lines(found.lines.start, found.lines.end)
        told = EditPartialParams(token or 0, params.uri, lines, found.text, heard.model)
        session.client.notify(shapes.EDIT_PARTIAL, told)

    outcome = await stoppable(
        session,
        title_of(REFACTOR, place),
        lambda report: run(
            session, REFACTOR, place, document, heard, report, None if token is None else partly
        ),
        params.workDoneToken,
    )
    if not isinstance(outcome, Proposed):
        return EditProposeResult(None, heard.model)
    return EditProposeResult(await _item(session, outcome.edits), heard.model)


async def offer(session: Session, params: EditOfferParams) -> EditOfferResult:
    """Make an edit of the code of an answer."""
    document = _open_document(session, params.uri)
    if not params.text.strip():
        raise UsageError("There is no code.", "Send the text of a block of code.")
    place = place_for(session, AssistParams("", params.uri, params.range), document)
    spot = Spot(None if params.range is None else params.range.start.character)
    agent = await agent_of(session)
    offered = await agent.offer(params.text, place, spot, params.title)
    edit = None if offered.edits is None else await _item(session, offered.edits)
    return EditOfferResult(edit, offered.placed)


async def commit_message(session: Session, params: CommitMessageParams) -> CommitMessageResult:
    """Have the message of what is staged written; answers with it. A cancel of the request ends it too."""
    root = session.roots.find(params.root) if params.root else next(iter(session.roots.paths), None)
    if root is None:
        raise UsageError("No folder is open.", "Open a folder that is in a git repository.")
    await _refuse_without_staged(root)
    place, heard = place_for(session, AssistParams(COMMIT_MESSAGE.id), None, root), Heard()
    outcome = await stoppable(
        session,
        title_of(COMMIT_MESSAGE, place),
        lambda report: run(session, COMMIT_MESSAGE, place, None, heard, report),
        params.workDoneToken,
    )
    message = outcome.text if isinstance(outcome, CommitMessage) else ""
    return CommitMessageResult(message, heard.model)


async def _refuse_without_staged(root: Path) -> None:
    if not await asyncio.to_thread(has_staged, root):
        raise UsageError("Nothing is staged.", "Stage what the commit is to hold: `git add`.")


def _open_document(session: Session, uri: str) -> Document:
    document = session.take_snapshot(uri)
    if document is None:
        raise UsageError("The document is not open.", "Open it first.")
    return document


async def _item(session: Session, edits: EditSet) -> EditItem:
    places = (await agent_of(session)).edits.places(edits.id)
    return to_edit_item(session, edits, places, whole=False)


REQUESTS: Mapping[str, Request] = {
    shapes.EDIT_PROPOSE: Request(EditProposeParams, propose),
    shapes.EDIT_OFFER: Request(EditOfferParams, offer),
    shapes.COMMIT_MESSAGE: Request(CommitMessageParams, commit_message),
}
