"""Answers of deterministic tasks, kept in memory for a while and given again to the very same request."""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import PurePath
from typing import Generic, TypeVar

Answer = TypeVar("Answer")

_OVERHEAD_BYTES = 300
"""What an entry takes besides its answer."""


class AnswerCache(Generic[Answer]):
    """Keeps answers for `ttl_s` seconds in at most `max_bytes`; the one that was not asked for the longest goes first.

    Any thread may use it. Nothing is ever written to disk.
    """

    def __init__(self, ttl_s: float, max_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl_s = ttl_s
        self._max_bytes = max_bytes
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, int, Answer]] = OrderedDict()
        self._n_bytes = 0
        self.n_hits = 0
        self.n_misses = 0

    def get(self, key: str) -> Answer | None:
        """The answer that was put under `key`, None if there is none or it is too old."""
        with self._lock:
            entry = self._kept.get(key)
            if entry is not None and self._clock() >= entry[0]:
                self._forget(key)
                entry = None
            if entry is None:
                self.n_misses += 1
                return None
            self._kept.move_to_end(key)
            self.n_hits += 1
            return entry[2]

    def put(self, key: str, answer: Answer, n_bytes: int) -> None:
        """Keep an answer that takes `n_bytes`. One that is too large for the whole cache is not kept."""
        size = max(n_bytes, 0) + _OVERHEAD_BYTES
        with self._lock:
            self._forget(key)
            if size > self._max_bytes:
                return
            while self._n_bytes + size > self._max_bytes:
                self._forget(next(iter(self._kept)))
            self._kept[key] = (self._clock() + self._ttl_s, size, answer)
            self._n_bytes += size

    def clear(self) -> None:
        """Forget all answers."""
        with self._lock:
            self._kept.clear()
            self._n_bytes = 0

    @property
    def n_bytes(self) -> int:
        """What the kept answers take."""
        return self._n_bytes

    def __len__(self) -> int:
        return len(self._kept)

    def _forget(self, key: str) -> None:
        _, size, _ = self._kept.pop(key, (0.0, 0, None))
        self._n_bytes -= size


def key_of(*parts: object) -> str:
    """A key that differs whenever anything in `parts` differs: a type, a field, an order, a letter.

    Parts are what requests are made of: dataclasses, mappings (in any order), sequences, sets, texts, bytes, numbers,
    None, paths, enumerations. Give all that an answer depends on: the provider, its address, the whole request.
    Raises `TypeError` for anything else: what cannot be told apart must not share an answer.
    """
    return _digest(parts).hex()


def _digest(value: object) -> bytes:
    """The hash of a value's kind and of its content, which is the hashes of its members where it has any."""
    match value:
        case Enum():
            return _hash(_name_of(value), value.name.encode())
        case None | bool() | int() | float():
            return _hash(_name_of(value), repr(value).encode())
        case str():
            return _hash("text", value.encode("utf-8", "surrogatepass"))
        case bytes():
            return _hash("bytes", value)
        case PurePath():
            return _hash("path", str(value).encode("utf-8", "surrogatepass"))
        case Mapping():
            return _hash(
                "mapping", *sorted(_digest(name) + _digest(member) for name, member in value.items())
            )
        case AbstractSet():
            return _hash("set", *sorted(map(_digest, value)))
        case Sequence():
            return _hash("sequence", *map(_digest, value))
    if is_dataclass(value) and not isinstance(value, type):
        members = {each.name: getattr(value, each.name) for each in fields(value)}
        return _hash(_name_of(value), _digest(members))
    raise TypeError(f"no key can be made of {type(value).__name__}")


def _name_of(value: object) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _hash(kind: str, *contents: bytes) -> bytes:
    digest = hashlib.sha256(kind.encode() + b"\0")
    for content in contents:
        digest.update(content)
    return digest.digest()
