"""The frames that are kept: each is sent once and in order, and again only from where somebody asks."""

from hypothesis import given
from hypothesis import strategies as st

from victor_server.team.connection.ring import Ring

_STEPS = st.lists(
    st.one_of(
        st.just(("add", 0)),
        st.just(("take", 0)),
        st.tuples(st.just("acknowledge"), st.integers(0, 30)),
        st.tuples(st.just("rewind"), st.integers(0, 30)),
    ),
    max_size=60,
)


@given(st.integers(1, 8), _STEPS)
def test_frames_come_in_order_and_none_that_waits_is_dropped(most: int, steps: list[tuple[str, int]]) -> None:
    """Whatever happens, the next frame is the one behind the last that was taken; what waits is all there."""
    ring = Ring(most)
    furthest = 0
    for step, number in steps:
        match step:
            case "add":
                ring.add(str(ring.last + 1))
            case "take":
                due = ring.sent + 1
                assert ring.take() == (str(due) if due <= ring.last else None)
            case "acknowledge":
                ring.acknowledge(number)
            case "rewind":
                is_possible = ring.first - 1 <= number <= ring.sent
                assert ring.rewind(number) == is_possible
        furthest = max(furthest, ring.sent)
        assert ring.n_unsent == ring.last - furthest
        assert ring.first <= ring.sent + 1
        assert ring.last - ring.first + 1 <= max(most, ring.n_waiting)


def test_bytes_bound_what_was_sent() -> None:
    """Large frames that were sent are forgotten before there are many."""
    ring = Ring(1_000)
    for _ in range(10):
        ring.add("x" * 1_000_000)
        ring.take()
    assert ring.last - ring.first + 1 == 4
