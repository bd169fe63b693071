"""What must not leave: secrets in a request, a provider's key, a connection that leads inside."""

import json
from pathlib import Path

import pytest
from gateways import TENANT, Running, add_tenant, asked, principal, running_gateway, scripted_model, text_of
from hypothesis import given, settings
from hypothesis import strategies as st
from team_backend import running_backend

from victor_server.agent.events import ModelEvent, Stopped, TextDelta, ToolCallDelta
from victor_server.errors import OfflineBlocked, UsageError
from victor_server.secrets.redaction.session import RedactionSession
from victor_server.team.configuration.resolved import EgressSettings, ModelSettings
from victor_server.team.gateway.providers import check_own_model, connections
from victor_server.team.gateway.restoring import Restoring
from victor_server.team.store.database import Database

SECRET = "AKIA" + "QYLPMN5HHHFPZAM2"


@settings(deadline=None)  # a busy machine takes its time
@given(st.lists(st.integers(1, 9), max_size=30))
def test_placeholders_come_back_however_an_answer_is_cut(cuts: list[int]) -> None:
    """In text, and in a tool's arguments as the JSON that they are; a placeholder of somebody else stays as it is."""
    with RedactionSession() as session:
        value = 'a"b\\c' + SECRET
        session.remember(value, "api-key")
        ours, _ = session.redact(value)
        foreign = "[REDACTED:api-key:1:aaaaaaaaaa]"
        answer = f"use {ours} and {foreign}"
        arguments = json.dumps({"key": ours, "other": foreign})
        restoring = Restoring(session)
        told: list[ModelEvent] = []
        for text in _cut(answer, cuts):
            told += restoring.feed(TextDelta(text))
        told += restoring.feed(ToolCallDelta(0, "id", "tool"))
        for text in _cut(arguments, cuts):
            told += restoring.feed(ToolCallDelta(0, arguments=text))
        told += restoring.feed(Stopped("tool_calls"))
    text = "".join(event.text for event in told if isinstance(event, TextDelta))
    assert text == f"use {value} and {foreign}"
    call = next(event for event in told if isinstance(event, ToolCallDelta))
    assert json.loads(call.arguments) == {"key": value, "other": foreign}
    assert told[-1] == Stopped("tool_calls")


def _cut(text: str, cuts: list[int]) -> list[str]:
    parts, rest = [], text
    for length in cuts:
        parts.append(rest[:length])
        rest = rest[length:]
    return [*parts, rest]


async def test_secrets_do_not_reach_a_provider(sqlite_database: Database, tmp_path: Path) -> None:
    """Whatever the edge has left in: neither the provider nor the store sees it."""
    await add_tenant(sqlite_database)
    async with running_gateway(sqlite_database, tmp_path, scripted_model(tmp_path, "fine")) as it:
        told = await it.told(principal(), asked(f"aws_key = {SECRET}"))
        assert text_of(told) == "fine"
        status = await it.gateway.status(principal(), "call-0001")
        assert sum(status.redacted.values()) == 1
        await _holds_nothing_of(it, SECRET)


async def _holds_nothing_of(it: Running, secret: str) -> None:
    async with it.database.reading(TENANT) as tx:
        rows = [dict(row) for row in await tx.rows("select * from calls where tenant = $1", TENANT)]
    assert rows
    assert secret not in repr(rows)


@pytest.mark.parametrize(
    ("provider", "url"),
    [
        ("openai", "http://models.example.org/v1"),
        ("ollama", "https://models.example.org"),
        ("embedded", ""),
        ("scripted", ""),
        ("vllm", ""),
    ],
)
def test_a_tenant_may_not_name_any_model(provider: str, url: str) -> None:
    """No plain HTTP, nothing that reads files or starts programs, no server of this machine by default."""
    with pytest.raises(UsageError):
        check_own_model(ModelSettings("m", provider, "m", (url,) if url else ()))


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/v1",
        "https://localhost/v1",
        "https://[::1]/v1",
        "https://10.1.2.3/v1",
        "https://169.254.169.254/latest",
        "https://[::ffff:10.0.0.1]/v1",
        "https://metadata/v1",
        "https://0.0.0.0/v1",
    ],
)
def test_a_tenants_model_leads_to_no_machine_inside(url: str) -> None:
    """Unless the operator has listed it."""
    from victor_server.egress.connections import Timeouts

    _, tenants = connections(EgressSettings(), {})
    with pytest.raises(OfflineBlocked):
        tenants.httpx2_client(url, purpose="model m", timeouts=Timeouts())


async def test_keys_are_sealed_and_told_to_nobody(tmp_path: Path) -> None:
    """Not in the database, not in an answer; the last letters alone are."""
    key = "sk-" + "a1B2c3D4" * 4
    async with running_backend(tmp_path) as it:
        told = await it.rpc("keys/set", {"name": "main", "value": key})
        assert told["ending"] == key[-4:]
        assert key not in json.dumps(await it.rpc("keys/list"))
        async with it.backend.database.reading("default") as tx:
            row = await tx.row("select * from provider_keys")
        assert row is not None
        assert key.encode() not in bytes(row["sealed"])
        await it.rpc("keys/remove", {"name": "main"})
        assert (await it.rpc("keys/list"))["keys"] == []
