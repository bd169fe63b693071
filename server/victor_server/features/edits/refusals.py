"""A refused change in words: for the model that is to mend it, and for the person who wonders."""

from pathlib import Path

from victor_server.features.edits.lines import bare, split_lines
from victor_server.features.edits.model import Refusal


def told(refusal: Refusal, root: Path | None = None) -> str:
    """Why, and what stands there instead, each line with its number as the reading tool shows it."""
    path = refusal.path
    if root is not None and path.is_relative_to(root):
        path = path.relative_to(root)
    said = f"{path.as_posix()}: {refusal.why}"
    if not refusal.nearest:
        return said
    lines = [bare(line) for line in split_lines(refusal.nearest)]
    numbered = (f"{refusal.nearest_line + number + 1}\t{line}" for number, line in enumerate(lines))
    return "\n".join([said, "The nearest lines:", *numbered])
