"""The audit log says what happened: who decided what, of which files, and in which turn."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from chat.talk import told
from chat.test_acting import acting, call, results
from offered_tools import Person
from repositories import write_tree

from victor_server.agent.permissions.model import Answer, Question
from victor_server.agent.run_events import ToolEnded
from victor_server.audit.record import read_records
from victor_server.features.edits.disk_desk import DiskDesk
from victor_server.features.edits.review_model import How

MOVE = call("move_file", path="a.txt", to="docs/AGENTS.md")


def recorded(home: Path, action: str) -> list[Mapping[str, Any]]:
    """What the log holds of one kind."""
    return [each for each in read_records(home / "audit.log") if each["action"] == action]


class DeniesWhileAsked(Person):
    """Writes a rule against it, and then says yes all the same."""

    home: Path

    async def ask(self, question: Question) -> Answer:
        """The next answer."""
        rules = self.home / "permissions.yaml"
        rules.write_text("rules: [{tool: run_command, command: touch, decision: deny}]\n")
        rules.chmod(0o600)
        return await super().ask(question)


async def test_a_yes_that_did_not_count(tmp_path: Path) -> None:
    """Where a rule denies meanwhile what a person says yes to, it is the rule that is on record."""
    root, home = tmp_path / "work", tmp_path / "home"
    write_tree(root, {"a.txt": "x\n"})
    person = DeniesWhileAsked([Answer("always")])
    person.home = home
    replies = (call("run_command", command="touch made"), {"text": "Done."})
    async with acting(home, *replies, person=person) as agent:
        session = await agent.chat.new(root)
        ((_, status, _),) = results(await told(agent.chat.prompt(session.id, "go")))
        remembered = [each for each in agent.permissions.rules(root) if each.source in ("answer", "session")]
    assert (status, remembered) == ("refused", [])
    ((decided,),) = [each["tool_calls"] for each in recorded(home, "tool_decided")]
    assert (decided["decision"], decided["answer"]) == ("deny", "always")
    assert "permissions.yaml" in decided["by"]


@pytest.mark.parametrize("how", ["accept", "reject"])
async def test_a_reviewed_move(tmp_path: Path, how: How) -> None:
    """Of a move both places are on record, with its turn and call, before it happens; and the chat says who decided."""
    root, home = tmp_path / "work", tmp_path / "home"
    write_tree(root, {"a.txt": "x\n"})
    async with acting(home, MOVE, {"text": "Done."}) as agent:
        shown: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        agent.attach(DiskDesk(lambda edit: None if shown.done() else shown.set_result(edit)), Person())
        session = await agent.chat.new(root)
        turn = asyncio.create_task(told(agent.chat.prompt(session.id, "go")))
        await agent.edits.resolve(await shown, None, how)
        updates = await turn
    (decided,) = recorded(home, "edit_decided")
    (ended,) = [update.event for update in updates if isinstance(update.event, ToolEnded)]
    assert decided["decision"] == how
    assert decided["files_accessed"] == [str(root / "a.txt"), str(root / "docs/AGENTS.md")]
    assert decided["tool_call"] == ended.id
    assert decided["turn_id"] == updates[0].turn_id
    assert "person reviewed it" in ended.decided
    assert (root / "docs/AGENTS.md").exists() == (how == "accept")
