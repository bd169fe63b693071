"""Add types: annotations for what has none, in languages where they can be left out.

    def add(boxes, n=1):

becomes

    def add(boxes: list[Box | None], n: int = 1) -> None:
"""

from victor_server.features.assists.assist import Assist, NotOffered, Offer, about_code
from victor_server.features.assists.place import Place

LANGUAGES = frozenset(
    {
        *("python", "typescript", "typescriptreact", "javascript", "javascriptreact"),
        *("php", "ruby", "lua", "julia", "elixir", "gdscript"),
    }
)
"""Where code runs without types and may have them."""

_PROMPT = """\
Add types to what the selected lines define and has none, as narrow as the code and its callers allow, in the form \
that this language and this project use (in JavaScript, JSDoc). Change nothing else. Where a type must be imported, \
import it.\
"""


def _offer(place: Place) -> Offer | NotOffered:
    if place.language not in LANGUAGES:
        return NotOffered("Nothing in this language can go without its types.")
    return about_code(place, "add types to")


def _prompt(_: Place, __: Offer) -> str:
    return _PROMPT


ADD_TYPES = Assist(
    "types", "Add types", "refactor.rewrite.victor.types", "refactoring", "edit", _offer, _prompt
)
