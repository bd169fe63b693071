"""What models and repositories say is shown by the Neovim plugin, hides nothing and orders nothing about."""

from pathlib import Path

import pytest
from nvim_plugin import Open, leave, scripted, shown, wait_for_server
from repositories import write_tree

pytestmark = pytest.mark.e2e

LONG = f"touch {'harmless-' * 24} {' '.join(f'and-{n}' for n in range(300))} hidden-tail"
CALL = {"tool": {"name": "run_command", "arguments": {"command": LONG}}}


def test_a_long_command_is_read_to_its_end_before_a_yes(
    open_plugin: Open, tmp_path: Path, workspace: Path
) -> None:
    """What does not fit is asked for only once it was shown whole; until then it can be refused."""
    write_tree(workspace, {"deploy.py": "pass\n"})
    home, server = scripted(tmp_path, [CALL, {"text": "Done."}])
    window = open_plugin("deploy.py", server=server, before=home)
    wait_for_server(window)
    window.run("Victor ask do it")
    window.wait_for_text("1: Show all of it first")
    assert not shown(window, "Allow")
    window.type("1<CR>")
    window.wait_for_text("close the window (q) to answer")
    window.type("G")
    window.wait_for_text("hidden-tail")
    window.type("q")
    window.wait_for_text("1: Allow once")
    window.type("4<CR><CR>")
    window.wait_for_text("Done.")
    leave(window)
