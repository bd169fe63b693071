"""Texts in the store of checkpoints: packed, each once, named by the SHA-256 of its bytes."""

import hashlib
import sqlite3
import zlib
from dataclasses import dataclass, field

from victor_server.errors import HistoryFailed


@dataclass(frozen=True, slots=True)
class Packed:
    """A text as it is kept."""

    hash: bytes
    n_bytes: int
    packed: bytes = field(repr=False)


def to_bytes(text: str) -> bytes:
    """UTF-8; halves of pairs, which an editor may hold, as they are."""
    return text.encode("utf-8", "surrogatepass")


def pack(text: str) -> Packed:
    """A text, ready to be kept."""
    content = to_bytes(text)
    return Packed(hashlib.sha256(content).digest(), len(content), zlib.compress(content, 6))


def put_object(db: sqlite3.Connection, packed: Packed) -> None:
    """Keep a text; one that is there already stays."""
    db.execute("insert or ignore into objects values (?, ?, ?)", (packed.hash, packed.n_bytes, packed.packed))


def get_object(db: sqlite3.Connection, name: bytes | None) -> str | None:
    """The text of that name, None for none. Raises HistoryFailed where it is not what it was when it was kept."""
    if name is None:
        return None
    row = db.execute("select n_bytes, packed from objects where hash = ?", (name,)).fetchone()
    content = None if row is None else _unpacked(row[1], row[0])
    if content is None or hashlib.sha256(content).digest() != name:
        raise HistoryFailed("A text in the store of checkpoints is damaged.", "Restore another checkpoint.")
    return content.decode("utf-8", "surrogatepass")


def sweep_objects(db: sqlite3.Connection) -> None:
    """Forget texts that no checkpoint needs."""
    db.execute(
        "delete from objects where hash not in (select before from files where before is not null"
        " union select after from files where after is not null)"
    )


def _unpacked(packed: bytes, n_bytes: int) -> bytes | None:
    try:
        content = zlib.decompressobj().decompress(packed, n_bytes + 1)
    except zlib.error:
        return None
    return content if len(content) == n_bytes else None
