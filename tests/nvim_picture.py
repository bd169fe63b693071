"""What stands on the screen of a Neovim as a picture, for the manual: SVG that loads nothing."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Any

from nvim_screen import Screen

WIDTH, HEIGHT, MARGIN = 8.4, 19, 14
_FONT = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"
_PAPER = 0x14161B

Cell = tuple[str, int, int, dict[str, Any]]


def to_svg(screen: Screen) -> str:
    """The whole screen, a run of equal cells at a time."""
    rows = screen.styled()
    width, height = len(rows[0]) * WIDTH + 2 * MARGIN, len(rows) * HEIGHT + 2 * MARGIN
    paper = rows[-1][-1][2]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" font-family="{_FONT}"'
        f' font-size="14">\n<rect width="100%" height="100%" rx="8" fill="{_color(paper)}"/>\n'
    )
    return head + "".join(line for row, cells in enumerate(rows) for line in _row(row, cells)) + "</svg>\n"


def _row(row: int, cells: Sequence[Cell]) -> Iterator[str]:
    column, top = 0, MARGIN + row * HEIGHT
    for (ink, paper, style), group in groupby(cells, key=_look):
        texts = [text for text, *_ in group]
        left, width = MARGIN + column * WIDTH, len(texts) * WIDTH
        column += len(texts)
        if paper != _PAPER:
            fill = _color(paper)
            yield f'<rect x="{left:g}" y="{top}" width="{width:g}" height="{HEIGHT}" fill="{fill}"/>\n'
        if text := "".join(texts).rstrip():
            shown = escape(text).replace(" ", "\N{NO-BREAK SPACE}")  # others are drawn as one
            yield (
                f'<text x="{left:g}" y="{top + 14}" fill="{_color(ink)}" textLength="{len(text) * WIDTH:g}"{style}>'
                f"{shown}</text>\n"
            )


def _look(cell: Cell) -> tuple[int, int, str]:
    _, ink, paper, attributes = cell
    style = ' font-weight="bold"' if attributes.get("bold") else ""
    style += ' font-style="italic"' if attributes.get("italic") else ""
    if attributes.get("underline") or attributes.get("undercurl"):
        style += ' text-decoration="underline"'
    return ink, paper, style


def _color(value: int) -> str:
    return f"#{value:06x}"
