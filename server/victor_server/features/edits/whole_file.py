"""A whole file as a model wrote it, made into that file: its line ends, its mark, its last line."""

import re
from collections.abc import Sequence
from pathlib import PurePath

from victor_server.features.edits.elisions import elided_in_comment
from victor_server.features.edits.file_text import key
from victor_server.features.edits.lines import BOM, bare, split_lines, usual_end, with_line_feeds

_MARKDOWN = (".md", ".markdown", ".mdx", ".rst", ".txt")
_FENCE = re.compile(r"(`{3,}|~{3,})[^`\n]*")


def file_text(base: str | None, text: str, path: PurePath) -> str:
    """`text` with the line ends, the byte order mark and the last line's end of `base`, where there is one."""
    text = _unfenced(text, path)
    if not base:
        return text
    text = with_line_feeds(text)
    lines = split_lines(base)
    bom = BOM if base.startswith(BOM) and not text.startswith(BOM) else ""
    if text and base.endswith(("\n", "\r")) and not text.endswith("\n"):
        text += "\n"
    end = usual_end(lines)
    return bom + (text if end == "\n" else text.replace("\n", end))


def shortened(base: str, text: str, path: PurePath) -> str:
    """Why a text cannot be the whole file: it says that it leaves lines out."""
    there = {key(line) for line in split_lines(base)}
    dots = elided_in_comment([line for line in map(bare, split_lines(text)) if key(line) not in there])
    if not dots:
        return ""
    return f"The new text leaves lines out (“{dots.strip()[:60]}”), and would take them away. Send all of them, or change parts of {path.name}."


def _unfenced(text: str, path: PurePath) -> str:
    """Without the fence that a whole text is in: a model put it there, unless the file is one with fences."""
    lines: Sequence[str] = split_lines(text.strip())
    if path.suffix.lower() in _MARKDOWN or len(lines) < 2:
        return text
    first, last = bare(lines[0]), lines[-1].strip()
    match = _FENCE.fullmatch(first)
    inner = lines[1:-1]
    if match is None or last != match[1] or any(line.startswith(match[1]) for line in inner):
        return text
    return "".join(inner)
