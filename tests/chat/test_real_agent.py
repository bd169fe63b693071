"""A chat of the agent as it is put together, answered by a script: what comes of it on disk and in the ledger."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from chat.talk import end_of, shown, told
from repositories import write_tree
from secrets_samples import github_token

from victor_server.agent.run_events import Answered, Cited, ReceiptWritten
from victor_server.audit.record import read_records
from victor_server.compose.agent import Agent, open_agent
from victor_server.errors import AuditFailed
from victor_server.settings.resolved import default_settings


@asynccontextmanager
async def opened(home: Path, replies: list[str], key: str = "") -> AsyncIterator[Agent]:
    """The agent of a person whose one model replies from a list."""
    script = home / "script.jsonl"
    default = f"{{provider: scripted, model: demo, script: {json.dumps(str(script))}}}"
    cloud = "{provider: openai, model: large, api_key: '${OWN_KEY}'}"
    profiles = f"profiles:\n  default: {default}\n  cloud: {cloud}\n"
    lines = "\n".join(json.dumps({"text": reply}) for reply in replies)
    write_tree(home, {"profiles.yaml": profiles, "script.jsonl": lines})
    agent = open_agent(default_settings(home), {"OWN_KEY": key or "none-at-all"})
    try:
        yield agent
    finally:
        await agent.close()


def bytes_in(home: Path) -> bytes:
    """Everything that was written."""
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


async def test_a_question_about_the_workspace(tmp_path: Path) -> None:
    """Answer, citation, receipt and usage belong together; the next question has the conversation."""
    root = tmp_path / "work"
    write_tree(root, {"a.py": "x = 1\n"})
    async with opened(tmp_path / "home", ["It is in a.py:1.", "As I said."]) as agent:
        session = await agent.chat.new(root)
        updates = await told(agent.chat.prompt(session.id, "where is x? @a.py"))
        assert shown(updates) == "It is in a.py:1."
        assert end_of(updates).citations == (Cited("a.py", 0, 1),)
        (written,) = [each.event for each in updates if isinstance(each.event, ReceiptWritten)]
        receipt = await agent.chat.receipt(written.receipt_id)
        assert [file.path for file in receipt.files] == ["a.py"]
        await told(agent.chat.prompt(session.id, "sure?"))
        first, second = reversed(await agent.chat.receipts(session.id))
        assert (first.n_messages, second.n_messages) == (1, 3)
        summary, _ = await agent.usage(session.id)
        assert summary.total.calls == 2
        await agent.chat.delete(session.id)
        assert await agent.chat.receipts() == []


async def test_the_receipt_of_an_answer_that_broke_off_is_told(tmp_path: Path) -> None:
    """What was sent has left this machine, be the answer stopped or refused: the receipt is told before the end."""
    events = [{"text": "so far"}, {"sleep_ms": 60_000}, {"text": "never"}]
    async with opened(tmp_path / "home", []) as agent:
        (tmp_path / "home" / "script.jsonl").write_text(json.dumps(events), encoding="utf-8")
        session = await agent.chat.new(None)
        updates = []
        async for update in agent.chat.prompt(session.id, "why?"):
            updates.append(update)
            if isinstance(update.event, Answered):
                await agent.chat.cancel(session.id)
        assert end_of(updates).reason == "cancelled"
        assert isinstance(updates[-2].event, ReceiptWritten)
        assert (await agent.chat.receipt(updates[-2].event.receipt_id)).outcome == "cancelled"
        refused = await told(agent.chat.prompt(session.id, "why?", profile="nobody"))
        assert end_of(refused).reason == "failed"
        (written,) = [each.event for each in refused if isinstance(each.event, ReceiptWritten)]
        assert (await agent.chat.receipt(written.receipt_id)).outcome == "not_sent"


async def test_no_secret_comes_to_the_disk(tmp_path: Path) -> None:
    """Neither one that stands in a question, nor one of Victor's own keys that has no shape of its own."""
    token, own = github_token(), "k3y-of-a-proxy-without-a-shape"
    home = tmp_path / "home"
    async with opened(home, ["Noted."], own) as agent:
        session = await agent.chat.new(None)
        updates = await told(agent.chat.prompt(session.id, f"leaked: {token} and {own}"))
        assert end_of(updates).reason == "end_turn"
        kept = await agent.chat.as_kept(session.id, f"{token} {own}")
        assert token not in kept
        assert own not in kept
    written = bytes_in(home)
    assert b"leaked: [REDACTED:" in written
    assert token.encode() not in written
    assert own.encode() not in written


async def test_how_free_the_agent_is_stands_in_the_audit_log(tmp_path: Path) -> None:
    """A change is recorded before it holds, and where that cannot be done nothing changes."""
    home = tmp_path / "home"
    async with opened(home, ["Well."]) as agent:
        await agent.set_mode("plan")
        (record,) = [each for each in read_records(home / "audit.log") if each["action"] == "mode_changed"]
        assert (record["before"], record["mode"]) == ("build", "plan")
        (home / "audit.log").unlink()
        (home / "audit.log").mkdir()
        with pytest.raises(AuditFailed):
            await agent.set_mode("build")
        assert agent.chat.mode == "plan"
