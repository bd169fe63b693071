"""A program on a terminal of its own, and a person in front of it (POSIX only)."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

TIMEOUT_S = 40
_SEQUENCES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_WHERE_IS_THE_CURSOR = b"\x1b[6n"


class Terminal:
    """What the program writes is read all the time; a text is waited for, never a time."""

    def __init__(
        self, words: Sequence[str], environment: Mapping[str, str], folder: Path, size: tuple[int, int]
    ) -> None:
        self._keyboard, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        self.process = subprocess.Popen(
            words,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=folder,
            env=dict(environment),
            start_new_session=True,
            preexec_fn=_own_this_terminal,
        )
        self._theirs = theirs  # held open: its settings can be looked at after the program's end
        self._written = b""
        self._more = threading.Condition()
        self._seen = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def written(self) -> bytes:
        """All that was written so far, sequences included."""
        with self._more:
            return self._written

    def press(self, keys: str) -> None:
        """Press these keys."""
        os.write(self._keyboard, keys.encode())

    def wait_for(self, text: str) -> str:
        """Wait until `text` is written behind what was waited for before; returns what came up to its end."""
        with self._more:
            found = self._more.wait_for(lambda: text in self._plain()[self._seen :], TIMEOUT_S)
            rest = self._plain()[self._seen :]
            assert found, f"{text!r} was not written, but {rest[-3000:]!r}"
            end = rest.index(text) + len(text)
            self._seen += end
            return rest[:end]

    def wait_for_end(self) -> int:
        """Wait until the program has ended; returns its exit code."""
        return self.process.wait(TIMEOUT_S)

    def rest(self) -> str:
        """What came behind what was waited for last."""
        with self._more:
            return self._plain()[self._seen :]

    @property
    def echoes(self) -> bool:
        """Whether keys are drawn by the terminal itself, as a shell needs it."""
        return bool(termios.tcgetattr(self._theirs)[3] & termios.ECHO)

    def close(self) -> None:
        """End the program, if it still runs, and let go of the terminal."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(TIMEOUT_S)
        os.close(self._theirs)
        self._reader.join(TIMEOUT_S)
        os.close(self._keyboard)

    def _plain(self) -> str:
        return _SEQUENCES.sub("", self._written.decode("utf-8", "replace")).replace("\r", "")

    def _read(self) -> None:
        asked = 0
        while True:
            try:
                data = os.read(self._keyboard, 65536)
            except OSError:  # the other side is closed
                return
            if not data:
                return
            with self._more:
                self._written += data
                now = self._written.count(_WHERE_IS_THE_CURSOR)
                self._more.notify_all()
            if now > asked:  # as a terminal answers
                os.write(self._keyboard, b"\x1b[1;1R" * (now - asked))
                asked = now


@contextmanager
def terminal(
    words: Sequence[str], environment: Mapping[str, str], folder: Path, size: tuple[int, int] = (30, 100)
) -> Iterator[Terminal]:
    """A program on a terminal; `size` is rows and columns. It is ended, whatever happens."""
    opened = Terminal(words, environment, folder, size)
    try:
        yield opened
    finally:
        opened.close()


def _own_this_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
