"""The findings of one document: computed off the event loop, and once for each text."""

from collections.abc import Sequence

from victor_server.lsp.diagnostic_state import Checked
from victor_server.lsp.documents import Document
from victor_server.lsp.session import Session
from victor_server.secrets.finding import Finding


async def findings_in(session: Session, document: Document) -> Sequence[Finding]:
    """The secrets in `document` as it was taken; none while the settings say so."""
    services = await session.slot.get()
    settings = session.settings.resolved
    if settings is None or not settings.secrets.enabled:
        return ()
    checked = session.diagnostics.checked.get(document.uri)
    if checked is not None and checked.text is document.text:
        return checked.findings
    text, name = document.text, document.name
    findings = await session.pool.run_blocking(lambda: services.secrets.check(text.readable, name))
    if session.is_current(document) and session.slot.current is services:
        session.diagnostics.checked[document.uri] = Checked(text, findings)
    return findings
