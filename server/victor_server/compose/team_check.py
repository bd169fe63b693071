"""Looks at what a configuration names: master key, database, Redis, identity providers, without serving anybody."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from victor_server.compose.team_reach import reach_stores
from victor_server.egress.factory import Egress
from victor_server.egress.model import Blocked
from victor_server.errors import VictorError
from victor_server.policy.policy import Policy
from victor_server.settings.home import create_home
from victor_server.team.configuration.resolved import OidcSettings, TeamSettings
from victor_server.team.identity.oidc.fetch import fetch_over
from victor_server.team.identity.oidc.provider import read_keys
from victor_server.team.sealing.master import read_master_key
from victor_server.team.sealing.vault import open_vault
from victor_server.team.store.open import open_database

TIME_LIMIT_S = 15.0


@dataclass(frozen=True, slots=True)
class Looked:
    """One thing that was looked at; `problem` "" where it is as it must be."""

    name: str
    problem: str = ""
    fix: str = ""


async def look_deep(settings: TeamSettings, environment: Mapping[str, str]) -> Sequence[Looked]:
    """Look at all of it. A first run's master key and database are made by this, as by the first start."""
    reach_stores(settings)
    looks: list[tuple[str, Callable[[], Awaitable[object]]]] = [
        ("master key and database", lambda: _stores(settings, environment))
    ]
    if settings.redis_url:
        looks.append(("redis", lambda: _redis(settings.redis_url)))
    looks += (
        (f"oidc.{oidc.tenant}", partial(_issuer, settings, oidc, environment)) for oidc in settings.oidc
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
    create_home(settings.home)
    master = read_master_key(settings.master_key, environment)
    database = await open_database(settings.database, settings.home)
    try:
        await database.check()
        await open_vault(database, master)
    finally:
        await database.close()


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
