"""Reads the comments by which an author allows a secret: `pragma: allowlist secret` and its next-line form."""

import re

from victor_server.secrets.lines import line_span

_SAME_LINE = re.compile(r"pragma: ?(?:allow|white)list[ -]secret")
# Nothing but a comment's own marks may stand before it, else one comment could allow two lines.
_NEXT_LINE = re.compile(r"\W*(?:rem\s+|dnl\s+)?pragma: ?allowlist[ -]nextline[ -]secret", re.IGNORECASE)


def is_allowed(text: str, starts: list[int], first_line: int, last_line: int) -> bool:
    """Whether a comment on one of these lines, or a next-line comment just before them, allows a secret there.

    A secret of several lines mostly stands in a literal that opens on the line before it, where no comment can be:
    for such a one the comment may stand before that line.
    """
    start, _ = line_span(text, starts, first_line)
    _, end = line_span(text, starts, last_line)
    reach = 1 if first_line == last_line else 2
    lines_before = range(max(0, first_line - reach), first_line)
    return bool(_SAME_LINE.search(text, start, end)) or any(
        _NEXT_LINE.match(text, *line_span(text, starts, line)) for line in lines_before
    )
