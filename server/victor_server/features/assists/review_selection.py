"""Review the selection: its faults, the worst first, in a document to read.

Selected, a function that opens a file and never closes it, the document says: "`src/load.py:12`, serious: the file
stays open when `parse` raises …"
"""

from victor_server.features.assists.assist import Assist, NotOffered, Offer, about_anything
from victor_server.features.assists.place import Place

_PROMPT = """\
Review the selected lines. Name each fault with its place as `path:line`, how bad it is (serious, doubtful, small), \
what goes wrong and when, and the smallest change that mends it; the worst first. Look for what is wrong, not for what \
could be nicer. Where nothing is wrong, say so in one sentence. Leave praise out. Write markdown.\
"""


def _offer(place: Place) -> Offer | NotOffered:
    return about_anything(place, "review")


def _prompt(_: Place, __: Offer) -> str:
    return _PROMPT


REVIEW_SELECTION = Assist("review", "Review", "victor.review", "code_review", "document", _offer, _prompt)
