"""THE table of assists, in the order in which a person is offered them."""

from collections.abc import Iterator, Mapping, Sequence

from victor_server.features.assists.add_types import ADD_TYPES
from victor_server.features.assists.assist import Assist, NotOffered, Offer
from victor_server.features.assists.comment_to_code import COMMENT_TO_CODE
from victor_server.features.assists.commit_message import COMMIT_MESSAGE
from victor_server.features.assists.document import DOCUMENT
from victor_server.features.assists.explain import EXPLAIN
from victor_server.features.assists.fix_diagnostic import FIX_DIAGNOSTIC
from victor_server.features.assists.generate_tests import GENERATE_TESTS
from victor_server.features.assists.place import Place
from victor_server.features.assists.refactor import REFACTOR
from victor_server.features.assists.review_selection import REVIEW_SELECTION
from victor_server.features.assists.simplify import SIMPLIFY

ASSISTS: Sequence[Assist] = (
    FIX_DIAGNOSTIC,
    REFACTOR,
    COMMENT_TO_CODE,
    EXPLAIN,
    DOCUMENT,
    GENERATE_TESTS,
    SIMPLIFY,
    ADD_TYPES,
    REVIEW_SELECTION,
    COMMIT_MESSAGE,
)
BY_ID: Mapping[str, Assist] = {assist.id: assist for assist in ASSISTS}


def offered(assist: Assist, place: Place) -> Offer | NotOffered:
    """What an assist would do at a place, at once; or why it would do nothing there."""
    return assist.offer(place)


def all_offered(place: Place, own: Sequence[Assist] = ()) -> Iterator[tuple[Assist, Offer | NotOffered]]:
    """Every assist with its offer; `own` are the person's, which come behind ours."""
    for assist in (*ASSISTS, *own):
        yield assist, offered(assist, place)
