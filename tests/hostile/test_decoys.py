"""A repository full of files that look private hides none of those that are."""

from pathlib import Path

from chat.talk import told
from chat.test_acting import acting, call, results
from repositories import write_tree

from victor_server.agent.tools.hidden_files import MAX_HIDDEN

ALLOWED = "rules: [{tool: run_command, command: '*', decision: allow}]\n"


async def test_more_private_files_than_can_be_hidden(tmp_path: Path) -> None:
    """No command runs where some private file could not be hidden from it, and the person learns what to do."""
    root = tmp_path / "work"
    write_tree(root, {f"decoys/{number}.env": "" for number in range(MAX_HIDDEN + 1)})
    write_tree(root, {"app/.env": "WORD=of-the-person\n"})
    replies = (call("run_command", command="grep -rh WORD ."), {"text": "Done."})
    async with acting(tmp_path / "home", *replies, rules=ALLOWED) as agent:
        session = await agent.chat.new(root)
        ((_, status, text),) = results(await told(agent.chat.prompt(session.id, "go")))
    assert (status, "of-the-person" in text) == ("failed", False)
    assert "too many to hide" in text
