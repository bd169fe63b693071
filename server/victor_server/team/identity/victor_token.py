"""Victor's own access token: a JSON Web Token that says who somebody is, never what they may do."""

import base64
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import BaseModel, ConfigDict, ValidationError

from victor_server.errors import Unauthenticated
from victor_server.protocol import Slug
from victor_server.team.sealing.vault import Signer

ALGORITHM = "Ed25519"
"""The one algorithm; a token that names another is none of ours."""

ISSUER = AUDIENCE = "victor"
TYPE = "victor+jwt"
MAX_LETTERS = 4_096
_HEADER = frozenset({"alg", "kid", "typ"})
_PART = re.compile(r"[A-Za-z0-9_-]+")


class Claims(BaseModel):
    """All that it says. Times are seconds since 1970. `fam`: the family of tokens that one login began."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    iss: str
    aud: str
    sub: str
    tenant: Slug
    fam: str
    iat: int
    exp: int
    jti: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a token is made for."""

    tenant: str
    subject: str
    family: str


def make_victor_token(signer: Signer, holder: Holder, now_s: int, lasts_s: int) -> str:
    """A token that holds for `lasts_s`."""
    claims = Claims(
        iss=ISSUER,
        aud=AUDIENCE,
        sub=holder.subject,
        tenant=holder.tenant,
        fam=holder.family,
        iat=now_s,
        exp=now_s + lasts_s,
        jti=secrets.token_urlsafe(12),
    )
    header = {"alg": ALGORITHM, "kid": signer.key_id, "typ": TYPE}
    signed = f"{_base64(header)}.{_base64(claims.model_dump())}"
    return f"{signed}.{_encoded(signer.sign(signed.encode('ascii')))}"


def read_victor_token(text: str, keys: Mapping[str, bytes], now_s: int) -> Claims:
    """What a token says that one of `keys` signed and that holds now. Raises `Unauthenticated`, which repeats nothing.

    The header may say nothing but which of our keys it is: what would bring a key along (`jwk`, `jku`, `x5u`) or ask
    for more (`crit`) is refused before anything is verified.
    """
    key = keys.get(_key_id(text))
    if key is None:
        raise not_ours()
    try:
        public = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": _encoded(key)})
        claims = Claims.model_validate_json(
            jws.deserialize_compact(text, public, algorithms=[ALGORITHM]).payload
        )
    except (JoseError, ValidationError, ValueError):
        raise not_ours() from None
    if claims.iss != ISSUER or claims.aud != AUDIENCE:
        raise not_ours()
    if not claims.iat - 60 <= now_s < claims.exp:
        raise Unauthenticated("The token has expired.", "Log in again: victor login.")
    return claims


def not_ours() -> Unauthenticated:
    """The one answer to whatever is wrong with a token: it tells nobody which part."""
    return Unauthenticated("The backend does not accept the token.", "Log in again: victor login.")


def _key_id(text: str) -> str:
    parts = text.split(".")
    if len(text) > MAX_LETTERS or len(parts) != 3 or not all(map(_PART.fullmatch, parts)):
        raise not_ours()
    try:
        header = json.loads(base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4)))
    except (ValueError, RecursionError):
        raise not_ours() from None
    if not isinstance(header, dict) or header.keys() != _HEADER:
        raise not_ours()
    if header["alg"] != ALGORITHM or header["typ"] != TYPE or not isinstance(header["kid"], str):
        raise not_ours()
    return header["kid"]


def _base64(value: Mapping[str, Any]) -> str:
    return _encoded(json.dumps(dict(value), separators=(",", ":")).encode())


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
