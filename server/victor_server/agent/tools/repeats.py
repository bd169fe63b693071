"""Sees when a model goes in circles: the same call, the same result, again and again."""

import hashlib
import json

from victor_server.agent.messages import ToolCallPart

MAX_SAME = 3
"""The same call with the same result, before it is refused."""
MAX_REFUSED = 3
"""The same call refused, before the turn ends."""


class Repeats:
    """The calls of one turn. What was changed in between makes every call a new one."""

    def __init__(self) -> None:
        self._same: dict[bytes, tuple[bytes, int]] = {}
        self._refused: dict[bytes, int] = {}

    @property
    def is_stuck(self) -> bool:
        """Whether a model asks for what it was refused, again and again."""
        return any(n >= MAX_REFUSED for n in self._refused.values())

    def why_not(self, call: ToolCallPart) -> str:
        """What the model is told instead of a result; "" where the call may run."""
        key = _key(call)
        _, n_same = self._same.get(key, (b"", 0))
        if n_same < MAX_SAME:
            return ""
        self._refused[key] = self._refused.get(key, 0) + 1
        return (
            f"This call was not run again: it gave the same result {n_same} times, and nothing has changed since. Use"
            " what you know, try something else, or tell the person what you are missing."
        )

    def note(self, call: ToolCallPart, text: str, *, has_changed: bool) -> None:
        """A call has run and gave this."""
        if has_changed:
            self._same.clear()
            self._refused.clear()
        key, result = _key(call), _digest(text)
        before, n_same = self._same.get(key, (b"", 0))
        self._same[key] = (result, n_same + 1 if before == result else 1)


def _key(call: ToolCallPart) -> bytes:
    return _digest(f"{call.name}\n{json.dumps(call.arguments, sort_keys=True, default=str)}")


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
