"""What one entry of the chain is: no name, no file, no text; only who under a pseudonym, what, when, and a commitment."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Literal

from victor_server.audit.encoding import canonical

LEAF_FORMAT = 1
FIRST_CHAIN = bytes(32)
"""What stands before the first link."""

SALT_BYTES = 32

Source = Literal["gateway", "edge"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One entry. `log` names the tenant's log, `seq` counts from 1, `time` is microseconds since 1970 in UTC.

    `commitment` (hexadecimal) is `commitment(inner, sealed)`: it binds the entry to what is personal of it, and says
    nothing of it to whoever does not have the salt.
    """

    log: str
    seq: int
    time: int
    pseudonym: str
    action: str
    provider: str
    model: str
    success: bool
    source: Source
    commitment: str

    def to_document(self) -> Mapping[str, Any]:
        """As it is hashed and exported."""
        return {**asdict(self), "v": LEAF_FORMAT}

    def to_bytes(self) -> bytes:
        """The bytes that are hashed."""
        return canonical(self.to_document())


def inner_commitment(salt: bytes, personal: bytes) -> bytes:
    """SHA-256 of a secret salt and the personal part. Once the salt is gone nobody can try names against it."""
    return sha256(salt + personal).digest()


def commitment(inner: bytes, sealed: bytes) -> str:
    """What the leaf holds: it binds the text (through `inner`) and the ciphertext, so either alone can be checked."""
    return commitment_of_hash(inner, sha256(sealed).digest())


def commitment_of_hash(inner: bytes, sealed_hash: bytes) -> str:
    """The same where only the hash of the ciphertext is at hand."""
    return hashlib.sha256(b"victor audit commitment\0" + inner + sealed_hash).hexdigest()


def next_chain(before: bytes, leaf_hash: bytes) -> bytes:
    """The next link of the chain."""
    return sha256(before + leaf_hash).digest()
