"""Texts in chunks come out as they would in one piece."""

import random
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redaction_texts import ODD_TEXTS, PASSWORD, PATHS, RANDOM, TEXTS, without_nonces
from secrets_samples import aws_key, github_token, pem_key

from victor_server.secrets.lines import line_starts
from victor_server.secrets.redaction.session import RedactionSession
from victor_server.secrets.redaction.streams import WINDOW, Window, feed_all
from victor_server.secrets.scanner import scan

SMALL = Window(segment=60, ahead=300, behind=300)
"""So that short texts have many segments; `ahead` holds the longest secret of the texts."""
CUTS = st.lists(st.integers(0, 3_000), max_size=30)


def chunks(text: str, cuts: list[int]) -> list[str]:
    """`text` cut at these offsets."""
    places = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    return [text[start:end] for start, end in pairwise(places)]


@settings(deadline=None, max_examples=150)
@given(ODD_TEXTS, CUTS)
def test_restored_stream_is_the_restored_text(text: str, cuts: list[int]) -> None:
    """Any chunking of what a model writes gives the same text."""
    with RedactionSession() as session:
        shown, _ = session.redact(text + f"\n{pem_key(n_lines=2)}", "a.py")
        assert feed_all(session.restore_stream(), chunks(shown, cuts)) == session.restore(shown)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.sampled_from(["[", "[REDACTED:", "P", "K", "\n", "\r", "\r\n", "x", "]"]), max_size=8), CUTS
)
def test_restored_stream_of_broken_placeholders(pieces: list[str], cuts: list[int]) -> None:
    """Also where a model cuts, repeats or doubles placeholders and the lines behind them. P and K stand for two."""
    with RedactionSession() as session:
        key, password = (session.redact(text)[0].strip() for text in (pem_key(n_lines=2), aws_key()))
        text = "".join({"P": password, "K": key}.get(piece, piece) for piece in pieces)
        assert feed_all(session.restore_stream(), chunks(text, cuts)) == session.restore(text)


def test_restore_holds_back_no_more_than_a_placeholder() -> None:
    """Character by character, all but what may be a placeholder comes at once, the secret with its last bracket."""
    with RedactionSession() as session:
        shown, taken = session.redact(f"a[0] = '{aws_key()}' [RED]\n", "a.py")
        (placeholder,) = taken
        stream = session.restore_stream()
        out, most = "", 0
        for n_fed, char in enumerate(shown, 1):
            out += stream.feed(char)
            most = max(most, len(session.restore(shown[:n_fed])) - len(out))
        assert out == session.restore(shown)
        assert most < len(placeholder)
        assert stream.finish() == ""


@settings(deadline=None, max_examples=150)
@given(TEXTS, CUTS, st.sampled_from(PATHS))
def test_short_stream_is_the_redacted_text(text: str, cuts: list[int], path: str) -> None:
    """What fits into the window is treated as a whole."""
    with RedactionSession() as one, RedactionSession() as other:
        stream = one.redact_stream(path)
        streamed = feed_all(stream, chunks(text, cuts))
        shown, taken = other.redact(text, path)
        assert without_nonces(streamed) == without_nonces(shown)
        assert list(stream.taken_out.values()) == list(taken.values())


@settings(deadline=None, max_examples=150)
@given(st.lists(ODD_TEXTS, max_size=6), CUTS, st.sampled_from(PATHS))
def test_any_chunking_redacts_alike(texts: list[str], cuts: list[int], path: str) -> None:
    """However a text is cut, the same text comes out, it can be restored, and its lines stay."""
    text = "\n".join(texts)
    shown: list[str] = []
    for parts in ([text], chunks(text, cuts), list(text)):
        with RedactionSession() as session:
            streamed = feed_all(session.redact_stream(path, SMALL), parts)
            assert session.restore(streamed) == text
            assert len(line_starts(streamed)) == len(line_starts(text))
            shown.append(without_nonces(streamed))
    assert shown[0] == shown[1] == shown[2]


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2**32), st.integers(1, 400))
def test_no_secret_survives_a_stream(seed: int, size: int) -> None:
    """Wherever segments end: a key of several lines, a token, a password, between lines of any length."""
    rng = random.Random(seed)
    secrets = [pem_key(n_lines=2), aws_key(), github_token(), f'password = "{PASSWORD}"', RANDOM]
    text = "".join(
        rng.choice([" lorem" * rng.randrange(30), "\n", " ", f"\n{rng.choice(secrets)}\n"]) for _ in range(30)
    )
    with RedactionSession() as session:
        shown = feed_all(session.redact_stream("a.py", SMALL), chunks(text, list(range(0, len(text), size))))
        assert scan(shown, "a.py") == []
        assert not any(secret in shown for secret in (*secrets, PASSWORD))
        assert session.restore(shown) == text


@pytest.mark.parametrize("size", [1, 7, 64, 5_000])
def test_key_over_chunks_is_masked(size: int) -> None:
    """In a text of a real stream's length, a private key at the end of a segment is one secret."""
    text = "ordinary output of a tool\n" * (39_500 // 26) + pem_key(n_lines=50) + "\n" + "and more\n" * 9_000
    with RedactionSession() as session:
        shown = feed_all(session.redact_stream(), chunks(text, list(range(0, len(text), size))))
        assert shown.count("[REDACTED:private-key:1:") == 1
        assert "BEGIN" not in shown
        assert session.restore(shown) == text


def test_redaction_holds_back_no_more_than_its_window() -> None:
    """A long stream flows."""
    with RedactionSession() as session:
        stream = session.redact_stream()
        n_in = n_out = 0
        for _ in range(3_000):
            n_in += 100
            n_out += len(stream.feed("ordinary line of ninety-nine characters, or about so many that it does not matter".ljust(99) + "\n"))  # fmt: skip
            assert n_in - n_out <= WINDOW.held_back
        assert n_out > 200_000


def test_value_of_an_earlier_segment_is_masked_later() -> None:
    """What a stream gave away once is known from then on."""
    text = f'password = "{PASSWORD}"\n' + "x\n" * 60_000 + f"login {PASSWORD}\n"
    with RedactionSession() as session:
        shown = feed_all(session.redact_stream("a.py"), [text])
    assert PASSWORD not in shown


@pytest.mark.parametrize("unit", ["AKIA" + "Z7QH2MVWX4RTNB6K", "[REDACTED:", "\n", f"k = '{RANDOM}'\n", "-----BEGIN PRIVATE KEY-----\n"])  # fmt: skip
def test_streams_take_linear_time(unit: str) -> None:
    """Much text in small chunks, there and back."""
    text = (unit * (300_000 // len(unit) + 1))[:300_000]
    parts = chunks(text, list(range(0, len(text), 100)))
    before = time.process_time()
    with RedactionSession() as session:
        shown = feed_all(session.redact_stream("a.env"), parts)
        assert feed_all(session.restore_stream(), chunks(shown, list(range(0, len(shown), 100)))) == text
    assert time.process_time() - before < 10
