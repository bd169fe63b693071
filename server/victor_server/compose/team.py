"""Builds the team backend of its settings: the only place that knows which parts it is made of."""

import platform
import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from victor_server import __version__
from victor_server.compose.team_reach import reach_stores
from victor_server.egress.factory import Egress
from victor_server.egress.model import Blocked
from victor_server.policy.policy import Policy
from victor_server.team.audit.clock import now_us
from victor_server.team.audit.opening import open_audit
from victor_server.team.backend import Backend
from victor_server.team.configuration.resolved import TeamSettings
from victor_server.team.gateway.gateway import Gateway
from victor_server.team.identity.identity import Identity
from victor_server.team.identity.known_secrets import refuse_known_secrets
from victor_server.team.identity.oidc.fetch import fetch_over
from victor_server.team.policies import Policies
from victor_server.team.sealing.master import MasterKeyBytes, read_master_key
from victor_server.team.sealing.vault import open_vault
from victor_server.team.store.database import Database
from victor_server.team.store.open import open_database
from victor_server.telemetry.metrics import Metrics


async def open_backend(
    settings: TeamSettings, environment: Mapping[str, str], *, clock_us: Callable[[], int] = now_us
) -> Backend:
    """One replica, ready to be asked. Close it with `close_backend`. Raises `SettingsError`, `StoreFailed`,
    `AuditFailed` (the log was cut off, or a backup was restored).
    """
    refuse_known_secrets(_secrets(settings), environment)
    master = read_master_key(settings.master_key, environment)
    reach_stores(settings)
    database = await open_database(settings.database, settings.home)
    try:
        return await _assembled(settings, environment, database, master, clock_us)
    except BaseException:
        await database.close()
        raise


async def close_backend(backend: Backend) -> None:
    """Let go of everything; what was acknowledged is durable."""
    try:
        await backend.gateway.close()
    finally:
        await backend.database.close()


async def _assembled(
    settings: TeamSettings,
    environment: Mapping[str, str],
    database: Database,
    master: MasterKeyBytes,
    clock_us: Callable[[], int],
) -> Backend:
    made: list[Backend] = []

    def current() -> TeamSettings:
        return made[0].settings if made else settings

    replica = f"{platform.node()[:40]}-{secrets.token_hex(4)}"
    vault = await open_vault(database, master)
    audit = await open_audit(settings, database, vault)
    metrics = Metrics(
        settings.metrics.labels,
        [(model.provider, model.name) for model in settings.models],
        version=__version__,
    )
    fetch = fetch_over(_egress(settings, environment))
    backend = Backend(
        settings=settings,
        database=database,
        vault=vault,
        audit=audit,
        identity=Identity(current, database, vault, audit, fetch, clock_us),
        policies=Policies(database, vault, audit, clock_us, lambda: current().sessions.policy_s),
        gateway=Gateway(
            current,
            database,
            vault,
            audit,
            metrics,
            replica=replica,
            environment=environment,
            now_us=clock_us,
        ),
        metrics=metrics,
        replica=replica,
    )
    made.append(backend)
    return backend


def _secrets(settings: TeamSettings) -> dict[str, dict[str, str]]:
    """The secrets of the configuration, by where they stand: none may be one of those that everybody knows."""
    keys = {f"models.{model.name}": {"api_key": model.api_key or ""} for model in settings.models}
    stores = {
        name: {"password": urlsplit(url).password or ""}
        for name, url in (
            ("database.url", settings.database.url),
            ("database.owner_url", settings.database.owner_url),
            ("redis", settings.redis_url),
        )
    }
    return keys | stores


def _egress(settings: TeamSettings, environment: Mapping[str, str]) -> Egress:
    """To identity providers: those of the configuration, and where an allow-list stands, nobody beside it."""
    issuers = tuple(urlsplit(oidc.issuer).hostname or "" for oidc in settings.oidc)
    allowed = settings.egress.allowed_hosts
    return Egress(
        Policy(only_hosts=(*allowed, *issuers) if allowed else None),
        record=_no_record,
        environment=environment,
        ca_file=settings.egress.ca_file,
    )


def _no_record(_: Blocked) -> None:
    """What is blocked is an error that somebody is told of."""
