"""What is kept of what happens in a chat: all of it but secrets and the texts of files, and readable for ever."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.agent.context.piece import Context, LeftOut, Piece
from victor_server.agent.events import Usage
from victor_server.agent.router.decision import Decision, RuledOut
from victor_server.agent.run_events import (
    Answered,
    Cited,
    Compacted,
    ContextChosen,
    Metered,
    Noted,
    PlanChanged,
    ReceiptWritten,
    Routed,
    Thought,
    ToolAsked,
    ToolEnded,
    ToolPrinted,
    ToolStarted,
    TurnEnded,
)
from victor_server.agent.text_kinds import KeptText, ShownText
from victor_server.agent.tools.tool import Diff, Place, PlanEntry
from victor_server.features.chat.model import ChatEvent, Prompted, Retried, Steered, Titled
from victor_server.features.chat.stored import MAX_RESULT_CHARACTERS, from_stored, to_stored
from victor_server.history.model import INTERRUPTED

SHOWN, KEPT = ShownText("as written"), KeptText("as kept")
SAME = KeptText("as kept"), ShownText("as kept")
DECISION = Decision("chat", "p", "ollama", "m", "", "why", False, (RuledOut("q", "off"),), ("r",), 0.5)


@pytest.mark.parametrize(
    ("event", "read"),
    [
        (Prompted(SHOWN, KEPT, KEPT), Prompted(SAME[1], KEPT, KEPT)),
        (Answered(SHOWN, KEPT), Answered(SAME[1], KEPT)),
        (Thought(SHOWN, KEPT), Thought(SAME[1], KEPT)),
        (Steered(SHOWN, KEPT), Steered(SAME[1], KEPT)),
        (Routed(DECISION), None),
        (Metered(Usage(1, 2, 3, 4, False), None), None),
        (ToolAsked("1", "read", {"path": ["a"]}), None),
        (ToolStarted("1", "read", "Read a", "read", (Place(Path("/a"), 3), Place(Path("/b")))), None),
        (ToolPrinted("1", SHOWN), ToolPrinted("1", ShownText(""))),
        (
            ToolEnded("1", "failed", SHOWN, KEPT, "Read", "a rule", (Place(Path("/a")),)),
            ToolEnded("1", "failed", SAME[1], KEPT, "Read", "a rule", (Place(Path("/a")),)),
        ),
        (
            ToolEnded("1", "completed", SHOWN, KEPT, diffs=(Diff(Path("/a"), "as written", None),)),
            ToolEnded("1", "completed", SAME[1], KEPT, places=(Place(Path("/a")),)),
        ),
        (PlanChanged((PlanEntry("Look", "pending"), PlanEntry("Say", "completed", "low"))), None),
        (ReceiptWritten("r"), None),
        (Compacted(3, 200, 100), None),
        (Noted("hm"), None),
        (Retried("t"), None),
        (Titled("t"), None),
        (TurnEnded("failed", "k", "m", "f", (Cited("a.py", 1, 2),)), None),
    ],
)
def test_round_trip(event: ChatEvent, read: ChatEvent | None) -> None:
    """What is read is what happened, with the kept text in the place of the shown one."""
    kind, data = to_stored(event)
    assert from_stored(kind, json.loads(json.dumps(data))) == (read or event)
    assert "as written" not in json.dumps(data)


def test_context_is_kept_without_its_text() -> None:
    """Places and reasons, not the files: those hold their secrets still."""
    piece = Piece("file", "a.py", 0, 9, "mentioned", 5, "the text", 0.5)
    left = LeftOut("file", ".env", 0, 1, 3, "private")
    kind, data = to_stored(ContextChosen(Context([piece], [left], 100)))
    assert "the text" not in json.dumps(data)
    read = from_stored(kind, json.loads(json.dumps(data)))
    assert isinstance(read, ContextChosen)
    assert [(each.path, each.reason, each.text) for each in read.context.pieces] == [
        ("a.py", "mentioned", "")
    ]
    assert list(read.context.left_out) == [left]


def test_a_long_result_is_kept_in_short() -> None:
    """Its beginning and its end; a file's text is not kept at all."""
    long = KeptText("first\n" + "word " * 9_000 + "\nlast")
    kind, data = to_stored(ToolEnded("1", "completed", ShownText(long), long))
    read = from_stored(kind, json.loads(json.dumps(data)))
    assert isinstance(read, ToolEnded)
    assert len(read.kept) < MAX_RESULT_CHARACTERS + 100
    assert read.kept.startswith("first")
    assert read.kept.endswith("last")
    assert "characters are left out here" in read.kept


def test_interrupted() -> None:
    """What the history itself notes."""
    assert from_stored(INTERRUPTED, {}) == TurnEnded("interrupted")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_KINDS = [
    "prompt",
    "answered",
    "context",
    "routed",
    "tool",
    "tool_started",
    "tool_printed",
    "tool_ended",
    "plan",
    "metered",
    "ended",
    "titled",
    "compacted",
    "later",
]


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(_KINDS),
    st.dictionaries(
        st.sampled_from(["text", "asked", "pieces", "usage", "citations", "id", "places", "entries", "x"]),
        _JSON,
    ),
)
def test_what_cannot_be_read_is_left_out(kind: str, data: dict[str, Any]) -> None:
    """A later version's kinds, and damaged data, hide nothing else."""
    from_stored(kind, data)
