"""First tokens, which all other rights are given with: the operator's of a database, an administrator's of a tenant."""

import secrets

from victor_server.errors import SettingsError
from victor_server.protocol import NewToken, Token
from victor_server.team.audit.event import AuditEvent
from victor_server.team.audit.log import AuditLog
from victor_server.team.configuration.resolved import DEFAULT_TENANT, TeamSettings
from victor_server.team.identity.api_token import ApiToken, make_api_token
from victor_server.team.identity.changes import raise_revision
from victor_server.team.identity.rbac import Roles
from victor_server.team.identity.tokens import insert_token
from victor_server.team.store.database import Database

OPERATOR = "operator"
ADMINISTRATOR = "token:administrator"
"""Who holds a tenant's first token: nobody who could log in, so that nobody's role narrows it."""

_YEAR_US = 365 * 86_400_000_000


async def bootstrap(settings: TeamSettings, database: Database, audit: AuditLog, now_us: int) -> str | None:
    """The operator's token, the one time that it is made. Of several replicas that begin together, one makes it."""
    role = _role_of_all(settings.roles)
    async with database.transaction(DEFAULT_TENANT) as tx:
        first = await tx.row(
            "insert into instance (name, value) values ('bootstrap', $1) on conflict (name) do nothing"
            " returning name",
            str(now_us),
        )
        if first is None:
            return None
        await tx.execute(
            "insert into tenants (name, log, created_us) values ($1, $2, $3) on conflict (name) do nothing",
            DEFAULT_TENANT,
            secrets.token_hex(16),
            now_us,
        )
        await tx.execute(
            "insert into users (tenant, subject, role, created_us) values ($1, $2, $3, $4)"
            " on conflict (tenant, subject) do nothing",
            DEFAULT_TENANT,
            OPERATOR,
            role,
            now_us,
        )
        token = make_api_token(DEFAULT_TENANT)
        about = _about(token, OPERATOR, "first run", role, now_us)
        await insert_token(tx, token, about, operator=True)
        told = AuditEvent("token.created", OPERATOR, personal={"user": OPERATOR, "details": {"id": token.id}})
        await audit.append(tx, DEFAULT_TENANT, [told])
    return token.text


async def administrator_token(
    settings: TeamSettings, database: Database, audit: AuditLog, tenant: str, by: str, now_us: int
) -> NewToken:
    """A token of somebody who may do everything in a tenant, and nothing in any other. Raises `NotFound`.

    It stands in that tenant's own log, too: its people see when somebody was let in from outside.
    """
    token = make_api_token(tenant)
    about = _about(token, ADMINISTRATOR, "administrator", _role_of_all(settings.roles), now_us)
    async with database.transaction(tenant) as tx:
        await raise_revision(tx, tenant)
        await insert_token(tx, token, about)
        told = AuditEvent("token.created", by, personal={"user": by, "details": {"id": token.id}})
        await audit.append(tx, tenant, [told])
    return NewToken(token=token.text, about=about)


def _about(token: ApiToken, subject: str, label: str, role: str, now_us: int) -> Token:
    return Token(
        id=token.id,
        label=label,
        subject=subject,
        role=role,
        scopes=(),
        created_us=now_us,
        expires_us=now_us + _YEAR_US,
    )


def _role_of_all(roles: Roles) -> str:
    role = next((name for name, permissions in roles.items() if "*" in permissions), None)
    if role is None:
        raise SettingsError(
            "No role in the configuration may do everything, so nobody could set the backend up.",
            'Add one: `roles: {admin: {permissions: ["*"]}}`.',
        )
    return role
