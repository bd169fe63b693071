"""What files, models and pages say is shown by a real VS Code, and orders nothing about."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from vscode.scenario import Reply, make_scenario
from vscode.window import TIMEOUT_MS, Window

pytestmark = pytest.mark.e2e

OpenWindow = Callable[..., Window]

CODE = "def price(n):\n    return 2 * n\n"
WANTED: Reply = {"text": "```python\ndef price(n):\n    return 3 * n\n```\n"}
TRAP = "[see why](command:workbench.action.closeSidebar).py"
ACCEPT = re.compile(r"^\s*Accept$")


def test_a_message_makes_no_command_of_a_files_name(open_window: OpenWindow, tmp_path: Path) -> None:
    """VS Code runs a command that a message links to: a file that is named like such a link stays a name."""
    scenario = make_scenario(tmp_path, {TRAP: CODE}, WANTED)
    window = open_window(scenario.workspace)
    window.open_file(TRAP)
    window.wait_for_status("Victor")
    window.run_command("Victor: Edit with Victor…")
    window.answer_box("Raise the price")
    expect(window.lens(ACCEPT)).to_have_count(1, timeout=TIMEOUT_MS)
    window.lens(ACCEPT).first.click()
    window.wait_until(lambda: "    return 3 * n" in window.visible_lines(), "the accepted line")
    window.run_command("Victor: Restore Checkpoint…")
    item = window.page.locator(".quick-input-list .monaco-list-row").first
    expect(item).to_contain_text("see why", timeout=TIMEOUT_MS)
    item.click()
    said = window.notification("Restored")
    expect(said).to_contain_text("see why", timeout=TIMEOUT_MS)
    expect(said.locator(".notification-list-item-message a")).to_have_count(0)
