"""What stands on the screen of a Neovim that a test is attached to, kept from the events by which it draws."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

_UNDERLINES = frozenset({"underline", "undercurl", "underdouble", "underdotted", "underdashed"})


@dataclass(slots=True)
class _Cell:
    """One column. A wide character fills the first of its two; the second holds no text."""

    text: str = " "
    highlight: int = 0


class Screen:
    """The cells of the one grid that `ext_linegrid` draws when windows have none of their own."""

    def __init__(self, columns: int, rows: int) -> None:
        self._rows = [[_Cell() for _ in range(columns)] for _ in range(rows)]
        self._underlining: set[int] = set()
        self._attributes: dict[int, dict[str, Any]] = {}
        self._colors = (0xE0E2EA, 0x14161B)
        self.cursor = (0, 0)

    def take(self, events: Sequence[Sequence[Any]]) -> None:
        """Carry out one batch of redraw events; those that are none of the grid's are passed over."""
        for name, *calls in events:
            if draw := _DRAW.get(name):
                for arguments in calls:
                    draw(self, *arguments)

    def lines(self) -> list[str]:
        """Each row as text, without the blanks at its end."""
        return ["".join(cell.text for cell in row).rstrip() for row in self._rows]

    def dump(self) -> str:
        """The screen in a frame, as a picture for a failure's message; the cursor's row is marked."""
        width = len(self._rows[0])
        edge = f"  +{'-' * width}+"
        marks = (">" if row == self.cursor[0] else " " for row in range(len(self._rows)))
        shown = [f"{mark} |{line}" for mark, line in zip(marks, self.lines(), strict=True)]
        return "\n".join([edge, *shown, edge])

    def styled(self) -> list[list[tuple[str, int, int, dict[str, Any]]]]:
        """Each row as cells: the text, its colour, that of its background, and the other attributes."""
        return [[self._styled(cell) for cell in row] for row in self._rows]

    def _styled(self, cell: _Cell) -> tuple[str, int, int, dict[str, Any]]:
        attributes = self._attributes.get(cell.highlight, {})
        ink = attributes.get("foreground", self._colors[0])
        paper = attributes.get("background", self._colors[1])
        if attributes.get("reverse"):
            ink, paper = paper, ink
        return cell.text, ink, paper, attributes

    def underlined(self) -> list[str]:
        """The pieces of text that are underlined, row by row from the left."""
        pieces: list[str] = []
        for row in self._rows:
            inside = False
            for cell in row:
                is_underlined = cell.highlight in self._underlining
                if is_underlined:
                    pieces.append(pieces.pop() + cell.text if inside else cell.text)
                inside = is_underlined
        return pieces

    def _resize(self, _grid: int, columns: int, rows: int) -> None:
        self._rows = [[_Cell() for _ in range(columns)] for _ in range(rows)]

    def _clear(self, _grid: int) -> None:
        self._resize(_grid, len(self._rows[0]), len(self._rows))

    def _line(self, _grid: int, row: int, column: int, cells: Sequence[Sequence[Any]], *_: Any) -> None:
        highlight = 0
        for text, *more in cells:
            highlight = more[0] if more else highlight  # said only where it changes
            for _repeat in range(more[1] if len(more) > 1 else 1):
                self._rows[row][column] = _Cell(text, highlight)
                column += 1

    def _scroll(self, _grid: int, top: int, bottom: int, left: int, right: int, n_rows: int, *_: Any) -> None:
        """Move what stands in the rectangle up by `n_rows` (down if negative); what is laid bare is drawn later."""
        before = [row[left:right] for row in self._rows]
        for target in range(top, bottom):
            if top <= target + n_rows < bottom:
                self._rows[target][left:right] = before[target + n_rows]

    def _cursor(self, _grid: int, row: int, column: int) -> None:
        self.cursor = (row, column)

    def _highlight(self, number: int, attributes: dict[str, Any], *_: Any) -> None:
        self._attributes[number] = attributes
        is_underlining = any(attributes.get(name) for name in _UNDERLINES)
        (self._underlining.add if is_underlining else self._underlining.discard)(number)

    def _default_colors(self, ink: int, paper: int, *_: Any) -> None:
        self._colors = (ink, paper)


_DRAW: dict[str, Callable[..., None]] = {
    "grid_resize": Screen._resize,
    "grid_clear": Screen._clear,
    "grid_line": Screen._line,
    "grid_scroll": Screen._scroll,
    "grid_cursor_goto": Screen._cursor,
    "hl_attr_define": Screen._highlight,
    "default_colors_set": Screen._default_colors,
}
