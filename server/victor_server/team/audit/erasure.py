"""Makes what is stored of somebody unreadable, and unlinks their name from all that has to stay."""

from victor_server.team.audit import chain
from victor_server.team.audit.event import AuditEvent
from victor_server.team.audit.subjects import Subjects
from victor_server.team.store.database import Transaction

BY_BACKEND = "victor"
"""Who erases again after a restore."""

_UNLINK = (
    "update calls set subject = $3, session_id = '', details = '{}', message = '' where tenant = $1 and subject = $2",
    "update budgets set subject = $3 where tenant = $1 and subject = $2 and scope = 'user'",
    "update budget_use set subject = $3 where tenant = $1 and subject = $2 and scope = 'user'",
    "update installs set subject = $3 where tenant = $1 and subject = $2",
    "update usage set subject = $3 where tenant = $1 and subject = $2",
    "update api_tokens set subject = $3, label = '', revoked = true where tenant = $1 and subject = $2",
    "update families set subject = $3, revoked = true where tenant = $1 and subject = $2",
)
"""What stays, under the pseudonym: sums that are billed, and tokens, so that none of them is good any more.

In the order in which all others take these locks: an erasure and the same person's delivery wait, and never for each other.
"""

_FORGET = (
    "delete from consents where tenant = $1 and subject = $2",
    "delete from users where tenant = $1 and subject = $2",
)


async def erase(tx: Transaction, subjects: Subjects, tenant: str, pseudonym: str, by: str) -> int | None:
    """Destroy the key and the link to the name; returns how many records that concerns, None if it was done before.

    That it was done stands in the log twice: under the pseudonym, and with who did it.
    """
    row = await tx.row(
        "select subject from audit_subjects where tenant = $1 and pseudonym = $2 and erased_us is null",
        tenant,
        pseudonym,
    )
    if row is None:
        return None
    subject = str(row["subject"])
    for statement in _UNLINK:
        await tx.execute(statement, tenant, subject, pseudonym)
    for statement in _FORGET:
        await tx.execute(statement, tenant, subject)
    await tx.execute("update tenants set revision = revision + 1 where name = $1", tenant)
    counted = await tx.row(
        "select count(*) as n from audit_payloads where tenant = $1 and pseudonym = $2", tenant, pseudonym
    )
    told = [
        AuditEvent("audit.erased", subject),
        AuditEvent("audit.erase", by, personal={"details": {"pseudonym": pseudonym}}),
    ]
    await chain.append(tx, tenant, told, subjects)
    await subjects.erase(tx, tenant, pseudonym)
    return int(counted["n"]) if counted else 0
