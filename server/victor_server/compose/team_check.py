"""Looks at what a configuration names: master key, database, Redis, identity providers, without serving anybody."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

from victor_server.compose.team_reach import reach_stores
from victor_server.egress.factory import Egress
from victor_server.egress.model import Blocked
from victor_server.errors import SettingsError, VictorError
from victor_server.policy.policy import Policy
from victor_server.team.configuration.resolved import MasterKey, OidcSettings, TeamSettings
from victor_server.team.identity.oidc.fetch import fetch_over
from victor_server.team.identity.oidc.provider import read_keys
from victor_server.team.sealing.master import MasterKeyBytes, read_master_key
from victor_server.team.sealing.vault import read_check, require_key_of
from victor_server.team.store.looking import looking
from victor_server.team.store.open import SQLITE

TIME_LIMIT_S = 15.0


@dataclass(frozen=True, slots=True)
class Looked:
    """One thing that was looked at; `problem` "" where it is as it must be."""

    name: str
    problem: str = ""
    fix: str = ""


async def look_deep(settings: TeamSettings, environment: Mapping[str, str]) -> Sequence[Looked]:
    """Look at all of it, and change nothing: no key is made, no database made, upgraded or sealed."""
    reach_stores(settings)
    looks: list[tuple[str, Callable[[], Awaitable[object]]]] = [
        (f"master key and database{_place(settings.database.url)}", lambda: _stores(settings, environment))
    ]
    if settings.redis_url:
        looks.append((f"redis{_place(settings.redis_url)}", lambda: _redis(settings.redis_url)))
    looks += (
        (f"oidc.{oidc.tenant} ({oidc.issuer})", partial(_issuer, settings, oidc, environment))
        for oidc in settings.oidc
    )
    return [await _looked(name, look) for name, look in looks]


async def _looked(name: str, look: Callable[[], Awaitable[object]]) -> Looked:
    try:
        async with asyncio.timeout(TIME_LIMIT_S):
            await look()
    except VictorError as error:
        return Looked(name, error.message, error.fix)
    except TimeoutError:
        return Looked(name, f"No answer came within {TIME_LIMIT_S:.0f} s.", "See whether it runs.")
    except Exception as error:  # noqa: BLE001 - a store's library may raise anything; its words may hold the address
        return Looked(name, f"It cannot be used: {type(error).__name__}.", "See whether it runs.")
    return Looked(name)


async def _stores(settings: TeamSettings, environment: Mapping[str, str]) -> None:
    master = _read_if_there(settings.master_key, environment)
    async with looking(settings.database, settings.home) as tx:
        known = None if tx is None else await read_check(tx)
    if known is None:
        return  # the first start seals it
    if master is None:
        raise SettingsError(
            f"The database is sealed, and the master key's file {settings.master_key.file} is not there.",
            "Put it back: what is sealed cannot be read without it.",
        )
    require_key_of(known, master)


def _read_if_there(key: MasterKey, environment: Mapping[str, str]) -> MasterKeyBytes | None:
    """None: a first start makes one."""
    if key.make and key.file is not None and not key.file.exists():
        return None
    return read_master_key(replace(key, make=False), environment)


def _place(url: str) -> str:
    """Where a store is, without who one is there: " (host:port/name)"."""
    if url.startswith(SQLITE):
        return f" ({url.removeprefix(SQLITE)})"
    parts = urlsplit(url)
    port = "" if parts.port is None else f":{parts.port}"
    place = f"{parts.hostname or ''}{port}{parts.path}"
    return f" ({place})" if place else ""


async def _redis(url: str) -> None:
    from redis.asyncio import from_url

    client = from_url(url, socket_timeout=TIME_LIMIT_S)
    try:
        await client.ping()
    finally:
        await client.aclose()


async def _issuer(settings: TeamSettings, oidc: OidcSettings, environment: Mapping[str, str]) -> None:
    await read_keys(fetch_over(_egress(settings, environment)), oidc)


def _egress(settings: TeamSettings, environment: Mapping[str, str]) -> Egress:
    return Egress(Policy(), record=_unheard, environment=environment, ca_file=settings.egress.ca_file)


def _unheard(_: Blocked) -> None:
    """What is blocked is an error that is shown."""
