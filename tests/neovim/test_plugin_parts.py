"""What a person sees of the plugin in Neovim: search, status line, permission requests, health, small commands."""

import json
from pathlib import Path

import pytest
from nvim_plugin import Open, leave, scripted, wait_for_server
from nvim_window import Window
from repositories import write_tree
from sandboxed import need_bubblewrap

pytestmark = pytest.mark.e2e

CODE = 'def resend_envelope():\n    """Send it again."""\n    return None\n'
CHAT = """
require("victor.client").request("victor/chat/new", nil, function(_, made)
  session = made.sessionId
  local question = { sessionId = session, prompt = { { type = "text", text = "go" } } }
  require("victor.client").request("victor/chat/prompt", question, function(err, result) ended = err or result end)
end)
"""
READY = "return (require('victor.status').last() or { index = {} }).index.state == 'ready'"


def wait_for_index(window: Window) -> None:
    """Wait until the folder is indexed."""
    window.wait_until(lambda: window.lua(READY), "the index")


def test_search_fills_the_quickfix_list_and_a_menu(open_plugin: Open, workspace: Path) -> None:
    """Hits come best first, with place and name; the menu of `find` opens one."""
    write_tree(workspace, {"post.py": CODE, "other.py": "x = 1\n"})
    window = open_plugin("other.py")
    wait_for_index(window)
    window.run("Victor search resend envelope")
    window.wait_for_text("post.py|1")
    assert any("resend_envelope (function)" in line for line in window.screen.lines())
    assert "Victor: resend envelope" in window.lua("return vim.fn.getqflist({ title = 1 }).title")
    window.run("cclose")
    window.run("Victor find resend envelope")
    window.wait_for_text("post.py:1  resend_envelope (function)")
    window.type("1<CR>")
    window.wait_until(
        lambda: window.lua("return vim.fn.expand('%:t')") == "post.py", "the file that was chosen"
    )
    leave(window)


def test_the_status_line_tells(open_plugin: Open, workspace: Path, tmp_path: Path) -> None:
    """It is redrawn as things change: offline and the mode stand on the screen with no key pressed."""
    write_tree(workspace, {"a.py": "x = 1\n"})
    before, server = scripted(tmp_path, [])
    line = "vim.o.statusline = '%f [%{v:lua.require\\'victor\\'.status()}]'"
    with (tmp_path / "victor-home" / "profiles.yaml").open("a", encoding="utf-8") as profiles:
        profiles.write("offline_mode: true\n")
    window = open_plugin("a.py", server=server, before=f"{before}\n{line}")
    wait_for_server(window)
    window.wait_for_text("a.py [Victor offline")
    window.run("Victor mode plan")
    window.wait_for_text("· plan]")
    window.run("Victor stop server")
    window.wait_for_text("a.py []")
    leave(window)


@pytest.mark.parametrize(("answer", "made"), [("1<CR>", True), ("4<CR>because<CR>", False), ("<Esc>", False)])
def test_a_permission_is_asked_for(
    open_plugin: Open, workspace: Path, tmp_path: Path, answer: str, made: bool
) -> None:
    """All of the command is on the screen, then the answers; only a yes runs it, and a no may have a reason."""
    need_bubblewrap()
    call = {"tool": {"name": "run_command", "arguments": {"command": "touch made"}}}
    before, server = scripted(tmp_path, [call, {"text": "All done."}])
    write_tree(workspace, {"a.py": "x = 1\n"})
    window = open_plugin("a.py", server=server, before=before)
    wait_for_server(window)
    window.lua(CHAT)
    window.wait_for_text("Type number and <Enter>")
    screen = "\n".join(window.screen.lines())
    assert "Victor asks" in screen
    assert "touch made" in screen
    assert "1: Allow once" in screen
    window.type(answer)
    ended = window.wait_until(lambda: window.lua("return ended"), "the end of the turn")
    assert ended["stopReason"] == "end_turn"
    assert (workspace / "made").exists() is made
    if "because" in answer:
        assert '"because"' in json.dumps((tmp_path / "log.jsonl").read_text()).replace("\\", "")


def test_no_key_meant_for_the_text_answers(open_plugin: Open, workspace: Path, tmp_path: Path) -> None:
    """While a person types the question waits, and says so; it comes in Normal mode."""
    need_bubblewrap()
    call = {"tool": {"name": "run_command", "arguments": {"command": "touch made"}}}
    before, server = scripted(tmp_path, [call, {"text": "All done."}])
    write_tree(workspace, {"a.py": "x = 1\n"})
    window = open_plugin("a.py", server=server, before=before)
    wait_for_server(window)
    window.type("o")
    window.lua(CHAT)
    window.wait_for_text("Victor asks: leave Insert mode to answer")
    window.type("1<CR>1<CR>")
    window.wait_until(lambda: window.lines() == ["x = 1", "1", "1", ""], "what was typed")
    assert not (workspace / "made").exists()
    window.type("<Esc>")
    window.wait_for_text("1: Allow once")
    window.type("2<CR>")
    window.wait_until(lambda: window.lua("return ended"), "the end of the turn")
    assert (workspace / "made").exists()


def test_a_stopped_turn_takes_its_question_back(open_plugin: Open, workspace: Path, tmp_path: Path) -> None:
    """Where the menu does not block, the question is gone from the list, and a late yes runs nothing."""
    need_bubblewrap()
    call = {"tool": {"name": "run_command", "arguments": {"command": "touch made"}}}
    before, server = scripted(tmp_path, [call])
    menu = "vim.ui.select = function(items, _, chosen) late = function() chosen(items[1]) end end"
    write_tree(workspace, {"a.py": "x = 1\n"})
    window = open_plugin("a.py", server=server, before=f"{before}\n{menu}")
    wait_for_server(window)
    window.lua(CHAT)
    window.wait_until(lambda: window.lua("return late ~= nil"), "the question")
    assert window.lua("return #require('victor.permission').waiting()") == 1
    window.lua("require('victor.client').request('victor/chat/cancel', { sessionId = session })")
    ended = window.wait_until(lambda: window.lua("return ended"), "the end of the turn")
    assert ended["stopReason"] == "cancelled"
    window.wait_until(
        lambda: window.lua("return #require('victor.permission').waiting()") == 0, "no question any more"
    )
    window.lua("late()")
    window.wait_for_text("taken back")
    assert not (workspace / "made").exists()


def test_what_others_report_is_told(open_plugin: Open, workspace: Path) -> None:
    """Diagnostics of others, in the server's encoding, and none of Victor's own."""
    write_tree(workspace, {"a.py": "x = 'ä' + y\n"})
    window = open_plugin("a.py")
    wait_for_server(window)
    found = window.lua(
        "local own, other = vim.api.nvim_create_namespace('nvim.lsp.victor.1'), vim.api.nvim_create_namespace('mypy')\n"
        "vim.diagnostic.set(own, 0, { { lnum = 0, col = 0, message = 'ours' } })\n"
        "vim.diagnostic.set(other, 0, { { lnum = 0, col = 11, end_col = 12, message = 'y?', source = 'mypy' } })\n"
        "return require('victor.diagnostics').collect({ ... }, 'utf-16')",
        (workspace / "a.py").as_uri(),
    )
    assert [each["uri"] for each in found] == [(workspace / "a.py").as_uri()]
    (only,) = found[0]["diagnostics"]
    assert (only["message"], only["source"], only["severity"]) == ("y?", "mypy", 1)
    assert only["range"]["start"] == {"line": 0, "character": 10}
    assert window.lua("return require('victor.diagnostics').collect({ 'file:///other.py' }, 'utf-16')") == []
    leave(window)


def test_checkhealth_finds_nothing_wrong(open_plugin: Open, workspace: Path) -> None:
    """On a set-up that works: neither error nor warning, in any of its parts; the doctor's checks are in it."""
    need_bubblewrap()
    write_tree(workspace, {"a.py": "x = 1\n"})
    window = open_plugin("a.py")
    wait_for_index(window)
    window.run("checkhealth victor")
    window.wait_until(lambda: any("sandbox:" in line for line in window.lines()), "the report")
    report = "\n".join(window.lines())
    assert "it runs, for ~/project" in report
    assert "victor: doctor" in report
    assert [line for line in window.lines() if "ERROR" in line or "WARNING" in line] == []


def test_checkhealth_says_what_to_do(open_plugin: Open, workspace: Path) -> None:
    """Without the program, with an option that does not exist: both are named, with what to do next."""
    write_tree(workspace, {"a.py": "x = 1\n"})
    before = "vim.g.victor = { command = { '/nowhere/victor' }, chatt = {} }"
    window = open_plugin("a.py", before=before, enabled=False)
    window.run("checkhealth victor")
    window.wait_until(lambda: any("victor: server" in line for line in window.lines()), "the report")
    report = "\n".join(window.lines())
    assert 'there is no option "chatt"' in report
    assert '"/nowhere/victor", which is no program' in report
    assert "victor-install" in report
    assert "it is not enabled" in report


def test_small_commands_answer(open_plugin: Open, workspace: Path) -> None:
    """Usage, permissions and the doctor open a window that `q` closes; trust and index say a sentence."""
    write_tree(workspace, {"a.py": "x = 1\n"})
    window = open_plugin("a.py")
    wait_for_index(window)
    for command, text in (
        ("usage", "All: 0 calls"),
        ("permissions", "The last rule that fits wins."),
        ("doctor", "ok     python"),
    ):
        window.run(f"Victor {command}")
        window.wait_until(lambda wanted=text: wanted in "\n".join(window.lines()), text)  # type: ignore[misc]
        window.type("q")
        window.wait_until(lambda: window.lines() == ["x = 1"], "the file again")
    window.run("Victor index")
    window.wait_for_text("is ready: 1 of 1 files")
    window.type("<CR>")
    window.run("Victor trust yes")
    window.wait_for_text("1: Trust it")
    window.type("1<CR>")
    trusted = "return vim.api.nvim_exec2('messages', { output = true }).output"
    window.wait_until(lambda: "is trusted" in window.lua(trusted), "that it is trusted")
