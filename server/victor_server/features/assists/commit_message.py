"""Commit message: what the next commit changes and why, in the style of this repository's last messages.

In an editor that git opened for the message it is written there, at the beginning; elsewhere a document shows it.
"""

import re

from victor_server.features.assists.assist import Assist, NotOffered, Offer
from victor_server.features.assists.place import Lines, Place

MESSAGE_FILES = frozenset({"COMMIT_EDITMSG", "MERGE_MSG", "SQUASH_MSG", "TAG_EDITMSG"})
"""What git calls the files in which it lets a person write messages."""

_FENCE = re.compile(r"\A\s*(`{3,})[^\n`]*\n(?P<text>.*?)\n?\1\s*\Z", re.DOTALL)

_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What terminals and readers of a log obey, and never show."""

_PROMPT = """\
Write the commit message for the changes that are shown: a title of at most 72 characters that says what the change is \
for, in the manner of the last messages where they are shown and in the imperative elsewhere; then, only where the title \
does not say why, an empty line and a body in lines of at most 72 characters. Answer with the message alone.\
"""


def _offer(place: Place) -> Offer | NotOffered:
    if place.root is None:
        return NotOffered("No folder is open.")
    return Offer("Victor: write the commit message", Lines(0, 0))


def _prompt(_: Place, __: Offer) -> str:
    return _PROMPT


def is_message(place: Place) -> bool:
    """Whether the document is one in which git lets a person write a message."""
    return place.path is not None and place.path.name in MESSAGE_FILES


def has_message(place: Place) -> bool:
    """Whether somebody has written a message there already: git's own remarks do not count."""
    for line in place.lines:
        if ">8" in line and line.startswith("# -----"):
            return False
        if line.strip() and not line.startswith("#"):
            return True
    return False


def message_in(answer: str) -> str:
    """The message that an answer gives: without fences around it, ending with its last word."""
    fenced = _FENCE.match(answer)
    said = (fenced["text"] if fenced else answer).strip().splitlines()
    lines = [_OBEYED.sub("", line) for line in said]
    # git would take such a line for a remark of its own, and leave it out.
    return "\n".join(f" {line}" if line.startswith("#") else line.rstrip() for line in lines)


COMMIT_MESSAGE = Assist(
    "commit", "Write the commit message", "victor.commit", "commit_message", "commit_message", _offer, _prompt
)
