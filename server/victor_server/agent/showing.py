"""Turns the chosen context into what a model is shown: private files stay here, secrets are taken out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from victor_server.agent.context.piece import Context, LeftOut, Piece
from victor_server.agent.messages import TextPart
from victor_server.agent.prompts import context_text, instructions_text
from victor_server.agent.receipt import HeldBack, ShownFile
from victor_server.agent.redaction.incoming import Outside, of_file, take_in
from victor_server.policy.private_files import PrivateFiles
from victor_server.secrets.redaction.session import RedactionSession

CONTEXT_FULL = "the model's context is full"

_DIFF_FILE = re.compile(
    r'^(?:diff --git "?a/(?P<old>.*?)"? "?b/(?P<new>.*?)"?|(?:---|\+\+\+) "?[ab]/(?P<side>.*?)"?)[\t ]*\r?$',
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown: `system` and `context` are parts of the request, the rest is for the receipt and the person."""

    chosen: Context
    system: tuple[TextPart, ...]
    context: tuple[TextPart, ...]
    files: tuple[ShownFile, ...]
    held_back: tuple[HeldBack, ...]


def without_private(context: Context, private: PrivateFiles, root: Path | None) -> Context:
    """The context without what must not leave this machine; what is missing is told in `left_out`.

    Looks at the disk for links: call it in a thread.
    """
    reasons = [_why_private(piece, private, root) for piece in context.pieces]
    pieces = [piece for piece, why in zip(context.pieces, reasons, strict=True) if not why]
    private_ones = [_left_out(piece, why) for piece, why in zip(context.pieces, reasons, strict=True) if why]
    return replace(context, pieces=pieces, left_out=[*context.left_out, *private_ones])


def fitted(context: Context, n_tokens: int) -> Context:
    """The context in at most so many tokens: the pieces that matter least are left out."""
    total = sum(piece.n_tokens for piece in context.pieces)
    dropped: list[Piece] = []
    for piece in sorted(context.pieces, key=lambda piece: (piece.kind == "selection", piece.score)):
        if total <= n_tokens:
            break
        dropped.append(piece)
        total -= piece.n_tokens
    kept = [piece for piece in context.pieces if not any(piece is each for each in dropped)]
    left = [_left_out(piece, CONTEXT_FULL) for piece in dropped]
    return replace(context, pieces=kept, left_out=[*context.left_out, *left])


async def show(context: Context, session: RedactionSession) -> Shown:
    """`context` as the model is shown it. Names of files that hold a secret lose it as texts do."""
    outside = [of_file(piece.text, piece.path) for piece in context.pieces]
    *kept, names = await take_in([*outside, Outside("\n".join(_names(context)))], session)
    chosen = _renamed(context, iter(names.split("\n")))
    pairs = list(zip(chosen.pieces, kept, strict=True))
    rules = [pair for pair in pairs if pair[0].kind == "instructions"]
    others = [pair for pair in pairs if pair[0].kind != "instructions"]
    return Shown(
        chosen,
        (TextPart(instructions_text(rules), stable=True),) if rules else (),
        (TextPart(context_text(others)),) if others else (),
        tuple(_files(chosen.pieces)),
        tuple(HeldBack(out.path, out.kind, out.reason) for out in chosen.left_out),
    )


def _names(context: Context) -> Iterator[str]:
    """What is told of each piece besides its text, a line each."""
    told: list[Piece | LeftOut] = [*context.pieces, *context.left_out]
    for each in told:
        yield from (" ".join(name.splitlines()) for name in (each.path, each.reason))


def _renamed(context: Context, names: Iterator[str]) -> Context:
    """The context with those names."""
    pieces = [replace(piece, path=next(names), reason=next(names)) for piece in context.pieces]
    left_out = [replace(out, path=next(names), reason=next(names)) for out in context.left_out]
    return replace(context, pieces=pieces, left_out=left_out)


def _files(pieces: Sequence[Piece]) -> Iterator[ShownFile]:
    for piece in pieces:
        yield ShownFile(
            piece.path, piece.start_line, piece.end_line, piece.kind, piece.reason, piece.n_tokens
        )


def _why_private(piece: Piece, private: PrivateFiles, root: Path | None) -> str:
    paths = [piece.path] if piece.path else []
    if piece.kind == "diff":
        paths += [path for match in _DIFF_FILE.finditer(piece.text) for path in match.groups() if path]
    paths += [_on_disk(root, path) for path in paths if root is not None or Path(path).is_absolute()]
    return next((why for path in paths if (why := private.why(path))), "")


def _on_disk(root: Path | None, path: str) -> str:
    """Where a path leads; as it is where nobody can say."""
    try:
        return str(((root or Path()) / path).resolve())
    except (OSError, ValueError, RuntimeError):
        return path


def _left_out(piece: Piece, reason: str) -> LeftOut:
    return LeftOut(piece.kind, piece.path, piece.start_line, piece.end_line, piece.n_tokens, reason)
