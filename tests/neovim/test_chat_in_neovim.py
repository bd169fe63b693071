"""Chats in Neovim with no plugin at all: in a document, and by the protocol from a few lines of Lua."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from editor import SERVER
from nvim_window import Window
from repositories import write_tree
from tools.lsp_check import check_log

pytestmark = pytest.mark.e2e

TAP = Path(__file__).parents[1] / "tools" / "lsp_tap.py"
CODE = "def connect():\n    return open_socket()\n"
ANSWER = "It opens a socket, see deploy.py:2."
FIRST_CLIENT = "local client = vim.lsp.get_clients({name = 'victor'})[1]\n"
RECORD = """\
import os, sys
tap, folder, *server = sys.argv[1:]
log = os.path.join(folder, f"log-{os.getpid()}.jsonl")
os.execv(sys.executable, [sys.executable, "-P", tap, log, "--", *server])
"""
LISTENS = """
vim.lsp.config('victor', {
  capabilities = { experimental = { victor = { chat = true } } },
  handlers = {
    ['victor/chat/update'] = function(_, params)
      heard = heard or {}
      table.insert(heard, params)
    end,
  },
})
"""

Open = Callable[..., Window]


@pytest.fixture
def open_chatting(open_neovim: Open, tmp_path: Path, workspace: Path) -> Open:
    """A window whose server answers from a script, in a scratch home; what is said is recorded."""
    home, script = tmp_path / "victor-home", tmp_path / "script.jsonl"
    script.write_text("\n".join(json.dumps(each) for each in [{"text": ANSWER}, {"text": "Again."}]) + "\n")
    profile = (
        f"profiles:\n  default: {{provider: scripted, model: demo, script: {json.dumps(str(script))}}}\n"
    )
    write_tree(home, {"profiles.yaml": profile})
    write_tree(workspace, {"deploy.py": CODE})
    # Each server would have a log of its own.
    write_tree(tmp_path, {"record.py": RECORD})
    recorded = (sys.executable, "-P", str(tmp_path / "record.py"), str(TAP), str(tmp_path), *SERVER)
    start = f"vim.env.VICTOR_HOME = {json.dumps(str(home))}\n"
    return lambda *arguments, more="", **options: open_neovim(
        *arguments, server=recorded, more=start + more, **options
    )


def quit_and_check(window: Window, tmp_path: Path) -> None:
    """Leave; all that was said is valid LSP."""
    # A server for this very document may just have been started.
    attached = "return #vim.lsp.get_clients({bufnr = 0}) > 0"
    window.wait_until(lambda: window.lua(attached), "the server of this document")
    window.run("lua vim.lsp.enable('victor', false)")
    window.wait_until(lambda: not window.lua("return #vim.lsp.get_clients() > 0"), "the end of the client")
    window.run("qa!")
    assert window.wait_until_quit() == 0
    logs = list(tmp_path.glob("log-*.jsonl"))
    assert logs
    assert [check_log(log) for log in logs] == [[] for _ in logs]


def take_action(window: Window, title: str) -> None:
    """Ask for the code actions, and take the one of this title by its number in the menu."""
    window.wait_for_text("Type number and <Enter>")
    (entry,) = [row for row in window.screen.lines() if row.partition(": ")[2].startswith(title)]
    window.type(f"{entry.partition(':')[0]}<CR>")


def wait_for_server(window: Window) -> None:
    """Wait until the server answers."""
    window.wait_until(
        lambda: window.lua(FIRST_CLIENT + "return client ~= nil and client.initialized"), "the server"
    )


def test_a_chat_in_a_document(open_chatting: Open, tmp_path: Path) -> None:
    """Select, choose the action, write the question, send it: the answer stands in the buffer, to be undone.

    One server has both documents, so that the model is shown what is not saved.
    """
    window = open_chatting("deploy.py")
    wait_for_server(window)
    window.type("Go# never saved<Esc>")
    window.type("ggVj:<C-U>lua vim.lsp.buf.code_action({range = {['start'] = {1, 0}, ['end'] = {2, 5}}})<CR>")
    take_action(window, "Ask Victor about the selection")
    window.wait_for_text("# Chat with Victor")
    window.type("<Esc>G$awhat does it do?<Esc>")
    window.wait_until(lambda: window.lines()[-1].endswith("what does it do?"), "the question")
    window.wait_until(
        lambda: window.lua("return #vim.lsp.get_clients({bufnr = 0, name = 'victor'}) > 0"),
        "the server in the chat",
    )
    question = window.lines()[-1]
    assert question == "About @deploy.py:1-2: what does it do?"
    window.run("lua vim.lsp.buf.code_action()")
    window.wait_for_text("Send to Victor")
    choose_only(window)
    window.wait_until(lambda: ANSWER in window.lines(), "the answer")
    answer = window.lines()
    assert [line for line in answer if line][-1] == "## You"
    assert "## Victor" in window.lines()
    window.run("undo")
    window.wait_until(lambda: window.lines()[-1] == question, "the question alone")
    receipt = FIRST_CLIENT + "client:exec_cmd({title = '', command = 'victor.receipt', arguments = {...}})"
    (number,) = [word for line in answer for word in re.findall(r"Receipt ([0-9a-f]+)", line)]
    window.lua(receipt, number)
    window.wait_for_text("mentioned, not saved")
    assert len(list(tmp_path.glob("log-*.jsonl"))) == 1
    quit_and_check(window, tmp_path)


def choose_only(window: Window) -> None:
    """Take the one action that is offered."""
    window.wait_for_text("Type number and <Enter>")
    window.type("1<CR>")


def heard(window: Window) -> list[dict[str, Any]]:
    """The updates so far."""
    return list(window.lua("return heard or {}"))


def test_a_chat_by_the_protocol(open_chatting: Open, tmp_path: Path) -> None:
    """A few lines of Lua hear the answer as it comes, with its route, its citation and its receipt."""
    window = open_chatting("deploy.py", more=LISTENS)
    wait_for_server(window)
    ask = """
    local chat = client:request_sync('victor/chat/new', vim.empty_dict(), 60000, 0).result.sessionId
    local blocks = { { type = 'text', text = 'what does it do?' } }
    return client:request_sync('victor/chat/prompt', { sessionId = chat, prompt = blocks }, 60000, 0)
    """
    answer = window.lua(FIRST_CLIENT + ask)
    assert answer["result"]["stopReason"] == "end_turn"
    victor = answer["result"]["_meta"]["victor"]
    assert [each["range"]["start"]["line"] for each in victor["citations"]] == [1]
    updates = heard(window)
    text = "".join(
        each["update"]["content"]["text"]
        for each in updates
        if each["update"]["sessionUpdate"] == "agent_message_chunk"
    )
    assert text == ANSWER
    routes = [each["_meta"]["victor"]["route"] for each in updates if "route" in each["_meta"]["victor"]]
    assert [route["provider"] for route in routes] == ["scripted"]
    receipt = FIRST_CLIENT + "client:exec_cmd({title = '', command = 'victor.receipt', arguments = {...}})"
    window.lua(receipt, victor["receipt"])
    window.wait_for_text(f"# Receipt {victor['receipt']}")
    quit_and_check(window, tmp_path)


def test_the_question_of_the_manual(open_chatting: Open, tmp_path: Path) -> None:
    """`:VictorAsk` writes the answer into a window of its own."""
    window = open_chatting("deploy.py", whole_manual=True)
    wait_for_server(window)
    window.run("VictorAsk what does it do?")
    window.wait_until(lambda: window.lines() == [ANSWER], "the answer in the new window")
    window.wait_for_text(ANSWER)
    window.run("wincmd p")
    quit_and_check(window, tmp_path)
