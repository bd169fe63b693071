"""Explain: what code does, how, and what to know before changing it, in a document to read.

Selected:

    def add(boxes, n=1):
        boxes += [None] * n

opens a document: "`add` puts `n` empty places at the end of the list that it is given, which it changes …"
"""

from victor_server.features.assists.assist import Assist, NotOffered, Offer, about_anything
from victor_server.features.assists.place import Place

_PROMPT = """\
Explain what the selected lines do, how they do it, and what to know before changing them: what they rely on, what \
relies on them, what may surprise. Begin with one sentence that says it all. Write markdown, for somebody who knows \
the language and not this code.\
"""


def _offer(place: Place) -> Offer | NotOffered:
    return about_anything(place, "explain")


def _prompt(_: Place, __: Offer) -> str:
    return _PROMPT


EXPLAIN = Assist("explain", "Explain", "victor.explain", "explanation", "document", _offer, _prompt)
