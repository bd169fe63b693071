"""Changes are reviewed in VS Code: one hunk taken, one refused, and all of it undone."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from vscode.scenario import Reply, Scenario, make_scenario
from vscode.window import TIMEOUT_MS, Window

pytestmark = pytest.mark.e2e

OpenWindow = Callable[..., Window]

CODE = '''"""Prices of a shop."""


def net(boxes):
    total = 0
    for box in boxes:
        total += box.price
    return total


def gross(boxes, tax):
    return net(boxes) * (1 + tax)
'''
_SUMMED = CODE[CODE.index("    total = 0") : CODE.index("\n\n\ndef gross")]
HALF = CODE.replace(_SUMMED, "    return sum(box.price for box in boxes)")
WANTED = HALF.replace("return net(boxes) * (1 + tax)", "return round(net(boxes) * (1 + tax), 2)")
STREAMED: Reply = [
    {"text": "```python\n" + WANTED[:60]},
    {"sleep_ms": 300},
    {"text": WANTED[60:] + "```\n"},
]
INSTRUCTION = "Sum in one line, and round to cents"
ACCEPT = re.compile(r"^\s*Accept$")
REJECT = re.compile(r"^\s*Reject$")


def open_shop(open_window: OpenWindow, folder: Path) -> tuple[Scenario, Window]:
    """A window with the file open, and a model that would change both of its functions."""
    scenario = make_scenario(folder, {"shop.py": CODE}, STREAMED, commit=True)
    window = open_window(scenario.workspace)
    window.open_file("shop.py")
    window.wait_for_status(re.compile(r"^\s*Victor$"))
    return scenario, window


def take_one_refuse_one_undo(window: Window, scenario: Scenario, picture: str) -> None:
    """Decide by the words above the hunks; what is saved is what was taken, and then what was there before."""
    expect(window.lens(ACCEPT)).to_have_count(2, timeout=TIMEOUT_MS)
    expect(window.page.locator(".comment-body .monaco-tokenized-source")).to_have_count(2, timeout=TIMEOUT_MS)
    window.screenshot(picture)
    window.lens(ACCEPT).first.click()
    expect(window.lens(ACCEPT)).to_have_count(1, timeout=TIMEOUT_MS)
    window.lens(REJECT).first.click()
    expect(window.lens(REJECT)).to_have_count(0, timeout=TIMEOUT_MS)
    window.run_command("File: Save")
    window.wait_until(lambda: (scenario.workspace / "shop.py").read_text() == HALF, "the half in the file")
    window.run_command("Victor: Undo Last Change by Victor")
    window.wait_until(lambda: "        total += box.price" in window.visible_lines(), "the undone text")
    window.run_command("File: Save")
    window.wait_until(lambda: (scenario.workspace / "shop.py").read_text() == CODE, "the file as it was")


def test_an_inline_edit(open_window: OpenWindow, tmp_path: Path) -> None:
    """Select, say what is wanted, and decide hunk by hunk."""
    scenario, window = open_shop(open_window, tmp_path)
    window.editor().click()
    window.press("Control+a")
    window.run_command("Victor: Edit with Victor…")
    window.answer_box(INSTRUCTION)
    take_one_refuse_one_undo(window, scenario, "inline-edit")


def test_a_code_action(open_window: OpenWindow, tmp_path: Path) -> None:
    """The lightbulb's list asks no model; what is chosen there comes for review."""
    scenario, window = open_shop(open_window, tmp_path)
    window.editor().click()
    window.press("Control+a")
    window.choose_action("Refactor...", "simplify", picture="code-actions")
    take_one_refuse_one_undo(window, scenario, "code-action-review")


@pytest.mark.torture
def test_hunks_are_decided_by_keys(open_window: OpenWindow, tmp_path: Path) -> None:
    """From change to change, and a key for yes or no: no mouse is needed."""
    scenario, window = open_shop(open_window, tmp_path)
    window.editor().click()
    window.press("Control+a")
    window.run_command("Victor: Edit with Victor…")
    window.answer_box(INSTRUCTION)
    expect(window.lens(ACCEPT)).to_have_count(2, timeout=TIMEOUT_MS)
    window.run_command("Victor: Show Change in Diff")
    window.page.locator(".monaco-diff-editor").first.wait_for()
    expect(window.page.locator(".monaco-diff-editor .comment-body")).to_have_count(0, timeout=TIMEOUT_MS)
    window.screenshot("review-diff")
    window.run_command("View: Close Editor")
    window.press("Control+k", "n")
    window.wait_for_status("Ln 12,")
    window.press("Control+k", "x")
    expect(window.lens(ACCEPT)).to_have_count(1, timeout=TIMEOUT_MS)
    window.press("Control+k", "n")
    window.wait_for_status("Ln 5,")
    window.press("Control+k", "a")
    expect(window.lens(ACCEPT)).to_have_count(0, timeout=TIMEOUT_MS)
    window.run_command("File: Save")
    window.wait_until(lambda: (scenario.workspace / "shop.py").read_text() == HALF, "one of two")
