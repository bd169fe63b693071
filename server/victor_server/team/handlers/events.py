"""Takes in the events of an edge: each once, in order, in one transaction with what is known to have arrived."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from victor_server.errors import TooMany
from victor_server.protocol import Deliver, Delivered, Quarantined
from victor_server.team.audit.event import AuditEvent
from victor_server.team.backend import Backend
from victor_server.team.handlers.edge_events import Bad, Used, number_of, quarantined, read_event
from victor_server.team.principal import Principal
from victor_server.team.store.database import Transaction

MAX_INSTALLS = 1_000
"""Places from which one person may deliver: what a hostile edge could make of them must not fill the table."""


@dataclass(slots=True)
class _Taken:
    """What one delivery comes to."""

    acked: int
    n_repeated: int = 0
    records: list[AuditEvent] = field(default_factory=list)
    used: list[Used] = field(default_factory=list)
    bad: list[Quarantined] = field(default_factory=list)


async def deliver(backend: Backend, principal: Principal, params: Deliver) -> Delivered:
    """Take in what is new of `params.events`. What was there before is passed over; at a gap it stops."""
    now_us = time.time_ns() // 1_000
    async with backend.database.transaction(principal.tenant) as tx:
        taken = _take(await _acked(tx, principal, params.install, now_us), params, principal, now_us)
        if taken.records or taken.used:
            await _add_usage(tx, principal, taken.used)
            await _set_acked(tx, principal, params.install, taken.acked)
            if taken.records:
                await backend.audit.append(tx, principal.tenant, taken.records)
    accepted = len(taken.records) + len(taken.used) - len(taken.bad)
    backend.metrics.edge_events(accepted, len(taken.bad), taken.n_repeated)
    return Delivered(acked=taken.acked, quarantined=tuple(taken.bad))


def _take(acked: int, params: Deliver, principal: Principal, now_us: int) -> _Taken:
    taken = _Taken(acked)
    numbered = [(number_of(event), event) for event in params.events]
    for seq, event in numbered:
        if seq <= taken.acked:
            taken.n_repeated += 1
        elif seq != taken.acked + 1:
            break
        else:
            _take_one(taken, seq, event, params.install, principal, now_us)
    return taken


def _take_one(
    taken: _Taken, seq: int, event: Mapping[str, Any], install: str, principal: Principal, now_us: int
) -> None:
    taken.acked = seq
    match read_event(event, principal, now_us):
        case Bad(reason):
            taken.bad.append(Quarantined(seq=seq, reason=reason))
            taken.records.append(quarantined(principal, install, seq, reason))
        case AuditEvent() as record:
            taken.records.append(record)
        case Used() as used:
            taken.used.append(used)


async def _acked(tx: Transaction, principal: Principal, install: str, now_us: int) -> int:
    """What has arrived so far. From here on others who deliver for this install wait for us."""
    key = (principal.tenant, install, principal.subject)
    locked = "update installs set acked = acked where tenant = $1 and install = $2 and subject = $3 returning acked"
    row = await tx.row(locked, *key)
    if row is None:
        await _begin(tx, principal, install, now_us)
        row = await tx.row(locked, *key)
    return 0 if row is None else int(row["acked"])


async def _begin(tx: Transaction, principal: Principal, install: str, now_us: int) -> None:
    count = await tx.row(
        "select count(*) as n from installs where tenant = $1 and subject = $2",
        principal.tenant,
        principal.subject,
    )
    if count is not None and count["n"] >= MAX_INSTALLS:
        raise TooMany(
            "Events came from too many places under this name.", "Ask an administrator of your team."
        )
    await tx.execute(
        "insert into installs (tenant, install, subject, acked, created_us) values ($1, $2, $3, 0, $4)"
        " on conflict do nothing",
        principal.tenant,
        install,
        principal.subject,
        now_us,
    )


async def _set_acked(tx: Transaction, principal: Principal, install: str, acked: int) -> None:
    await tx.execute(
        "update installs set acked = $4 where tenant = $1 and install = $2 and subject = $3",
        principal.tenant,
        install,
        principal.subject,
        acked,
    )


async def _add_usage(tx: Transaction, principal: Principal, used: Sequence[Used]) -> None:
    """Keys in order: whoever adds to the same lines takes their locks in the same order."""
    team = principal.teams[0] if principal.teams else ""
    sums: defaultdict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for one in used:
        line = sums[(one.day, one.provider, one.model)]
        added = (1, int(one.cost_nano is None), one.input_tokens, one.output_tokens, one.cost_nano or 0)
        line[:] = [before + more for before, more in zip(line, added, strict=True)]
    for (day, provider, model), line in sorted(sums.items()):
        await tx.execute(
            "insert into usage (tenant, day, subject, team, source, provider, model,"
            " calls, unpriced_calls, input_tokens, output_tokens, nano)"
            " values ($1, $2, $3, $4, 'edge', $5, $6, $7, $8, $9, $10, $11)"
            " on conflict (tenant, day, subject, team, source, provider, model) do update set"
            " calls = usage.calls + excluded.calls,"
            " unpriced_calls = usage.unpriced_calls + excluded.unpriced_calls,"
            " input_tokens = usage.input_tokens + excluded.input_tokens,"
            " output_tokens = usage.output_tokens + excluded.output_tokens,"
            " nano = usage.nano + excluded.nano",
            principal.tenant,
            day,
            principal.subject,
            team,
            provider,
            model,
            *line,
        )
