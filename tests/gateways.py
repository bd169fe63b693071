"""A gateway over a real store, with scripted models: what tests of it begin with."""

import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from victor_server.agent.events import TextDelta
from victor_server.protocol import CallStart, CallStatus, WireMessage, WireRequest, WireText, WireTool
from victor_server.team.audit.log import AuditLog
from victor_server.team.configuration.resolved import (
    DatabaseSettings,
    MasterKey,
    ModelSettings,
    TeamSettings,
)
from victor_server.team.gateway.events import GatewayEvent
from victor_server.team.gateway.gateway import Gateway
from victor_server.team.gateway.servers import Servers
from victor_server.team.principal import Principal
from victor_server.team.sealing.master import MasterKeyBytes
from victor_server.team.sealing.vault import Vault, open_vault
from victor_server.team.store.database import Database
from victor_server.telemetry.metrics import Metrics

TENANT = "acme"


def principal(subject: str = "ann", *, tenant: str = TENANT, **more: Any) -> Principal:
    """A developer."""
    permissions = more.pop("permissions", ("chat:*", "file:read", "file:write", "git:*"))
    return Principal(tenant, subject, "user", "developer", permissions, "c", 1, 2**62, **more)


def scripted_model(folder: Path, *replies: Any, name: str = "demo", **more: Any) -> ModelSettings:
    """A model that gives these replies in turn; a text stands for one of it."""
    file = folder / f"{name}.jsonl"
    lines = [{"text": reply} if isinstance(reply, str) else reply for reply in replies]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    priced = {"input_usd": 1.0, "output_usd": 10.0} | more
    return ModelSettings(name, "scripted", "script", script=file, **priced)


def asked(text: str = "hello there", call_id: str = "call-0001", **more: Any) -> CallStart:
    """A request for an answer of at most 100 tokens."""
    tools = tuple(WireTool(name=name, parameters={"type": "object"}) for name in more.pop("tools", ()))
    message = WireMessage(role="user", parts=(WireText(text=text),))
    request = WireRequest(messages=(message,), max_output_tokens=more.pop("most", 100), tools=tools, **more)
    return CallStart(call_id=call_id, request=request, session_id="s1", files=("a.py",))


@dataclass
class Clock:
    """Microseconds since 1970, as a test wants them."""

    now_us: int = field(default_factory=lambda: time.time_ns() // 1_000)

    def __call__(self) -> int:
        return self.now_us


@dataclass
class Running:
    """A gateway and what it stands on."""

    gateway: Gateway
    database: Database
    vault: Vault
    audit: AuditLog
    metrics: Metrics
    settings: TeamSettings
    clock: Clock

    async def told(self, who: Principal, start: CallStart) -> list[GatewayEvent]:
        """All that a call tells."""
        async with aclosing(self.gateway.call(who, start)) as events:
            return [event async for event in events]

    async def ended(self, who: Principal, start: CallStart) -> CallStatus:
        """What becomes of a call."""
        status = (await self.told(who, start))[-1]
        assert isinstance(status, CallStatus)
        return status

    async def actions(self, tenant: str = TENANT) -> list[str]:
        """What the audit log holds, in order."""
        async with self.database.reading(tenant) as tx:
            rows = await tx.rows("select leaf from audit_leaves where tenant = $1 order by seq", tenant)
        return [json.loads(row["leaf"])["action"] for row in rows]

    async def in_use(self, tenant: str = TENANT) -> list[Mapping[str, Any]]:
        """All rows of budgets' use."""
        async with self.database.reading(tenant) as tx:
            rows = await tx.rows("select * from budget_use where tenant = $1", tenant)
        return [dict(row) for row in rows]

    async def budget(self, scope: str, subject: str, unit: str, amount: int, *, tenant: str = TENANT) -> None:
        """Set one for the day."""
        async with self.database.transaction(tenant) as tx:
            await tx.execute(
                "insert into budgets (tenant, scope, subject, period, unit, amount) values ($1, $2, $3, 'day', $4, $5)",
                tenant,
                scope,
                subject,
                unit,
                amount,
            )


async def add_tenant(database: Database, name: str = TENANT, region: str = "") -> None:
    """A tenant."""
    async with database.transaction(None) as tx:
        await tx.execute(
            "insert into tenants (name, log, region, created_us) values ($1, $2, $3, 1)",
            name,
            f"log-{name}",
            region,
        )


@asynccontextmanager
async def running_gateway(
    database: Database,
    home: Path,
    *models: ModelSettings,
    silence_s: float = 1.0,
    servers: Servers | None = None,
    **more: Any,
) -> AsyncIterator[Running]:
    """A gateway that offers `models`; `more` are fields of `TeamSettings`."""
    settings = TeamSettings(home, DatabaseSettings(""), MasterKey("file"), models=models, **more)
    vault = await open_vault(database, MasterKeyBytes(bytes(32)))
    audit = AuditLog(database, vault, None)
    metrics, clock = Metrics(), Clock()
    gateway = Gateway(
        lambda: settings,
        database,
        vault,
        audit,
        metrics,
        replica="r1",
        environment={},
        now_us=clock,
        silence_s=silence_s,
        servers=servers,
    )
    try:
        yield Running(gateway, database, vault, audit, metrics, settings, clock)
    finally:
        await gateway.close()


def text_of(told: list[GatewayEvent]) -> str:
    """The answer's text."""
    return "".join(event.text for event in told if isinstance(event, TextDelta))
