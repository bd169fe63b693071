"""Simplify: the same behaviour in less code, or in code that is easier to read.

    if len(boxes) > 0:
        return True
    else:
        return False

becomes

    return bool(boxes)
"""

from victor_server.features.assists.assist import Assist, NotOffered, Offer, about_code
from victor_server.features.assists.place import Place

_PROMPT = """\
Make the selected lines simpler: less to read, the same behaviour for every input, the same names for those who call \
it. Take out what is never needed, said twice, or done in a roundabout way. Do not add anything, and leave alone what \
is simple. Where nothing can be simpler, repeat the lines as they are.\
"""


def _offer(place: Place) -> Offer | NotOffered:
    return about_code(place, "simplify")


def _prompt(_: Place, __: Offer) -> str:
    return _PROMPT


SIMPLIFY = Assist(
    "simplify", "Simplify", "refactor.rewrite.victor.simplify", "refactoring", "edit", _offer, _prompt
)
