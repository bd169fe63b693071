"""Opens the providers that calls are sent to: keys are unsealed for that, and tenants' addresses lead to public servers only."""

import contextlib
import logging
import os
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast, get_args

from victor_server.agent.providers.open import open_provider
from victor_server.agent.providers.provider import Provider
from victor_server.egress.connections import Connections
from victor_server.egress.factory import Egress
from victor_server.egress.model import Blocked
from victor_server.egress.public_only import PublicOnly
from victor_server.errors import NoModel, SettingsError, UsageError
from victor_server.policy.hosts import parse_destination
from victor_server.policy.policy import Policy
from victor_server.settings.profiles import Profile, ProviderName
from victor_server.team.configuration.resolved import EgressSettings, ModelSettings
from victor_server.team.gateway.passing_on import PassingOn
from victor_server.team.gateway.tenancy import Offered
from victor_server.team.sealing.sealed import Sealed, wipe
from victor_server.team.sealing.vault import Vault
from victor_server.team.store.database import Database

_log = logging.getLogger(__name__)

MAX_OPEN = 64
OWN_PROVIDERS = frozenset({"anthropic", "google", "openai", "openai-compatible", "vllm", "lmstudio"})
"""What a tenant may name a model of. The others read files of this machine, start programs, or run inside."""

NEEDS_ADDRESS = frozenset({"openai-compatible", "vllm", "lmstudio"})

_Key = tuple[str, ModelSettings, str, str]


@dataclass(slots=True)
class _Open:
    provider: Provider
    secret: str = field(repr=False)
    n_users: int = 0
    is_stale: bool = False


class Providers:
    """Keeps those that were used last. One that is in use is closed after its last call."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        egress: EgressSettings,
        environment: Mapping[str, str],
        home: Path,
    ) -> None:
        self._database = database
        self._vault = vault
        self._home = home
        self._operators, self._tenants = connections(egress, environment)
        self._open: OrderedDict[_Key, _Open] = OrderedDict()

    @contextlib.asynccontextmanager
    async def using(
        self, tenant: str, offered: Offered, base_url: str
    ) -> AsyncIterator[tuple[Provider, str]]:
        """The provider of a model at `base_url` ("": its own), and its key or ""."""
        model = offered.model
        key_id, secret = await self._secret(tenant, model)
        key = (tenant if offered.is_own or key_id else "", model, key_id, base_url)
        entry = self._open.get(key)
        if entry is None:
            entry = self._open[key] = _Open(self._opened(offered, base_url, secret), secret)
            await self._trim(key)
        self._open.move_to_end(key)
        entry.n_users += 1
        try:
            yield entry.provider, entry.secret
        finally:
            entry.n_users -= 1
            if entry.is_stale and not entry.n_users:
                await entry.provider.close()

    async def secret_of(self, tenant: str, model: ModelSettings) -> str:
        """The key that a model is asked with, "" for none: so that no request holds it."""
        return (await self._secret(tenant, model))[1]

    async def close(self) -> None:
        """Let go of all connections."""
        entries, self._open = list(self._open.values()), OrderedDict()
        for entry in entries:
            await entry.provider.close()

    def _opened(self, offered: Offered, base_url: str, secret: str) -> Provider:
        connections = self._tenants if offered.is_own else self._operators
        return open_provider(
            _profile(offered.model, secret), base_url, PassingOn(connections), home=self._home
        )

    async def _trim(self, newest: _Key) -> None:
        """Close those whose key was changed since, and the ones that were not used for the longest."""
        old = [
            key
            for key in self._open
            if key != newest and (key[0], key[1], key[3]) == (newest[0], newest[1], newest[3])
        ]
        n_over = len(self._open) - len(old) - MAX_OPEN
        old += [key for key in self._open if key != newest and key not in old][: max(0, n_over)]
        for key in old:
            entry = self._open.pop(key)
            entry.is_stale = True
            if not entry.n_users:
                await entry.provider.close()

    async def _secret(self, tenant: str, model: ModelSettings) -> tuple[str, str]:
        if model.key is None:
            return "", model.api_key or ""
        sql = "select key_id, sealed from provider_keys where tenant = $1 and name = $2"
        async with self._database.reading(tenant) as tx:
            row = await tx.row(sql, tenant, model.key)
            if row is None:
                raise NoModel(
                    f"The key {model.key}, which {model.name} is asked with, is not set.",
                    "Ask an administrator to set it.",
                )
            for known, entry in self._open.items():
                if known[0] == tenant and known[1].key == model.key and known[2] == row["key_id"]:
                    return row["key_id"], entry.secret
            plain = await self._vault.open(
                tx, tenant, sealed_as(model.key), Sealed.from_bytes(bytes(row["sealed"]))
            )
        secret = plain.decode("utf-8")
        wipe(plain)
        return row["key_id"], secret


def sealed_as(name: str) -> str:
    """What a provider's key is called where it is sealed."""
    return f"provider key {name}"


def new_key_id() -> str:
    """Names one value of a key."""
    return os.urandom(6).hex()


def check_own_model(model: ModelSettings) -> None:
    """Raise `UsageError` for a model that no tenant may name. Where its name leads is looked at when it is asked."""
    if model.provider not in OWN_PROVIDERS:
        names = ", ".join(sorted(OWN_PROVIDERS))
        raise UsageError(f"A tenant's model is of one of these providers: {names}.", "Name one of them.")
    if not model.base_urls and model.provider in NEEDS_ADDRESS:
        raise UsageError("This provider needs the address of its server.", "Give `base_url`.")
    for url in model.base_urls:
        if not url.startswith("https://"):
            raise UsageError("A model's address begins with https://.", "Correct `base_url`.")
        try:
            parse_destination(url)
        except SettingsError as error:
            raise UsageError(error.message, "Correct `base_url`.") from None


def connections(egress: EgressSettings, environment: Mapping[str, str]) -> tuple[Connections, Connections]:
    """Those for the operator's own models, and those for the tenants'."""
    policy = Policy(allowed_hosts=egress.allowed_hosts, only_hosts=egress.allowed_hosts or None)
    operators = Egress(policy, record=_record, environment=environment, ca_file=egress.ca_file)
    tenants = PublicOnly(
        policy,
        record=_record,
        environment=environment,
        fix="Let whoever runs the backend add the host to `egress.allowed_hosts` if it is meant.",
        ca_file=egress.ca_file,
    )
    return operators, cast("Connections", tenants)


def _record(blocked: Blocked) -> None:
    _log.warning("a connection for %s was not made: %s", blocked.purpose, blocked.reason)


def _profile(model: ModelSettings, secret: str) -> Profile:
    if model.provider not in get_args(ProviderName):
        raise NoModel(f"The model {model.name} names an unknown provider: {model.provider}.")
    return Profile(
        model.name,
        cast("ProviderName", model.provider),
        model.model,
        model.base_urls,
        secret or None,
        model.context_tokens,
        model.max_output_tokens,
        script=model.script,
    )
