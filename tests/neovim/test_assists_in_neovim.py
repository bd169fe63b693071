"""Actions on code in Neovim with no plugin at all: chosen from its menu, or by the manual's mapping."""

import json
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from editor import SERVER
from nvim_window import Window
from repositories import write_tree
from tools.lsp_check import check_log

pytestmark = pytest.mark.e2e

HERE = Path(__file__).parent
TAP = HERE.parent / "tools" / "lsp_tap.py"
MANUAL = HERE.parents[1] / "docs" / "assists.md"
CODE = "# victor: return both\ndef both(a, b):\n    return a\n"
ANSWERS = ("It gives `a` back.", "```python\ndef both(a, b):\n    return a, b\n```")
READY = (
    "local client = vim.lsp.get_clients({name = 'victor'})[1]\nreturn client ~= nil and client.initialized"
)
HUNKS = "return vim.tbl_map(function(each) return each.lnum end, vim.diagnostic.get(0))"

Open = Callable[..., Window]


@pytest.fixture
def window(open_neovim: Open, tmp_path: Path, workspace: Path) -> Window:
    """A window with the manual's mapping, whose model explains first and then changes; what is said is recorded."""
    home, script = tmp_path / "victor-home", tmp_path / "script.jsonl"
    script.write_text("".join(json.dumps({"text": each}) + "\n" for each in ANSWERS))
    profile = (
        f"profiles:\n  default: {{provider: scripted, model: demo, script: {json.dumps(str(script))}}}\n"
    )
    write_tree(home, {"profiles.yaml": profile})
    write_tree(workspace, {"both.py": CODE})
    recorded = (sys.executable, "-P", str(TAP), str(tmp_path / "log.jsonl"), "--", *SERVER)
    mapping = re.findall(r"```lua\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.DOTALL)[0]
    more = f"vim.g.mapleader = ' '\nvim.env.VICTOR_HOME = {json.dumps(str(home))}\n{mapping}"
    return open_neovim("both.py", server=recorded, more=more)


def test_explained_and_changed(window: Window, tmp_path: Path, workspace: Path) -> None:
    """The mapping opens a document beside the code; what the comment says is done once its hunks are accepted."""
    window.wait_until(lambda: window.lua(READY), "the server")
    window.run("3")
    window.type(" ve")
    window.wait_until(lambda: "It gives `a` back." in window.lines(), "the document")
    assert window.lines()[0] == "# Explain both"
    window.run("buffer both.py")
    window.run("2")
    window.run("lua vim.lsp.buf.code_action()")
    window.wait_for_text("Type number and <Enter>")
    title = "Victor: do what the comment says: return both"
    (entry,) = [row for row in window.screen.lines() if row.partition(": ")[2].startswith(title)]
    window.type(f"{entry.partition(':')[0]}<CR>")
    shown = window.wait_until(lambda: window.lua(HUNKS), "the hunks")
    assert window.lines() == CODE.splitlines()
    for _ in shown:
        line = window.lua(HUNKS)[-1]
        window.run(str(line + 1))
        window.run(
            "lua vim.lsp.buf.code_action({ apply = true, filter = function(each)"
            " return each.title:find('accept this change') ~= nil end })"
        )
        window.wait_until(partial(_is_settled, window, line), "the hunk in the buffer")
    window.wait_until(lambda: window.lines() == ["def both(a, b):", "    return a, b"], "the change")
    assert (workspace / "both.py").read_text() == CODE
    window.run("qa!")
    assert window.wait_until_quit() == 0
    assert check_log(tmp_path / "log.jsonl") == []


def _is_settled(window: Window, line: int) -> bool:
    """Whether no hunk waits at a line any more."""
    return line not in window.lua(HUNKS)
