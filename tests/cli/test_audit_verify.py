"""`victor audit verify` in a terminal: what it says, and with which code."""

import json
from pathlib import Path

import pytest
from audit_logs import event, exported, opened_log
from audited_database import TENANT, master, opened

from victor_server.audit.encoding import to_base64
from victor_server.cli.main import run
from victor_server.team.sealing.vault import open_vault


@pytest.fixture
async def log(tmp_path: Path) -> Path:
    """An export in a folder, with its head and the keys beside it."""
    async with opened(tmp_path / "team.db") as database:
        audit = await opened_log(database, tmp_path / "heads")
        await audit.record(TENANT, event(), event(subject="eve"), event())
        await audit.publish_head(TENANT)
        (tmp_path / "log.jsonl").write_bytes(b"".join(await exported(audit)))
        (tmp_path / "head").write_text((await audit.head(TENANT)).model_dump_json())
        keys = await (await open_vault(database, master())).verifying_keys("audit")
    (tmp_path / "keys").write_text(json.dumps({name: to_base64(key) for name, key in keys.items()}))
    (tmp_path / "key").write_text("".join(to_base64(key) for key in keys.values()) + "\n")
    return tmp_path


def verified(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict[str, object]]:
    code = run(["audit", "verify", *map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_whole_log(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every promised field; without a key nothing is said of its end."""
    code, said = verified(capsys, log / "log.jsonl")
    head = said.pop("head")
    assert isinstance(head, dict)
    assert head["size"] == 3
    assert (code, said) == (
        0,
        {"ok": True, "records": 3, "pruned": 0, "first_bad": None, "truncation": "unknown", "reason": ""},
    )


@pytest.mark.parametrize("key", ["keys", "key"])
@pytest.mark.parametrize("head", ["head", "heads/log-of-default/heads.jsonl"])
def test_with_a_head(log: Path, key: str, head: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In each way that heads and keys are kept; what is cut off is told."""
    given = (log / "log.jsonl", "--head", log / head, "--key", log / key)
    code, said = verified(capsys, *given)
    assert (code, said["ok"], said["truncation"]) == (0, True, "none")
    lines = (log / "log.jsonl").read_bytes().splitlines(keepends=True)
    (log / "log.jsonl").write_bytes(b"".join(lines[:-2]))
    code, said = verified(capsys, *given)
    assert (code, said["ok"], said["truncation"], said["first_bad"]) == (1, False, "detected", None)


def test_a_log_that_was_changed(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first bad record is named, for scripts and for people."""
    data = (log / "log.jsonl").read_bytes().replace(b'"seq":2,"source":"gateway"', b'"seq":2,"source":"edge"')
    (log / "log.jsonl").write_bytes(data)
    assert verified(capsys, log / "log.jsonl")[1]["first_bad"] == 2
    assert run(["audit", "verify", str(log / "log.jsonl")]) == 1
    assert "record 2 is wrong" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [["nowhere"], ["log.jsonl", "--head", "keys"], ["log.jsonl", "--key", "head"]]
)
def test_what_cannot_be_read(
    log: Path, words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Code 2, and what to do."""
    monkeypatch.chdir(log)
    code, said = verified(capsys, *words)
    assert code == 2
    assert said["error"]
