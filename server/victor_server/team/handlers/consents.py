"""Records what people agree to, each for themselves."""

import time

from victor_server.protocol import Consent, Consents, Empty
from victor_server.team.audit.event import AuditEvent
from victor_server.team.backend import Backend
from victor_server.team.principal import Principal
from victor_server.team.store.database import Transaction


async def get(backend: Backend, principal: Principal, params: Empty) -> Consents:
    """What one has agreed to."""
    async with backend.database.reading(principal.tenant) as tx:
        return await _consents(tx, backend, principal)


async def set_one(backend: Backend, principal: Principal, params: Consent) -> Consents:
    """Agree, or agree no more."""
    async with backend.database.transaction(principal.tenant) as tx:
        await tx.execute(
            "insert into consents (tenant, subject, purpose, given, at_us) values ($1, $2, $3, $4, $5)"
            " on conflict (tenant, subject, purpose) do update set given = excluded.given, at_us = excluded.at_us",
            principal.tenant,
            principal.subject,
            params.purpose,
            params.given,
            time.time_ns() // 1_000,
        )
        told = await _consents(tx, backend, principal)
        action = "consent.given" if params.given else "consent.withdrawn"
        personal = {"user": principal.subject, "details": {"purpose": params.purpose}}
        event = AuditEvent(action, principal.subject, personal=personal)
        await backend.audit.append(tx, principal.tenant, [event])
    return told


async def _consents(tx: Transaction, backend: Backend, principal: Principal) -> Consents:
    rows = await tx.rows(
        "select purpose, given from consents where tenant = $1 and subject = $2 order by purpose",
        principal.tenant,
        principal.subject,
    )
    given = {row["purpose"]: bool(row["given"]) for row in rows}
    return Consents(given=given, required=backend.settings.compliance.consent)
