"""`victor/context/preview`: what a model would be shown. Loaded with the first of these requests."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from victor_server.agent.context.piece import Context, LeftOut, Piece
from victor_server.features.chat.commands import read_question
from victor_server.features.chat.model import Asked
from victor_server.lsp import uris
from victor_server.lsp.convert import to_lsp_lines, to_lsp_uri
from victor_server.lsp.dispatch import Request
from victor_server.lsp.editor_source import editor_source
from victor_server.lsp.handlers.chat import agent_of
from victor_server.lsp.session import Session
from victor_server.lsp.shapes import context as shapes
from victor_server.lsp.shapes.context import (
    ContextLeftOut,
    ContextPiece,
    ContextPreviewParams,
    ContextPreviewResult,
)
from victor_server.secrets.redaction.session import RedactionSession


async def preview(session: Session, params: ContextPreviewParams) -> ContextPreviewResult:
    """What a model would be shown for a question, without asking one."""
    uri = params.textDocument.uri if params.textDocument else None
    root = _root(session, params.root, uri)
    asked = _asked(params.prompt, root)
    around = editor_source(session, uri, params.range)
    agent = await agent_of(session)
    context = await agent.preview(replace(asked, profile=params.profile, around=around))
    texts = await asyncio.to_thread(_redacted, context)
    return _to_result(session, root, context, texts)


def _root(session: Session, name: str | None, uri: str | None) -> Path | None:
    """The folder that is meant: the one that is named, that of the document, or the first one."""
    if name:
        return session.roots.find(name)
    path = None if uri is None else uris.to_path(uri)
    around = None if path is None else session.roots.containing(Path(path))
    return around or next(iter(session.roots.paths), None)


def _asked(prompt: str, root: Path | None) -> Asked:
    if not prompt.strip():
        return Asked("", "", "", "", "chat", root)
    return read_question(prompt, root)[0]


def _redacted(context: Context) -> list[str]:
    with RedactionSession() as redaction:
        return [redaction.redact(piece.text, piece.path)[0] for piece in context.pieces]


def _to_result(
    session: Session, root: Path | None, context: Context, texts: list[str]
) -> ContextPreviewResult:
    pieces = [
        _to_piece(session, root, piece, text) for piece, text in zip(context.pieces, texts, strict=True)
    ]
    return ContextPreviewResult(
        pieces,
        [_to_left_out(each) for each in context.left_out],
        sum(piece.n_tokens for piece in context.pieces),
        context.budget_tokens,
    )


def _to_piece(session: Session, root: Path | None, piece: Piece, text: str) -> ContextPiece:
    path = None if root is None or not piece.path else root / piece.path
    return ContextPiece(
        kind=piece.kind,
        path=piece.path,
        uri=None if path is None else to_lsp_uri(path, session.documents.at(path)),
        range=to_lsp_lines(piece.start_line, piece.end_line),
        reason=piece.reason,
        score=piece.score,
        n_tokens=piece.n_tokens,
        text=text,
    )


def _to_left_out(each: LeftOut) -> ContextLeftOut:
    lines = to_lsp_lines(each.start_line, each.end_line)
    return ContextLeftOut(each.kind, each.path, lines, each.reason, each.n_tokens)


REQUESTS: Mapping[str, Request] = {
    shapes.CONTEXT_PREVIEW: Request(ContextPreviewParams, preview),
}
