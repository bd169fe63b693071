"""The chat of the Neovim plugin, in both versions, looked at on the screen."""

import signal
from collections.abc import Callable, Sequence
from os import kill
from pathlib import Path
from typing import Any

import pytest
from editor import SERVER
from nvim_plugin import Open, leave, scripted, shown, wait_for_server, wait_until_gone
from nvim_window import Window
from repositories import write_tree
from tools.lsp_check import check_log

pytestmark = pytest.mark.e2e

CODE = "def connect():\n    return open_socket()\n"
ANSWER = "It opens a **socket**, see deploy.py:2.\n\n```python\ndef connect():\n    return None\n```\n"
FOR_EVER_MS = 3_600_000
HANGS = [{"text": "These are the first words."}, {"sleep_ms": FOR_EVER_MS}, {"text": "never"}]
TRANSCRIPT = "return vim.api.nvim_buf_get_lines(vim.fn.bufnr('victor://chat/1$'), 0, -1, false)"
PROMPT = "return vim.api.nvim_buf_get_lines(vim.fn.bufnr('victor://chat/1/prompt$'), 0, -1, false)"

Chatting = Callable[..., Window]


@pytest.fixture
def open_chatting(open_plugin: Open, tmp_path: Path, workspace: Path) -> Chatting:
    """`open_chatting([reply, …])`: a window on deploy.py, whose server answers so."""

    def start(replies: Sequence[Any], *, before: str = "", is_recorded: bool = True) -> Window:
        write_tree(workspace, {"deploy.py": CODE})
        home, recorded = scripted(tmp_path, replies)
        server = recorded if is_recorded else SERVER
        window = open_plugin("deploy.py", server=server, before=home + before)
        wait_for_server(window)
        return window

    return start


def ask(window: Window, question: str) -> None:
    """Open the chat and write a question, as a person does."""
    window.run("Victor chat")
    window.wait_for_text("<CR> or :w sends")
    window.type(f"i{question}<Esc>")
    window.wait_until(lambda: question in window.lua(PROMPT), "the question in the prompt")


def go_to_line(window: Window, beginning: str) -> None:
    """Set the cursor on the line that begins so, without opening a fold as a search does."""
    lines = window.lines()
    (number,) = [at for at, line in enumerate(lines, start=1) if line.startswith(beginning)]
    window.lua("vim.api.nvim_win_set_cursor(0, {..., 0})", number)


def test_a_question_and_its_answer(open_chatting: Chatting, tmp_path: Path) -> None:
    """The answer streams below the question, with who gave it; what it names and its code are of use; `u` is the prompt's."""
    window = open_chatting([{"text": ANSWER}])
    ask(window, "what does it do?")
    window.run("w")
    window.wait_for_text("receipt")
    rows = [row.partition("│")[2].strip() for row in window.screen.lines()]
    for expected in ("what does it do?", "# Victor   demo · local", "```python", "→ deploy.py:2"):
        assert expected in rows
    assert window.lua(TRANSCRIPT)[0] == "# You"
    assert "▸ Shown to the model: 1 piece, 42 tokens" in rows
    assert not shown(window, "open in front")
    assert window.lua(PROMPT) == [""]
    before = window.lua(TRANSCRIPT)
    window.type("u")
    window.wait_until(lambda: window.lua(PROMPT) == ["what does it do?"], "the question again")
    window.type("<C-r><C-w>k")
    assert window.lua(TRANSCRIPT) == before
    window.type("dd")
    go_to_line(window, "▸ Shown")
    window.type("<CR>")
    window.wait_for_text("open in front")
    assert window.lua(TRANSCRIPT) == before
    window.type("Ggy")
    window.wait_until(
        lambda: window.lua("return vim.fn.getreg('\"')") == "def connect():\n    return None\n", "code"
    )
    window.type("/^→<CR><CR>")
    window.wait_until(lambda: window.lua("return vim.fn.expand('%:t')") == "deploy.py", "the file")
    assert window.lua("return vim.fn.line('.')") == 2
    leave(window)
    assert check_log(tmp_path / "log.jsonl") == []


def test_code_of_an_answer_is_applied_after_review(open_chatting: Chatting) -> None:
    """`:Victor chat apply` proposes the code where the file defines it anew; nothing is changed before it is accepted."""
    window = open_chatting([{"text": ANSWER}])
    window.run("Victor ask rewrite it")
    window.wait_for_text("receipt")
    window.run("Victor chat apply")
    window.wait_for_text("Victor proposes this (1 of 1)")
    assert window.lines() == CODE.splitlines()
    window.run("Victor accept all")
    window.wait_until(lambda: window.lines() == ["def connect():", "    return None"], "the code in the file")
    wait_until_gone(window, "Victor proposes")
    leave(window)


def test_stop_steer_and_retry(open_chatting: Chatting) -> None:
    """An answer is steered and stopped while the next question is written, which is not lost; it is asked once more."""
    window = open_chatting([HANGS, {"text": "All of it."}])
    ask(window, "go")
    window.type("<CR>")
    window.wait_for_text("These are the first words.")
    window.wait_for_text("Answering …")
    window.type("ibe short<Esc><CR>")
    window.wait_until(lambda: "be short" in window.lua(TRANSCRIPT), "what was said meanwhile")
    window.type("ia draft<Esc>")
    window.run("Victor stop")
    window.wait_for_text("Stopped.")
    assert window.lua(PROMPT) == ["a draft"]
    window.run("qa")
    window.wait_for_text("E37")
    window.type("<CR>")
    window.run("Victor chat retry")
    window.wait_for_text("All of it.")
    wait_until_gone(window, "These are the first words.")
    assert window.lua(TRANSCRIPT)[:3] == ["# You", "", "go"]
    assert window.lua(PROMPT) == ["a draft"]
    leave(window)


def test_chats_are_listed_named_forked_and_deleted(open_chatting: Chatting) -> None:
    """What `:Victor chat sessions`, `rename`, `fork` and `delete` do stands on the screen."""
    window = open_chatting([{"text": "One."}])
    window.run("Victor ask first")
    window.wait_for_text("receipt")
    window.run("Victor chat rename About sockets")
    window.wait_for_text("Victor: About sockets")
    window.run("Victor chat fork")
    window.wait_until(lambda: window.lua("return vim.fn.bufnr('victor://chat/2$')") != -1, "the copy")
    copy = "return vim.api.nvim_buf_get_lines(vim.fn.bufnr('victor://chat/2$'), 0, -1, false)"
    window.wait_until(lambda: "One." in window.lua(copy), "what was said, in the copy")
    assert window.lua(copy)[:3] == ["# You", "", "first"]
    window.run("Victor chat delete")
    window.wait_for_text("for ever?")
    window.type("1<CR>")
    window.wait_until(lambda: window.lua("return vim.fn.bufnr('victor://chat/2$')") == -1, "no copy")
    window.run("Victor chat sessions")
    window.wait_for_text("About sockets · 1 turn")
    window.type("1<CR>")
    window.wait_for_text("Victor: About sockets")
    leave(window)


def test_a_tool_is_asked_for_and_refused(open_chatting: Chatting, workspace: Path) -> None:
    """The question is a menu; a no with its reason stands in the chat, folded, and the turn goes on."""
    call = {"tool": {"name": "run_command", "arguments": {"command": "touch made"}}}
    window = open_chatting([call, {"text": "Not made, then."}])
    window.run("Victor ask make it")
    window.wait_for_text("Type number and <Enter>")
    window.type("4<CR>")
    window.wait_for_text("Why not?")
    window.type("use make<CR>")
    window.wait_for_text("Not made, then.")
    window.wait_for_text("▸ Run touch made · not allowed")
    assert not shown(window, "use make")
    window.lua("vim.api.nvim_set_current_win(vim.fn.win_findbuf(vim.fn.bufnr('victor://chat/1$'))[1])")
    go_to_line(window, "▸ Run touch")
    window.type("<CR>")
    window.wait_for_text("use make")
    assert not (workspace / "made").exists()
    leave(window)


def test_the_prompt_completes(open_chatting: Chatting) -> None:
    """`/` and `@` bring a menu by themselves, and `<C-x><C-o>` brings it back."""
    window = open_chatting([{"text": "One."}])
    window.run("Victor chat")
    window.wait_for_text("<CR> or :w sends")
    window.type("i/exp")
    window.wait_for_text("Explain code")
    window.type("<C-n><C-y>")
    window.wait_until(lambda: window.lua(PROMPT)[0].startswith("/explain"), "the command")
    window.type("<C-u>look at @depl")
    window.wait_until(lambda: window.lua("return vim.fn.pumvisible()") == 1, "a menu")
    window.type("<C-e><C-x><C-o>")
    window.wait_until(lambda: window.lua("return vim.fn.pumvisible()") == 1, "the menu again")
    window.type("<C-n><C-y><Esc>")
    window.wait_until(lambda: "@deploy.py" in window.lua(PROMPT)[0], "the mention")
    leave(window)


def test_lines_are_mentioned(open_chatting: Chatting, tmp_path: Path) -> None:
    """`:Victor ask` with lines and no question mentions them in the prompt; with a question they go with it."""
    window = open_chatting([{"text": "One."}])
    window.run("1,2Victor ask")
    window.wait_until(lambda: window.lua(PROMPT) == ["@deploy.py:1-2 "], "the mention")
    window.run("wincmd h")
    window.run("2Victor ask what is it?")
    window.wait_for_text("receipt")
    assert '"end": {"line": 2, "character": 0}' in (tmp_path / "log.jsonl").read_text()
    leave(window)


def test_a_crash_is_survived(open_chatting: Chatting) -> None:
    """The server is killed while it answers: the chat says so, is taken up by the next one, and goes on."""
    window = open_chatting([HANGS, {"text": "never reached"}], is_recorded=False)
    ask(window, "go")
    window.type("<CR>")
    window.wait_for_text("These are the first words.")
    (server,) = window.lua("return vim.api.nvim_get_proc_children(vim.fn.getpid())")
    kill(server, signal.SIGKILL)
    window.wait_for_text("Interrupted:")
    window.wait_for_text("The server is back")
    window.run("Victor chat retry")
    window.wait_until(
        lambda: window.lua(TRANSCRIPT)[:1] == ["# You"] and not shown(window, "Interrupted:"), "the next try"
    )
    window.wait_for_text("These are the first words.")
    leave(window)


def test_a_question_that_is_not_taken_is_not_lost(open_chatting: Chatting) -> None:
    """What the server refuses stands in the prompt again, and the person is told what to do."""
    window = open_chatting([{"text": "One."}])
    ask(window, "/nosuch thing")
    window.type("<CR>")
    window.wait_until(lambda: window.lua(PROMPT) == ["/nosuch thing"], "the question again")
    window.wait_for_text("/help")
    leave(window)
