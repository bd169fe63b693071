"""What is piped into a question."""

import io
import os
import sys
import threading

import pytest

from victor_server.cli.chat.piped import read_piped, to_piece
from victor_server.errors import UsageError


class Watched(io.StringIO):
    """A stderr whose first words are waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.spoken = threading.Event()

    def flush(self) -> None:
        """Something was said."""
        self.spoken.set()


def test_a_pipe_that_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for a pipe that nobody closes is told so, and how to go on; then it is read all the same."""
    told = Watched()
    monkeypatch.setattr(sys, "stderr", told)
    reading, writing = os.pipe()

    def close_when_told() -> None:
        told.spoken.wait(30)
        os.write(writing, b"late")
        os.close(writing)

    closer = threading.Thread(target=close_when_told)
    closer.start()
    with open(reading, "rb") as stream:  # noqa: PTH123 - a pipe has no path
        assert read_piped(stream, patience_s=0) == "late"
    closer.join()
    assert "< /dev/null" in told.getvalue()


def test_what_is_piped_quickly_is_not_commented(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is said where the pipe ends by itself; bytes that are no text are replaced."""
    assert read_piped(io.BytesIO(b"a\xffb\n")) == "a\ufffdb\n"
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("data", [b"\x00", b"x" * 2_000_001])
def test_what_is_refused(data: bytes) -> None:
    """No binary files, and not more than any model reads."""
    with pytest.raises(UsageError):
        read_piped(io.BytesIO(data))


@pytest.mark.parametrize(("text", "n_lines"), [("a", 1), ("a\n", 1), ("a\nb", 2), ("a\n\n", 2)])
def test_a_piece(text: str, n_lines: int) -> None:
    """It is one piece of no file, with its lines counted and its tokens estimated."""
    (piece,) = to_piece(text)
    assert (piece.kind, piece.path, piece.start_line, piece.end_line) == ("attached", "", 0, n_lines)
    assert piece.n_tokens > 0
    assert to_piece(" \n") == ()
