"""Whoever can write to the database cannot change the log unnoticed, nor take it back to what it was."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from audit_logs import event, exported, opened_log
from audited_database import LOG, TENANT, master, opened
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from victor_server.audit.verify import verify_lines
from victor_server.errors import AuditFailed
from victor_server.team.audit.log import AuditLog
from victor_server.team.audit.opening import accept_restored, open_audit, publish_heads, retain_all
from victor_server.team.audit.outside import Outside
from victor_server.team.configuration.resolved import DatabaseSettings, MasterKey, TeamSettings
from victor_server.team.sealing.vault import open_vault

N_RECORDS = 6
COLUMNS = (
    ("audit_leaves", "leaf"),
    ("audit_leaves", "leaf_hash"),
    ("audit_leaves", "chain"),
    ("audit_payloads", "sealed"),
    ("audit_payloads", "pseudonym"),
)


@pytest.fixture
async def home(tmp_path: Path) -> Path:
    """A database with some records, of which one head was kept."""
    async with opened(tmp_path / "team.db") as database:
        audit = await opened_log(database, tmp_path / "audit-heads")
        await audit.record(TENANT, *(event(subject=f"p{at % 2}") for at in range(N_RECORDS)))
        await audit.publish_head(TENANT)
    return tmp_path


def change(home: Path, *statements: str) -> None:
    """As somebody with the file in hand."""
    with contextlib.closing(sqlite3.connect(home / "team.db")) as db, db:
        for statement in statements:
            db.execute(statement)


def take_away(home: Path) -> None:
    """The database, with all of its files."""
    for each in home.glob("team.db*"):
        each.unlink()


def team_settings(home: Path) -> TeamSettings:
    return TeamSettings(home=home, database=DatabaseSettings(url=""), master_key=MasterKey("file"))


@contextlib.asynccontextmanager
async def started(home: Path) -> AsyncIterator[AuditLog]:
    """A backend that starts on it."""
    async with opened(home / "team.db") as database:
        vault = await open_vault(database, master())
        yield await open_audit(team_settings(home), database, vault)


async def verdict(home: Path) -> tuple[bool, int | None]:
    async with opened(home / "team.db") as database:
        found = await (await opened_log(database, home / "audit-heads")).verify(TENANT)
        return found.ok, found.first_bad


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.sampled_from(COLUMNS),
    st.integers(min_value=1, max_value=N_RECORDS),
    st.integers(min_value=0),
    st.integers(min_value=1, max_value=127),
)
async def test_any_byte_of_any_row(home: Path, column: tuple[str, str], seq: int, at: int, by: int) -> None:
    """One byte that is another is found, at the record where it is."""
    table, name = column
    with contextlib.closing(sqlite3.connect(home / "team.db")) as db:
        (value,) = db.execute(f"select {name} from {table} where seq = {seq}").fetchone()
        data = bytearray(value.encode() if isinstance(value, str) else value)
        data[at % len(data)] ^= by
        changed = data.decode("latin-1") if isinstance(value, str) else bytes(data)
        with db:
            db.execute(f"update {table} set {name} = ? where seq = {seq}", (changed,))
        try:
            assert await verdict(home) == (False, seq)
        finally:
            with db:
                db.execute(f"update {table} set {name} = ? where seq = {seq}", (value,))


@pytest.mark.parametrize(
    ("statements", "first_bad"),
    [
        (["delete from audit_leaves where seq = 3"], 3),
        (["delete from audit_payloads where seq = 2"], 2),
        (["update audit_leaves set leaf = null where seq = 4"], 4),
        (
            [
                "update audit_leaves set seq = 100 where seq = 2",
                "update audit_leaves set seq = 2 where seq = 3",
                "update audit_leaves set seq = 3 where seq = 100",
            ],
            2,
        ),
        (["update audit_state set chain = zeroblob(32)"], N_RECORDS + 1),
        (["update audit_heads set document = replace(document, 'size', 'siz')"], 1),
    ],
)
async def test_rows_that_were_changed(home: Path, statements: list[str], first_bad: int) -> None:
    """Dropped, moved, taken out of sight: found, and named."""
    change(home, *statements)
    assert await verdict(home) == (False, first_bad)


def cut_off(home: Path) -> None:
    """The last two records are gone, and everything in the database agrees that they never were."""
    with contextlib.closing(sqlite3.connect(home / "team.db")) as db, db:
        from victor_server.audit.merkle import Frontier

        rows = db.execute("select leaf_hash, chain from audit_leaves order by seq").fetchall()[:-2]
        frontier = Frontier()
        for hashed, _ in rows:
            frontier = frontier.add(hashed)
        db.execute("delete from audit_leaves where seq > ?", (len(rows),))
        db.execute("delete from audit_payloads where seq > ?", (len(rows),))
        db.execute("delete from audit_heads")
        state = (frontier.size, rows[-1][1], frontier.to_bytes())
        db.execute("update audit_state set size = ?, chain = ?, frontier = ?", state)


async def test_a_log_that_was_cut_off_does_not_start(home: Path) -> None:
    """The head that was kept outside knows better, though nothing in the database does."""
    cut_off(home)
    assert await verdict(home) == (False, N_RECORDS - 1)
    with pytest.raises(AuditFailed, match="has 4 records, and had 6 before"):
        async with started(home):
            pass


async def test_a_database_that_was_replaced_does_not_start(home: Path) -> None:
    """A new one in the place of the old knows nothing of the log that was kept."""
    take_away(home)
    async with opened(home / "team.db") as database:
        async with database.transaction(None) as tx:
            await tx.execute("update tenants set log = 'another'")
        vault = await open_vault(database, master())
        with pytest.raises(AuditFailed, match=f"{LOG} are kept"):
            await open_audit(team_settings(home), database, vault)
        Outside(home / "audit-heads").close(LOG)
        await open_audit(team_settings(home), database, vault)


async def test_a_head_that_somebody_made_up_does_not_pass(home: Path) -> None:
    """A kept head that is not signed by this backend is no head."""
    file = home / "audit-heads" / LOG / "heads.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"size":6', b'"size":2'))
    with pytest.raises(AuditFailed, match="signed by nobody"):
        async with started(home):
            pass


async def test_a_line_that_a_crash_cut_off(home: Path) -> None:
    """What was half written is passed over, and goes with the next line."""
    file = home / "audit-heads" / LOG / "heads.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"head":{"log"')
    async with started(home) as audit:
        await audit.record(TENANT, event())
        head = await audit.publish_head(TENANT)
        assert Outside(home / "audit-heads").newest_head(LOG) == head
    assert file.read_bytes().startswith(whole + b'{"head":{"at_us"')


async def test_a_crash_between_log_and_head(home: Path) -> None:
    """Records that no head has seen yet are there after a start, and a head follows."""
    async with opened(home / "team.db") as database:
        await (await opened_log(database)).record(TENANT, event(), event())
    async with started(home) as audit:
        newest = Outside(home / "audit-heads").newest_head(LOG)
        assert newest is not None
        assert newest.size == N_RECORDS + 2
        assert (await audit.verify(TENANT)).ok


async def test_a_backup_that_is_restored_erases_again(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It starts on an operator's word only; who was erased since is unreadable again, and the log says what happened."""
    backup = (home / "team.db").read_bytes()
    async with started(home) as audit:
        await audit.erase(TENANT, "p0", "admin")
    take_away(home)
    (home / "team.db").write_bytes(backup)
    with pytest.raises(AuditFailed, match="had 8 before") as refused:
        async with started(home):
            pass
    assert "accept-restored" in refused.value.fix
    async with opened(home / "team.db") as database:
        assert await accept_restored(team_settings(home), database, await open_vault(database, master())) == 1
    async with started(home) as audit:
        lines = b"".join(await exported(audit, decrypt=True))
        assert b'"user":"p0"' not in lines
        assert b'"user":"p1"' in lines
        assert b"audit.restored" in lines
        assert verify_lines(lines.splitlines(keepends=True)).ok
        assert (await audit.verify(TENANT)).ok
    assert "were done again" in caplog.text
    async with started(home) as audit:
        assert (await audit.head(TENANT)).size == N_RECORDS + 3


async def test_what_is_done_now_and_then(home: Path) -> None:
    """Every log gets a head and loses what is old."""
    async with opened(home / "team.db") as database:
        audit = await opened_log(database, home / "audit-heads")
        await audit.record(TENANT, event())
        await publish_heads(audit, database)
        newest = Outside(home / "audit-heads").newest_head(LOG)
        assert newest == await audit.head(TENANT)
        assert await retain_all(audit, database, 1) == 0
        assert await retain_all(audit, database, 0) == N_RECORDS + 1


async def test_a_folder_that_cannot_be_used(home: Path) -> None:
    """It is told by its name."""
    (home / "audit-heads" / LOG / "heads.jsonl").write_text("not ours\n")
    with pytest.raises(AuditFailed, match="Victor never wrote"):
        async with started(home):
            pass
    (home / "file").write_text("")
    with pytest.raises(AuditFailed):
        Outside(home / "file").keep_erasure(LOG, "p")
    with pytest.raises(AuditFailed):
        Outside(home).keep_erasure("../up", "p")
