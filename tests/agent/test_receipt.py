"""Receipts survive being stored, and show names from outside as nothing but text."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.agent.receipt import Attempt, HeldBack, Receipt, ShownFile, from_data, to_data, to_markdown
from victor_server.errors import HistoryFailed

TEXT = st.text(max_size=12)
FILES = st.builds(ShownFile, TEXT, st.integers(0, 99), st.integers(0, 99), TEXT, TEXT, st.integers(0, 99))
RECEIPTS = st.builds(
    Receipt,
    id=TEXT,
    session_id=TEXT,
    turn_id=TEXT,
    created=st.floats(0, 4e9),
    task=TEXT,
    outcome=st.sampled_from(["done", "cached", "cancelled", "failed", "not_sent"]),
    profile=TEXT,
    model=TEXT,
    reason=TEXT,
    files=st.lists(FILES, max_size=2).map(tuple),
    held_back=st.lists(st.builds(HeldBack, TEXT, TEXT, TEXT), max_size=2).map(tuple),
    redacted=st.dictionaries(TEXT, st.integers(1, 9), max_size=2),
    cost_usd=st.none() | st.floats(0, 9),
    attempts=st.lists(
        st.builds(Attempt, TEXT, TEXT, TEXT, TEXT, st.booleans(), st.booleans(), TEXT), max_size=2
    ).map(tuple),
    message=TEXT,
)

FULL = Receipt(
    id="r1",
    session_id="s",
    turn_id="t",
    created=0.0,
    task="chat",
    outcome="done",
    profile="production",
    provider="anthropic",
    model="big",
    reason="It was asked for.",
    leaves_machine=True,
    files=(ShownFile("src/a_b.py", 4, 9, "selection", "selected", 31),),
    held_back=(HeldBack(".env", "file", "files like `.env` never leave this machine"),),
    redacted={"aws-access-key": 2},
    n_messages=3,
    input_tokens=100,
    output_tokens=20,
    cost_usd=0.0123,
    attempts=(Attempt("production", "anthropic", "big", "api.example", True, True),),
)


@settings(deadline=None, max_examples=100)
@given(RECEIPTS)
def test_stored_and_read_again(receipt: Receipt) -> None:
    """JSON takes nothing from a receipt, and every receipt can be shown."""
    assert from_data(json.loads(json.dumps(to_data(receipt)))) == receipt
    assert to_markdown(receipt).startswith("# Receipt ")


def test_as_a_person_reads_it() -> None:
    """Lines count from one; what left, who got it, and what did not leave."""
    shown = to_markdown(FULL)
    assert "| src/a\\_b.py | 5-9 | 31 | selected |" in shown
    assert "* 2 x aws-access-key" in shown
    assert "* .env: files like \\`.env\\` never leave this machine" in shown
    assert "**Left this machine:** yes" in shown
    assert "**Cost:** $0.0123" in shown
    assert "big at api.example (anthropic, profile production), elsewhere" in shown
    assert "1970-01-01 00:00:00 UTC" in shown


@pytest.mark.parametrize(
    "name",
    ["a|b", "[x](http://evil)", "a\n# Title", "`x`", "<script>", "a\u202eb", "\x1b[2J", "**b**", "a\u2028b"],
)
def test_hostile_names(name: str) -> None:
    """A file's name can neither break the table nor mark anything up, nor reorder what is read."""
    shown = to_markdown(
        Receipt("r", "s", "t", 0.0, "chat", "done", files=(ShownFile(name, 0, 1, "file", name, 1),))
    )
    (row,) = shown.split("|---|---|---|---|\n")[1].splitlines()
    assert len(re.findall(r"(?<!\\)\|", row)) == 5
    assert not re.search(r"(?<!\\)[`<*\[]", row)
    assert not re.search("[\u202e\x1b\u2028]", shown)


@pytest.mark.parametrize("data", [{}, {"version": 2}, {"version": 1}, {**to_data(FULL), "files": [{"x": 1}]}])
def test_what_is_no_receipt(data: dict[str, object]) -> None:
    """Another format or a damaged receipt is refused in words."""
    with pytest.raises(HistoryFailed):
        from_data(data)
