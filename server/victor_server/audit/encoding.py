"""Writes values in the one way in which they are hashed and signed."""

import base64
import binascii
import json
from typing import Any


def canonical(value: Any) -> bytes:
    """A JSON value as bytes: keys in order, no blanks, ASCII. The same value always gives the same bytes."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    ).encode("ascii")


def to_base64(data: bytes) -> str:
    """URL-safe, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_base64(text: str) -> bytes:
    """What `to_base64` wrote, and nothing else. Raises `ValueError`."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("this is not base64") from None
    if to_base64(data) != text:
        raise ValueError("this is not written as base64 is written here")
    return data
