"""Nothing that a person typed is lost in Neovim: not to an edit that comes meanwhile, and not to a server that dies."""

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

pytestmark = pytest.mark.e2e

CODE = "".join(f"def number_{each}():\n    return {each}\n\n\n" for each in range(1, 6))
WANTED = CODE.replace("return 1\n", "return 11\n").replace("return 5\n", "return 55\n")
FOR_EVER_MS = 3_600_000
ANSWER = {"text": f"```python\n{WANTED}```\n"}
HANGS = [{"text": "These are the first words."}, {"sleep_ms": FOR_EVER_MS}, {"text": "never"}]
DELETE = {"tool": {"name": "delete_file", "arguments": {"path": "numbers.py"}}}
RUN = {"tool": {"name": "run_command", "arguments": {"command": "touch made"}}}
TELL_LATE = f'vim.lsp.config("victor", {{ flags = {{ debounce_text_changes = {FOR_EVER_MS} }} }})\n'
PROMPT = "return vim.api.nvim_buf_get_lines(vim.fn.bufnr('victor://chat/1/prompt$'), 0, -1, false)"
TRANSCRIPT = "return vim.api.nvim_buf_get_lines(vim.fn.bufnr('victor://chat/1$'), 0, -1, false)"
PROPOSED = "Victor proposes this"

Opened = Callable[..., Window]


@pytest.fixture
def open_numbers(open_plugin: Open, tmp_path: Path, workspace: Path) -> Opened:
    """`open_numbers([reply, …])`: a window on numbers.py, whose server answers so."""

    def start(replies: Sequence[Any], *, before: str = "") -> Window:
        write_tree(workspace, {"numbers.py": CODE})
        home, _ = scripted(tmp_path, replies)
        window = open_plugin("numbers.py", server=SERVER, before=home + before)
        wait_for_server(window)
        return window

    return start


def kill_server(window: Window) -> None:
    """End the server as a crash does."""
    (server,) = window.lua("return vim.api.nvim_get_proc_children(vim.fn.getpid())")
    kill(server, signal.SIGKILL)


def n_open_hunks(window: Window) -> int:
    """How many hunks the plugin holds for decidable."""
    return int(window.lua("return #require('victor.review.edits').open_hunks()"))


def accept_and_type(window: Window) -> None:
    """Accept what is proposed for the file, and type in the same moment: the server hears of it too late."""
    window.lua("vim.cmd('Victor accept file') vim.api.nvim_buf_set_lines(0, 0, 0, false, { '# typed' })")


def test_a_file_that_is_typed_in_is_not_deleted(open_numbers: Opened, workspace: Path) -> None:
    """A deletion that was accepted comes when the file was just typed in: neither the buffer nor the file goes."""
    window = open_numbers([DELETE, {"text": "Well, then."}], before=TELL_LATE)
    window.run("Victor ask delete it")
    window.wait_until(lambda: n_open_hunks(window) == 1, "the deletion, to be decided about")
    window.run("wincmd h")
    window.wait_until(lambda: window.lua("return vim.fn.expand('%:t')") == "numbers.py", "the file's window")
    accept_and_type(window)
    window.wait_for_text("Well, then.")
    assert window.lines() == ["# typed", *CODE.splitlines()]
    assert (workspace / "numbers.py").read_text() == CODE
    said = window.lua("return vim.api.nvim_exec2('messages', { output = true }).output")
    assert "has changed since, so this was not put in" in said
    window.run("qa!")


def test_an_edit_that_meets_new_text_goes_where_it_belongs(open_numbers: Opened) -> None:
    """What is typed while an accepted change is on its way stays, and the change is made beside it; `u` takes it back."""
    window = open_numbers([ANSWER], before=TELL_LATE)
    window.run("1,20Victor edit double the digits")
    window.wait_for_text(f"{PROPOSED} (1 of 2)")
    accept_and_type(window)
    window.wait_until(lambda: window.lines() == ["# typed", *WANTED.splitlines()], "both")
    wait_until_gone(window, PROPOSED)
    window.run("undo")
    window.wait_until(lambda: window.lines()[0] == "# typed" and "11" not in window.lines()[2], "the undo")
    window.run("qa!")


def test_what_a_dead_server_proposed_is_not_shown(open_numbers: Opened) -> None:
    """The server is killed in a review, and stopped in another: the marks go, and there is nothing to decide about."""
    window = open_numbers([ANSWER])
    for end in (kill_server, lambda it: it.run("Victor stop server")):
        window.run("1,20Victor edit double the digits")
        window.wait_for_text(f"{PROPOSED} (1 of 2)")
        end(window)
        wait_until_gone(window, PROPOSED)
        assert n_open_hunks(window) == 0
        assert window.lines() == CODE.splitlines()
        wait_for_server_state(window, "running" if end is kill_server else "stopped")
    leave(window)


def test_a_question_of_a_dead_server_is_taken_back(open_numbers: Opened, workspace: Path) -> None:
    """A yes that comes after the server was killed is told to be for nothing; the next turn asks anew."""
    window = open_numbers([RUN, {"text": "It is made."}])
    window.run("Victor ask make it")
    window.wait_for_text("Type number and <Enter>")
    kill_server(window)
    window.wait_until(lambda: not servers(window), "the end of it")
    window.type("1<CR>")
    window.wait_for_text("the question was taken back")
    assert not shown(window, "Victor asks")
    wait_for_server_state(window, "running")
    window.wait_for_text("The server is back")
    window.wait_for_text("· interrupted")
    assert not (workspace / "made").exists()
    window.run("Victor chat retry")
    window.wait_for_text("Type number and <Enter>")
    window.type("1<CR>")
    window.wait_for_text("It is made.")
    leave(window)


def test_a_question_that_was_kept_is_not_asked_for_again(open_numbers: Opened) -> None:
    """Killed while it answers: the question stands in the chat once, the draft in the prompt as it was, the cursor in it."""
    window = open_numbers([HANGS])
    window.run("Victor ask go")
    window.wait_for_text("These are the first words.")
    window.type("<Esc>Goa draft<CR>of two lines")
    kill_server(window)
    window.wait_for_text("The server is back")
    window.type(", no: three")
    draft = ["", "a draft", "of two lines, no: three"]
    window.wait_until(lambda: window.lua(PROMPT) == draft, "the draft")
    assert window.lua(TRANSCRIPT).count("go") == 1
    window.type("<Esc>")
    window.run("qa!")


def test_a_question_that_was_not_taken_does_not_move_what_is_typed(open_numbers: Opened) -> None:
    """It comes back above the draft; who is writing that goes on where they were."""
    window = open_numbers([HANGS])
    window.run("Victor chat")
    window.wait_for_text("<CR> or :w sends")
    suspended(window)
    window.type("ifirst question<Esc><CR>")
    window.wait_until(lambda: window.lua(PROMPT) == [""], "the question on its way")
    window.wait_for_text("first question")
    assert window.lua(TRANSCRIPT) == ["# You", "", "first question"]
    window.type("ithe next ")
    window.wait_until(lambda: window.lua(PROMPT) == ["the next "], "the draft")
    kill_server(window)
    window.wait_until(lambda: len(window.lua(PROMPT)) == 2, "the question again")
    window.type("one")
    window.wait_until(lambda: window.lua(PROMPT) == ["first question", "the next one"], "the whole draft")
    window.wait_until(lambda: "first question" not in window.lua(TRANSCRIPT), "the question in one place")
    window.type("<Esc>")
    window.run("qa!")


def test_a_selection_in_the_chat_is_kept_while_it_grows(open_numbers: Opened) -> None:
    """Lines that are being selected at the end of a chat stay selected; the cursor does not run after the text."""
    window = open_numbers([{"text": "One."}])
    window.run("Victor ask go")
    window.wait_for_text("receipt")
    window.run("wincmd k")
    window.type("GV")
    window.wait_until(lambda: window.lua("return vim.fn.mode()") == "V", "the selection")
    here = window.lua("return vim.fn.line('.')")
    window.lua(
        "require('victor.chat.conversation').note(require('victor.chat.chats').current(), 'One more.')"
    )
    window.wait_for_text("One more.")
    assert window.lua("return { vim.fn.mode(), vim.fn.line('.'), vim.fn.line('v') }") == ["V", here, here]
    window.type("<Esc>")
    leave(window)


def servers(window: Window) -> list[int]:
    """The servers that run, as Neovim knows."""
    return list(
        window.lua("return vim.tbl_map(function(c) return c.id end, vim.lsp.get_clients({name = 'victor'}))")
    )


def wait_for_server_state(window: Window, state: str) -> None:
    """Wait until the plugin says so of the server."""
    window.wait_until(
        lambda: window.lua("return (require('victor.server').state())") == state, f"the server {state}"
    )


def suspended(window: Window) -> None:
    """Have the server take nothing more in."""
    (server,) = window.lua("return vim.api.nvim_get_proc_children(vim.fn.getpid())")
    kill(server, signal.SIGSTOP)
