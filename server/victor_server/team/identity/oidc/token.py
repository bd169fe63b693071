"""Verifies a token of an identity provider: who signed it, whom it is for, whether it holds now."""

import base64
import hashlib
import json
import re
import warnings
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from victor_server.errors import Unauthenticated
from victor_server.team.configuration.resolved import OidcSettings
from victor_server.team.identity.oidc.provider import Key

SKEW_S = 60
MAX_LETTERS = 16_384
TokenKind = Literal["id_token", "access_token"]

_RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
ALGORITHMS: Mapping[str, frozenset[str]] = {
    "RSA": _RSA,
    "EC": frozenset({"ES256", "ES384", "ES512"}),
    "OKP": frozenset({"EdDSA", "Ed25519"}),
}
"""What each type of key may have signed with: public keys only, so that none is ever taken for a shared secret."""

_PART = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Verified:
    """What a token says, by the provider's word. `spent_as` names it once it must not be used again."""

    kind: TokenKind
    claims: Mapping[str, Any] = field(repr=False)
    spent_as: bytes = field(repr=False)

    @property
    def nonce(self) -> str | None:
        """The nonce that it bears."""
        nonce = self.claims.get("nonce")
        return nonce if isinstance(nonce, str) else None

    @property
    def issued_s(self) -> float:
        """When it was issued, in seconds since 1970."""
        return float(self.claims["iat"])


async def verify_token(
    text: str,
    kind: TokenKind,
    settings: OidcSettings,
    find: Callable[[str | None], Awaitable[tuple[Key, ...]]],
    now_s: float,
) -> Verified:
    """Raises `Unauthenticated`, which says what is wrong and repeats nothing of the token; and what `find` raises."""
    header = _header(text)
    key_id = header.get("kid")
    if "crit" in header or not (key_id is None or isinstance(key_id, str)):
        raise _refused("its header asks for what is not known here")
    payload = _payload(text, header, await find(key_id))
    _require_claims(payload, settings, now_s)
    (_require_id_token if kind == "id_token" else _require_access_token)(payload, header, settings)
    return Verified(kind, payload, hashlib.sha256(text.rpartition(".")[0].encode("ascii")).digest())


def _header(text: str) -> Mapping[str, Any]:
    parts = text.split(".")
    if len(text) > MAX_LETTERS or len(parts) != 3 or not all(map(_PART.fullmatch, parts)):
        raise _refused("it is no JSON Web Token")
    try:
        return _object(base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4)))
    except ValueError:
        raise _refused("it is no JSON Web Token") from None


def _payload(text: str, header: Mapping[str, Any], keys: tuple[Key, ...]) -> Mapping[str, Any]:
    """What the first key that fits verifies; which algorithm it may be is the key's to say, not the token's."""
    algorithm = header.get("alg")
    for key in keys:
        kind = key.get("kty")
        allowed = ALGORITHMS.get(kind, frozenset()) if isinstance(kind, str) else frozenset()
        if (
            algorithm not in allowed
            or key.get("alg", algorithm) != algorithm
            or key.get("use", "sig") != "sig"
        ):
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SecurityWarning)  # `EdDSA` is the old name of what is sound
                public = _public_key(key)
                signed = jws.deserialize_compact(text, public, algorithms=[str(algorithm)])
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        return _object(signed.payload)
    raise _refused("no key of the identity provider verifies it")


_PUBLIC = frozenset({"kty", "crv", "x", "y", "n", "e"})


def _public_key(key: Key) -> RSAKey | ECKey | OKPKey:
    parts = {name: part for name, part in key.items() if name in _PUBLIC}
    match key["kty"]:
        case "RSA":
            return RSAKey.import_key(parts)
        case "EC":
            return ECKey.import_key(parts)
    return OKPKey.import_key(parts)


def _require_claims(claims: Mapping[str, Any], settings: OidcSettings, now_s: float) -> None:
    if claims.get("iss") != settings.issuer:
        raise _refused("another issuer made it")
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise _refused("it does not say for whom it is")
    expires, issued = _time(claims, "exp"), _time(claims, "iat")
    begins = _time(claims, "nbf") if "nbf" in claims else issued
    if now_s >= expires + SKEW_S:
        raise _refused("it has expired")
    if now_s < max(issued, begins) - SKEW_S:
        raise _refused("it does not hold yet: compare the clocks")


def _require_id_token(claims: Mapping[str, Any], header: Mapping[str, Any], settings: OidcSettings) -> None:
    if str(header.get("typ", "JWT")).lower() not in ("jwt", "id_token"):
        raise _refused("it is no ID token")
    audience = _audience(claims)
    if settings.client_id not in audience:
        raise _refused("it is for another client")
    if claims.get("azp", settings.client_id) != settings.client_id or (
        len(audience) > 1 and "azp" not in claims
    ):
        raise _refused("it was made for another client")


def _require_access_token(
    claims: Mapping[str, Any], header: Mapping[str, Any], settings: OidcSettings
) -> None:
    """RFC 9068's type, or at least what only an access token says: an ID token must not pass for a service."""
    kind = str(header.get("typ", "")).lower().removeprefix("application/")
    is_named = kind == "at+jwt" or isinstance(claims.get("client_id"), str) or claims.get("typ") == "Bearer"
    if not is_named or {"nonce", "at_hash", "c_hash"} & claims.keys():
        raise _refused("it is no access token")
    if not set(settings.audience) & set(_audience(claims)):
        raise _refused("it is not for this backend")


def _audience(claims: Mapping[str, Any]) -> tuple[str, ...]:
    audience = claims.get("aud")
    if isinstance(audience, str):
        return (audience,)
    return tuple(each for each in audience if isinstance(each, str)) if isinstance(audience, list) else ()


def _time(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e12:
        raise _refused("it does not say when it holds")
    return float(value)


def _object(data: bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise _refused("it cannot be read") from None
    if not isinstance(value, dict):
        raise _refused("it cannot be read")
    return value


def _refused(why: str) -> Unauthenticated:
    return Unauthenticated(
        f"The identity provider's token is not taken: {why}.", "Log in again: victor login."
    )
