"""Comment to code: write the code that a comment describes, below it.

    # the boxes that are open, the largest first

becomes

    # the boxes that are open, the largest first
    open_boxes = sorted((box for box in boxes if box.is_open), key=len, reverse=True)
"""

from victor_server.features.assists.assist import Assist, NotOffered, Offer
from victor_server.features.assists.comments import comment_text
from victor_server.features.assists.instruction import comment_instruction
from victor_server.features.assists.place import Lines, Place

MAX_LINES = 40

_PROMPT = """\
The selected lines are a comment. Write the code that it describes below it, for this place in the file: with what is \
in scope there, in the style around it. Repeat the comment as it is above the code, and no line that follows it in the \
file.\
"""


def _offer(place: Place) -> Offer | NotOffered:
    lines = _comment(place)
    if lines is None:
        return NotOffered("Put the cursor into a comment that says what to write.")
    if comment_instruction(place.lines, lines.start, place.language) is not None:
        return NotOffered("This comment says what Victor is to do: there is another action for it.")
    return Offer("Victor: write what this comment says", lines)


def _comment(place: Place) -> Lines | None:
    """The comment at the place: nothing else is selected, and it says something."""
    start, end = place.at.start, min(place.at.end, len(place.lines))
    while start > 0 and place.selected is None and end - start <= MAX_LINES and _is_comment(place, start - 1):
        start -= 1
    while (
        end < len(place.lines)
        and place.selected is None
        and end - start <= MAX_LINES
        and _is_comment(place, end)
    ):
        end += 1
    said = [comment_text(line, place.language) for line in place.lines[start:end]]
    is_comment = bool(said) and len(said) <= MAX_LINES and all(each is not None for each in said)
    return Lines(start, end) if is_comment and any(said) else None


def _is_comment(place: Place, line: int) -> bool:
    return comment_text(place.lines[line], place.language) is not None


def _prompt(_: Place, __: Offer) -> str:
    return _PROMPT


COMMENT_TO_CODE = Assist(
    "code",
    "Write what a comment says",
    "refactor.rewrite.victor.code",
    "refactoring",
    "edit",
    _offer,
    _prompt,
    by_itself=True,
)
