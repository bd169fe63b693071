"""Signed tree heads: what a log was at one moment, in a form that can be kept elsewhere."""

from collections.abc import Callable, Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from victor_server.audit.encoding import canonical, from_base64, to_base64
from victor_server.protocol import SignedHead

HEAD_FORMAT = 1


def sign_head(
    log: str, size: int, root: bytes, chain: bytes, at_us: int, *, key_id: str, sign: Callable[[bytes], bytes]
) -> SignedHead:
    """A head over a log of `size` entries."""
    head = SignedHead(
        log=log,
        size=size,
        root=to_base64(root),
        chain=to_base64(chain),
        at_us=at_us,
        key_id=key_id,
        signature="",
    )
    return head.model_copy(update={"signature": to_base64(sign(signed_bytes(head)))})


def signed_bytes(head: SignedHead) -> bytes:
    """What the signature is over: all of the head but itself."""
    told = head.model_dump(exclude={"signature"})
    return b"victor audit head\0" + canonical({**told, "v": HEAD_FORMAT})


def is_signed(head: SignedHead, keys: Mapping[str, bytes]) -> bool:
    """Whether one of `keys` (raw Ed25519 public keys, by their id) signed it."""
    key = keys.get(head.key_id)
    if key is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(from_base64(head.signature), signed_bytes(head))
    except (InvalidSignature, ValueError):
        return False
    return True
