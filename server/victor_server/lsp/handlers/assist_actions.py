"""Code actions that ask a model. They carry a command alone, and listing them costs nothing: no model, no parser, no disk
but a look whether somebody has changed their own assists."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from lsprotocol import types

from victor_server.features.assists.assist import Assist, NotOffered, Offer
from victor_server.features.assists.commit_message import COMMIT_MESSAGE, is_message
from victor_server.features.assists.fix_diagnostic import FIX_DIAGNOSTIC, reported_at
from victor_server.features.assists.own_files import OwnAssistFiles
from victor_server.features.assists.place import Place
from victor_server.features.assists.table import all_offered
from victor_server.lsp.assist_places import place_of, reported_in
from victor_server.lsp.documents import Document
from victor_server.lsp.session import Session
from victor_server.lsp.shapes.assists import ASSIST
from victor_server.policy.private_files import PrivateFiles
from victor_server.settings.trust import trusts

OWN_WAIT_S = 0.03
"""So long a list waits for a look at the files of own assists; then it takes those that are known."""

_MAX_DIAGNOSTICS = 20
_VIEWS = "views"
_ALWAYS_PRIVATE = PrivateFiles()


async def assist_actions(
    session: Session, document: Document, params: types.CodeActionParams
) -> list[types.CodeAction]:
    """What can be done at a place, by kinds that no editor runs by itself; nothing in a file that is private."""
    root = root_of(session, document.path)
    if _is_ours(session, document) or _ALWAYS_PRIVATE.why(document.place.as_posix()):
        return []
    ours = _own_codes(session, document)
    reported = [
        each for each in reported_in(params.context.diagnostics) if each.source or each.code not in ours
    ]
    place = replace(place_of(document, params.range, root), reported=reported)
    own = await own_assists(session, root)
    return list(_listed(session, document, params, place, own))


def _own_codes(session: Session, document: Document) -> set[str]:
    """What Victor reports of a document: Vim with ALE sends it back without its source."""
    told = {str(each.code) for each in session.diagnostics.published.get(document.uri, ())}
    shown = session.reviewed.shown.get(document.uri)
    return told | {each.hunk.state for each in (shown.placed if shown else ())}


def root_of(session: Session, path: Path | None) -> Path | None:
    """The folder that a document belongs to; for a message of git's that lies in none, the repository."""
    if path is None:
        return None
    return session.roots.containing(path) or (path.parent.parent if path.parent.name == ".git" else None)


async def own_assists(session: Session, root: Path | None) -> Sequence[Assist]:
    """What people wrote themselves, as it is now, or as it last was where that takes a while."""
    settings, state = session.settings.resolved, session.assists
    if settings is None:
        return ()
    if state.own is None or state.own.home != settings.home:
        state.own, state.known = (
            OwnAssistFiles(settings.home, trusts(settings.home, restricted=settings.restricted)),
            {},
        )
    if root not in state.reading:
        state.reading.add(root)
        done = asyncio.Event()
        session.background.start(_read_own(session, state.own, root, done))
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), OWN_WAIT_S)
    return state.known.get(root, ())


async def _read_own(session: Session, files: OwnAssistFiles, root: Path | None, done: asyncio.Event) -> None:
    state = session.assists
    try:
        found, problems = await session.pool.run_blocking(lambda: files.now(root))
    finally:
        state.reading.discard(root)
    if state.own is files:
        state.known[root] = found
    for problem in problems:
        session.client.show_once(problem.told, f"Victor: {problem.told}", types.MessageType.Warning)
    done.set()


def _listed(
    session: Session,
    document: Document,
    params: types.CodeActionParams,
    place: Place,
    own: Sequence[Assist],
) -> Iterator[types.CodeAction]:
    only = [str(getattr(each, "value", each)) for each in params.context.only or []]
    automatic = params.context.trigger_kind == types.CodeActionTriggerKind.Automatic
    # What looks for a fault where none is reported comes last: the first entry is soon chosen by mistake.
    is_last = () if reported_at(place) else (FIX_DIAGNOSTIC,)
    for assist, offer in sorted(all_offered(place, own), key=lambda each: each[0] in is_last):
        named = _is_named(assist.kind, only)
        if not named and any(only):
            continue
        if isinstance(offer, NotOffered):
            if named and session.features.disabled_actions and not automatic:
                yield _disabled(assist, offer)
        elif _is_worth_it(assist, place, automatic=automatic, named=named):
            yield _to_lsp(session, document, params, assist, offer, place)


def _is_named(kind: str, only: Sequence[str]) -> bool:
    """Whether the client asks for this kind: one stands for all that are below it."""
    return any(each and (kind == each or kind.startswith(f"{each}.")) for each in only)


def _is_worth_it(assist: Assist, place: Place, *, automatic: bool, named: bool) -> bool:
    """A list that the person did not ask for has what stands out; a commit message is written where that belongs."""
    if assist is COMMIT_MESSAGE:
        return named or is_message(place)
    if is_message(place):
        return named
    if not automatic or place.selected is not None or assist.by_itself:
        return True
    return assist is FIX_DIAGNOSTIC and bool(reported_at(place))


def _to_lsp(
    session: Session,
    document: Document,
    params: types.CodeActionParams,
    assist: Assist,
    offer: Offer,
    place: Place,
) -> types.CodeAction:
    start, end = params.range.start, params.range.end
    argument: dict[str, object] = {
        "assist": assist.id,
        "uri": document.uri,
        "range": {
            "start": {"line": start.line, "character": start.character},
            "end": {"line": end.line, "character": end.character},
        },
    }
    action = types.CodeAction(
        title=offer.title,
        kind=assist.kind,
        command=types.Command(title=offer.title, command=ASSIST, arguments=[argument]),
    )
    if assist is FIX_DIAGNOSTIC and (found := reported_at(place)):
        argument["reported"] = [
            {
                "startLine": each.start,
                "endLine": each.end,
                "message": each.message,
                "source": each.source,
                "code": each.code,
            }
            for each in found
        ]
        action.diagnostics = [
            _sent_back(each)
            for each in params.context.diagnostics[:_MAX_DIAGNOSTICS]
            if reported_in([each])[0] in found
        ]
    if session.features.llm_actions:
        action.tags = [types.CodeActionTag.LlmGenerated]
    return action


def _sent_back(diagnostic: types.Diagnostic) -> types.Diagnostic:
    """A diagnostic of the client's as it may be sent: it is read leniently, and may hold anything."""
    severity = next((each for each in types.DiagnosticSeverity if each == diagnostic.severity), None)
    return types.Diagnostic(
        range=diagnostic.range,
        message=str(diagnostic.message),
        severity=severity,
        source=diagnostic.source if isinstance(diagnostic.source, str) else None,
        code=diagnostic.code if isinstance(diagnostic.code, str | int) else None,
    )


def _disabled(assist: Assist, offer: NotOffered) -> types.CodeAction:
    return types.CodeAction(
        title=f"Victor: {assist.title.lower()}",
        kind=assist.kind,
        disabled=types.CodeActionDisabled(reason=offer.why),
    )


def _is_ours(session: Session, document: Document) -> bool:
    """Whether a document is one that Victor opened."""
    settings = session.settings.resolved
    return (
        settings is not None and document.path is not None and document.path.parent == settings.home / _VIEWS
    )
