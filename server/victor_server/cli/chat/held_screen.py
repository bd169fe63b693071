"""A screen that waits while a person is asked something."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from victor_server.cli.chat.screen import Screen


class HeldScreen:
    """Implements `Screen` over another one. While it is held, what is told waits, and comes in order afterwards."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._late: list[Callable[[], None]] | None = None

    @contextmanager
    def held(self) -> Iterator[Screen]:
        """Nothing is drawn but what is told the screen that is given."""
        self._screen.end()
        self._late = []
        try:
            yield self._screen
        finally:
            late, self._late = self._late, None
            for each in late:
                each()

    def begin(self) -> None:
        """Now or later."""
        self._do(self._screen.begin)

    def wait(self, what: str) -> None:
        """Now or later."""
        self._do(lambda: self._screen.wait(what))

    def answer(self, text: str) -> None:
        """Now or later."""
        self._do(lambda: self._screen.answer(text))

    def note(self, text: str) -> None:
        """Now or later."""
        self._do(lambda: self._screen.note(text))

    def say(self, text: str) -> None:
        """Now or later."""
        self._do(lambda: self._screen.say(text))

    def diff(self, text: str) -> None:
        """Now or later."""
        self._do(lambda: self._screen.diff(text))

    def end(self) -> None:
        """Now or later."""
        self._do(self._screen.end)

    def _do(self, act: Callable[[], None]) -> None:
        if self._late is None:
            act()
        else:
            self._late.append(act)
