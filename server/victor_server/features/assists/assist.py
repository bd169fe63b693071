"""What an assist is: when it is offered, what a model is told, and what becomes of the answer."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from victor_server.features.assists.instruction import Instruction
from victor_server.features.assists.place import Lines, Place

if TYPE_CHECKING:
    from victor_server.agent.context.sources import IndexSource

Gives = Literal["edit", "document", "commit_message"]
"""`edit`: changes to files, which a person reviews. `document`: something to read."""

MAX_NAME = 60
MAX_LINES = 600
"""What more lines would become does not fit the answer of any model that is meant for this."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What an assist would do at a place: `title` for the person, the `lines` it is about, their `name` if they have one.

    `instruction` is the comment that says what to do; it goes once that is done.
    """

    title: str
    lines: Lines
    name: str = ""
    instruction: Instruction | None = None


@dataclass(frozen=True, slots=True)
class NotOffered:
    """Why there is nothing for an assist to do at a place, for the person."""

    why: str


@dataclass(frozen=True, slots=True)
class More:
    """What a model is told besides, once there is time to look: mentions (`@path:1-9`) of what it is to be shown."""

    text: str = field(default="", repr=False)
    mentions: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Assist:
    """One assist. `kind` is that of its code action, `task` as in the router's table.

    `offer` costs nothing. `prompt` says what is wanted of the lines, which the model is shown as selected. `more` may
    ask the index. `by_itself`: also offered where an editor asks without the person, and nothing is selected.
    """

    id: str
    title: str
    kind: str
    task: str
    gives: Gives
    offer: Callable[[Place], Offer | NotOffered]
    prompt: Callable[[Place, Offer], str]
    more: "Callable[[Place, Offer, IndexSource | None], Awaitable[More]] | None" = None
    by_itself: bool = False


def about(place: Place, verb: str) -> Offer | None:
    """Something to do with what is selected, or else with what is defined here."""
    if place.selected is not None:
        return Offer(f"Victor: {verb} the selection", place.selected)
    if place.definition is not None:
        name = short(place.definition.name)
        return Offer(f"Victor: {verb} {name or 'this'}", place.definition.lines, name)
    return None


def about_code(place: Place, verb: str) -> Offer | NotOffered:
    """The same for what is to be changed: nothing that a model could not write down again."""
    offer = about(place, verb)
    if offer is None:
        return NotOffered("Select the lines, or put the cursor into a definition.")
    if not place.text(offer.lines).strip():
        return NotOffered("There is nothing in these lines.")
    if offer.lines.end - offer.lines.start > MAX_LINES:
        return NotOffered(f"Select {MAX_LINES} lines at most.")
    return offer


def about_anything(place: Place, verb: str) -> Offer | NotOffered:
    """The same for what is only read: without a selection or a definition, the whole document."""
    offer = about(place, verb) or Offer(f"Victor: {verb} this file", Lines(0, len(place.lines)))
    return offer if place.text(offer.lines).strip() else NotOffered("There is nothing in this document.")


def short(text: str, most: int = MAX_NAME) -> str:
    """A text of a document or of another program as a part of a title: one line, without what could deceive the eye."""
    plain = "".join(char if char.isprintable() else " " for char in text[: 4 * most])
    line = " ".join(plain.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
