"""Answers what edges and auditors ask of the audit log; whoever looks at it, or changes it, stands in it."""

from collections.abc import Mapping

from victor_server.audit.encoding import to_base64
from victor_server.protocol import (
    AuditAsked,
    AuditPage,
    Consistency,
    Empty,
    Erased,
    Inclusion,
    NamedUser,
    Proof,
    RetainAsked,
    SignedHead,
    Verdict,
)
from victor_server.team.audit.event import AuditEvent
from victor_server.team.backend import Backend
from victor_server.team.principal import Principal

READ, DECRYPT, ERASE, RETAIN = "audit:read", "audit:decrypt", "audit:erase", "audit:retain"


async def head(backend: Backend, principal: Principal, params: Empty) -> SignedHead:
    """The newest head."""
    return await backend.audit.head(principal.tenant)


async def consistency(backend: Backend, principal: Principal, params: Consistency) -> Proof:
    """That one head's log is the beginning of another's."""
    hashes = await backend.audit.consistency(principal.tenant, params.first, params.second)
    return Proof(hashes=tuple(map(to_base64, hashes)))


async def inclusion(backend: Backend, principal: Principal, params: Inclusion) -> Proof:
    """That a record is in the log."""
    principal.require(READ)
    hashes = await backend.audit.inclusion(principal.tenant, params.seq, params.size)
    return Proof(hashes=tuple(map(to_base64, hashes)))


async def search(backend: Backend, principal: Principal, params: AuditAsked) -> AuditPage:
    """A page of records; what was asked for is on record before anybody sees it."""
    principal.require(READ)
    if params.decrypt:
        principal.require(DECRYPT)
    action = "audit.decrypted" if params.decrypt else "audit.searched"
    wanted = params.model_dump(exclude_none=True)
    if params.subject is not None:
        # Not the name: whoever was erased would be named again by whoever looks for them.
        pseudonym = await backend.audit.pseudonym(principal.tenant, params.subject)
        wanted["subject"] = {"pseudonym": pseudonym} if pseudonym else "(nobody of that name)"
    await _record(backend, principal, action, wanted)
    return await backend.audit.page(principal.tenant, params)


async def verify(backend: Backend, principal: Principal, params: Empty) -> Verdict:
    """Recompute the whole stored log."""
    principal.require(READ)
    verdict = await backend.audit.verify(principal.tenant)
    await _record(backend, principal, "audit.verified", {"ok": verdict.ok, "records": verdict.records})
    return verdict


async def erase(backend: Backend, principal: Principal, params: NamedUser) -> Erased:
    """Make what is personal of somebody unreadable."""
    principal.require(ERASE)
    n_records = await backend.audit.erase(principal.tenant, params.subject, principal.subject)
    return Erased(records=n_records)


async def retain(backend: Backend, principal: Principal, params: RetainAsked) -> Erased:
    """Drop what is old."""
    principal.require(RETAIN)
    await _record(backend, principal, "audit.retained", {"days": params.days})
    return Erased(records=await backend.audit.retain(principal.tenant, params.days))


async def _record(backend: Backend, principal: Principal, action: str, details: Mapping[str, object]) -> None:
    event = AuditEvent(action, principal.subject, personal={"details": dict(details)})
    await backend.audit.record(principal.tenant, event)
