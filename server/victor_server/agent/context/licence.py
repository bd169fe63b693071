"""Finds the licence at the head of a file, which is the same in a thousand files and answers no question."""

import re
from collections.abc import Sequence

_MOST_LINES = 60
_COMMENT = re.compile(
    r"\s*(?:#(?!!?\[|\s*(?:include|define|if|ifdef|ifndef|import|pragma|region)\b)|//|/?\*|--|;|<!--)"
)
_LICENCE = re.compile(r"copyright|licen[cs]e|all rights reserved|spdx-", re.IGNORECASE)


def lines_of_licence(lines: Sequence[str]) -> int:
    """How many of the first lines of a file are a comment with its licence, the empty ones behind it included.

    0 where something else stands first, or nothing else follows.
    """
    head = lines[:_MOST_LINES]
    n_lines = _end_of_comment(head)
    if not any(_LICENCE.search(line) for line in head[:n_lines]):
        return 0
    while n_lines < len(head) and not head[n_lines].strip():
        n_lines += 1
    return n_lines if n_lines < len(head) else 0


def _end_of_comment(head: Sequence[str]) -> int:
    """The end of the comment that a file begins with: of its block, or of the lines without an empty one between."""
    if head and head[0].lstrip().startswith("/*"):
        return next((number + 1 for number, line in enumerate(head) if "*/" in line), 0)
    return next((number for number, line in enumerate(head) if not _COMMENT.match(line)), len(head))
