"""Quick fixes for secrets, from the range and the document alone: some clients send no diagnostics along.

An edit of the document alone comes with its action. One that concerns other files is written when the client resolves
the action, else at once: some clients can neither resolve an action nor apply an edit that is sent later. To those no
command goes along, for Vim with ALE makes no edit beside one: that it was made is seen when it comes back.
"""

import asyncio
import importlib
import logging
from collections.abc import Sequence
from typing import Any

from lsprotocol import types

from victor_server.errors import UsageError
from victor_server.features.replacement import replaced
from victor_server.features.secrets_on_save.model import Change, Check, Fix, Source
from victor_server.features.workspace_files import WorkspaceFiles
from victor_server.lsp.checking import check_of, files_of, source_of
from victor_server.lsp.convert import to_lsp_workspace_edit
from victor_server.lsp.converter import MalformedParamsError
from victor_server.lsp.documents import Document
from victor_server.lsp.handlers.ask_actions import ask_actions
from victor_server.lsp.handlers.diagnostics import to_lsp
from victor_server.lsp.handlers.edit_actions import edit_actions
from victor_server.lsp.handlers.secret_actions import fixed
from victor_server.lsp.offers import Offer, offer_of
from victor_server.lsp.services import Secrets
from victor_server.lsp.session import Session
from victor_server.lsp.shapes.secrets import SECRETS_FIXED, SECRETS_REVOKE, FixedParams

logger = logging.getLogger(__name__)

_MAX_DIAGNOSTICS = 20
"""That an action says it settles: it says so for the eye only."""
_KIND = types.CodeActionKind.QuickFix.value
_ASSISTS = "victor_server.lsp.handlers.assist_actions"
_Prepared = tuple[Fix, Change | None, Offer | None]


async def code_action(
    session: Session, document: Document, params: types.CodeActionParams
) -> list[types.CodeAction] | None:
    """The fixes for the findings that the range touches, what to ask about it, and what can be done there."""
    return [
        *edit_actions(session, document, params),
        *await _fixes(session, document, params),
        *ask_actions(session, document, params),
        *await _assists(session, document, params),
    ]


async def _assists(
    session: Session, document: Document, params: types.CodeActionParams
) -> list[types.CodeAction]:
    """What asks a model; loaded with the first list, which is no part of a start."""
    # Not a look into `sys.modules`: a second list may be asked for while the first one's import is on its way.
    module: Any = await asyncio.to_thread(importlib.import_module, _ASSISTS)
    actions: list[types.CodeAction] = await module.assist_actions(session, document, params)
    return actions


async def _fixes(
    session: Session, document: Document, params: types.CodeActionParams
) -> list[types.CodeAction]:
    if not _is_wanted(params.context.only):
        return []
    first, last = params.range.start.line, params.range.end.line
    check = await check_of(session, document)
    if check is None or not _touches(check, first, last):
        return []
    prepared = await _prepare(session, document, check, (first, last))
    if not session.features.applies_edits:
        session.offers.expected.pop(document.uri, None)
    return [_to_lsp_action(session, document, each, (first, last)) for each in prepared]


async def resolve(session: Session, action: dict[str, Any]) -> dict[str, Any]:
    """The action, plain JSON, with its edit. Raises UsageError if the document has changed since, or a file cannot be changed."""
    if action.get("data") is None:
        return action  # some clients ask for what is there already
    uri, version, first, last, number = _read_data(action["data"])
    document = session.take_snapshot(uri)
    if document is None or document.version != version:
        raise UsageError("The document has changed.", "Ask for the actions again.")
    check = await check_of(session, document)
    services, take_files = await session.slot.get(), files_of(session)

    def write() -> tuple[Change, Offer]:
        source, files = source_of(session, document), take_files()
        fixes = services.secrets.fixes(source, check, first, last, files) if check else ()
        fix = next((each for each in fixes if each.title == action.get("title")), None)
        if fix is None:
            raise UsageError("There is nothing to fix any more.", "Ask for the actions again.")
        change = services.secrets.change(source, fix, files)
        return change, offer_of(change, fix, source.root)

    change, offer = await session.pool.run_blocking(write)
    session.offers.put(number, offer)
    return {**action, "edit": _to_lsp_edit(session, document, change)}


async def _prepare(
    session: Session, document: Document, check: Check, lines: tuple[int, int]
) -> Sequence[_Prepared]:
    services, take_files = await session.slot.get(), files_of(session)
    resolves = session.features.resolves_edits

    def write() -> list[_Prepared]:
        source, files = source_of(session, document), take_files()
        fixes = services.secrets.fixes(source, check, *lines, files)
        return [each for fix in fixes for each in _prepared(services.secrets, source, fix, files)]

    def _prepared(secrets: Secrets, source: Source, fix: Fix, files: WorkspaceFiles) -> list[_Prepared]:
        if resolves and _concerns_files(fix):
            return [(fix, None, None)]
        try:
            change = secrets.change(source, fix, files)
        except UsageError as error:
            logger.warning("a fix is not offered: %s", error.message)
            return []
        return [(fix, change, offer_of(change, fix, source.root))]

    return await session.pool.run_blocking(write)


def _to_lsp_action(
    session: Session, document: Document, prepared: _Prepared, lines: tuple[int, int]
) -> types.CodeAction:
    fix, change, offer = prepared
    action = types.CodeAction(
        title=fix.title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=to_lsp(session, document, fix.findings[:_MAX_DIAGNOSTICS]),
    )
    if fix.kind == "revoke":
        action.command = types.Command(
            title=fix.title, command=SECRETS_REVOKE, arguments=[{"rule": fix.subject}]
        )
        return action
    number = session.offers.next_number()
    if _concerns_files(fix):
        action.command = types.Command(title=fix.title, command=SECRETS_FIXED, arguments=[{"offer": number}])
    if change is None or offer is None:
        action.data = {
            "uri": document.uri,
            "version": document.version,
            "first": lines[0],
            "last": lines[1],
            "offer": number,
        }
        return action
    session.offers.put(number, offer)
    action.edit = _to_lsp_edit(session, document, change)
    if not session.features.applies_edits:
        action.command = None
        if _concerns_files(fix) and change.replacements:
            _expect(session, document, change, number)
    return action


def _expect(session: Session, document: Document, change: Change, number: int) -> None:
    """Have what follows a fix done where no command says that it was chosen: once the document is what it makes."""
    if document.uri not in session.offers.expected:
        session.offers.expected[document.uri] = {}
        session.background.start(_seen(session, document.uri))
    session.offers.expected[document.uri][replaced(document.text.whole, change.replacements)] = number


async def _seen(session: Session, uri: str) -> None:
    await session.changes.next(uri)
    expected, now = session.offers.expected.pop(uri, {}), session.take_snapshot(uri)
    number = None if now is None else expected.get(now.text.whole)
    if number is not None:
        await fixed(session, FixedParams(number))


def _to_lsp_edit(session: Session, document: Document, change: Change) -> types.WorkspaceEdit:
    versioned = session.features.document_changes
    return to_lsp_workspace_edit(document, change, session.documents, versioned=versioned)


def _concerns_files(fix: Fix) -> bool:
    return fix.kind not in {"allow", "revoke"}


def _touches(check: Check, first: int, last: int) -> bool:
    return any(finding.line <= last and finding.end_line >= first for finding in check.findings)


def _read_data(data: object) -> tuple[str, int, int, int, int]:
    """What `_to_lsp_action` wrote."""
    fields = data if isinstance(data, dict) else {}
    uri, *numbers = (fields.get(name) for name in ("uri", "version", "first", "last", "offer"))
    if not isinstance(uri, str) or not all(type(number) is int for number in numbers):
        raise MalformedParamsError("params.data is not this server's")
    version, first, last, offer = (int(str(number)) for number in numbers)
    return uri, version, first, last, offer


def _is_wanted(only: object) -> bool:
    """True if a quick fix is of one of the kinds in `only`; a kind stands for all that are below it."""
    if not isinstance(only, list) or not only:
        return True
    return any(kind == "" or kind == _KIND for kind in (getattr(one, "value", one) for one in only))
