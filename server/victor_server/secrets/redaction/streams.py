"""Redacts and restores texts that arrive in chunks: however they are cut, the same text comes out."""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from victor_server.secrets.redaction.restoring import restore, unfinished
from victor_server.secrets.redaction.vault import TakenOut, Vault
from victor_server.secrets.rule import MAX_BLOCK

_SPACE = re.compile(r"\s")


class Window(NamedTuple):
    """How many characters of a stream are redacted at once, and how many around them are in view."""

    segment: int = 40_000
    ahead: int = MAX_BLOCK + 4_000
    behind: int = MAX_BLOCK

    @property
    def held_back(self) -> int:
        """The most that waits for what comes next."""
        return self.segment + self.ahead


WINDOW = Window()
"""As far as a rule looks, and the rest of a line."""


class Part(NamedTuple):
    """The redacted form of `text[start:end]`, and the placeholders in it."""

    shown: str
    end: int
    placeholders: tuple[str, ...]


RedactPart = Callable[[str, int, int], Part]
"""(text, start, wanted end) → the part of the text that begins at `start`, what stands before being redacted already;
it ends at the wanted end or, where that lies inside something to hide, behind that."""


class RedactStream:
    """Text in, redacted text out, at most `window.held_back` characters later.

    A text no longer than that comes out as from `redact`. In a longer one, an earlier mention of a secret that only
    a much later part gives away has already been let through. Raises `Unavailable` when its session was closed.
    """

    def __init__(self, redact_part: RedactPart, vault: Vault, window: Window) -> None:
        self._redact_part = redact_part
        self._window = window
        self._vault = vault
        self._chunks: list[str] = []
        self._length = 0
        self._before = ""
        self._placeholders: list[str] = []

    def feed(self, chunk: str) -> str:
        """What can be said by now, often nothing."""
        self._chunks.append(chunk)
        self._length += len(chunk)
        if self._length < self._window.held_back:
            return ""
        rest, shown = "".join(self._chunks), []
        done = 0
        while len(rest) - done >= self._window.held_back:
            window = rest[done : done + self._window.held_back]
            part, length = self._redact(window, _segment_end(window, self._window.segment))
            shown.append(part)
            done += length
        self._chunks, self._length = [rest[done:]], len(rest) - done
        return "".join(shown)

    def finish(self) -> str:
        """All that is left. The stream may begin anew afterwards."""
        rest = "".join(self._chunks)
        shown, _ = self._redact(rest, len(rest))
        self._chunks, self._length, self._before = [], 0, ""
        return shown

    @property
    def taken_out(self) -> TakenOut:
        """What has been taken out so far."""
        return TakenOut(self._vault, self._placeholders)

    def _redact(self, window: str, wanted_end: int) -> tuple[str, int]:
        start = len(self._before)
        part = self._redact_part(self._before + window, start, start + wanted_end)
        self._placeholders += part.placeholders
        self._before = _last_part(self._before + part.shown, self._window.behind, self._vault.whole)
        return part.shown, part.end - start


def _segment_end(text: str, segment: int) -> int:
    """Behind the last line that fits, or the last word, or where there is neither, anywhere."""
    line_end = text.rfind("\n", segment // 2, segment)
    if line_end >= 0:
        return line_end + 1
    spaces = _SPACE.finditer(text, segment // 2, segment)
    return max((space.end() for space in spaces), default=segment)


def _last_part(shown: str, length: int, placeholder: re.Pattern[str]) -> str:
    """The end of what was shown, not cut inside a placeholder."""
    start = max(0, len(shown) - length)
    opening = shown.rfind("[", max(0, start - 200), start)
    cut = placeholder.match(shown, opening) if opening >= 0 else None
    return shown[max(start, cut.end()) if cut else start :]


class RestoreStream:
    """Text with placeholders in, text with their values out; what may be the beginning of a placeholder waits.

    That is never more than the longest placeholder, with the line ends that belong to it. Raises `Unavailable` when
    its session was closed.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._rest = ""

    def feed(self, chunk: str) -> str:
        """What can be said by now."""
        self._vault.check_open()
        text = self._rest + chunk
        end = unfinished(text, self._vault)
        self._rest = text[end:]
        return restore(text[:end], self._vault)

    def finish(self) -> str:
        """All that is left. The stream may begin anew afterwards."""
        self._vault.check_open()
        text, self._rest = self._rest, ""
        return restore(text, self._vault)


def feed_all(stream: RedactStream | RestoreStream, chunks: Iterable[str]) -> str:
    """The whole text that comes out of a stream."""
    return "".join([*(stream.feed(chunk) for chunk in chunks), stream.finish()])
