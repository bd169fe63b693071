"""The content blocks of a question, read: what the person wrote, what it mentions, and what comes with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from victor_server.agent.context.mentions import as_mention
from victor_server.agent.context.piece import Piece
from victor_server.agent.providers.estimate import tokens_of_text
from victor_server.errors import UsageError
from victor_server.lsp import uris
from victor_server.lsp.converter import MalformedParamsError
from victor_server.lsp.text import without_surrogates

MAX_CHARS = 2_000_000


@dataclass(frozen=True, slots=True)
class Said:
    """A question."""

    text: str
    attached: Sequence[Piece] = ()


def read_blocks(blocks: Sequence[Mapping[str, Any]], root: Path | None) -> Said:
    """What the blocks say. Raises MalformedParamsError for what is no block, UsageError for images and sound."""
    texts: list[str] = []
    attached: list[Piece] = []
    for number, block in enumerate(blocks):
        match block:
            case {"type": "text", "text": str(text)}:
                texts.append(text)
            case {"type": "resource_link", "uri": str(uri)}:
                texts.append(as_mention("file", _path_of(uri, root)))
            case {"type": "resource", "resource": {"uri": str(uri), "text": str(text)}}:
                attached.append(_piece(_path_of(uri, root), without_surrogates(text)))
            case {"type": "image" | "audio" | "resource"}:
                raise UsageError("Victor takes text only.", "Leave images and sound out.")
            case _:
                raise MalformedParamsError(f"params.prompt[{number}] is no content block")
    said = Said(without_surrogates(" ".join(texts)), attached)
    if len(said.text) + sum(len(piece.text) for piece in attached) > MAX_CHARS:
        raise UsageError("The question is too long.", "Mention files instead of pasting them.")
    return said


def _piece(path: str, text: str) -> Piece:
    n_lines = text.count("\n") + 1
    return Piece("attached", path, 0, n_lines, "attached", tokens_of_text(text), text)


def _path_of(uri: str, root: Path | None) -> str:
    """Relative to the workspace with `/` where it lies in it."""
    path = uris.to_path(uri)
    if path is None:
        return uris.place_of(uri)
    if root is not None and Path(path).is_relative_to(root):
        return Path(path).relative_to(root).as_posix()
    return path
