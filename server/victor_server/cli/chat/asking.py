"""Questions to the person at this terminal: one at a time, and no key that was pressed before answers one."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager

from victor_server.cli.chat.held_screen import HeldScreen
from victor_server.cli.chat.screen import Screen

ReadAnswer = Callable[[str], Awaitable[str]]
"""Shows a prompt and reads a line. Raises EOFError where there will be none."""

_WORD = re.compile(r"([A-Za-z?]+)(?:[\s,.:;!-]+(.*))?", re.DOTALL)


class Asking:
    """One question after the other, on one terminal."""

    def __init__(self, screen: HeldScreen, read: ReadAnswer) -> None:
        self._screen = screen
        self._read = read
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Screen]:
        """Have the terminal for a question; what else is told waits until it is over."""
        async with self._turn:
            with self._screen.held() as screen:
                yield screen

    async def choice(self, screen: Screen, prompt: str, words: Collection[str]) -> tuple[str, str]:
        """One of these words or its first letter, and what is said with it; asked until it is one of them.

        Raises EOFError where the person closes the question.
        """
        while True:
            found = read_choice(await self._read(prompt), words)
            if found is not None:
                return found
            screen.note(f"Please answer {', '.join(words)}, or its first letter, and press Enter.")


def read_choice(line: str, words: Collection[str]) -> tuple[str, str] | None:
    """Which word a line begins with, whole or as its first letter, and the rest; None for anything else."""
    match = _WORD.fullmatch(line.strip())
    if match is None:
        return None
    said = match[1].lower()
    found = next((word for word in words if said in (word, word[0])), None)
    return None if found is None else (found, (match[2] or "").strip())
