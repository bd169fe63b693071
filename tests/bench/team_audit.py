"""How many audit events a second become durable: on SQLite, and on PostgreSQL where one is at hand."""

import asyncio
import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

from victor_server.team.audit.event import AuditEvent
from victor_server.team.audit.log import AuditLog
from victor_server.team.configuration.resolved import DatabaseSettings
from victor_server.team.sealing.master import MasterKeyBytes
from victor_server.team.sealing.vault import open_vault
from victor_server.team.store.open import open_database

TENANT = "bench"
N_EVENTS = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """Events a second by the clock on the wall, and the CPU time of this process for each, in microseconds."""

    events_per_s: float
    cpu_us: float


async def measure_audit(settings: DatabaseSettings, home: Path, *, at_once: int, per_call: int) -> Rate:
    """`at_once` writers, each of which records `per_call` events and waits until they are durable, then again."""
    database = await open_database(settings, home)
    try:
        async with database.transaction(None) as tx:
            made = "insert into tenants (name, log, created_us) values ($1, $1, 0) on conflict do nothing"
            await tx.execute(made, TENANT)
        key = MasterKeyBytes(hashlib.sha256(b"of the bench").digest())
        audit = AuditLog(database, await open_vault(database, key), None)
        await audit.record(TENANT, _event(0))
        wall, cpu = time.perf_counter(), time.process_time()
        n_calls = N_EVENTS // (at_once * per_call)
        await asyncio.gather(*(_write(audit, n_calls, per_call) for _ in range(at_once)))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        n_events = n_calls * at_once * per_call
        verdict = await audit.verify(TENANT)
        if not verdict.ok or verdict.records != n_events + 1:
            raise RuntimeError(f"the log does not verify: {verdict.reason}")
    finally:
        await database.close()
    return Rate(n_events / wall, cpu / n_events * 1e6)


async def _write(audit: AuditLog, n_calls: int, per_call: int) -> None:
    for at in range(n_calls):
        await audit.record(TENANT, *(_event(at + each) for each in range(per_call)))


def _event(at: int) -> AuditEvent:
    personal = {"session_id": f"session-{at % 50}", "files_accessed": [f"src/module_{at % 99}.py"]}
    return AuditEvent("model_call.end", f"user-{at % 40}", provider="anthropic", model="m", personal=personal)


async def _all(home: Path) -> None:
    for at_once, per_call in ((1, 100), (32, 1), (8, 25)):
        settings = DatabaseSettings(url=f"sqlite:///{home / f'audit-{at_once}.db'}")
        rate = await measure_audit(settings, home, at_once=at_once, per_call=per_call)
        shape = f"{at_once} writers, {per_call} events a call"
        print(f"SQLite, {shape}: {rate.events_per_s:,.0f} events/s, {rate.cpu_us:.0f} us CPU each")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_all(Path(folder)))
