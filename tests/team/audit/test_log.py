"""The audit log in a real database: what is added, proven, erased, retained and found changed."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from audit_logs import add_tenant, event, exported, opened_log
from audited_database import LOG, TENANT, master

from victor_server.audit.encoding import from_base64
from victor_server.audit.export import HeadLine
from victor_server.audit.head import is_signed
from victor_server.audit.merkle import check_consistency, check_inclusion
from victor_server.audit.verify import verify_lines
from victor_server.errors import AuditFailed, NotFound, UsageError
from victor_server.protocol import AuditAsked
from victor_server.team.audit import tiles
from victor_server.team.audit.event import AuditEvent
from victor_server.team.audit.log import AuditLog
from victor_server.team.sealing.vault import open_vault
from victor_server.team.store.database import Database

ADA = "ada-of-tests"
"""Too long to stand in some base64 by chance."""


async def told(audit: AuditLog, **asked: Any) -> list[dict[str, Any]]:
    page = await audit.page(TENANT, AuditAsked(**asked))
    return [dict(record) for record in page.records]


async def keys_of(database: Database) -> dict[str, bytes]:
    return dict(await (await open_vault(database, master())).verifying_keys("audit"))


async def test_what_is_added_verifies(database: Database, tmp_path: Path) -> None:
    """Stored and exported, with ciphertext and without; the head is signed and closes the file."""
    audit = await opened_log(database, tmp_path)
    await audit.record(TENANT, *(event(files_accessed=[f"{at}.py"]) for at in range(5)), event(subject="eve"))
    await audit.publish_head(TENANT)
    keys = await keys_of(database)
    assert (await audit.verify(TENANT)).model_dump() == {
        "ok": True,
        "records": 6,
        "pruned": 0,
        "first_bad": None,
        "reason": "",
    }
    for decrypt in (False, True):
        lines = await exported(audit, decrypt=decrypt)
        found = verify_lines(lines, keys=keys)
        assert (found.ok, found.records, found.truncation) == (True, 6, "none"), found.reason
        assert is_signed(HeadLine.model_validate_json(lines[-1]).head, keys)
        assert (b"0.py" in b"".join(lines)) is decrypt


async def test_nothing_personal_stands_in_the_database(database: Database, tmp_path: Path) -> None:
    """No name, file, session or text in any table of the log but the link from name to pseudonym."""
    audit = await opened_log(database, tmp_path / "heads")
    await audit.record(TENANT, event(subject=ADA, session_id="session-9", files_accessed=["plans.txt"]))
    async with database.transaction(TENANT) as tx:
        stored = [
            bytes(str(tuple(row[name] for name in row.keys())), "utf-8")  # noqa: SIM118 - a row of SQLite's is no mapping
            for table in ("audit_leaves", "audit_payloads", "audit_state")
            for row in await tx.rows(f"select * from {table} where tenant = $1", TENANT)
        ]
    assert stored
    assert not any(word in row for row in stored for word in (b"ada-of-tests", b"session-9", b"plans"))


async def test_a_record_has_every_promised_field(database: Database) -> None:
    """What a caller says cannot replace what the log knows."""
    audit = await opened_log(database)
    said = {"tool_calls": [{"name": "read_file"}], "session_id": "s", "timestamp": "1999", "success": False}
    await audit.record(TENANT, AuditEvent("login", "ada", personal=said, at_us=1_700_000_000_123_456))
    (record,) = await told(audit, decrypt=True)
    assert record["record"] == {
        "timestamp": "2023-11-14T22:13:20.123+00:00",
        "user": "ada",
        "action": "login",
        "provider": None,
        "model": None,
        "tool_calls": [{"name": "read_file"}],
        "files_accessed": [],
        "success": True,
        "session_id": "s",
        "source": "gateway",
    }


async def test_what_is_rolled_back_was_never_added(database: Database) -> None:
    """The log goes on from where it was, and a subject of the lost transaction gets a key that lasts."""
    audit = await opened_log(database)
    await audit.record(TENANT, event())
    with pytest.raises(KeyError):
        await _broken_off(database, audit)
    await audit.record(TENANT, event(subject="new"))
    assert [each["seq"] for each in await told(audit)] == [1, 2]
    assert (await told(await opened_log(database), decrypt=True))[1]["record"]["user"] == "new"
    assert (await audit.verify(TENANT)).ok


async def _broken_off(database: Database, audit: AuditLog) -> None:
    async with database.transaction(TENANT) as tx:
        assert list(await audit.append(tx, TENANT, [event(subject="new"), event()])) == [2, 3]
        raise KeyError


async def test_many_writers_make_one_chain(database: Database) -> None:
    """Two replicas at once, each with people whom the log did not know: nothing lost, nothing twice."""
    replicas = [await opened_log(database) for _ in range(2)]
    await asyncio.gather(
        *(
            replicas[at % 2].record(TENANT, event(subject=f"p{at % 5}"), event(session_id=f"s{at}"))
            for at in range(20)
        )
    )
    records = await told(replicas[0], decrypt=True)
    assert [each["seq"] for each in records] == list(range(1, 41))
    sessions = sorted(each["record"]["session_id"] for each in records if each["record"]["session_id"])
    assert sessions == sorted(f"s{at}" for at in range(20))
    assert len({each["leaf"]["pseudonym"] for each in records}) == 6
    assert (await replicas[1].verify(TENANT)).ok


async def test_tenants_have_logs_of_their_own(database: Database) -> None:
    """Records of one stand in no page of another."""
    audit = await opened_log(database)
    await add_tenant(database, "other", "log-of-other")
    await audit.record(TENANT, event())
    await audit.record("other", event(subject="eve"))
    (record,) = (await audit.page("other", AuditAsked(decrypt=True))).records
    assert (record["leaf"]["log"], record["record"]["user"]) == ("log-of-other", "eve")


async def test_proofs(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every record in the newest tree, and of every older head; from kept subtrees too."""
    monkeypatch.setattr(tiles, "TILE", 4)
    audit = await opened_log(database)
    heads = [await audit.head(TENANT)]
    for _ in range(21):
        await audit.record(TENANT, event())
        heads.append(await audit.head(TENANT))
    newest = heads[-1]
    hashes = [from_base64(each["leaf_hash"]) for each in await told(audit)]
    root = from_base64(newest.root)
    for _ in range(2):
        for at, hashed in enumerate(hashes):
            proof = await audit.inclusion(TENANT, at + 1, newest.size)
            assert check_inclusion(hashed, at, newest.size, proof, root)
        for head in heads:
            proof = await audit.consistency(TENANT, head.size, newest.size)
            assert check_consistency(head.size, newest.size, from_base64(head.root), root, proof)
    for wrong in (
        audit.inclusion(TENANT, 22, 22),
        audit.inclusion(TENANT, 0, 3),
        audit.consistency(TENANT, 3, 2),
    ):
        with pytest.raises(UsageError):
            await wrong


async def test_a_search(database: Database) -> None:
    """By action, by person, by time, page by page."""
    audit = await opened_log(database)
    await audit.record(
        TENANT,
        *(AuditEvent(f"a{at % 2}", f"p{at % 3}", at_us=1_000_000 + at) for at in range(12)),
    )
    assert [each["seq"] for each in await told(audit, action="a1", subject="p0")] == [4, 10]
    assert [each["seq"] for each in await told(audit, since_us=1_000_003, until_us=1_000_005)] == [4, 5]
    assert await told(audit, subject="nobody") == []
    page = await audit.page(TENANT, AuditAsked(limit=5))
    assert ([each["seq"] for each in page.records], page.next, page.head) == ([1, 2, 3, 4, 5], 5, None)
    page = await audit.page(TENANT, AuditAsked(after=10, limit=5))
    assert ([each["seq"] for each in page.records], page.next) == ([11, 12], None)
    assert page.head == await audit.head(TENANT)


async def test_what_is_erased_is_unreadable(database: Database, tmp_path: Path) -> None:
    """In the store, in an export and for a replica that still has the key in memory; the log verifies as before."""
    audit, other = await opened_log(database, tmp_path), await opened_log(database, tmp_path)
    await audit.record(TENANT, event(subject=ADA, session_id="session-of-ada"), event(subject="eve"))
    await told(other, decrypt=True)
    async with database.transaction(TENANT) as tx:
        for made in (
            "insert into users (tenant, subject, role, created_us) values ($1, 'ada-of-tests', 'developer', 0)",
            "insert into usage (tenant, day, subject, team, source, provider, model, calls) values"  # noqa: ISC004
            " ($1, '2026-01-01', 'ada-of-tests', '', 'gateway', 'p', 'm', 3)",
            "insert into consents (tenant, subject, purpose, given, at_us) values ($1, 'ada-of-tests', 'x', true, 0)",
        ):
            await tx.execute(made, TENANT)
    assert await audit.erase(TENANT, ADA, "eve") == 1
    for replica in (audit, other):
        lines = b"".join(await exported(replica, decrypt=True))
        assert ADA.encode() not in lines
        assert b"session-of-ada" not in lines
        assert b'"user":"eve"' in lines
    found = verify_lines(await exported(audit, decrypt=True), keys=await keys_of(database))
    assert (found.ok, found.records) == (True, 4)
    assert (await audit.verify(TENANT)).ok
    first = (await told(audit))[0]
    async with database.transaction(TENANT) as tx:
        (used,) = await tx.rows("select subject, calls from usage where tenant = $1", TENANT)
        assert used["calls"] == 3
        assert used["subject"] == first["leaf"]["pseudonym"]
        assert not await tx.rows("select * from users where tenant = $1", TENANT)
        assert not await tx.rows("select * from consents where tenant = $1", TENANT)
    with pytest.raises(NotFound):
        await audit.erase(TENANT, ADA, "eve")


async def test_who_was_erased_is_somebody_new(database: Database, tmp_path: Path) -> None:
    """For every replica: a new pseudonym and a new key, never the old ones."""
    audit, other = await opened_log(database, tmp_path), await opened_log(database, tmp_path)
    await audit.record(TENANT, event())
    await other.record(TENANT, event())
    await audit.erase(TENANT, "ada", "eve")
    await other.record(TENANT, event(session_id="later"))
    records = await told(audit, decrypt=True)
    assert records[-1]["record"]["session_id"] == "later"
    assert records[0]["leaf"]["pseudonym"] == records[1]["leaf"]["pseudonym"]
    assert records[-1]["leaf"]["pseudonym"] != records[0]["leaf"]["pseudonym"]
    assert [each["leaf"]["action"] for each in records[2:4]] == ["audit.erased", "audit.erase"]
    assert "record" not in records[2]


async def test_what_is_old_goes_and_its_hashes_stay(database: Database, tmp_path: Path) -> None:
    """The log verifies with what was dropped counted, and its proofs hold."""
    audit = await opened_log(database, tmp_path)
    await audit.record(TENANT, event(), event())
    before = await audit.head(TENANT)
    assert await audit.retain(TENANT, 1) == 0
    assert await audit.retain(TENANT, 0) == 2
    await audit.record(TENANT, event())
    verdict = await audit.verify(TENANT)
    assert (verdict.ok, verdict.records, verdict.pruned) == (True, 3, 2)
    found = verify_lines(await exported(audit), head=before, keys=await keys_of(database))
    assert (found.ok, found.records, found.pruned) == (True, 3, 2), found.reason
    async with database.transaction(TENANT) as tx:
        assert len(await tx.rows("select seq from audit_payloads where tenant = $1", TENANT)) == 1


@pytest.mark.parametrize(
    "personal",
    [
        {"details": float("nan")},
        {"details": object()},
        {"details": "x" * 1_200_001},
    ],
)
async def test_an_event_that_is_none(sqlite_database: Database, personal: dict[str, Any]) -> None:
    """What could not be read back is refused; nothing is added."""
    audit = await opened_log(sqlite_database)
    with pytest.raises(AuditFailed):
        await audit.record(TENANT, event(), AuditEvent("a", "ada", personal=personal))
    assert (await audit.head(TENANT)).size == 0


async def test_half_characters(sqlite_database: Database) -> None:
    """A file's name that is no text, and what is nested too deeply, are recorded so that every reader takes them."""
    audit = await opened_log(sqlite_database)
    deep = json.loads("[" * 900 + "]" * 900)
    await audit.record(TENANT, event(files_accessed=["a\ud800b"], details={"\udfff": deep}))
    found = verify_lines(await exported(audit, decrypt=True), keys=await keys_of(sqlite_database))
    assert found.ok, found.reason


async def test_a_log_that_nobody_wants(sqlite_database: Database) -> None:
    """Where an operator switched it off nothing is added."""
    await add_tenant(sqlite_database)
    vault = await open_vault(sqlite_database, master())
    audit = AuditLog(sqlite_database, vault, None, enabled=False)
    await audit.record(TENANT, event())
    assert (await audit.head(TENANT)).size == 0
    assert (await audit.head(TENANT)).log == LOG
