"""What the terminal does with keys while nobody reads them, and while a plain line is read."""

import contextlib
import importlib
import sys
from collections.abc import Iterator
from typing import Any

_INPUT, _LOCAL = 0, 3  # where termios keeps its flags


@contextlib.contextmanager
def kept(*, for_line_editor: bool) -> Iterator[None]:
    """Keys wait for the next question and are not drawn into an answer.

    `for_line_editor`: each key is kept as it is; else Enter ends a line, which is what plain reading understands.
    Ctrl-C is a signal in both cases.
    """
    with _changed(echo=False, by_line=not for_line_editor):
        yield


@contextlib.contextmanager
def drawn() -> Iterator[None]:
    """Keys are drawn by the terminal itself, and given out line by line."""
    with _changed(echo=True, by_line=True):
        yield


def forget_typed() -> None:
    """Keys that were pressed and not read are gone: nobody has answered what was not asked yet."""
    try:
        import termios
    except ImportError:  # Windows
        _forget_on_windows()
        return
    with contextlib.suppress(termios.error):
        termios.tcflush(sys.stdin, termios.TCIFLUSH)


def _forget_on_windows() -> None:
    console: Any = importlib.import_module("msvcrt")
    while console.kbhit():
        console.getwch()


@contextlib.contextmanager
def _changed(*, echo: bool, by_line: bool) -> Iterator[None]:
    """The terminal is as before afterwards; what waits in it stays."""
    try:
        import termios
    except ImportError:  # Windows: its console draws only what is read
        yield
        return
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    changed = termios.tcgetattr(sys.stdin)
    _switch(changed, _LOCAL, termios.ECHO, on=echo)
    _switch(changed, _LOCAL, termios.ICANON, on=by_line)
    _switch(changed, _INPUT, termios.ICRNL, on=by_line)
    termios.tcsetattr(sys.stdin, termios.TCSADRAIN, changed)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def _switch(attributes: list[Any], at: int, flag: int, *, on: bool) -> None:
    attributes[at] = attributes[at] | flag if on else attributes[at] & ~flag
