"""Writes the comment that allows a secret, in the file's own syntax and where it stays a comment."""

from dataclasses import dataclass

from victor_server.secrets.allow.comments import STYLES, CommentStyle, comment_kind
from victor_server.secrets.allow.parts import part_at
from victor_server.secrets.finding import Finding
from victor_server.secrets.lines import line_span, line_starts

_SAME_LINE = "pragma: allowlist secret"
_NEXT_LINE = "pragma: allowlist nextline secret"
_FIRST_OF_ALL = ("#!", "<?", "<!", "\ufeff", "@charset", "---")
"""What must stand first in a file to mean what it means."""


@dataclass(frozen=True, slots=True)
class AllowEdit:
    """Insert `insert_text` at `position`, a column in code points, of line `line` (both 0-based).

    `comment` is what a person sees of it: the text without spaces and line ends around it.
    """

    line: int
    position: int
    insert_text: str
    comment: str


def allow_edit(text_line: str, path: str, language_id: str = "") -> str | None:
    """What to append to a line, taken for itself, to allow the secrets on it; None where nothing can be appended."""
    style = STYLES.get(comment_kind(path, language_id))
    if style is None or not style.is_trailing or style.is_inside(text_line, len(text_line)):
        return None
    return _gap(text_line) + _comment(style, _SAME_LINE)


def allow_edit_at(text: str, finding: Finding, path: str, language_id: str = "") -> AllowEdit | None:
    """The edit that allows one finding: a comment at the end of its line, else one on a line before it.

    It is in the language that is written at that place. None where there are no comments (JSON), or where both
    places lie inside a string.
    """
    starts = line_starts(text)
    kind = comment_kind(path, language_id, text[slice(*line_span(text, starts, 0))])
    if not kind:
        return None
    at_end = _at_line_end(text, starts, finding.end_line, kind)
    if at_end or finding.line == finding.end_line:
        return at_end or _before_line(text, starts, finding.line, kind)
    lines = (finding.line, finding.line - 1)
    return next(filter(None, (_before_line(text, starts, line, kind) for line in lines)), None)


def _style_at(text: str, offset: int, kind: str) -> CommentStyle | None:
    """How a comment is written after the line that ends there; None if it would be none."""
    part = part_at(text, offset, kind)
    style = STYLES.get(part.kind)
    if style is None or style.is_inside(text[part.start : part.end], offset - part.start):
        return None
    return style


def _at_line_end(text: str, starts: list[int], line: int, kind: str) -> AllowEdit | None:
    start, end = line_span(text, starts, line)
    style = _style_at(text, end, kind)
    if style is None or not style.is_trailing:
        return None
    comment = _comment(style, _SAME_LINE)
    return AllowEdit(line, end - start, _gap(text[start:end]) + comment, comment)


def _before_line(text: str, starts: list[int], line: int, kind: str) -> AllowEdit | None:
    if line < 0 or (line == 0 and text.startswith(_FIRST_OF_ALL)):
        return None
    # Before the first line there is nothing that a comment could become part of.
    style = _style_at(text, line_span(text, starts, line - 1)[1], kind) if line else _style_at("", 0, kind)
    if style is None:
        return None
    content = text[slice(*line_span(text, starts, line))]
    indent = content[: len(content) - len(content.lstrip(" \t"))]
    comment = _comment(style, _NEXT_LINE)
    return AllowEdit(line, 0, f"{indent}{comment}{_line_end(text, starts)}", comment)


def _comment(style: CommentStyle, pragma: str) -> str:
    return f"{style.open} {pragma} {style.close}".rstrip()


def _gap(text_line: str) -> str:
    """Two spaces before a comment, as most formatters want it; fewer where some stand there already."""
    return "  " if text_line[-1:] not in {" ", "\t"} else ""


def _line_end(text: str, starts: list[int]) -> str:
    """How this text ends its first line; what it ends others with does not matter to any reader."""
    if len(starts) == 1:
        return "\n"
    return text[line_span(text, starts, 0)[1] : starts[1]]
