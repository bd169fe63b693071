"""The first run of a database: a tenant, its operator, and the token that all other rights are given with."""

import secrets

from victor_server.errors import SettingsError
from victor_server.team.audit.event import AuditEvent
from victor_server.team.audit.log import AuditLog
from victor_server.team.configuration.resolved import DEFAULT_TENANT, TeamSettings
from victor_server.team.identity.api_token import ApiToken, make_api_token
from victor_server.team.identity.rbac import Roles
from victor_server.team.store.database import Database, Transaction

OPERATOR = "operator"
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
        token = await add_operator_token(tx, DEFAULT_TENANT, role, now_us)
        told = AuditEvent("token.created", OPERATOR, personal={"user": OPERATOR, "details": {"id": token.id}})
        await audit.append(tx, DEFAULT_TENANT, [told])
    return token.text


async def add_operator_token(tx: Transaction, tenant: str, role: str, now_us: int) -> ApiToken:
    """A new token of an operator's."""
    token = make_api_token(tenant)
    await tx.execute(
        "insert into api_tokens (tenant, id, hash, label, subject, role, operator, created_us, expires_us)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tenant,
        token.id,
        token.hash,
        "first run",
        OPERATOR,
        role,
        True,
        now_us,
        now_us + _YEAR_US,
    )
    return token


def _role_of_all(roles: Roles) -> str:
    role = next((name for name, permissions in roles.items() if "*" in permissions), None)
    if role is None:
        raise SettingsError(
            "No role in the configuration may do everything, so nobody could set the backend up.",
            'Add one: `roles: {admin: {permissions: ["*"]}}`.',
        )
    return role
