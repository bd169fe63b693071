"""Restores some placeholders of a text that arrives in chunks, and leaves those that stand where a secret must not."""

from typing import Protocol

from victor_server.secrets.redaction.streams import RestoreStream
from victor_server.secrets.redaction.vault import Vault


class Chooser(Protocol):
    """Sees the whole text go by, in order, and says what becomes of each placeholder."""

    def passed(self, text: str) -> None:
        """`text` comes next, placeholders in it as they were."""
        ...

    def choose(self, text: str, start: int, end: int, *, is_all: bool) -> bool | None:
        """Whether `text[start:end]`, a placeholder behind all that has passed, is restored; None: it depends on more.

        `is_all`: nothing comes behind `text`, and None is no answer. The answer must not change with more text.
        """
        ...


class ChoosingStream:
    """Text with placeholders in, text with the values of those that were chosen out.

    What waits is what may be the beginning of a placeholder, and what the chooser wants to see more of. However the
    text is cut, the same comes out. Raises `Unavailable` when its session was closed.
    """

    def __init__(self, vault: Vault, chooser: Chooser) -> None:
        self._vault = vault
        self._chooser = chooser
        self._restored = RestoreStream(vault)
        self._rest = ""

    def feed(self, chunk: str) -> str:
        """What can be said by now."""
        if not self._rest and "[" not in chunk:
            return self._pass(chunk)
        text = self._rest + chunk
        shown, done = self._choose_all(text, is_all=False)
        opening = text.rfind("[", done)
        is_open = opening >= 0 and self._vault.beginning.match(text, opening)
        end = opening if is_open else len(text)
        if not self._vault.whole.match(text, done):  # else the chooser waits for what comes behind it
            shown += self._pass(text[done:end])
            done = end
        self._rest = text[done:]
        return shown

    def finish(self) -> str:
        """All that is left. The stream may begin anew afterwards, the chooser not."""
        shown, done = self._choose_all(self._rest, is_all=True)
        shown += self._pass(self._rest[done:])
        self._rest = ""
        return shown + self._restored.finish()

    def _choose_all(self, text: str, *, is_all: bool) -> tuple[str, int]:
        """What is shown up to the first placeholder that nothing can be said of yet, and where that is."""
        parts: list[str] = []
        done = 0
        for match in self._vault.whole.finditer(text):
            parts.append(self._pass(text[done : match.start()]))
            done = match.start()
            choice = self._chooser.choose(text, *match.span(), is_all=is_all)
            if choice is None and not is_all:
                break
            parts.append(self._pass(match.group()) if choice else self._keep(match.group()))
            done = match.end()
        return "".join(parts), done

    def _pass(self, text: str) -> str:
        self._chooser.passed(text)
        return self._restored.feed(text)

    def _keep(self, placeholder: str) -> str:
        self._chooser.passed(placeholder)
        return self._restored.finish() + placeholder
