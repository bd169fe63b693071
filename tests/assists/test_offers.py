"""What each assist is offered for, and what it asks of a model."""

from dataclasses import replace
from pathlib import Path

import pytest
from assists_places import place_in

from victor_server.agent.router.tasks import TASKS
from victor_server.features.assists.add_types import ADD_TYPES
from victor_server.features.assists.assist import MAX_LINES, Assist, NotOffered, Offer, short
from victor_server.features.assists.comment_to_code import COMMENT_TO_CODE
from victor_server.features.assists.commit_message import (
    COMMIT_MESSAGE,
    has_message,
    is_message,
    message_in,
)
from victor_server.features.assists.document import DOCUMENT
from victor_server.features.assists.explain import EXPLAIN
from victor_server.features.assists.fix_diagnostic import FIX_DIAGNOSTIC
from victor_server.features.assists.generate_tests import GENERATE_TESTS
from victor_server.features.assists.place import Place, Reported
from victor_server.features.assists.refactor import REFACTOR
from victor_server.features.assists.review_selection import REVIEW_SELECTION
from victor_server.features.assists.simplify import SIMPLIFY
from victor_server.features.assists.table import ASSISTS, all_offered

DEFINED = "import os\n\n\ndef add(a, b):\n    return| a + b\n\n\nx = 1\n"
SELECTED = "import os\n«x = 1\ny = 2»\nz = 3\n"
NOWHERE = "import os\n|\nx = 1\n"


def check(
    assist: Assist, place: Place, title: str | None, lines: tuple[int, int] | None = None
) -> Offer | None:
    """Offered under this title for these lines, or not at all; the prompt says something, and holds no code."""
    offer = assist.offer(place)
    if title is None:
        assert isinstance(offer, NotOffered), offer
        assert offer.why.endswith(".")
        return None
    assert isinstance(offer, Offer), offer
    assert offer.title == title
    assert (offer.lines.start, offer.lines.end) == lines
    assert assist.prompt(place, offer).strip()
    return offer


@pytest.mark.parametrize(
    ("assist", "verb"),
    [
        (DOCUMENT, "document"),
        (SIMPLIFY, "simplify"),
        (ADD_TYPES, "add types to"),
        (GENERATE_TESTS, "write tests for"),
        (EXPLAIN, "explain"),
        (REVIEW_SELECTION, "review"),
    ],
    ids=lambda value: value.id if isinstance(value, Assist) else None,
)
def test_about_the_selection_or_the_definition(assist: Assist, verb: str) -> None:
    """The selection before the definition; what is only read may be the whole file."""
    check(assist, place_in(SELECTED), f"Victor: {verb} the selection", (1, 3))
    check(assist, place_in(DEFINED), f"Victor: {verb} add", (3, 5))
    whole = f"Victor: {verb} this file" if assist.gives == "document" else None
    check(assist, place_in(NOWHERE), whole, (0, 3))
    check(assist, place_in("a\n«\n \n»b\n"), None)
    if assist.gives == "edit":
        check(assist, place_in("«" + "x = 1\n" * (MAX_LINES + 1) + "»"), None)


@pytest.mark.parametrize(
    ("text", "title", "lines"),
    [
        (DEFINED, "Victor: fix what is wrong here", (3, 5)),
        (SELECTED, "Victor: fix what is wrong here", (1, 3)),
        (NOWHERE, "Victor: fix what is wrong here", (0, 3)),
        ("|\n", None, None),
        ("x = 1\n" * 30 + "|y = 1\n" + "z = 1\n" * 30, "Victor: fix what is wrong here", (20, 41)),
    ],
)
def test_fix_where_nothing_is_known(text: str, title: str | None, lines: tuple[int, int] | None) -> None:
    """The editor may have sent nothing along: it is offered all the same, and what is reported asked for later."""
    offer = check(FIX_DIAGNOSTIC, place_in(text), title, lines)
    if offer is not None:
        assert "Something may be wrong" in FIX_DIAGNOSTIC.prompt(place_in(text), offer)


def test_fix_what_is_reported() -> None:
    """By its message where there is one, by their number where there are more; Victor's own have fixes of their own."""
    one = Reported(4, 5, "undefined name 'b'\nin add", "pyflakes", "F821")
    place = replace(
        place_in(DEFINED), reported=(one, one, replace(one, source="victor"), replace(one, start=7, end=8))
    )
    offer = check(FIX_DIAGNOSTIC, place, "Victor: fix “undefined name 'b' in add”", (3, 5))
    assert offer is not None
    assert "* line 5: undefined name 'b' in add [pyflakes F821]" in FIX_DIAGNOSTIC.prompt(place, offer)
    two = replace(place, reported=(one, replace(one, message="other")))
    check(FIX_DIAGNOSTIC, two, "Victor: fix the 2 problems here", (3, 5))


@pytest.mark.parametrize(
    ("text", "title", "lines"),
    [
        ("# victor: sort it\n|def f():\n    pass\n", "sort it", (1, 3)),
        ("|# victor: sort it\ndef f():\n    pass\nx = 1\n", "sort it", (1, 3)),
        ("# victor: sort it\n@cached\ndef f():\n|    pass\nx = 1\n", "sort it", (1, 4)),
        ("# victor: sort it\n# and more\ndef f():\n|    pass\n", "sort it and more", (2, 4)),
        ("# victor: sort it\n«a = 1\nb = 2\n»c = 3\n", "sort it", (1, 3)),
        ("«# victor: sort it\na = 1\n»c = 3\n", "sort it", (1, 2)),
        ("|# victor: sort it\na = 1\nb = 2\n\nc = 3\n", "sort it", (1, 3)),
        ("x = 1\n|# victor: sort it\n\nc = 3\n", "sort it", (1, 2)),
        ("|# victor: sort it", "sort it", (0, 1)),
        ("def f():\n    a = 1\n|    # victor: sort it\n    b = 2\n\n    c = 3\n", "sort it", (3, 4)),
        ("def f():\n|    pass\n", None, None),
        ("# victor: sort it\n«" + "a = 1\n" * (MAX_LINES + 1) + "»", None, None),
    ],
)
def test_what_a_comment_says(text: str, title: str | None, lines: tuple[int, int] | None) -> None:
    """For what is selected, for what the comment stands above, or in the comment's own place."""
    told = None if title is None else f"Victor: do what the comment says: {title}"
    offer = check(REFACTOR, place_in(text), told, lines)
    if offer is not None:
        assert REFACTOR.prompt(place_in(text), offer).endswith(f"\n\n{title}")


def test_what_is_said_where_an_editor_can_ask() -> None:
    """No comment is needed then; without a selection or a definition it is about the line."""
    check(REFACTOR, place_in(SELECTED, instruction="sort"), "Victor: change the selection", (1, 3))
    check(REFACTOR, place_in(NOWHERE, instruction="sort"), "Victor: change this", (1, 2))
    place = place_in(SELECTED, instruction="x" * 9_000)
    offer = REFACTOR.offer(place)
    assert isinstance(offer, Offer)
    assert len(REFACTOR.prompt(place, offer)) < 8_200


@pytest.mark.parametrize(
    ("text", "language", "lines"),
    [
        ("x = 1\n# sort them,\n|# print them\ny = 2\n", "python", (1, 3)),
        ("«// sort them\n»y = 2\n", "go", (0, 1)),
        ("«# sort them\ny = 2\n»", "python", None),
        ("x| = 1\n", "python", None),
        ("|#\n", "python", None),
        ("|# victor: sort them\n", "python", None),
        ("|# " + "word\n# " * 60 + "\n", "python", None),
    ],
)
def test_comment_to_code(text: str, language: str, lines: tuple[int, int] | None) -> None:
    """For a comment and nothing besides; one that speaks to Victor has an action of its own."""
    title = None if lines is None else "Victor: write what this comment says"
    check(COMMENT_TO_CODE, place_in(text, language=language), title, lines)


def test_types_only_where_they_can_be_missing() -> None:
    """Not in a language that does not run without them."""
    check(ADD_TYPES, place_in(SELECTED, language="go"), None)


@pytest.mark.parametrize("name", ["tests/test_boxes.py", "src/boxes_test.go", "a/__tests__/b.ts"])
def test_no_tests_for_tests(name: str) -> None:
    """Nor for what lies in no folder."""
    check(GENERATE_TESTS, place_in(SELECTED, name), None)
    check(GENERATE_TESTS, place_in(SELECTED, root=None), None)
    check(GENERATE_TESTS, place_in(SELECTED, path=None), None)
    check(GENERATE_TESTS, place_in(SELECTED, path=Path("/elsewhere/a.py")), None)


def test_commit_messages() -> None:
    """Wherever a folder is open; a document of git's is told from others, and one with a message from an empty one."""
    check(COMMIT_MESSAGE, place_in(NOWHERE), "Victor: write the commit message", (0, 0))
    check(COMMIT_MESSAGE, place_in(NOWHERE, root=None), None)
    empty = place_in("|\n# Please enter the commit message\n", ".git/COMMIT_EDITMSG", "gitcommit")
    assert is_message(empty)
    assert not has_message(empty)
    cut = "|\n# ------------------------ >8 ------------------------\ndiff --git a/a b/a\n"
    assert not has_message(place_in(cut, ".git/COMMIT_EDITMSG"))
    assert has_message(place_in("Mend it|\n# Please\n", ".git/COMMIT_EDITMSG"))
    assert not is_message(place_in(NOWHERE))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("Mend it\n\nBecause.\n", "Mend it\n\nBecause."),
        ("```text\nMend it\n```", "Mend it"),
        ("\n```\nMend it  \n\nwhy\n```\n", "Mend it\n\nwhy"),
        ("Mend\n#1 is closed", "Mend\n #1 is closed"),
        ("Mend \x1b[2Jit\u202e\n\n\x9bwhy", "Mend [2Jit\n\nwhy"),
        ("  \n", ""),
    ],
)
def test_the_message_in_an_answer(answer: str, message: str) -> None:
    """Fences go, and what a terminal that shows the log would obey; no line is one that git would take for its remark."""
    assert message_in(answer) == message


def test_the_table() -> None:
    """Names and kinds are each one's own; no editor runs such a kind by itself; every task is one of the router's."""
    assert (
        len({assist.id for assist in ASSISTS})
        == len({assist.kind for assist in ASSISTS})
        == len(ASSISTS)
        == 10
    )
    for assist in ASSISTS:
        assert assist.kind.startswith(("victor.", "refactor.rewrite.victor.", "quickfix.victor"))
        assert assist.task in TASKS
        assert assist.task not in ("chat", "summary")


def test_every_assist_is_asked() -> None:
    """Also the person's own, behind ours."""
    mine = replace(EXPLAIN, id="own.mine")
    assert [assist.id for assist, _ in all_offered(place_in(DEFINED), [mine])] == [
        *(assist.id for assist in ASSISTS),
        "own.mine",
    ]


def test_titles_are_one_line() -> None:
    """Whatever a document calls its definitions, or another program says."""
    assert short("a\n\u202eb\u0007 c") == "a b c"
    assert short("x" * 100) == "x" * 59 + "…"
    assert short("  ") == ""
