"""Answers what people ask of their own calls."""

from victor_server.protocol import CallLine, CallLines, CallRef, CallsAsked, CallStatus
from victor_server.team.backend import Backend
from victor_server.team.principal import Principal

_NEWEST = 2**62


async def cancel(backend: Backend, principal: Principal, params: CallRef) -> CallStatus:
    """End a call."""
    return await backend.gateway.cancel(principal, params.call_id)


async def status(backend: Backend, principal: Principal, params: CallRef) -> CallStatus:
    """What became of a call."""
    return await backend.gateway.status(principal, params.call_id)


async def mine(backend: Backend, principal: Principal, params: CallsAsked) -> CallLines:
    """One's own calls, the newest first."""
    async with backend.database.reading(principal.tenant) as tx:
        rows = await tx.rows(
            "select call_id, begun_us, state, model, provider, input_tokens, output_tokens, nano, session_id from calls"
            " where tenant = $1 and subject = $2 and begun_us < $3 order by begun_us desc limit $4",
            principal.tenant,
            principal.subject,
            _NEWEST if params.before_us is None else params.before_us,
            params.limit,
        )
    return CallLines(
        calls=tuple(
            CallLine(
                call_id=row["call_id"],
                at_us=row["begun_us"],
                state=row["state"],
                model=row["model"],
                provider=row["provider"],
                input_tokens=row["input_tokens"],
                output_tokens=row["output_tokens"],
                cost_nano=row["nano"],
                session_id=row["session_id"],
            )
            for row in rows
        )
    )
