"""API tokens of a tenant: made, listed, ended."""

import json
from collections.abc import Callable
from dataclasses import replace

from victor_server.errors import NotFound
from victor_server.policy.scopes import both
from victor_server.protocol import NewToken, Token, TokenAsked
from victor_server.team.audit.log import AuditLog
from victor_server.team.configuration.resolved import TeamSettings
from victor_server.team.identity.api_token import ApiToken, make_api_token
from victor_server.team.identity.changes import raise_revision
from victor_server.team.identity.rbac import permissions_of, require_covered, require_known
from victor_server.team.identity.users import event, require_may_end
from victor_server.team.principal import Principal
from victor_server.team.store.database import Database, Row, Transaction

_DAY_US = 86_400_000_000
_COLUMNS = "id, label, subject, role, scopes, operator, created_us, expires_us, last_used_us, revoked"


class ApiTokens:
    """The tokens of all tenants; a principal sees and ends those of its own."""

    def __init__(
        self,
        settings: Callable[[], TeamSettings],
        database: Database,
        audit: AuditLog,
        now_us: Callable[[], int],
    ) -> None:
        self._settings = settings
        self._database = database
        self._audit = audit
        self._now_us = now_us

    async def all(self, principal: Principal) -> tuple[Token, ...]:
        """All of them, the newest first; never the tokens themselves."""
        principal.require("tokens:read")
        async with self._database.reading(principal.tenant) as tx:
            rows = await tx.rows(
                f"select {_COLUMNS} from api_tokens where tenant = $1 order by created_us desc, id",  # noqa: S608  # ours
                principal.tenant,
            )
        return tuple(_token(row) for row in rows)

    async def create(self, principal: Principal, asked: TokenAsked) -> NewToken:
        """A new one, which may do no more than who asks for it."""
        principal.require("tokens:write")
        roles = self._settings().roles
        require_known(roles, asked.role)
        permissions = permissions_of(roles, asked.role)
        require_covered(principal, both(permissions, asked.scopes) if asked.scopes else permissions)
        made, now_us = make_api_token(principal.tenant), self._now_us()
        about = Token(
            id=made.id,
            label=asked.label,
            subject=asked.subject or f"token:{asked.label}",
            role=asked.role,
            scopes=asked.scopes,
            created_us=now_us,
            expires_us=now_us + asked.days * _DAY_US,
        )
        async with self._database.transaction(principal.tenant) as tx:
            await self._require_no_more(tx, principal, about.subject)
            await insert_token(tx, made, about)
            await raise_revision(tx, principal.tenant)
            told = event("token.created", principal, id=made.id, role=asked.role, subject=about.subject)
            await self._audit.append(tx, principal.tenant, [replace(told, names=(about.subject,))])
        return NewToken(token=made.text, about=about)

    async def revoke(self, principal: Principal, name: str) -> None:
        """End one now. Raises `NotFound`; `Forbidden` for an operator's, unless another operator asks."""
        principal.require("tokens:write")
        async with self._database.transaction(principal.tenant) as tx:
            row = await tx.row(
                "update api_tokens set revoked = true where tenant = $1 and id = $2 returning role, operator",
                principal.tenant,
                name,
            )
            if row is None:
                raise NotFound("There is no such token.", "See `victor team tokens list`.")
            require_may_end(principal, self._settings().roles, row)
            await raise_revision(tx, principal.tenant)
            await self._audit.append(tx, principal.tenant, [event("token.revoked", principal, id=name)])

    async def _require_no_more(self, tx: Transaction, principal: Principal, subject: str) -> None:
        """A token in somebody else's name is made by who may do all that they may."""
        row = await tx.row(
            "select role from users where tenant = $1 and subject = $2", principal.tenant, subject
        )
        if row is not None and subject != principal.subject:
            require_covered(principal, permissions_of(self._settings().roles, row["role"]))


async def insert_token(tx: Transaction, made: ApiToken, about: Token, *, operator: bool = False) -> None:
    """Write one down, without its secret. `operator`: it holds for what concerns all tenants, too."""
    await tx.execute(
        "insert into api_tokens (tenant, id, hash, label, subject, role, scopes, operator, created_us, expires_us)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        made.tenant,
        made.id,
        made.hash,
        about.label,
        about.subject,
        about.role,
        json.dumps(about.scopes),
        operator,
        about.created_us,
        about.expires_us,
    )


def _token(row: Row) -> Token:
    return Token(
        id=row["id"],
        label=row["label"],
        subject=row["subject"],
        role=row["role"],
        scopes=tuple(json.loads(row["scopes"])),
        created_us=row["created_us"],
        expires_us=row["expires_us"],
        last_used_us=row["last_used_us"],
        revoked=bool(row["revoked"]),
    )
