"""What stands around a review in VS Code: the writing is watched and stopped, changes are restored, commits get words."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from repositories import run_git
from vscode.scenario import Reply, make_scenario
from vscode.window import TIMEOUT_MS, Window

pytestmark = pytest.mark.e2e

OpenWindow = Callable[..., Window]

CODE = "def price(n):\n    return 2 * n\n"
WANTED = "def price(n):\n    return 3 * n\n"
WHOLE: Reply = {"text": f"```python\n{WANTED}```\n"}
NEVER_DONE: Reply = [{"text": f"```python\n{WANTED}"}, {"sleep_ms": 600_000}]
SLOW: Reply = [{"text": f"```python\n{WANTED}"}, {"sleep_ms": 3_000}, {"text": "```\n"}]
MESSAGE: Reply = {"text": "Raise the price\n\nIt is three times the number now."}
ACCEPT = re.compile(r"^\s*Accept$")


def test_what_is_written_is_seen_and_stopped(open_window: OpenWindow, tmp_path: Path) -> None:
    """The new line stands in place while the model still writes; Esc ends it, and nothing is left to review."""
    scenario = make_scenario(tmp_path, {"prices.py": CODE}, NEVER_DONE)
    window = open_window(scenario.workspace)
    window.open_file("prices.py")
    window.wait_for_status("Victor")
    window.run_command("Victor: Edit with Victor…")
    window.answer_box("Raise the price")
    zone = window.page.locator(".review-widget")
    expect(zone).to_contain_text("return 3 * n", timeout=TIMEOUT_MS)
    expect(zone).to_contain_text("Victor is writing")
    window.screenshot("inline-edit-writing")
    window.run_command("View: Focus Active Editor Group")
    window.press("Escape")
    expect(zone).to_have_count(0, timeout=TIMEOUT_MS)
    expect(window.lens(ACCEPT)).to_have_count(0)
    assert (scenario.workspace / "prices.py").read_text() == CODE


@pytest.mark.torture
def test_a_change_is_taken_back_and_that_too(open_window: OpenWindow, tmp_path: Path) -> None:
    """A checkpoint is chosen from a list; what it did to the file can be undone by a button."""
    scenario = make_scenario(tmp_path, {"prices.py": CODE}, WHOLE)
    window = open_window(scenario.workspace)
    window.open_file("prices.py")
    window.wait_for_status("Victor")
    window.run_command("Victor: Edit with Victor…")
    window.answer_box("Raise the price")
    expect(window.lens(ACCEPT)).to_have_count(1, timeout=TIMEOUT_MS)
    window.lens(ACCEPT).first.click()
    window.wait_until(lambda: "    return 3 * n" in window.visible_lines(), "the accepted line")
    window.run_command("Victor: Restore Checkpoint…")
    item = window.page.locator(".quick-input-list .monaco-list-row").first
    expect(item).to_contain_text("prices.py", timeout=TIMEOUT_MS)
    window.screenshot("checkpoints")
    item.click()
    said = window.notification("Restored prices.py.")
    said.wait_for()
    window.wait_until(lambda: "    return 2 * n" in window.visible_lines(), "the line of before")
    said.get_by_role("button", name="Undo").click()
    window.wait_until(lambda: "    return 3 * n" in window.visible_lines(), "the accepted line again")


def test_a_commit_gets_its_message(open_window: OpenWindow, tmp_path: Path) -> None:
    """What is staged is put in words, in the box of the editor's own Git extension."""
    scenario = make_scenario(tmp_path, {"prices.py": CODE}, MESSAGE, commit=True)
    scenario.write({"prices.py": WANTED})
    run_git(scenario.workspace, "add", "prices.py")
    window = open_window(scenario.workspace)
    window.wait_for_status("Victor")
    window.wait_for_status("main")
    window.run_command("Victor: Write Commit Message")
    box = window.page.locator(".scm-editor")
    expect(box).to_contain_text("It is three times the number now.", timeout=TIMEOUT_MS)
    window.screenshot("commit-message")


@pytest.mark.torture
def test_who_types_meanwhile_goes_on_typing(open_window: OpenWindow, tmp_path: Path) -> None:
    """The cursor of somebody who has gone on elsewhere is left where it is when the edit comes."""
    scenario = make_scenario(tmp_path, {"prices.py": CODE}, SLOW)
    window = open_window(scenario.workspace)
    window.open_file("prices.py")
    window.wait_for_status("Victor")
    window.run_command("Victor: Edit with Victor…")
    window.answer_box("Raise the price")
    expect(window.page.locator(".review-widget")).to_contain_text("return 3 * n", timeout=TIMEOUT_MS)
    window.run_command("View: Focus Active Editor Group")
    window.press("Control+End")
    window.type("\nnot_done = ")
    expect(window.lens(ACCEPT)).to_have_count(1, timeout=TIMEOUT_MS)
    window.type("False")
    window.wait_until(
        lambda: "not_done = False" in window.visible_lines(), "all that was typed, in one place"
    )
