"""Lines found by looking around one place, and passages of them: the same as when all lines are counted."""

from bisect import bisect_right

from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.secrets.lines import line_around, line_span, line_starts, passages

TEXTS = st.text(alphabet="ab\n\r\u2028", max_size=60)


@given(TEXTS, st.integers(0, 60))
def test_line_around_is_the_line(text: str, offset: int) -> None:
    """Start, end and the next line's start are those that a count of all lines gives."""
    offset = min(offset, len(text))
    starts = line_starts(text)
    line = bisect_right(starts, offset) - 1
    following = starts[line + 1] if line + 1 < len(starts) else len(text) + 1
    assert line_around(text, offset) == (*line_span(text, starts, line), following)


@settings(max_examples=300)
@given(TEXTS, st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=6), st.integers(0, 3))
def test_passages_hold_every_span(text: str, places: list[tuple[int, int]], n_around: int) -> None:
    """Each span lies in exactly one passage, with what is around it, and on the line that it has in the whole text."""
    spans, done = [], 0
    for start, length in sorted(places):
        if done <= start and start + length <= len(text):
            spans.append((start, start + length))
            done = start + length
    starts = line_starts(text)
    seen = []
    for passage, first, last in passages(text, spans, n_around):
        assert text[passage.offset :].startswith(passage.text)
        assert starts[passage.first_line] == passage.offset
        end = passage.offset + len(passage.text)
        for span in spans[first:last]:
            seen.append(span)
            first_line, last_line = (bisect_right(starts, at) - 1 for at in (span[0], span[1] - 1))
            assert passage.first_line <= max(0, first_line - n_around)
            assert end >= starts[min(last_line + n_around, len(starts) - 1)]
            local = bisect_right(passage.starts, span[0] - passage.offset) - 1
            assert local + passage.first_line == bisect_right(starts, span[0]) - 1
    assert seen == spans
