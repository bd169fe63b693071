"""What is kept of a model's answer, as it comes."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secrets_samples import aws_key, github_token

from victor_server.agent.redaction.kept import MAX_WAITING, KeptStream
from victor_server.secrets.redaction.session import RedactionSession

OWN = "k3y-of-a-proxy-without-a-shape"


def kept(text: str, size: int) -> str:
    """What is kept of a text that comes in pieces of this size."""
    with RedactionSession() as session:
        session.remember(OWN, "api-key")
        stream = KeptStream(session)
        pieces = [stream.feed(text[at : at + size]) for at in range(0, len(text), size)]
        return "".join([*pieces, stream.finish()])


@pytest.mark.parametrize("secret", [OWN, github_token(), aws_key()])
@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_what_a_model_says_by_itself(secret: str, size: int) -> None:
    """A key that the server repeats, a token that it decoded: however it comes, a placeholder stands for it.

    Where the text is cut behind letters that could be any word, those letters stay.
    """
    written = kept(f"The key is {secret}, as I said.\nAnd (`{secret}`) again.", size)
    assert secret not in written
    assert secret[4:-3] not in written
    assert re.match(r"The key is [A-Za-z_]{0,6}\[REDACTED:", written)
    assert written.endswith("again.")
    assert written.count("[REDACTED:") == 2


@pytest.mark.parametrize("size", [1, 4, 1000])
def test_a_value_by_its_name(size: int) -> None:
    """What came before is in view: the name gives the value away."""
    value = "tR7!kw" + "Q2#zp9"
    assert value not in kept(f"# settings\npassword = '{value}'\n", size)


@settings(deadline=None, max_examples=100)
@given(st.text("ab1 .\n\u4e2d[]:", max_size=60), st.integers(1, 9))
def test_nothing_is_lost(text: str, size: int) -> None:
    """An answer without secrets is kept as it is."""
    assert kept(text, size) == text


def test_words_are_kept_at_once() -> None:
    """Only what may be half of a secret waits, and not without end."""
    with RedactionSession() as session:
        stream = KeptStream(session)
        assert stream.feed("It is so") == "It is so"
        assert stream.feed("mewhere (") == "mewhere ("
        assert stream.feed("in a.py:1") == "in "
        assert stream.waiting == "a.py:1"
        assert stream.feed("2 ") == "a.py:12 "
        assert stream.feed("a-" * MAX_WAITING) != ""
        assert stream.waiting == ""
