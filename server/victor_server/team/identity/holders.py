"""Who holds a credential now, by the store: its person's role, what was revoked, what was disabled."""

import json
from dataclasses import dataclass
from typing import Literal

from victor_server.errors import Unauthenticated
from victor_server.team.identity.rbac import Roles, permissions_of, permissions_of_token
from victor_server.team.identity.victor_token import not_ours
from victor_server.team.principal import Principal, PrincipalKind
from victor_server.team.store.database import Row, Transaction

CredentialKind = Literal["family", "token"]

_OF_FAMILY = (
    "select f.subject, f.kind, f.revoked, f.expires_us, u.role, u.teams, u.disabled,"
    " t.revision, t.disabled as closed from families f"
    " join tenants t on t.name = f.tenant"
    " join users u on u.tenant = f.tenant and u.subject = f.subject"
    " where f.tenant = $1 and f.id = $2"
)
_OF_API_KEY = (
    "select a.hash, a.subject, a.role, a.scopes, a.operator, a.revoked, a.expires_us, a.last_used_us,"
    " u.role as user_role, u.teams, u.disabled, t.revision, t.disabled as closed from api_tokens a"
    " join tenants t on t.name = a.tenant"
    " left join users u on u.tenant = a.tenant and u.subject = a.subject"
    " where a.tenant = $1 and a.id = $2"
)


@dataclass(frozen=True, slots=True)
class Credential:
    """What a principal's `credential` says: which row it comes from."""

    kind: CredentialKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


def read_credential(text: str) -> Credential:
    """The credential of a principal."""
    kind, _, name = text.partition(":")
    return Credential("token" if kind == "token" else "family", name)


async def family_holder(tx: Transaction, tenant: str, family: str, roles: Roles, now_us: int) -> Principal:
    """Who logged in. Raises `Unauthenticated` once that has ended."""
    row = _open_row(await tx.row(_OF_FAMILY, tenant, family), now_us)
    kind: PrincipalKind = "service" if row["kind"] == "service" else "user"
    return Principal(
        tenant=tenant,
        subject=row["subject"],
        kind=kind,
        role=row["role"],
        permissions=permissions_of(roles, row["role"]),
        credential=str(Credential("family", family)),
        revision=row["revision"],
        expires_us=row["expires_us"],
        teams=_words(row["teams"]),
    )


async def token_row(tx: Transaction, tenant: str, name: str) -> Row | None:
    """The row of an API token, with what is known of its person."""
    return await tx.row(_OF_API_KEY, tenant, name)


def token_holder(found: Row | None, tenant: str, name: str, roles: Roles, now_us: int) -> Principal:
    """Who an API token is for. Raises `Unauthenticated` once it has ended."""
    row = _open_row(found, now_us)
    scopes = _words(row["scopes"])
    return Principal(
        tenant=tenant,
        subject=row["subject"],
        kind="token",
        role=row["role"],
        permissions=permissions_of_token(roles, row["role"], scopes, row["user_role"]),
        credential=str(Credential("token", name)),
        revision=row["revision"],
        expires_us=row["expires_us"],
        teams=_words(row["teams"]),
        operator=bool(row["operator"]),
    )


def _open_row(row: Row | None, now_us: int) -> Row:
    if row is None:
        raise not_ours()
    if row["closed"] or row["disabled"]:
        raise Unauthenticated(
            "The account, or its whole tenant, is disabled.", "Ask an administrator of your team."
        )
    if row["revoked"] or row["expires_us"] <= now_us:
        raise Unauthenticated("The token was revoked or has expired.", "Log in again: victor login.")
    return row


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text else ()
