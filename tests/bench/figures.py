"""One measured number, its peer and its bound; and the table of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` in `unit`; `bound` is the most that it may be (None: shown for information)."""

    name: str
    value: float
    unit: str
    bound: float | None = None
    peer: str = ""

    @property
    def holds(self) -> bool:
        """Whether the bound holds."""
        return self.bound is None or self.value <= self.bound


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value that `percent` of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as plain text, one a line."""
    rows = [("figure", "measured", "bound", "", "peer, in the same run")]
    for figure in figures:
        bound = "" if figure.bound is None else f"{figure.bound:,.4g} {figure.unit}"
        verdict = "" if figure.bound is None else ("holds" if figure.holds else "BROKEN")
        rows.append((figure.name, f"{figure.value:,.4g} {figure.unit}", bound, verdict, figure.peer))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
