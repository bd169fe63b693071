"""Reads from the head of a GGUF file what a model says of itself."""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_STRING, _ARRAY = 8, 9
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_MOST_ENTRIES = 256
_MOST_VALUES = 1024
_LONGEST = 1 << 16


@dataclass(frozen=True, slots=True)
class Gguf:
    """`context_tokens`: what the model was trained for, None where the file does not say. `size_bytes` of the file."""

    architecture: str
    name: str
    context_tokens: int | None
    size_bytes: int


def read_gguf(file: Path) -> Gguf | None:
    """Return what the file says, None where it is no GGUF file. Raises OSError where it cannot be read."""
    with file.open("rb") as stream:
        try:
            found = _entries(stream)
        except (struct.error, ValueError):
            return None
    if found is None:
        return None
    architecture = str(found.get("general.architecture", ""))
    context = found.get(f"{architecture}.context_length")
    return Gguf(
        architecture=architecture,
        name=str(found.get("general.name", "")),
        context_tokens=context if isinstance(context, int) and context > 0 else None,
        size_bytes=file.stat().st_size,
    )


def _entries(stream: BinaryIO) -> dict[str, object] | None:
    """The entries before the first long list: that is the vocabulary, and what describes the model stands before."""
    if stream.read(4) != _MAGIC:
        return None
    version, _, n_entries = _unpack(stream, "IQQ")
    if version not in _VERSIONS:
        return None
    found: dict[str, object] = {}
    for _ in range(min(n_entries, _MOST_ENTRIES)):
        name = _string(stream)
        (kind,) = _unpack(stream, "I")
        if kind != _ARRAY:
            found[name] = _value(stream, kind)
        elif not _skip_list(stream):
            break
    return found


def _skip_list(stream: BinaryIO) -> bool:
    """Read past a list; False where it is too long to be worth it, or a list of lists."""
    kind, n_values = _unpack(stream, "IQ")
    if n_values > _MOST_VALUES or kind == _ARRAY:
        return False
    for _ in range(n_values):
        _value(stream, kind)
    return True


def _value(stream: BinaryIO, kind: int) -> object:
    return _string(stream) if kind == _STRING else _unpack(stream, _scalar(kind))[0]


def _scalar(kind: int) -> str:
    if kind not in _SCALARS:
        raise ValueError(f"no kind of value: {kind}")
    return _SCALARS[kind]


def _string(stream: BinaryIO) -> str:
    (length,) = _unpack(stream, "Q")
    if length > _LONGEST:
        raise ValueError("a string that is too long")
    data = stream.read(length)
    if len(data) < length:
        raise ValueError("the file ends in a string")
    return data.decode("utf-8", "replace")


def _unpack(stream: BinaryIO, kinds: str) -> tuple[int, ...]:
    return struct.unpack(f"<{kinds}", stream.read(struct.calcsize(f"<{kinds}")))
