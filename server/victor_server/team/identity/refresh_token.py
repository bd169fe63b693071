"""The letters of a refresh token: `vr_<tenant>.<secret>`, made, followed, read and hashed.

The one that follows a token is computed from it and from the `retry` word that its client chose: a client whose answer
was lost asks again with the same word and is told the same successor. Who has only stolen the token does not know the
word: it was said once, in the very request that used the token up.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

_FORM = re.compile(r"vr_([a-z0-9][a-z0-9-]{0,62})\.([A-Za-z0-9_-]{43})")
RETRY = re.compile(r"[A-Za-z0-9_-]{22,64}")


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """One of them, taken apart."""

    tenant: str
    secret: str = field(repr=False)

    @property
    def text(self) -> str:
        """As the client keeps it."""
        return f"vr_{self.tenant}.{self.secret}"

    @property
    def hash(self) -> bytes:
        """What is stored of it; 256 random bits need no slow hash."""
        return hashlib.sha256(self.text.encode("ascii")).digest()

    def successor(self, retry: str) -> "RefreshToken":
        """The one that takes its place; `retry` "" : any, which cannot be asked for again."""
        if not retry:
            return make_refresh_token(self.tenant)
        derived = hmac.digest(self.secret.encode("ascii"), b"refresh\0" + retry.encode("ascii"), "sha256")
        return RefreshToken(self.tenant, base64.urlsafe_b64encode(derived).rstrip(b"=").decode("ascii"))


def make_refresh_token(tenant: str) -> RefreshToken:
    """A new one."""
    return RefreshToken(tenant, secrets.token_urlsafe(32))


def read_refresh_token(text: str) -> RefreshToken | None:
    """What `text` says, None if it is no such token."""
    found = _FORM.fullmatch(text)
    return None if found is None else RefreshToken(*found.groups())
