"""Long texts in short: the beginning, the end, and what is missing between them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.agent.messages import ToolCallPart
from victor_server.agent.tools.limits import bounded
from victor_server.agent.tools.repeats import MAX_REFUSED, MAX_SAME, Repeats


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab\n", max_size=300), st.integers(1, 120))
def test_what_is_cut(text: str, most: int) -> None:
    """Short texts stay; of long ones both ends are told, and the number of characters that are not is right."""
    cut = bounded(text, most)
    if len(text) <= most:
        assert cut == text
        return
    head, _, rest = cut.partition("\n\n[")
    number, _, tail = rest.partition(" characters are left out here]\n\n")
    assert text.startswith(head)
    assert text.endswith(tail)
    assert len(tail) <= most
    n_trimmed = len(text) - int(number.replace(",", "")) - len(tail) - len(head)
    assert text[len(head) : len(head) + n_trimmed].strip() == ""


def test_whole_lines() -> None:
    """Where a line ends near the cut it is cut there."""
    text = "".join(f"line {n}\n" for n in range(1_000))
    cut = bounded(text, 1_000)
    assert "line 0\n" in cut
    assert cut.endswith("line 999\n")
    assert all(line.startswith("line ") for line in cut.splitlines() if line and "left out" not in line)


def call(zone: str, name: str = "clock") -> ToolCallPart:
    """A call; its id is another each time."""
    return ToolCallPart("x", name, {"zone": zone, "n": 1})


def test_repeats_are_counted_by_call_and_result() -> None:
    """Another argument, another tool, another order of arguments: only what means the same is the same."""
    repeats = Repeats()
    for _ in range(MAX_SAME):
        assert repeats.why_not(call("A")) == ""
        repeats.note(call("A"), "noon", has_changed=False)
    assert repeats.why_not(ToolCallPart("y", "clock", {"n": 1, "zone": "A"}))
    assert repeats.why_not(call("B")) == ""
    assert repeats.why_not(call("A", "watch")) == ""
    assert not repeats.is_stuck
    for _ in range(MAX_REFUSED):
        repeats.why_not(call("A"))
    assert repeats.is_stuck


def test_a_change_forgives() -> None:
    """After it everything is new."""
    repeats = Repeats()
    for _ in range(MAX_SAME):
        repeats.note(call("A"), "noon", has_changed=False)
    assert repeats.why_not(call("A"))
    repeats.note(call("x", "edit"), "done", has_changed=True)
    assert repeats.why_not(call("A")) == ""


def test_another_result_starts_anew() -> None:
    """What changes by itself may be looked at again."""
    repeats = Repeats()
    for n in range(10):
        repeats.note(call("A"), str(n // 2), has_changed=False)
        assert repeats.why_not(call("A")) == ""
