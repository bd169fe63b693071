"""Reviewing edits in Neovim with no plugin at all: hunks as diagnostics, decided by code actions."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from editor import SERVER
from nvim_window import Window
from repositories import write_tree
from tools.lsp_check import check_log

pytestmark = pytest.mark.e2e

TAP = Path(__file__).parents[1] / "tools" / "lsp_tap.py"
CODE = "".join(f"def number_{each}():\n    return {each}\n\n\n" for each in range(1, 6))
WANTED = CODE.replace("return 1\n", "return 11\n").replace("return 5\n", "return 55\n")
FIRST_CLIENT = "local client = vim.lsp.get_clients({name = 'victor'})[1]\n"
ASK = """
local place = { start = { line = 0, character = 0 }, ['end'] = { line = 20, character = 0 } }
local wanted = { uri = vim.uri_from_bufnr(0), range = place, instruction = 'double the digits' }
client:request('victor/edit/propose', wanted, function(_, result) proposed = result end, 0)
"""
HUNKS = "return vim.tbl_map(function(each) return each.lnum end, vim.diagnostic.get(0))"

Open = Callable[..., Window]


@pytest.fixture
def window(open_neovim: Open, tmp_path: Path, workspace: Path) -> Window:
    """A window whose model changes two lines of one file; what is said is recorded."""
    home, script = tmp_path / "victor-home", tmp_path / "script.jsonl"
    script.write_text(json.dumps({"text": f"```python\n{WANTED}```\n"}) + "\n")
    profile = (
        f"profiles:\n  default: {{provider: scripted, model: demo, script: {json.dumps(str(script))}}}\n"
    )
    write_tree(home, {"profiles.yaml": profile})
    write_tree(workspace, {"numbers.py": CODE})
    recorded = (sys.executable, "-P", str(TAP), str(tmp_path / "log.jsonl"), "--", *SERVER)
    more = f"vim.env.VICTOR_HOME = {json.dumps(str(home))}\n"
    return open_neovim("numbers.py", server=recorded, more=more)


def take_action(window: Window, title: str) -> None:
    """Ask for the code actions at the cursor, and take the one of this title by its number in the menu."""
    window.run("lua vim.lsp.buf.code_action()")
    window.wait_for_text("Type number and <Enter>")
    (entry,) = [row for row in window.screen.lines() if row.partition(": ")[2].startswith(title)]
    window.type(f"{entry.partition(':')[0]}<CR>")


def test_one_hunk_is_accepted_and_one_rejected(window: Window, tmp_path: Path, workspace: Path) -> None:
    """The buffer is exact, the file is not written, and the editor's own undo gives the text back."""
    ready = FIRST_CLIENT + "return client ~= nil and client.initialized"
    window.wait_until(lambda: window.lua(ready), "the server")
    window.lua(FIRST_CLIENT + ASK)
    proposed = window.wait_until(lambda: window.lua("return proposed"), "the proposal")
    assert [each["state"] for each in proposed["edit"]["files"][0]["hunks"]] == ["proposed", "proposed"]
    assert window.wait_until(lambda: sorted(window.lua(HUNKS)), "the hunks") == [1, 17]
    said = window.lua("return vim.tbl_map(function(each) return each.message end, vim.diagnostic.get(0))")
    assert all("Accept or reject it by a code action." in each for each in said)
    window.type("ggO# typed first<Esc>")
    window.wait_until(lambda: sorted(window.lua(HUNKS)) == [2, 18], "the hunks where they are now")
    window.run("3")
    take_action(window, "Victor: accept this change")
    expected = ["# typed first", *CODE.replace("return 1\n", "return 11\n").splitlines()]
    window.wait_until(lambda: window.lines() == expected, "the change in the buffer")
    window.wait_until(lambda: window.lua(HUNKS) == [18], "the hunk that is left")
    window.run("19")
    take_action(window, "Victor: reject this change")
    window.wait_until(lambda: window.lua(HUNKS) == [], "nothing left to decide")
    assert window.lines() == expected
    assert (workspace / "numbers.py").read_text() == CODE
    window.run("undo")
    window.wait_until(lambda: window.lines() == ["# typed first", *CODE.splitlines()], "the editor's undo")
    window.run("undo")
    window.wait_until(lambda: window.lines() == CODE.splitlines(), "the text as it was")
    window.run("qa!")
    assert window.wait_until_quit() == 0
    assert check_log(tmp_path / "log.jsonl") == []
