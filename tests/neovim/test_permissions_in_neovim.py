"""Being asked in Neovim with no plugin at all: a message with a menu of answers."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from nvim_window import Window
from repositories import write_tree
from sandboxed import need_bubblewrap

pytestmark = pytest.mark.e2e

FIRST_CLIENT = "local client = vim.lsp.get_clients({name = 'victor'})[1]\n"
ASK = """
client:request('victor/chat/new', vim.empty_dict(), function(failed, made)
  if failed then ended = failed return end
  local question = { sessionId = made.sessionId, prompt = { { type = 'text', text = 'go' } } }
  client:request('victor/chat/prompt', question, function(err, result) ended = err or result end, 0)
end, 0)
"""

Open = Callable[..., Window]


@pytest.mark.parametrize(("answer", "was_made"), [("1<CR>", True), ("4<CR>", False), ("<Esc>", False)])
def test_a_command_is_asked_for(
    open_neovim: Open, tmp_path: Path, workspace: Path, answer: str, was_made: bool
) -> None:
    """The command, why, and the four answers are on the screen; only a yes runs it, and the turn goes on either way."""
    need_bubblewrap()
    home, script = tmp_path / "victor-home", tmp_path / "script.jsonl"
    call = {"tool": {"name": "run_command", "arguments": {"command": "touch made"}}}
    script.write_text(f"{json.dumps(call)}\n{json.dumps({'text': 'All done.'})}\n")
    profile = (
        f"profiles:\n  default: {{provider: scripted, model: demo, script: {json.dumps(str(script))}}}\n"
    )
    write_tree(home, {"profiles.yaml": profile})
    write_tree(workspace, {"a.py": "x = 1\n"})
    window = open_neovim("a.py", more=f"vim.env.VICTOR_HOME = {json.dumps(str(home))}\n")
    ready = FIRST_CLIENT + "return client ~= nil and client.initialized"
    window.wait_until(lambda: window.lua(ready), "the server")
    window.lua(FIRST_CLIENT + ASK)
    window.wait_for_text("Type number and <Enter>")
    shown = " ".join(" ".join(window.screen.lines()).split())
    assert "Victor wants to run a command: touch made · No rule allows it." in shown
    for number, title in enumerate(("Allow once", "For this session", "Always", "No"), start=1):
        assert f"{number}: {title}" in shown
    window.type(answer)
    ended = window.wait_until(lambda: window.lua("return ended"), "the end of the turn")
    assert ended["stopReason"] == "end_turn"
    assert ended["_meta"]["victor"]["text"] == "All done."
    assert (workspace / "made").exists() is was_made
