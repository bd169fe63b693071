"""Whether the plugin behaves as a Vim user expects: of writing all, of messages, of sessions, of files of no type."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from nvim_plugin import Open, leave, scripted, shown, wait_for_server
from nvim_window import Window
from repositories import write_tree
from secrets_samples import aws_key

pytestmark = pytest.mark.e2e

CODE = "def connect():\n    return open_socket()\n"
PROMPT = "return vim.api.nvim_buf_get_lines(vim.fn.bufnr('victor://chat/1/prompt$'), 0, -1, false)"
TRANSCRIPT = "return vim.api.nvim_buf_get_lines(vim.fn.bufnr('victor://chat/1$'), 0, -1, false)"
MODE = "return vim.api.nvim_get_mode().blocking"

Using = Callable[..., Window]


@pytest.fixture
def open_using(open_plugin: Open, tmp_path: Path, workspace: Path) -> Using:
    """`open_using([reply, …])`: a window on deploy.py, whose server answers so."""

    def start(replies: Sequence[Any] = (), *, before: str = "") -> Window:
        write_tree(workspace, {"deploy.py": CODE})
        home, server = scripted(tmp_path, replies)
        window = open_plugin("deploy.py", server=server, before=home + before)
        wait_for_server(window)
        return window

    return start


def draft(window: Window, question: str) -> None:
    """Write a question into the prompt, and do not send it."""
    window.run("Victor chat")
    window.wait_for_text("<CR> or :w sends")
    window.type(f"i{question}<Esc>")
    window.wait_until(lambda: window.lua(PROMPT) == [question], "the question in the prompt")


def test_writing_all_files_sends_no_question(open_using: Using) -> None:
    """`:wa` and `:wqa` in a file are about files: half a question stays where it is, and nothing is lost by them."""
    window = open_using([{"text": "One."}])
    draft(window, "half a ques")
    window.run("wincmd h")
    window.type("ox = 1<Esc>")
    window.run("wa")
    window.wait_for_text("was not sent")
    assert window.lua(PROMPT) == ["half a ques"]
    assert window.lua("return vim.bo.modified") is False
    window.run("echo 'other'")
    window.run("wqa")
    window.wait_for_text("was not sent")
    assert window.lua(PROMPT) == ["half a ques"]
    assert window.lua(TRANSCRIPT) == [""]
    window.run("Victor chat")
    window.run("w")
    window.wait_for_text("One.")
    leave(window)


def test_what_is_said_waits_for_no_key(open_using: Using) -> None:
    """A line too long for the command line is cut there, whole in `:messages`; so is what the server wants to be said."""
    window = open_using()
    said = " ".join(f"word{number}" for number in range(60))
    window.lua("require('victor.say').error(...)", f"{said}\nthe end.")
    window.wait_for_text("the end.")
    assert window.lua(MODE) is False
    assert said in window.lua("return vim.api.nvim_exec2('messages', { output = true }).output")
    window.run("Victor undo")
    window.wait_for_text("Victor: There is no change left to take back.")
    assert window.lua(MODE) is False
    leave(window)


def test_a_notifier_of_the_person_gets_it_all(open_using: Using) -> None:
    """Where another function shows messages, it gets the whole text with its lines and its level."""
    window = open_using(before="vim.notify = function(text, level) told = { text, level } end\n")
    window.lua("require('victor.say').warn(...)", "one\ntwo")
    window.wait_until(lambda: window.lua("return told") == ["Victor: one\ntwo", 3], "the message")
    leave(window)


def test_a_file_of_no_type_is_looked_at(open_plugin: Open, workspace: Path) -> None:
    """Neovim attaches servers by file type; a secret in a file without one is underlined all the same."""
    key = aws_key()
    write_tree(workspace, {"credentials": f'key = "{key}"\n'})
    window = open_plugin("credentials")
    window.wait_until(lambda: window.screen.underlined() == [key], "the key, underlined")
    assert window.lua("return vim.bo.filetype") == ""
    assert window.lua("return #vim.lsp.get_clients()") == 1
    leave(window)


def test_an_answer_is_shown_again_by_edit(open_using: Using) -> None:
    """`:edit` in the transcript shows the chat again, with its folds, and the chat still opens in other windows."""
    window = open_using([{"text": "One.\n\nTwo."}])
    window.run("Victor ask first")
    window.wait_for_text("receipt")
    before = window.lua(TRANSCRIPT)
    window.run("Victor chat")
    window.type("<C-w>k")
    window.run("edit")
    window.wait_until(lambda: window.lua(TRANSCRIPT) == before, "the chat again")
    assert not shown(window, "open in front")
    window.run("tab split")
    window.run("Victor chat new")
    window.run("Victor chat close")
    window.run("tabclose")
    window.wait_for_text("Two.")
    leave(window)


def test_the_chat_opens_after_a_session_was_restored(open_using: Using, tmp_path: Path) -> None:
    """`:mksession` keeps the windows of a chat as empty ones of its name; they give way, and what was typed there stays."""
    window = open_using([{"text": "One."}])
    window.run("Victor chat")
    window.wait_for_text("<CR> or :w sends")
    window.run(f"mksession {tmp_path}/Session.vim")
    leave(window)
    window = open_using([{"text": "One."}])
    window.run(f"silent source {tmp_path}/Session.vim")
    window.wait_until(
        lambda: window.lua("return vim.fn.bufnr('victor://chat/1/prompt$')") != -1, "the windows"
    )
    window.type("ityped before<Esc>")
    window.run("Victor chat")
    window.wait_for_text("<CR> or :w sends")
    assert window.lua(PROMPT) == ["typed before"]
    assert window.lua("return #vim.api.nvim_list_wins()") == 3
    window.type("<CR>")
    window.wait_for_text("One.")
    leave(window)


def test_a_long_proposed_line_is_seen_whole(open_using: Using) -> None:
    """It goes on below in a window of any width, and `:Victor diff` shows it beside and not twice."""
    new = CODE.replace("open_socket()", f"open_socket()  # {'on and on ' * 15}Ω")
    window = open_using([{"text": f"```python\n{new}```\n"}])
    window.run("1,2Victor edit go on")
    window.wait_for_text("Ω")
    window.lua("vim.cmd.vsplit(); vim.api.nvim_win_set_width(0, 30)")
    window.wait_until(lambda: sum(row.count("↪") for row in window.screen.lines()) > 10, "shorter lines")
    window.wait_for_text("Ω")
    window.run("only")
    window.wait_until(lambda: sum(row.count("↪") for row in window.screen.lines()) == 1, "longer lines")
    window.run("Victor diff")
    window.wait_for_text("victor://proposed")
    window.wait_until(lambda: not shown(window, "↪"), "the lines in place gone")
    window.run("tabclose")
    window.wait_for_text("Ω")
    leave(window)


def test_a_receipt_takes_no_window_of_the_chat(open_using: Using) -> None:
    """What the server has shown opens beside the chat, in a window for files."""
    window = open_using([{"text": "One."}])
    window.run("Victor ask first")
    window.wait_for_text("receipt")
    window.run("Victor chat")
    window.run("Victor chat receipt")
    window.wait_for_text("# Receipt")
    assert shown(window, "One.")
    assert shown(window, "<CR> or :w sends")
    leave(window)


def test_what_an_answer_took_is_seen_at_its_end(open_using: Using) -> None:
    """Behind an answer longer than the window, tokens and receipt stand on the screen without scrolling."""
    window = open_using([{"text": "".join(f"line {number}\n\n" for number in range(60))}])
    window.run("Victor ask first")
    window.wait_for_text("line 59")
    window.wait_for_text("receipt")
    window.wait_for_text("it costs")
    leave(window)


@pytest.mark.parametrize("layout", ["split", "tab", "float"])
def test_the_chat_is_laid_out_as_wished(open_using: Using, layout: str) -> None:
    """In each layout one asks, follows a place to its file, closes the chat and comes back, and nothing else is left open."""
    before = f"vim.g.victor = vim.tbl_extend('force', vim.g.victor, {{ chat = {{ layout = '{layout}' }} }})\n"
    window = open_using([{"text": "See deploy.py:2."}], before=before)
    window.run("Victor ask first")
    window.wait_for_text("→ deploy.py:2")
    window.wait_for_text("receipt")
    window.run("Victor chat")
    window.run("Victor chat close")
    window.wait_until(lambda: not shown(window, "receipt"), "the chat closed")
    assert window.lua("return #vim.api.nvim_list_wins()") == 1
    window.run("Victor chat toggle")
    window.wait_for_text("receipt")
    assert window.lua("return vim.api.nvim_buf_get_name(0)") == "victor://chat/1/prompt"
    window.lua("vim.api.nvim_set_current_win(vim.fn.win_findbuf(vim.fn.bufnr('victor://chat/1$'))[1])")
    window.lua("vim.fn.search('^→')")
    window.type("<CR>")
    window.wait_until(lambda: window.lua("return vim.fn.expand('%:t')") == "deploy.py", "the file")
    assert window.lua("return vim.fn.line('.')") == 2
    leave(window)
