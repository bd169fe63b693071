"""Texts in the store of checkpoints: packed, each once, named by the SHA-256 of its bytes."""

import hashlib
import sqlite3
import zlib
from dataclasses import dataclass, field

from victor_server.errors import HistoryFailed


@dataclass(frozen=True, slots=True)
class Named:
    """A text and its name."""

    hash: bytes
    content: bytes = field(repr=False)


def name_text(text: str) -> Named:
    """The bytes of a text, UTF-8 with halves of pairs as they are, and their name."""
    content = text.encode("utf-8", "surrogatepass")
    return Named(hashlib.sha256(content).digest(), content)


def put_object(db: sqlite3.Connection, named: Named) -> int:
    """Keep a text; one that is there already stays, and costs nothing. Returns how many bytes it takes."""
    found = db.execute("select length(packed) from objects where hash = ?", (named.hash,)).fetchone()
    if found is not None:
        return int(found[0])
    packed = zlib.compress(named.content, 6)
    db.execute("insert into objects values (?, ?, ?)", (named.hash, len(named.content), packed))
    return len(packed)


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
