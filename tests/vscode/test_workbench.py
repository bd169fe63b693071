"""The window itself: what the other stories stand on."""

from collections.abc import Callable
from pathlib import Path

import pytest
from vscode.scenario import make_scenario
from vscode.window import Window

pytestmark = pytest.mark.e2e


def test_a_file_is_opened_typed_into_and_saved(open_window: Callable[..., Window], tmp_path: Path) -> None:
    """Keys reach the editor, and what is saved is what was typed."""
    scenario = make_scenario(tmp_path, {"first.py": ""})
    window = open_window(scenario.workspace)
    window.open_file("first.py").click()
    window.type("one = 1\ntwo = 2\n")
    window.save()
    assert (scenario.workspace / "first.py").read_text() == "one = 1\ntwo = 2\n"
    assert window.visible_lines()[:2] == ["one = 1", "two = 2"]
    window.screenshot("workbench")
