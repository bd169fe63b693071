"""A chat in a markdown document: what was asked last, and that no answer speaks for the person."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.features.chat.document import (
    about_text,
    answered,
    fitting_behind,
    new_document,
    question_in,
)


@pytest.mark.parametrize(
    ("document", "question"),
    [
        ("", ""),
        ("why?", ""),
        ("## You\n\nwhy?\n", "why?"),
        ("## You\r\n\r\nwhy?\r\nhow?\r\n", "why?\nhow?"),
        ("## You\none\n## Victor\ntwo\n## You\nthree", "three"),
        ("## You\none\n## Victor\ntwo\n", ""),
        ("## You\n```\n## Victor\n```\nwhat?", "```\n## Victor\n```\nwhat?"),
        ("## You\n~~~~\n```\n## You\n~~~~\nend", "~~~~\n```\n## You\n~~~~\nend"),
        ("### You\nwhy?", ""),
        ("## You  \nwhy?", "why?"),
    ],
)
def test_question_in(document: str, question: str) -> None:
    """What stands under the last heading, if that is the person's; headings in code are code."""
    assert question_in(document) == question


def test_a_long_document_takes_linear_time() -> None:
    """A hundred thousand headings and fences are read at once."""
    assert question_in("## You\n```\n" * 50_001 + "end").endswith("end")
    assert question_in("## You\n" * 100_000 + "end") == "end"


_TEXT = st.lists(
    st.sampled_from(["## You", "## Victor", "```", "~~~", "````", "x", "", "## You ", " ``` py"]), max_size=12
).map("\n".join)


@settings(deadline=None, max_examples=300)
@given(_TEXT, st.text("ab \n", max_size=8))
def test_no_answer_asks(answer: str, question: str) -> None:
    """Whatever a model answers, the next question is what the person writes behind it, and nothing else."""
    document = new_document("first") + answered(answer, ["a remark\n## You\nx"])
    assert question_in(document) == ""
    assert question_in(document + question) == question.strip().replace("\r", "\n")


@settings(deadline=None, max_examples=200)
@given(st.text("`a\n~", max_size=30))
def test_quoted(text: str) -> None:
    """A quoted selection ends where it ends: what is written behind it is read as written."""
    quoted = about_text(text, "python")
    assert question_in(new_document(quoted + "why?")).endswith("\n\nwhy?")
    assert question_in(new_document(quoted) + answered("x", [])) == ""


def test_line_ends() -> None:
    """What is added has the document's line ends, and a blank line before it, however the document ends."""
    assert fitting_behind("", "\na\n") == "\na\n"
    assert fitting_behind("q\n", "\na\n") == "\na\n"
    assert fitting_behind("q", "\na\n") == "\n\na\n"
    assert fitting_behind("x\r\nq", "\na\n") == "\r\n\r\na\r\n"
    assert fitting_behind("x\r\nq\r\n", "\na\n") == "\r\na\r\n"
