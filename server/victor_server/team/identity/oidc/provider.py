"""What is known of an identity provider: its description and its keys, kept for a while and read anew when they turn."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from victor_server.errors import Unavailable
from victor_server.policy.hosts import is_this_machine
from victor_server.team.configuration.resolved import OidcSettings
from victor_server.team.identity.oidc.fetch import Fetch

KEEP_US = 3_600_000_000
AGAIN_US = 10_000_000
"""A key that is not known may be new; but whoever invents key ids makes no more than one question in this time."""

MAX_KEYS = 100
Key = Mapping[str, Any]


@dataclass(slots=True)
class _Known:
    keys: tuple[Key, ...] = ()
    read_us: int | None = None
    tried_us: int | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Providers:
    """Those of all tenants. What it keeps can be read anew at any time, so it need not be shared by replicas."""

    def __init__(self, fetch: Fetch, now_us: Callable[[], int]) -> None:
        self._fetch = fetch
        self._now_us = now_us
        self._known: dict[tuple[str, bool], _Known] = {}

    async def keys(self, settings: OidcSettings, key_id: str | None) -> tuple[Key, ...]:
        """The keys that may have signed a token with this key id, by the provider's own word. Raises `Unavailable`."""
        known = self._known.setdefault((settings.issuer, settings.allow_http), _Known())
        async with known.lock:
            found = _fitting(known.keys, key_id)
            if not self._is_fresh(known) or (not found and self._may_ask_again(known)):
                await self._read(known, settings)
                found = _fitting(known.keys, key_id)
        return found

    async def _read(self, known: _Known, settings: OidcSettings) -> None:
        """On failure what was read before holds on; whoever has nothing is told."""
        known.tried_us = self._now_us()
        try:
            known.keys = await read_keys(self._fetch, settings)
            known.read_us = known.tried_us
        except Unavailable:
            if not known.keys:
                raise

    def _is_fresh(self, known: _Known) -> bool:
        if known.read_us is None or not known.keys:
            return False
        return self._now_us() - known.read_us < KEEP_US or not self._may_ask_again(known)

    def _may_ask_again(self, known: _Known) -> bool:
        return known.tried_us is None or self._now_us() - known.tried_us >= AGAIN_US


async def read_keys(fetch: Fetch, settings: OidcSettings) -> tuple[Key, ...]:
    """The provider's public keys now: from the address that its own description names."""
    _require_safe(settings.issuer, settings)
    described = await fetch(settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
    if not isinstance(described, dict) or described.get("issuer") != settings.issuer:
        raise Unavailable(
            "The identity provider describes itself as another issuer.",
            "Correct `oidc.issuer`, letter by letter.",
        )
    address = described.get("jwks_uri")
    if not isinstance(address, str):
        raise Unavailable("The identity provider does not say where its keys are.", "Tell whoever runs it.")
    _require_safe(address, settings)
    told = await fetch(address)
    keys = told.get("keys") if isinstance(told, dict) else None
    if not isinstance(keys, list):
        raise Unavailable("The identity provider's keys cannot be read.", "Tell whoever runs it.")
    return tuple(key for key in keys[:MAX_KEYS] if isinstance(key, dict))


def _require_safe(address: str, settings: OidcSettings) -> None:
    try:
        parts = urlsplit(address)
        is_here = settings.allow_http and parts.scheme == "http" and is_this_machine(parts.hostname or "")
    except ValueError:
        is_here, parts = False, urlsplit("")
    if parts.username or not (is_here or (parts.scheme == "https" and parts.hostname)):
        raise Unavailable(
            "An address of the identity provider does not begin with https://.",
            "Correct `oidc.issuer`; plain HTTP is for this machine only, with `allow_http`.",
        )


def _fitting(keys: tuple[Key, ...], key_id: str | None) -> tuple[Key, ...]:
    """A token that names no key was signed by the only one that there is, or by nobody."""
    if key_id is None:
        return keys if len(keys) == 1 else ()
    return tuple(key for key in keys if key.get("kid") == key_id)
