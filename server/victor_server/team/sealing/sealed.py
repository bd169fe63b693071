"""AES-256-GCM around some bytes: what it is bound to is part of what is sealed."""

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from victor_server.errors import StoreFailed

NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Sealed:
    """`data` is nonce, ciphertext and tag; `key_id` names the data key that opens it."""

    key_id: str
    data: bytes = field(repr=False)

    def to_bytes(self) -> bytes:
        """Both in one column."""
        name = self.key_id.encode("ascii")
        return bytes((len(name),)) + name + self.data

    @staticmethod
    def from_bytes(joined: bytes) -> "Sealed":
        """What `to_bytes` gave. Raises `StoreFailed`."""
        end = 1 + joined[0] if joined else 0
        if not joined or len(joined) <= end + NONCE_BYTES:
            raise damaged()
        try:
            return Sealed(joined[1:end].decode("ascii"), joined[end:])
        except UnicodeDecodeError:
            raise damaged() from None


def encrypt(key: bytes | AESGCM, plain: bytes | bytearray, bound_to: bytes) -> bytes:
    """Nonce, ciphertext and tag."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, plain, bound_to)


def decrypt(key: bytes | AESGCM, data: bytes, bound_to: bytes) -> bytearray:
    """What was sealed. Raises `StoreFailed` if a byte of it, or what it is bound to, is not what it was."""
    try:
        plain = bytearray(max(0, len(data) - NONCE_BYTES - 16))
        _cipher(key).decrypt_into(data[:NONCE_BYTES], data[NONCE_BYTES:], bound_to, plain)
    except (InvalidTag, ValueError):
        raise damaged() from None
    return plain


def _cipher(key: bytes | AESGCM) -> AESGCM:
    return AESGCM(key) if isinstance(key, bytes) else key


def wipe(plain: bytearray) -> None:
    """Leave nothing of it in memory, as far as Python lets us."""
    plain[:] = bytes(len(plain))


def damaged() -> StoreFailed:
    """Somebody or something changed what is sealed."""
    return StoreFailed(
        "Something sealed in the database does not open: it was changed, or moved.",
        "Restore the database from a backup.",
    )
