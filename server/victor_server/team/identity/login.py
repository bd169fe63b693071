"""Logging in, staying so, and logging out: what stands behind `/v1/auth/…`."""

import json
import secrets
from collections.abc import Callable

from victor_server.audit.encoding import to_base64
from victor_server.errors import NotFound, Unauthenticated, UsageError
from victor_server.protocol import LoginBegun, LoginConfig, LoginGranted, PublicKeys, User
from victor_server.team.audit.event import AuditEvent
from victor_server.team.audit.log import AuditLog
from victor_server.team.configuration.resolved import OidcSettings, TeamSettings
from victor_server.team.identity.changes import raise_revision, read_revision
from victor_server.team.identity.families import (
    Family,
    Reused,
    Rotated,
    begin_family,
    end_family,
    family_of,
    forget_expired,
    new_family,
    rotate,
)
from victor_server.team.identity.oidc.person import person_of
from victor_server.team.identity.oidc.provider import Providers
from victor_server.team.identity.oidc.token import TokenKind, Verified, verify_token
from victor_server.team.identity.refresh_token import RETRY, RefreshToken, read_refresh_token
from victor_server.team.identity.users import put_user
from victor_server.team.identity.victor_token import Holder, make_victor_token, not_ours
from victor_server.team.sealing.vault import Vault
from victor_server.team.store.database import Database, Transaction

NONCE_S = 600
WITHOUT_NONCE_S = 300
"""So old an ID token without a nonce may be (the device flow has none), and then it is good once."""

MAX_ACCESS_S = 900


class Login:
    """All tenants' logins."""

    def __init__(
        self,
        settings: Callable[[], TeamSettings],
        database: Database,
        vault: Vault,
        audit: AuditLog,
        providers: Providers,
        now_us: Callable[[], int],
    ) -> None:
        self._settings = settings
        self._database = database
        self._vault = vault
        self._audit = audit
        self._providers = providers
        self._now_us = now_us

    async def config(self, tenant: str) -> LoginConfig:
        """How people of a tenant log in. Raises `NotFound` where they cannot."""
        oidc = self._oidc(tenant)
        policy, audit = await self._vault.verifying_keys("policy"), await self._vault.verifying_keys("audit")
        keys = PublicKeys(
            policy={name: to_base64(key) for name, key in policy.items()},
            audit={name: to_base64(key) for name, key in audit.items()},
        )
        return LoginConfig(
            tenant=tenant, issuer=oidc.issuer, client_id=oidc.client_id, scopes=oidc.scopes, keys=keys
        )

    async def begin(self, tenant: str) -> LoginBegun:
        """A nonce for one login."""
        self._oidc(tenant)
        nonce, now_us = secrets.token_urlsafe(24), self._now_us()
        async with self._database.transaction(tenant) as tx:
            if not await read_revision(tx, tenant):
                raise NotFound("Nobody can log in to that tenant.", "Ask whoever runs the backend.")
            await forget_expired(tx, tenant, now_us)
            await tx.execute(
                "insert into login_nonces (tenant, nonce, expires_us) values ($1, $2, $3)",
                tenant,
                nonce,
                now_us + NONCE_S * 1_000_000,
            )
        return LoginBegun(nonce=nonce, expires_in=NONCE_S)

    async def exchange(self, tenant: str, token: str, kind: TokenKind) -> LoginGranted:
        """Victor's own tokens for one of the identity provider. Raises `Unauthenticated`, `Forbidden`, `Unavailable`."""
        oidc, now_us = self._oidc(tenant), self._now_us()
        verified = await verify_token(
            token, kind, oidc, lambda key_id: self._providers.keys(oidc, key_id), now_us / 1_000_000
        )
        person = person_of(verified.claims, kind, oidc)
        family = new_family(person.subject, "service" if kind == "access_token" else "user")
        async with self._database.transaction(tenant) as tx:
            await self._spend(tx, tenant, verified, now_us)
            await self._enter(tx, tenant, person, now_us)
            refresh = await begin_family(tx, tenant, family, now_us, now_us + self._family_us(family))
            await self._audit.append(tx, tenant, [_event("login", person.subject, kind=family.kind)])
        return await self._granted(tenant, family, refresh)

    async def refresh(self, text: str, retry: str = "") -> LoginGranted:
        """The next pair of tokens. A refresh token that was used before ends all that its login began."""
        token = read_refresh_token(text)
        if token is None or (retry and not RETRY.fullmatch(retry)):
            raise not_ours()
        now_us = self._now_us()
        expires_us = now_us + int(self._settings().sessions.refresh_token_s * 1_000_000)
        async with self._database.transaction(token.tenant) as tx:
            done = await rotate(tx, token, retry, now_us, expires_us)
            match done:
                case Rotated(family=family):
                    await _require_enabled(tx, token.tenant, family)
                case Reused(family=family):
                    await self._end(tx, token.tenant, family.id, "refresh.reused")
                case None:
                    raise not_ours()
        if isinstance(done, Reused):  # raised out here: what ended it must hold
            raise Unauthenticated(
                "The login was used twice, so it has ended: somebody else may have had its tokens.",
                "Log in again: victor login.",
            )
        return await self._granted(token.tenant, done.family, done.token)

    async def logout(self, tenant: str, family: str) -> None:
        """End what a login began; that it had ended is no failure."""
        async with self._database.transaction(tenant) as tx:
            await self._end(tx, tenant, family, "logout")

    async def logout_by_refresh_token(self, text: str) -> None:
        """The same, by whoever has its refresh token, used or not."""
        token = read_refresh_token(text)
        if token is None:
            raise not_ours()
        async with self._database.transaction(token.tenant) as tx:
            family = await family_of(tx, token)
            if family is not None:
                await self._end(tx, token.tenant, family, "logout")

    async def _end(self, tx: Transaction, tenant: str, family: str, action: str) -> None:
        ended = await end_family(tx, tenant, family)
        if ended is None:
            return
        await raise_revision(tx, tenant)
        await self._audit.append(tx, tenant, [_event(action, ended.subject, kind=ended.kind)])

    async def _spend(self, tx: Transaction, tenant: str, verified: Verified, now_us: int) -> None:
        """Use up what makes a login single: its nonce, or the token itself where the flow knows no nonce."""
        if verified.kind == "access_token":
            return
        if verified.nonce is not None:
            if not await tx.execute(
                "delete from login_nonces where tenant = $1 and nonce = $2 and expires_us > $3",
                tenant,
                verified.nonce,
                now_us,
            ):
                raise Unauthenticated("This login was used already, or took too long.", "Begin it again.")
            return
        if now_us / 1_000_000 - verified.issued_s > WITHOUT_NONCE_S:
            raise Unauthenticated("This login took too long.", "Begin it again.")
        expires_us = now_us + 2 * WITHOUT_NONCE_S * 1_000_000
        if not await tx.execute(
            "insert into spent_tokens (tenant, hash, expires_us) values ($1, $2, $3) on conflict do nothing",
            tenant,
            verified.spent_as,
            expires_us,
        ):
            raise Unauthenticated("This login was used already.", "Begin it again.")

    async def _enter(self, tx: Transaction, tenant: str, person: User, now_us: int) -> None:
        """Write down who came; a role or teams that are others than before hold for all of their sessions at once."""
        row = await tx.row(
            "select u.role, u.teams, u.disabled, t.disabled as closed from tenants t"
            " left join users u on u.tenant = t.name and u.subject = $2 where t.name = $1",
            tenant,
            person.subject,
        )
        if row is None or row["closed"] or row["disabled"]:
            raise Unauthenticated(
                "The account, or its whole tenant, is disabled.", "Ask an administrator of your team."
            )
        await put_user(tx, tenant, person, now_us, change_disabled=False)
        if row["role"] is not None and (row["role"], row["teams"]) != (person.role, json.dumps(person.teams)):
            await raise_revision(tx, tenant)

    async def _granted(self, tenant: str, family: Family, refresh: RefreshToken | None) -> LoginGranted:
        lasts_s = self._access_s()
        signer = await self._vault.signer("tokens")
        token = make_victor_token(
            signer, Holder(tenant, family.subject, family.id), self._now_us() // 1_000_000, lasts_s
        )
        return LoginGranted(
            access_token=token, expires_in=lasts_s, refresh_token=refresh.text if refresh else ""
        )

    def _family_us(self, family: Family) -> int:
        sessions = self._settings().sessions
        return (
            int(sessions.refresh_token_s * 1_000_000)
            if family.kind == "user"
            else self._access_s() * 1_000_000
        )

    def _access_s(self) -> int:
        return min(int(self._settings().sessions.access_token_s), MAX_ACCESS_S)

    def _oidc(self, tenant: str) -> OidcSettings:
        found = next((each for each in self._settings().oidc if each.tenant == tenant), None)
        if found is None:
            raise NotFound(
                "People of that tenant cannot log in here with an identity provider.",
                "Log in with an API token: victor login URL --token.",
            )
        return found


def token_kind(name: str) -> TokenKind:
    """The kind that RFC 8693 names so. Raises `UsageError`."""
    match name.removeprefix("urn:ietf:params:oauth:token-type:"):
        case "id_token":
            return "id_token"
        case "access_token":
            return "access_token"
    raise UsageError("subject_token_type is neither id_token nor access_token.", "See the documentation.")


async def _require_enabled(tx: Transaction, tenant: str, family: Family) -> None:
    row = await tx.row(
        "select u.disabled, t.disabled as closed from users u join tenants t on t.name = u.tenant"
        " where u.tenant = $1 and u.subject = $2",
        tenant,
        family.subject,
    )
    if row is None or row["disabled"] or row["closed"]:
        raise Unauthenticated(
            "The account, or its whole tenant, is disabled.", "Ask an administrator of your team."
        )


def _event(action: str, subject: str, **details: str) -> AuditEvent:
    return AuditEvent(action, subject, personal={"user": subject, "details": details})
