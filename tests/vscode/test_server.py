"""The server behind VS Code's window: how far the index is, where questions go, and what happens when it dies."""

import re
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import expect
from vscode.chat import ChatView
from vscode.scenario import Scenario, make_scenario
from vscode.server import CodeServer
from vscode.window import TIMEOUT_MS, Window

pytestmark = pytest.mark.e2e

OpenWindow = Callable[..., Window]

READY = re.compile(r"^\s*Victor$")
CODE = '''"""Prices of a shop."""


def total(boxes, tax):
    """What a customer pays for all boxes, tax included."""
    return round(sum(box.price for box in boxes) * (1 + tax), 2)
'''
FILES = {
    "shop/prices.py": CODE,
    "shop/tax.py": '"""Taxes by country."""\n\n\ndef tax_of(country):\n    """The tax on prices there."""\n    return RATES[country]\n\n\nRATES = {"de": 0.19}\n',
    "shop/stock.py": '"""What lies in the store."""\n\n\ndef boxes_left(store):\n    """How many boxes can still be sold."""\n    return len(store.boxes)\n',
    "README.md": "# Shop\n\nSells boxes.\n",
}


def server_of(scenario: Scenario) -> psutil.Process | None:
    """The language server that was started for this story, by the home that its command names."""
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if words and words[-1] == "lsp" and any(str(scenario.home) in word for word in words):
            return process
    return None


def index_says(window: Window, text: str) -> None:
    """Wait until the status bar's entry is described so: what a screen reader says."""
    window.page.locator(f'.statusbar-item [aria-label*="{text}"]').first.wait_for()


def test_the_index_finishes_and_is_searched(open_window: OpenWindow, tmp_path: Path) -> None:
    """The status bar says so; then a search finds the place and opens it."""
    scenario = make_scenario(tmp_path, FILES, commit=True)
    window = open_window(scenario.workspace)
    index_says(window, f"the index is ready, {len(FILES)} files")
    window.screenshot("index-ready")
    window.run_command("Victor: Search Code…")
    window.open_box().fill("what a customer pays with tax")
    window.page.locator(".quick-input-list .monaco-list-row", has_text="total").first.wait_for()
    window.screenshot("search")
    window.press("Enter")
    window.page.locator('.tab.active[data-resource-name="prices.py"]').wait_for()


def test_offline_is_shown(open_window: OpenWindow, tmp_path: Path) -> None:
    """In words beside the sign, so that nobody has to know the sign."""
    scenario = make_scenario(tmp_path, FILES, profiles="offline_mode: true\n", commit=True)
    window = open_window(scenario.workspace)
    index_says(window, "the index is ready")
    window.wait_for_status("offline").hover()
    window.wait_for_text("nothing outside of this machine is reached")
    window.screenshot("offline")


def test_a_killed_server_is_back_with_the_chat(open_window: OpenWindow, tmp_path: Path) -> None:
    """It is said, it is started again by itself, and the chat goes on where it was."""
    answers = [{"text": "It adds up."}, {"text": "Still here."}]
    scenario = make_scenario(tmp_path, {"shop.py": CODE}, *answers)
    window = open_window(scenario.workspace)
    chat = ChatView(window)
    chat.ask("What does total do?")
    chat.wait_for("It adds up.")
    server = server_of(scenario)
    assert server is not None
    scenario.says(answers[1])
    server.kill()
    server.wait(60)
    window.wait_until(lambda: (now := server_of(scenario)) and now.pid != server.pid, "another server")
    window.wait_for_status(READY)
    chat.wait_for("It adds up.")
    chat.ask("Are you there?")
    chat.wait_for("Still here.")
    assert chat.find(".talk", "It adds up.").is_visible()


def test_a_folder_that_is_not_trusted_is_restricted(
    open_window: OpenWindow, make_code_server: Callable[..., CodeServer], tmp_path: Path
) -> None:
    """The program that the folder names is not run; what the person set serves, says so, and flags secrets."""
    key = "AKIA" + "Q3EGRTZLXN5MHPWD"
    scenario = make_scenario(tmp_path, {"shop.py": CODE, "store.py": f'AWS_ACCESS_KEY_ID = "{key}"\n'})
    planted = tmp_path / "planted"
    planted.write_text(f"#!/bin/sh\ntouch {tmp_path / 'planted-ran'}\n")
    planted.chmod(0o755)
    scenario.set({"victor.editor.command": [str(planted)]})
    trust = {"security.workspace.trust.enabled": True, "security.workspace.trust.startupPrompt": "never"}
    window = open_window(scenario.workspace, make_code_server(settings={**scenario.settings, **trust}))
    window.wait_for_status("Restricted Mode")
    index_says(window, "the index is ready")
    window.open_file("store.py")
    expect(window.squiggles()).to_have_count(1, timeout=TIMEOUT_MS)
    window.wait_for_status(READY).hover()
    window.wait_for_text("This folder is not trusted in the editor")
    window.screenshot("restricted")
    assert server_of(scenario) is not None
    assert not (tmp_path / "planted-ran").exists()
