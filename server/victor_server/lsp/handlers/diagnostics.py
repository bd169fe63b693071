"""Secrets as diagnostics: pushed after opening and saving, or given to a client that asks; never both in a session.

A client that asks is told what stands in the document at that moment, so one that asks after each change shows a
secret before it is saved. To the others no new secret is announced between two saves: nobody wants to be told of the
key that is being typed. What was announced must not point at the wrong text, though, so a changed document that has
findings is checked again a moment later, and those that are still there are published where they now stand. Shifting
the old ranges by hand would be cheaper and would not notice that a finding was mended.
"""

import hashlib
import logging
from collections.abc import Sequence

from lsprotocol import types

from victor_server.lsp.checking import findings_in
from victor_server.lsp.client import ClientRefusedError
from victor_server.lsp.convert import to_lsp_diagnostic
from victor_server.lsp.documents import Document
from victor_server.lsp.review_diagnostics import review_items
from victor_server.lsp.session import Session
from victor_server.secrets.finding import Finding

logger = logging.getLogger(__name__)

MAX_SHOWN = 1_000
"""Diagnostics of one document, as many as VS Code takes: more hold up an editor, and show nobody anything."""

_ALL = ""
"""Stands among the URIs for all of them."""


async def document_diagnostic(
    session: Session, document: Document, params: types.DocumentDiagnosticParams
) -> types.DocumentDiagnosticReport:
    """What stands in the document now. From here on nothing is pushed, of this document or any other."""
    _stop_pushing(session)
    items = to_lsp(session, document, await findings_in(session, document))
    result_id = _result_id(items)
    if params.previous_result_id == result_id:
        return types.RelatedUnchangedDocumentDiagnosticReport(result_id=result_id)
    return types.RelatedFullDocumentDiagnosticReport(items=items, result_id=result_id)


def to_lsp(session: Session, document: Document, findings: Sequence[Finding]) -> list[types.Diagnostic]:
    """The first findings as the person sees them; their messages mask the secrets."""
    services = session.slot.current
    if services is None:
        return []
    features, secrets = session.features, services.secrets
    return [
        to_lsp_diagnostic(
            finding,
            secrets.message(finding),
            document.text,
            features.encoding,
            page=secrets.page(finding.rule) if features.code_descriptions else None,
            data={"secret": _own_hash(session, finding)} if features.diagnostic_data else None,
        )
        for finding in findings[:MAX_SHOWN]
    ]


def _own_hash(session: Session, finding: Finding) -> str:
    """The same for the same secret in this session, and no use to anybody who would guess a weak one by its hash."""
    return hashlib.blake2b(
        finding.fingerprint.encode("ascii", "replace"), key=session.diagnostics.key, digest_size=8
    ).hexdigest()


def check_opened(session: Session, document: Document) -> None:
    """Check a document that was opened, or for which settings changed, where those want that.

    Before the first settings are known nothing is checked: every open document comes here once more then.
    """
    settings = session.settings.resolved
    if settings is not None and (settings.secrets.on_open or document.uri in session.diagnostics.published):
        check_soon(session, document)


def check_soon(session: Session, document: Document) -> None:
    """Check a document and publish all that is found."""
    session.recheck_later.drop(document.uri)
    if document.in_step and not session.diagnostics.pulls:
        session.background.start(_check(session, document))


def check_saved(session: Session, document: Document) -> None:
    """Look through the whole of a document that was saved, and publish all that is found."""
    session.diagnostics.checked.pop(document.uri, None)
    check_soon(session, document)


def check_all_soon(session: Session) -> None:
    """Check the open documents again, because what the team knows has changed; new ones still wait for a save."""
    session.recheck_later.call(_ALL, lambda: session.background.start(_check_all(session)))


async def _check_all(session: Session) -> None:
    await refresh(session)
    for document in session.documents:
        if document.edited and not document.saved:
            recheck_later(session, document)
        elif document.uri in session.diagnostics.published:
            check_soon(session, document)


def recheck_later(session: Session, document: Document) -> None:
    """Bring what is shown of a changed document up to date in a moment."""
    uri = document.uri
    if session.diagnostics.known.get(uri):
        session.recheck_later.call(uri, lambda: session.background.start(_recheck(session, uri)))


async def refresh(session: Session) -> None:
    """Let a client that pulls ask again: what it has may not hold any more."""
    if session.diagnostics.pulls and session.features.refreshes_diagnostics:
        try:
            await session.client.ask(types.WORKSPACE_DIAGNOSTIC_REFRESH)
        except ClientRefusedError:
            logger.info("the client refreshes no diagnostics")


def clear(session: Session, uri: str) -> None:
    """Take away what was published of a document."""
    session.recheck_later.drop(uri)
    session.diagnostics.known.pop(uri, None)
    if session.diagnostics.published.pop(uri, None):
        _send(session, uri, None, review_items(session, uri))


async def _check(session: Session, document: Document) -> None:
    findings = await findings_in(session, document)
    if session.documents.get(document.uri) is None:
        return
    session.diagnostics.known[document.uri] = frozenset(finding.fingerprint for finding in findings)
    if session.is_current(document):
        _publish(session, document, findings)
    else:
        # It was changed meanwhile: the findings hold, their places do not.
        recheck_later(session, document)


async def _recheck(session: Session, uri: str) -> None:
    document = session.take_snapshot(uri)
    if document is None:
        return
    findings = await findings_in(session, document)
    known = session.diagnostics.known.get(uri, frozenset())
    if not session.is_current(document):
        recheck_later(session, document)
        return
    remaining = [finding for finding in findings if finding.fingerprint in known]
    if to_lsp(session, document, remaining) != session.diagnostics.published.get(uri):
        _publish(session, document, remaining)


def _publish(session: Session, document: Document, findings: Sequence[Finding]) -> None:
    if session.diagnostics.pulls:
        return
    items = to_lsp(session, document, findings)
    session.diagnostics.published[document.uri] = items
    # The version may have risen without a change of the text.
    current = session.documents.get(document.uri) or document
    _send(session, document.uri, current.version, [*items, *review_items(session, document.uri)])


def publish_review(session: Session, uri: str) -> None:
    """Show a document's hunks, beside what was found in it and pushed.

    They are pushed to a client that asks, too, and are no part of what it asks for: nothing is shown twice, and who
    proposes a change need not wait until the client asks again.
    """
    document = session.documents.get(uri)
    items = [*session.diagnostics.published.get(uri, ()), *review_items(session, uri)]
    _send(session, uri, None if document is None else document.version, items)


def _stop_pushing(session: Session) -> None:
    """Editors show what is pushed beside what they ask for: take the one away before the other comes."""
    session.diagnostics.pulls = True
    for uri in list(session.diagnostics.published):
        clear(session, uri)


def _send(session: Session, uri: str, version: int | None, items: list[types.Diagnostic]) -> None:
    shown_version = version if session.features.diagnostic_versions else None
    session.client.notify(
        types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS,
        types.PublishDiagnosticsParams(uri=uri, diagnostics=items, version=shown_version),
    )


def _result_id(items: list[types.Diagnostic]) -> str:
    return hashlib.sha256(repr(items).encode("utf-8", "replace")).hexdigest()[:16]
