"""Inline edit, review and checkpoints of the Neovim plugin, in both versions, looked at on the screen."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from nvim_plugin import Open, leave, scripted, shown, wait_for_server, wait_until_gone
from nvim_window import Window
from repositories import write_tree
from tools.lsp_check import check_log

pytestmark = pytest.mark.e2e

CODE = "".join(f"def number_{each}():\n    return {each}\n\n\n" for each in range(1, 6))
WANTED = CODE.replace("return 1\n", "return 11\n").replace("return 5\n", "return 55\n")
FOR_EVER_MS = 3_600_000
PROPOSED = "Victor proposes this"

Reviewing = Callable[..., Window]


@pytest.fixture
def open_reviewing(open_plugin: Open, tmp_path: Path, workspace: Path) -> Reviewing:
    """`open_reviewing([reply, …])`: a window on numbers.py, whose server answers so."""

    def start(replies: Sequence[Any], *, before: str = "") -> Window:
        write_tree(workspace, {"numbers.py": CODE})
        home, server = scripted(tmp_path, replies)
        window = open_plugin("numbers.py", server=server, before=home + before)
        wait_for_server(window)
        return window

    return start


def answer(text: str) -> dict[str, str]:
    """A reply that gives the whole text anew."""
    return {"text": f"```python\n{text}```\n"}


def test_hunks_are_accepted_rejected_and_undone(
    open_reviewing: Reviewing, tmp_path: Path, workspace: Path
) -> None:
    """One is accepted, one rejected with a reason; positions follow typing; the editor's undo gives the text back."""
    window = open_reviewing([answer(WANTED)])
    window.run("1,20Victor edit double the digits")
    window.wait_for_text(f"{PROPOSED} (1 of 2)")
    rows = [row.partition("  Victor")[0].rstrip() for row in window.screen.lines()]
    for row in ("●     return 1", "      return 11", "●     return 5", "      return 55"):
        assert row in rows
    assert window.lua("return #vim.diagnostic.get(0)") == 0
    assert window.lines() == CODE.splitlines()
    window.type("ggO# typed first<Esc>")
    window.run("Victor next")
    window.wait_until(lambda: window.lua("return vim.fn.line('.')") == 3, "the first hunk")
    window.run("Victor accept")
    expected = ["# typed first", *CODE.replace("return 1\n", "return 11\n").splitlines()]
    window.wait_until(lambda: window.lines() == expected, "the change in the buffer")
    window.wait_for_text(f"{PROPOSED} (1 of 1)")
    window.run("Victor next")
    window.wait_until(lambda: window.lua("return vim.fn.line('.')") == 19, "the second hunk")
    window.run("Victor reject it is fine")
    wait_until_gone(window, PROPOSED)
    assert window.lines() == expected
    assert '"reason": "it is fine"' in (tmp_path / "log.jsonl").read_text()
    assert (workspace / "numbers.py").read_text() == CODE
    window.run("undo")
    window.wait_until(lambda: window.lines() == ["# typed first", *CODE.splitlines()], "the editor's undo")
    leave(window)
    assert check_log(tmp_path / "log.jsonl") == []


def test_an_edit_is_seen_coming_and_stopped(open_reviewing: Reviewing) -> None:
    """New lines show below the old ones while the model writes; the buffer stays as it is; `<C-c>` ends it."""
    half = "```python\n" + WANTED[: WANTED.index("def number_3")]
    window = open_reviewing([[{"text": half}, {"sleep_ms": FOR_EVER_MS}, {"text": "```"}], answer(WANTED)])
    window.run("1,20Victor edit double the digits")
    window.wait_for_text("Victor is writing (demo)")
    window.wait_for_text("    return 11")
    assert window.lines() == CODE.splitlines()
    window.type("<C-c>")
    wait_until_gone(window, "return 11")
    window.wait_for_text("Nothing was changed.")
    assert window.lua("return vim.fn.maparg('<C-c>', 'n')") == ""
    window.run("1,20Victor edit")
    window.wait_for_text("Victor, edit:")
    window.type("double the digits<CR>")
    window.wait_for_text(f"{PROPOSED} (1 of 2)")
    leave(window)


def test_all_hunks_at_once_then_undo_and_restore(open_reviewing: Reviewing) -> None:
    """`accept all`, `:Victor undo` and `redo`, and a checkpoint that is looked at and restored."""
    window = open_reviewing([answer(WANTED)])
    window.run("1,20Victor edit double the digits")
    window.wait_for_text(PROPOSED)
    window.run("Victor accept all")
    window.wait_until(lambda: window.lines() == WANTED.splitlines(), "all changes in the buffer")
    # The server has noted that they are in it.
    wait_until_gone(window, PROPOSED)
    window.run("Victor undo")
    window.wait_until(lambda: window.lines() == CODE.splitlines(), "the text as it was")
    window.wait_for_text("Victor: Taken back")
    window.run("Victor redo")
    window.wait_until(lambda: window.lines() == WANTED.splitlines(), "the changes again")
    window.run("Victor checkpoints")
    window.wait_for_text("Type number and <Enter>")
    entries = [row.strip() for row in window.screen.lines() if "numbers.py" in row and ": " in row]
    (number,) = [row.partition(":")[0] for row in entries if "restore" not in row][-1:]
    window.type(f"{number}<CR>")
    window.wait_for_text("<CR> restores the file")
    window.wait_for_text("+    return 1")
    window.type("R")
    window.wait_until(lambda: window.lines() == CODE.splitlines(), "the text as it was")
    leave(window)


def test_the_list_and_the_diff(open_reviewing: Reviewing) -> None:
    """Hunks stand in the quickfix window, where they are decided about; `:Victor diff` shows both texts."""
    window = open_reviewing([answer(WANTED)])
    window.run("1,20Victor edit double the digits")
    window.wait_for_text(PROPOSED)
    window.run("Victor diff")
    window.wait_until(lambda: window.lua("return #vim.fn.gettabinfo()") == 2, "a tab page")
    other = "return vim.api.nvim_buf_get_lines(vim.fn.winbufnr(2), 0, -1, false)"
    assert window.lua(other) == WANTED.splitlines()
    assert window.lua("return vim.wo.diff")
    window.run("tabclose")
    window.run("Victor edits")
    window.wait_for_text("proposed · -1 +1")
    window.run("Victor accept")
    expected = CODE.replace("return 1\n", "return 11\n").splitlines()
    text = "return vim.api.nvim_buf_get_lines(vim.fn.bufnr('numbers.py'), 0, -1, false)"
    window.wait_until(lambda: window.lua(text) == expected, "the first change")
    window.wait_until(lambda: len(window.lua("return vim.fn.getqflist()")) == 1, "one left in the list")
    window.run("Victor reject file")
    window.wait_until(lambda: not window.lua("return vim.fn.getqflist()"), "an empty list")
    leave(window)


def test_what_is_typed_over_is_stale(open_reviewing: Reviewing) -> None:
    """A hunk whose lines the person changes is left alone, and that is said."""
    window = open_reviewing([answer(WANTED)])
    window.run("1,20Victor edit double the digits")
    window.wait_for_text(f"{PROPOSED} (1 of 2)")
    window.type("2GA + 0<Esc>")
    window.wait_for_text("is stale")
    window.wait_for_text(f"{PROPOSED} (1 of 1)")
    assert not shown(window, "return 11")
    leave(window)


def test_a_decision_is_repeated_by_a_dot(open_reviewing: Reviewing) -> None:
    """A mapping on `operator` accepts the hunk at the cursor; `.` does it at the next one."""
    mapping = "vim.keymap.set('n', 'ga', function() return require('victor.review').operator('accept') end, {expr = true})"
    window = open_reviewing([answer(WANTED)], before=mapping + "\n")
    window.run("1,20Victor edit double the digits")
    window.wait_for_text(f"{PROPOSED} (1 of 2)")
    window.type("2Gga")
    once = CODE.replace("return 1\n", "return 11\n").splitlines()
    window.wait_until(lambda: window.lines() == once, "the first change")
    window.wait_for_text(f"{PROPOSED} (1 of 1)")
    window.type("18G.")
    window.wait_until(lambda: window.lines() == WANTED.splitlines(), "the second change")
    leave(window)


def test_files_that_a_chat_makes_are_reviewed(open_reviewing: Reviewing, workspace: Path) -> None:
    """A new file that an agent wants waits in the list; it is on disk once it is accepted, and the chat goes on."""
    call = {"tool": {"name": "create_file", "arguments": {"path": "made.py", "text": "x = 1\n"}}}
    window = open_reviewing([call, {"text": "It is made."}])
    window.run("Victor ask make it")
    window.wait_for_text("changes in made.py wait")
    window.run("Victor edits")
    window.wait_for_text("new file")
    assert not (workspace / "made.py").exists()
    window.run("Victor accept")
    window.wait_for_text("It is made.")
    assert (workspace / "made.py").read_text() == "x = 1\n"
    leave(window)
