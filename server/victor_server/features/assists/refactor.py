"""Refactor: do with code what a person says, in a comment above it or where their editor can ask.

    # victor: take any number of boxes
    def add(boxes, box):
        boxes.append(box)

becomes

    def add(boxes, *more):
        boxes.extend(more)
"""

from victor_server.features.assists.assist import MAX_LINES, Assist, NotOffered, Offer, about, short
from victor_server.features.assists.comments import comment_text
from victor_server.features.assists.definition import definition_around
from victor_server.features.assists.instruction import Instruction, comment_instruction
from victor_server.features.assists.place import Lines, Place

_PROMPT = (
    "Change the selected lines as the person says, and nothing that they do not ask for. They say:\n\n{}"
)
_NEW = "The selected lines are a comment, which says what to write in its place: write that. It says:\n\n{}"

MAX_INSTRUCTION = 8_000


def _offer(place: Place) -> Offer | NotOffered:
    if place.instruction.strip():
        return _checked(place, about(place, "change") or Offer("Victor: change this", place.at))
    said = _instruction(place)
    if said is None:
        return NotOffered("Write what to do above the lines, in a comment: `victor: …`.")
    title = f"Victor: do what the comment says: {short(said.text)}"
    return _checked(place, Offer(title, _scope(place, said), instruction=said))


def _checked(place: Place, offer: Offer) -> Offer | NotOffered:
    if offer.lines.end - offer.lines.start > MAX_LINES:
        return NotOffered(f"Select {MAX_LINES} lines at most.")
    return offer


def _instruction(place: Place) -> Instruction | None:
    """The comment above the selection or the cursor, or at the head of what is defined here."""
    said = comment_instruction(place.lines, place.at.start, place.language)
    if said is None and place.selected is None and place.definition is not None:
        said = comment_instruction(place.lines, place.definition.lines.start, place.language)
    return said


def _scope(place: Place, said: Instruction) -> Lines:
    """What the comment is about: what is selected, else what stands below it; else the comment is to be replaced."""
    if place.selected is not None and place.selected.end > said.end:
        return Lines(max(place.selected.start, said.end), place.selected.end)
    below = _below(place, said.end)
    return below or Lines(said.start, said.end)


def _below(place: Place, start: int) -> Lines | None:
    """The definition that begins at a line, else the lines up to the next empty one."""
    lines, end = place.lines, start
    while end < len(lines) and lines[end].strip():
        end += 1
    code = next((number for number in range(start, end) if not _is_head(place, number)), None)
    if code is None:
        return None
    found = definition_around(lines, code, place.language)
    if found is not None and all(_is_head(place, number) for number in range(found.lines.start, code)):
        return Lines(start, found.lines.end)
    return Lines(start, end)


def _is_head(place: Place, line: int) -> bool:
    """Whether a line belongs to what follows it: a comment, a decorator, an attribute."""
    text = place.lines[line]
    return comment_text(text, place.language) is not None or text.lstrip().startswith(("@", "#[", "["))


def _prompt(place: Place, offer: Offer) -> str:
    said = place.instruction.strip() or (offer.instruction.text if offer.instruction else "")
    is_replaced = offer.instruction is not None and offer.lines.start == offer.instruction.start
    return (_NEW if is_replaced else _PROMPT).format(said[:MAX_INSTRUCTION])


REFACTOR = Assist(
    "refactor",
    "Do what a comment says",
    "refactor.rewrite.victor.instruction",
    "refactoring",
    "edit",
    _offer,
    _prompt,
    by_itself=True,
)
