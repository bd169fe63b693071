"""Makes of a model's text what is kept of it: a model may say a secret that nobody took out of what it was told."""

import re

from victor_server.agent.text_kinds import KeptText
from victor_server.secrets.redaction.session import RedactionSession

MAX_WAITING = 2_000
"""Characters of a word without end that wait."""
_IN_VIEW = 1_000
"""Characters before a text that it is judged by: the name that a value is given, the start of its line."""

_LAST_WORD = re.compile(r"\S*\Z")
_PLAIN_WORD = re.compile(r"[^A-Za-z0-9]*(?:[A-Z]?[a-z]{0,20}|[A-Z]{1,8})[^A-Za-z0-9]{0,4}")


class KeptStream:
    """One answer as it comes. A server that repeats its key, a model that decodes what it was shown: placeholders
    stand for what they say. A last word that is none of a language waits for its end: it may be half of a secret."""

    def __init__(self, session: RedactionSession) -> None:
        self._session = session
        self._before = ""
        self.waiting = ""

    def feed(self, text: str) -> KeptText:
        """What can be kept by now; the rest is `waiting`. Raises `Unavailable` once the conversation was closed."""
        self.waiting += text
        last = self.waiting[-MAX_WAITING - 1 :]
        word = _LAST_WORD.search(last)
        n_last = len(word.group()) if word else 0
        waits = n_last <= MAX_WAITING and not _PLAIN_WORD.fullmatch(last, len(last) - n_last)
        return self._keep(len(self.waiting) - (n_last if waits else 0))

    def finish(self) -> KeptText:
        """All that is left. The stream may go on."""
        return self._keep(len(self.waiting))

    def _keep(self, end: int) -> KeptText:
        if not end:
            return KeptText("")
        text, self.waiting = self.waiting[:end], self.waiting[end:]
        kept, _ = self._session.redact_rest(self._before + text, len(self._before))
        self._before = _end_of(self._before + kept)
        return KeptText(kept)


def _end_of(text: str) -> str:
    """The end of what was kept, from a word on: not cut inside a placeholder."""
    return text if len(text) <= _IN_VIEW else text[-_IN_VIEW:].partition(" ")[2]
