"""Who asks: turns a token into a principal, by the store, and says when that is no longer true."""

import asyncio
import hashlib
import hmac
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from victor_server.errors import StoreFailed, Unauthenticated
from victor_server.protocol import NewToken
from victor_server.team.audit.log import AuditLog
from victor_server.team.configuration.resolved import TeamSettings
from victor_server.team.identity.api_token import PREFIX, read_api_token
from victor_server.team.identity.bootstrap import administrator_token, bootstrap
from victor_server.team.identity.changes import read_revision
from victor_server.team.identity.holders import (
    family_holder,
    read_credential,
    token_holder,
    token_row,
)
from victor_server.team.identity.login import Login
from victor_server.team.identity.oidc.fetch import Fetch
from victor_server.team.identity.oidc.provider import Providers
from victor_server.team.identity.tokens import ApiTokens
from victor_server.team.identity.users import Users
from victor_server.team.identity.victor_token import not_ours, read_victor_token
from victor_server.team.principal import Principal
from victor_server.team.sealing.vault import Vault
from victor_server.team.store.database import Database, Row

logger = logging.getLogger(__name__)

MAX_CACHED = 4_096
MARK_EVERY_US = 60_000_000
KEYS_AGAIN_S = 10


class Identity:
    """What the backend knows of people. `users`, `tokens` and `login` change it; the rest only looks.

    `settings` is asked each time: the configuration may be read again. `now_us`: microseconds since 1970. `fetch` reads
    documents of identity providers.
    """

    def __init__(
        self,
        settings: Callable[[], TeamSettings],
        database: Database,
        vault: Vault,
        audit: AuditLog,
        fetch: Fetch,
        now_us: Callable[[], int],
    ) -> None:
        self._settings = settings
        self._database = database
        self._vault = vault
        self._audit = audit
        self._now_us = now_us
        self._keys: dict[str, bytes] = {}
        self._keys_read_us = 0
        self._cached: OrderedDict[bytes, tuple[Principal, int]] = OrderedDict()
        self._cached_for: TeamSettings | None = None
        self.users = Users(settings, database, audit, now_us)
        self.tokens = ApiTokens(settings, database, audit, now_us)
        self.login = Login(settings, database, vault, audit, Providers(fetch, now_us), now_us)

    async def authenticate(self, token: str) -> Principal:
        """Who holds a Victor token or an API token. Raises `Unauthenticated`, which says nothing of the token."""
        key = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._known(key)
        if known is not None and known.revision == await self.revision(known.tenant):
            self._require_time(known)
            return known
        self._cached.pop(key, None)
        principal = await (self._api_token(token) if token.startswith(PREFIX) else self._victor_token(token))
        self._cached[key] = (principal, self._now_us())
        if len(self._cached) > MAX_CACHED:
            self._cached.popitem(last=False)
        return principal

    async def recheck(self, principal: Principal) -> Principal:
        """The same, looked up anew: role, teams, revocation. Raises `Unauthenticated`."""
        self._require_time(principal)
        credential = read_credential(principal.credential)
        roles, now_us = self._settings().roles, self._now_us()
        async with self._database.reading(principal.tenant) as tx:
            if credential.kind == "token":
                row = await token_row(tx, principal.tenant, credential.name)
                found = token_holder(row, principal.tenant, credential.name, roles, now_us)
            else:
                found = await family_holder(tx, principal.tenant, credential.name, roles, now_us)
        return replace(found, expires_us=min(found.expires_us, principal.expires_us))

    async def revision(self, tenant: str) -> int:
        """Rises with every change of who may do what there; 0 where nobody may do anything any more."""
        async with self._database.reading(tenant) as tx:
            return await read_revision(tx, tenant)

    async def bootstrap(self) -> str | None:
        """On the first run of a database: the default tenant, its operator and their token. None ever after."""
        return await bootstrap(self._settings(), self._database, self._audit, self._now_us())

    async def administrator_token(self, principal: Principal, tenant: str) -> NewToken:
        """A token of a tenant's administrator, for whoever runs the backend to hand over. Raises `NotFound`."""
        principal.require("tenants:write")
        return await administrator_token(
            self._settings(), self._database, self._audit, tenant, principal.subject, self._now_us()
        )

    async def _victor_token(self, text: str) -> Principal:
        claims = read_victor_token(text, await self._verifying_keys(), self._now_us() // 1_000_000)
        async with self._database.reading(claims.tenant) as tx:
            found = await family_holder(tx, claims.tenant, claims.fam, self._settings().roles, self._now_us())
        if found.subject != claims.sub:
            raise not_ours()
        return replace(found, expires_us=min(found.expires_us, claims.exp * 1_000_000))

    async def _verifying_keys(self) -> dict[str, bytes]:
        """Asked of the database every some seconds at most: whoever sends unknown key ids makes no more of it."""
        now_us = self._now_us()
        if not self._keys or now_us - self._keys_read_us >= KEYS_AGAIN_S * 1_000_000:
            self._keys = dict(await self._vault.verifying_keys("tokens"))
            self._keys_read_us = now_us
        return self._keys

    async def _api_token(self, text: str) -> Principal:
        token = read_api_token(text)
        if token is None:
            raise not_ours()
        async with self._database.reading(token.tenant) as tx:
            row = await token_row(tx, token.tenant, token.id)
        if not hmac.compare_digest(token.hash, bytes(row["hash"]) if row else bytes(32)):
            raise not_ours()
        principal = token_holder(row, token.tenant, token.id, self._settings().roles, self._now_us())
        await self._mark_used(token.tenant, token.id, row)
        return principal

    async def _mark_used(self, tenant: str, name: str, row: Row | None) -> None:
        """When it was used last is told to administrators; nobody is kept out because it could not be written."""
        now_us = self._now_us()
        if row is None or (row["last_used_us"] or 0) > now_us - MARK_EVERY_US:
            return
        try:
            await asyncio.shield(self._mark(tenant, name, now_us))
        except StoreFailed as error:
            logger.warning("that a token was used could not be written: %s", error.message)

    async def _mark(self, tenant: str, name: str, now_us: int) -> None:
        async with self._database.transaction(tenant) as tx:
            await tx.execute(
                "update api_tokens set last_used_us = $3 where tenant = $1 and id = $2", tenant, name, now_us
            )

    def _known(self, key: bytes) -> Principal | None:
        """What was found for a token before, for as long as the configuration is the same, and a minute at most."""
        settings = self._settings()
        if self._cached_for is not settings:
            self._cached.clear()
            self._cached_for = settings
        principal, found_us = self._cached.get(key, (None, 0))
        return principal if self._now_us() - found_us < MARK_EVERY_US else None

    def _require_time(self, principal: Principal) -> None:
        if principal.expires_us <= self._now_us():
            raise Unauthenticated("The token has expired.", "Log in again: victor login.")
