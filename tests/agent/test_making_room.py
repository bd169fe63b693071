"""What old tools gave makes room for what came after, and every call keeps a result."""

from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.agent.making_room import LEFT_OUT, without_old_results
from victor_server.agent.messages import Message, ToolCallPart, ToolResultPart, user


def steps(lengths: list[int]) -> list[Message]:
    """A question, and a step with a result of so many words each."""
    said = [user("Why?")]
    for n, length in enumerate(lengths):
        said.append(Message("assistant", (ToolCallPart(str(n), "look", {}),)))
        said.append(Message("tool", (ToolResultPart(str(n), "word " * length, is_error=n % 2 == 0),)))
    return said


def results(said: list[Message]) -> list[ToolResultPart]:
    """All results."""
    return [part for message in said for part in message.parts if isinstance(part, ToolResultPart)]


def test_the_oldest_go_first_and_no_more_than_needed() -> None:
    """The last result always stays."""
    said = steps([500, 500, 500])
    assert [part.text == LEFT_OUT for part in results(without_old_results(said, 100))] == [True, False, False]
    assert [part.text == LEFT_OUT for part in results(without_old_results(said, 600))] == [True, True, False]
    assert [part.text == LEFT_OUT for part in results(without_old_results(said, 9_999))] == [
        True,
        True,
        False,
    ]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 200), max_size=8), st.integers(1, 2_000))
def test_only_texts_of_results_change(lengths: list[int], n_tokens: int) -> None:
    """Ids, order and errors stay, short results too; twice is as once."""
    said = steps(lengths)
    shorter = without_old_results(said, n_tokens)
    assert [(part.id, part.is_error) for part in results(shorter)] == [
        (part.id, part.is_error) for part in results(said)
    ]
    for before, after in zip(results(said), results(shorter), strict=True):
        assert after.text in (before.text, LEFT_OUT)
        assert len(after.text) <= len(before.text)
    assert [message for message in shorter if message.role != "tool"] == [
        message for message in said if message.role != "tool"
    ]
    if lengths:
        assert results(shorter)[-1] == results(said)[-1]
