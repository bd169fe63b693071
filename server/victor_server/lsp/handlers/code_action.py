"""Quick fixes for secrets, from the range and the document alone: some clients send no diagnostics along."""

from lsprotocol import types

from victor_server.lsp.checking import findings_in
from victor_server.lsp.convert import to_lsp_code_action
from victor_server.lsp.documents import Document
from victor_server.lsp.handlers.diagnostics import to_lsp
from victor_server.lsp.session import Session

_KIND = types.CodeActionKind.QuickFix.value


async def code_action(
    session: Session, document: Document, params: types.CodeActionParams
) -> list[types.CodeAction] | None:
    """The fixes for the findings that the range touches."""
    if not _is_wanted(params.context.only):
        return []
    first, last = params.range.start.line, params.range.end.line
    findings = await findings_in(session, document)
    if not any(finding.line <= last and finding.end_line >= first for finding in findings):
        return []
    services = await session.slot.get()
    text, name, language = document.text, document.name, document.language_id
    fixes = await session.pool.run_blocking(
        lambda: services.secrets.fixes(text.readable, name, language, first, last)
    )
    versioned = session.features.document_changes
    return [
        to_lsp_code_action(
            fix,
            to_lsp(session, document, fix.findings),
            document,
            session.features.encoding,
            versioned=versioned,
        )
        for fix in fixes
    ]


def _is_wanted(only: object) -> bool:
    """True if a quick fix is of one of the kinds in `only`; a kind stands for all that are below it."""
    if not isinstance(only, list) or not only:
        return True
    return any(kind == "" or kind == _KIND for kind in (getattr(one, "value", one) for one in only))
