"""One measured number, its peer and its bound; and the table of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` in `unit`; `bound` is the most that it may be, `least` the least (both None: shown for information)."""

    name: str
    value: float
    unit: str
    bound: float | None = None
    peer: str = ""
    least: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the bounds hold."""
        return (self.bound is None or self.value <= self.bound) and (
            self.least is None or self.value >= self.least
        )

    @property
    def promise(self) -> str:
        """The bounds in words; "" without any."""
        most = "" if self.bound is None else f"{self.bound:,.4g} {self.unit}"
        return most if self.least is None else f"at least {self.least:,.4g} {self.unit} {most}".rstrip()


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value that `percent` of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as plain text, one a line."""
    rows = [("figure", "measured", "bound", "", "peer, in the same run")]
    for figure in figures:
        verdict = "" if not figure.promise else ("holds" if figure.holds else "BROKEN")
        rows.append((figure.name, f"{figure.value:,.4g} {figure.unit}", figure.promise, verdict, figure.peer))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
