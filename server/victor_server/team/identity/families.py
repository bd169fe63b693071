"""What one login began: a family of refresh tokens, each used once; whoever uses one again ends them all."""

import secrets
from dataclasses import dataclass
from typing import Literal

from victor_server.team.identity.refresh_token import RefreshToken, make_refresh_token
from victor_server.team.store.database import Transaction

GRACE_US = 600_000_000
"""So long a client may ask again for the successor of a token, if it says the word that it said the first time."""


@dataclass(frozen=True, slots=True)
class Family:
    """One login. `expires_us`: when its tokens end unless one is used; for a service, with its only token."""

    id: str
    subject: str
    kind: Literal["user", "service"]


@dataclass(frozen=True, slots=True)
class Rotated:
    """A refresh token was good: the family that it is of, and the token that follows."""

    family: Family
    token: RefreshToken


@dataclass(frozen=True, slots=True)
class Reused:
    """It was used before: the family, which must end."""

    family: Family


async def begin_family(
    tx: Transaction, tenant: str, family: Family, now_us: int, expires_us: int
) -> RefreshToken | None:
    """Write a login down; the first refresh token of a person's."""
    await tx.execute(
        "insert into families (tenant, id, subject, kind, created_us, expires_us)"
        " values ($1, $2, $3, $4, $5, $6)",
        tenant,
        family.id,
        family.subject,
        family.kind,
        now_us,
        expires_us,
    )
    if family.kind == "service":
        return None
    token = make_refresh_token(tenant)
    await _add(tx, token, family.id, now_us, expires_us)
    return token


def new_family(subject: str, kind: Literal["user", "service"]) -> Family:
    """One that nothing is known of yet."""
    return Family(secrets.token_hex(16), subject, kind)


async def rotate(
    tx: Transaction, token: RefreshToken, retry: str, now_us: int, expires_us: int
) -> Rotated | Reused | None:
    """Use a token up. None: it is not known, has expired, or its family has ended.

    Marking it and finding that nobody has before is one statement: of two who use it at once, one does.
    """
    used = await tx.row(
        "update refresh_tokens set used_us = $3 where tenant = $1 and hash = $2 and used_us is null"
        " and expires_us > $3 returning family",
        token.tenant,
        token.hash,
        now_us,
    )
    if used is None:
        return await _again(tx, token, retry, now_us)
    family = await _open_family(tx, token.tenant, used["family"])
    if family is None:
        return None
    successor = token.successor(retry)
    await _add(tx, successor, family.id, now_us, expires_us)
    await tx.execute(
        "update families set expires_us = $3 where tenant = $1 and id = $2",
        token.tenant,
        family.id,
        expires_us,
    )
    return Rotated(family, successor)


async def end_family(tx: Transaction, tenant: str, name: str) -> Family | None:
    """Nothing of that login holds any more; None if it had ended."""
    row = await tx.row(
        "update families set revoked = true where tenant = $1 and id = $2 and revoked = false"
        " returning id, subject, kind",
        tenant,
        name,
    )
    return None if row is None else Family(row["id"], row["subject"], row["kind"])


async def family_of(tx: Transaction, token: RefreshToken) -> str | None:
    """Which login a refresh token is of, used or not."""
    row = await tx.row(
        "select family from refresh_tokens where tenant = $1 and hash = $2", token.tenant, token.hash
    )
    return None if row is None else str(row["family"])


async def forget_expired(tx: Transaction, tenant: str, now_us: int) -> None:
    """Drop what nobody can use any more. A used token is known as long as its family could go on."""
    for table in ("login_nonces", "spent_tokens", "refresh_tokens", "families"):
        await tx.execute(f"delete from {table} where tenant = $1 and expires_us < $2", tenant, now_us)  # noqa: S608  # ours


async def _again(tx: Transaction, token: RefreshToken, retry: str, now_us: int) -> Rotated | Reused | None:
    """A token that was used: a client that lost the answer, or a thief; or nothing that we know."""
    row = await tx.row(
        "select family, used_us from refresh_tokens where tenant = $1 and hash = $2 and used_us is not null",
        token.tenant,
        token.hash,
    )
    family = await _open_family(tx, token.tenant, row["family"]) if row else None
    if row is None or family is None:
        return None
    successor = token.successor(retry)
    waits = retry and await tx.row(
        "select hash from refresh_tokens where tenant = $1 and hash = $2 and used_us is null",
        token.tenant,
        successor.hash,
    )
    is_lost_answer = waits and now_us - row["used_us"] <= GRACE_US
    return Rotated(family, successor) if is_lost_answer else Reused(family)


async def _open_family(tx: Transaction, tenant: str, name: str) -> Family | None:
    row = await tx.row(
        "select id, subject, kind from families where tenant = $1 and id = $2 and revoked = false",
        tenant,
        name,
    )
    return None if row is None else Family(row["id"], row["subject"], row["kind"])


async def _add(tx: Transaction, token: RefreshToken, family: str, now_us: int, expires_us: int) -> None:
    await tx.execute(
        "insert into refresh_tokens (tenant, hash, family, issued_us, expires_us) values ($1, $2, $3, $4, $5)",
        token.tenant,
        token.hash,
        family,
        now_us,
        expires_us,
    )
