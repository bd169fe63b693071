"""Document: write the documentation of code into it, or mend the one that is there.

    def add(boxes, n=1):
        boxes += [None] * n

becomes

    def add(boxes, n=1):
        \"\"\"Put `n` empty places at the end of `boxes`, which is changed.\"\"\"
        boxes += [None] * n
"""

from victor_server.features.assists.assist import Assist, NotOffered, Offer, about_code
from victor_server.features.assists.place import Place

_PROMPT = """\
Write the documentation of what the selected lines define, in the language's own form (docstring, doc comment) and in \
the style of this project as the context shows it. Where there is documentation already, mend what is wrong or missing \
in it. Say what a caller must know; do not repeat what names and types say. Change no code.\
"""


def _offer(place: Place) -> Offer | NotOffered:
    return about_code(place, "document")


def _prompt(_: Place, __: Offer) -> str:
    return _PROMPT


DOCUMENT = Assist(
    "document", "Document", "refactor.rewrite.victor.document", "documentation", "edit", _offer, _prompt
)
