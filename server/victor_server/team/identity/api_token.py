"""The letters of an API token: `vk_<tenant>.<id>.<secret>`, made, read and hashed.

The hash is plain SHA-256: the secret has 256 bits of the system's randomness, so there is nothing to guess that a slow
hash would protect, and it is computed with every request. The tenant's name stands in front because the database
shows a row only to who says whose it is.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass, field

PREFIX = "vk_"
_FORM = re.compile(r"vk_([a-z0-9][a-z0-9-]{0,62})\.([0-9a-f]{16})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class ApiToken:
    """One of them, taken apart."""

    tenant: str
    id: str
    secret: str = field(repr=False)

    @property
    def text(self) -> str:
        """As people are told it, once."""
        return f"{PREFIX}{self.tenant}.{self.id}.{self.secret}"

    @property
    def hash(self) -> bytes:
        """What is stored of it: over all of it, so that nothing of it can be changed for another's."""
        return hashlib.sha256(self.text.encode("ascii")).digest()


def make_api_token(tenant: str) -> ApiToken:
    """A new one."""
    return ApiToken(tenant, secrets.token_hex(8), secrets.token_urlsafe(32))


def read_api_token(text: str) -> ApiToken | None:
    """What `text` says, None if it is no such token."""
    found = _FORM.fullmatch(text)
    return None if found is None else ApiToken(*found.groups())
