"""What is piped into a question: the model is shown it."""

import sys
import threading
from collections.abc import Sequence
from typing import BinaryIO

from victor_server.agent.context.piece import Piece
from victor_server.errors import UsageError

_MAX_BYTES = 2_000_000
_PATIENCE_S = 3.0
_BYTES_A_TOKEN = 4


def read_piped(stream: BinaryIO, patience_s: float = _PATIENCE_S) -> str:
    """All that is piped in, as text. Raises UsageError where that is no text, or too much of it.

    Says on stderr what is waited for where it does not end: a program that started this may have left its pipe open.
    """
    told = threading.Timer(patience_s, _say_what_is_waited_for)
    told.daemon = True
    told.start()
    try:
        data = stream.read(_MAX_BYTES + 1)
    finally:
        told.cancel()
    if len(data) > _MAX_BYTES:
        raise UsageError(
            f"More than {_MAX_BYTES:,} bytes were piped in.", "No model reads that much; choose a part of it."
        )
    if b"\0" in data:
        raise UsageError("What was piped in is no text.", "Pipe text, or name files with @ in the question.")
    return data.decode("utf-8", "replace")


def to_piece(text: str) -> Sequence[Piece]:
    """What the model is shown of it; nothing for nothing."""
    if not text.strip():
        return ()
    n_lines = text.count("\n") + (not text.endswith("\n"))
    n_tokens = len(text.encode()) // _BYTES_A_TOKEN + 1
    return (Piece("attached", "", 0, n_lines, "piped in", n_tokens, text),)


def _say_what_is_waited_for() -> None:
    print(
        "victor: waiting for what is piped in, to its end. Nothing to pipe? Add `< /dev/null`.",
        file=sys.stderr,
        flush=True,
    )
