"""What happens to calls where the audit log cannot be written, or where nobody wants one."""

from pathlib import Path

import pytest
from gateways import Running, add_tenant, asked, principal, running_gateway, scripted_model

from victor_server.errors import AuditFailed
from victor_server.team.configuration.resolved import AuditSettings
from victor_server.team.store.database import Database


def _break_the_log(it: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    async def append(*_: object) -> None:
        raise AuditFailed("There is no room for it.")

    monkeypatch.setattr(it.audit, "append", append)


async def _is_settled(it: Running) -> bool:
    return all(row["reserved_tokens"] == row["reserved_nano"] == 0 for row in await it.in_use())


async def test_what_cannot_be_recorded_is_not_sent(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Strictly: no record, no call, and nothing set aside."""
    await add_tenant(database)
    async with running_gateway(database, tmp_path, scripted_model(tmp_path, "x")) as it:
        _break_the_log(it, monkeypatch)
        with pytest.raises(AuditFailed):
            await it.told(principal(), asked())
        assert await it.in_use() == []


async def test_a_call_may_be_worth_more_than_its_record(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an operator says so the call is made and settled; that it is not on record is counted."""
    await add_tenant(database)
    audit = AuditSettings(strict=False)
    model = scripted_model(tmp_path, "x", "y")
    async with running_gateway(database, tmp_path, model, audit=audit) as it:
        assert (await it.ended(principal(), asked())).state == "done"
        assert await it.actions() == ["model_call.begin", "model_call.end"]
        _break_the_log(it, monkeypatch)
        assert (await it.ended(principal(), asked(call_id="call-0002"))).state == "done"
        assert await it.actions() == ["model_call.begin", "model_call.end"]
        assert await _is_settled(it)
        told = it.metrics.render().decode()
        assert 'kind="audit_failed"' in told or "audit_failed" in told
