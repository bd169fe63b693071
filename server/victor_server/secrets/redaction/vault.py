"""Keeps what was taken out of texts, under the placeholders that stand there instead."""

import hashlib
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NoReturn

from victor_server.errors import Unavailable
from victor_server.secrets.placeholders import open_end, pattern, write

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class _Kept:
    """One value; bytes that can be overwritten, and that no repr shows."""

    data: bytearray = field(repr=False)
    n_line_ends: int


class Vault:
    """Values by placeholder, and placeholders by value. Never shows, copies or pickles a value by itself.

    `whole` matches its placeholders, `beginning` the start of one at the end of a text.
    """

    def __init__(self, nonce: str) -> None:
        self.nonce = nonce
        self.whole = pattern(nonce)
        self._kept: dict[str, _Kept] = {}
        self._placeholders: dict[bytes, str] = {}
        self._origins: dict[str, set[str]] = {}
        self._counts: Counter[str] = Counter()
        self._key = secrets.token_bytes(32)

    @cached_property
    def beginning(self) -> re.Pattern[str]:
        """Made when a text first ends in what may be one: it takes longer than a short answer."""
        return open_end(self.nonce)

    def __len__(self) -> int:
        return len(self._kept)

    def __repr__(self) -> str:
        return f"<Vault of {len(self)} values>"

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("a vault of secrets is not copied or pickled")

    def keep(self, value: str, label: str) -> str:
        """The placeholder of `value`, the same each time; `label` counts only the first time."""
        data = bytearray(value.encode("utf-8", "surrogatepass"))
        digest = hashlib.blake2b(data, key=self._key, digest_size=20).digest()
        if placeholder := self._placeholders.get(digest):
            return placeholder
        self._counts[label] += 1
        placeholder = write(label, self._counts[label], self.nonce)
        self._kept[placeholder] = _Kept(data, len(_LINE_END.findall(value)))
        self._placeholders[digest] = placeholder
        return placeholder

    def knows(self, placeholder: str) -> bool:
        """Whether this vault gave it out."""
        return placeholder in self._kept

    def value(self, placeholder: str) -> str | None:
        """What the placeholder stands for; None if it is not ours."""
        kept = self._kept.get(placeholder)
        return kept.data.decode("utf-8", "surrogatepass") if kept else None

    def n_line_ends(self, placeholder: str) -> int:
        """How many line ends follow the placeholder in place of those in its value; 0 if it is not ours."""
        kept = self._kept.get(placeholder)
        return kept.n_line_ends if kept else 0

    def note_origin(self, placeholder: str, origin: str) -> None:
        """Remember that the value of a placeholder of ours stands in `origin`."""
        if placeholder in self._kept:
            self._origins.setdefault(placeholder, set()).add(origin)

    def origins(self, placeholder: str) -> frozenset[str]:
        """All that was noted."""
        return frozenset(self._origins.get(placeholder, ()))

    def check_open(self) -> None:
        """Raise `Unavailable` once the vault was wiped."""
        if not self._key:
            raise Unavailable("this conversation's secrets were forgotten", "begin a new conversation")

    def wipe(self) -> None:
        """Overwrite every value and forget it."""
        for kept in self._kept.values():
            kept.data[:] = bytes(len(kept.data))
        self._kept.clear()
        self._placeholders.clear()
        self._origins.clear()
        self._key = b""


class TakenOut(Mapping[str, str]):
    """What one text lost: values by placeholder, in the order in which they stood there.

    Reads from the session's vault: after `close` of the session it is empty. Shows placeholders only, also in logs;
    is neither copied nor pickled. Take care with `dict(…)` and `.values()`: those are the secrets.
    """

    __slots__ = ("_placeholders", "_vault")

    def __init__(self, vault: Vault, placeholders: Iterable[str]) -> None:
        self._vault = vault
        self._placeholders = dict.fromkeys(placeholders)

    def __getitem__(self, placeholder: str) -> str:
        value = self._vault.value(placeholder) if placeholder in self._placeholders else None
        if value is None:
            raise KeyError(placeholder)
        return value

    def __iter__(self) -> Iterator[str]:
        return (each for each in self._placeholders if self._vault.value(each) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"<TakenOut: {', '.join(self) or 'nothing'}>"

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("a mapping to secrets is not copied or pickled")
