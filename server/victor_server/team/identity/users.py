"""The people of a tenant: who they are, what their role is, and that all of theirs ends at once."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from victor_server.errors import Conflict, Forbidden, NotFound
from victor_server.protocol import User
from victor_server.team.audit.event import AuditEvent
from victor_server.team.audit.log import AuditLog
from victor_server.team.configuration.resolved import TeamSettings
from victor_server.team.identity.changes import raise_revision
from victor_server.team.identity.holders import read_credential
from victor_server.team.identity.rbac import Roles, permissions_of, require_covered, require_known
from victor_server.team.principal import Principal
from victor_server.team.store.database import Database, Row, Transaction


class Users:
    """All users of all tenants; a principal sees and changes those of its own."""

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

    async def all(self, principal: Principal) -> tuple[User, ...]:
        """Everybody, by name."""
        principal.require("users:read")
        async with self._database.reading(principal.tenant) as tx:
            rows = await tx.rows(
                "select subject, role, teams, disabled from users where tenant = $1 order by subject",
                principal.tenant,
            )
        return tuple(_user(row) for row in rows)

    async def set(self, principal: Principal, user: User) -> User:
        """Add somebody, or change them. Nobody gives a role, or touches somebody with one, that may do more than theirs."""
        principal.require("users:write")
        roles = self._settings().roles
        require_known(roles, user.role)
        require_covered(principal, permissions_of(roles, user.role))
        async with self._database.transaction(principal.tenant) as tx:
            before = await self._touched(tx, principal, user.subject)
            if user.disabled:
                _require_other(principal, user.subject)
            await put_user(tx, principal.tenant, user, self._now_us(), change_disabled=True)
            await raise_revision(tx, principal.tenant)
            action = "role.changed" if before and before["role"] != user.role else "user.set"
            told = event(action, principal, **user.model_dump(mode="json"))
            await self._audit.append(tx, principal.tenant, [replace(told, names=(user.subject,))])
        return user

    async def remove(self, principal: Principal, subject: str) -> None:
        """Take somebody out: they, their sessions and their tokens are known no more. Raises `NotFound`."""
        principal.require("users:write")
        _require_other(principal, subject)
        async with self._database.transaction(principal.tenant) as tx:
            await self._end_all(tx, principal, subject)
            await tx.execute(
                "delete from users where tenant = $1 and subject = $2", principal.tenant, subject
            )
            await raise_revision(tx, principal.tenant)
            await self._audit.append(
                tx,
                principal.tenant,
                [replace(event("user.removed", principal, subject=subject), names=(subject,))],
            )

    async def revoke(self, principal: Principal, subject: str) -> None:
        """End all logins and API tokens of somebody, but the one that asks; they may log in anew. Raises `NotFound`."""
        principal.require("users:write")
        async with self._database.transaction(principal.tenant) as tx:
            await self._end_all(tx, principal, subject)
            await raise_revision(tx, principal.tenant)
            await self._audit.append(
                tx,
                principal.tenant,
                [replace(event("sessions.revoked", principal, subject=subject), names=(subject,))],
            )

    async def _end_all(self, tx: Transaction, principal: Principal, subject: str) -> None:
        """Also of somebody who has nothing but tokens: whoever made those need not have added them."""
        is_known = await self._touched(tx, principal, subject) is not None
        tokens = await tx.rows(
            "update api_tokens set revoked = true"
            " where tenant = $1 and subject = $2 and id <> $3 and not revoked returning role, operator",
            principal.tenant,
            subject,
            read_credential(principal.credential).name,
        )
        if not is_known and not tokens:
            raise NotFound(
                "There is nobody of that name.", "See `victor team users list` and `victor team tokens list`."
            )
        for row in tokens:
            require_may_end(principal, self._settings().roles, row)
        await end_sessions(tx, principal.tenant, subject)

    async def _touched(self, tx: Transaction, principal: Principal, subject: str) -> Row | None:
        """The one who is about to be changed, locked, and of no more rights than who changes them."""
        lock = " for update" if tx.dialect == "postgresql" else ""
        row = await tx.row(
            f"select role, disabled from users where tenant = $1 and subject = $2{lock}",  # noqa: S608  # ours
            principal.tenant,
            subject,
        )
        if row is not None:
            require_covered(principal, permissions_of(self._settings().roles, row["role"]))
        await _require_no_operator(tx, principal, subject)
        return row


async def put_user(tx: Transaction, tenant: str, user: User, now_us: int, *, change_disabled: bool) -> None:
    """Write somebody down; a login leaves `disabled` as an administrator set it."""
    disabled = ", disabled = excluded.disabled" if change_disabled else ""
    await tx.execute(
        "insert into users (tenant, subject, role, teams, disabled, created_us) values ($1, $2, $3, $4, $5, $6)"  # noqa: S608  # ours
        " on conflict (tenant, subject) do update set role = excluded.role, teams = excluded.teams,"
        f" revision = users.revision + 1{disabled}",
        tenant,
        user.subject,
        user.role,
        json.dumps(user.teams),
        user.disabled,
        now_us,
    )


async def _require_no_operator(tx: Transaction, principal: Principal, subject: str) -> None:
    """Who runs the backend is changed by who runs it, whatever an administrator of a tenant may do there."""
    if principal.operator:
        return
    theirs = (
        "select id from api_tokens where tenant = $1 and subject = $2 and operator and not revoked limit 1"
    )
    if await tx.row(theirs, principal.tenant, subject) is not None:
        raise Forbidden("That is an operator of the backend.", "Let an operator do it.")


def require_may_end(principal: Principal, roles: Roles, token: Row) -> None:
    """Raise `Forbidden` unless `principal` may end this API token."""
    if token["operator"] and not principal.operator:
        raise Forbidden("That token is an operator's.", "Let an operator end it.")
    require_covered(principal, permissions_of(roles, token["role"]))


async def end_sessions(tx: Transaction, tenant: str, subject: str) -> None:
    """Nothing that came of a login of theirs holds any more."""
    await tx.execute("update families set revoked = true where tenant = $1 and subject = $2", tenant, subject)


def event(action: str, principal: Principal, **details: Any) -> AuditEvent:
    """What `principal` did."""
    return AuditEvent(action, principal.subject, personal={"user": principal.subject, "details": details})


def _require_other(principal: Principal, subject: str) -> None:
    if principal.subject == subject:
        raise Conflict("That is you: you would shut yourself out.", "Let another administrator do it.")


def _user(row: Row) -> User:
    return User(
        subject=row["subject"],
        role=row["role"],
        teams=tuple(json.loads(row["teams"])),
        disabled=bool(row["disabled"]),
    )
