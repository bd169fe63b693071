"""Typing in VS Code while the index of a large folder is built: every key arrives, in order."""

from collections.abc import Callable
from pathlib import Path

import pytest
from vscode.scenario import make_scenario
from vscode.window import Window

pytestmark = pytest.mark.e2e

N_FILES = 10_000
LEAST, MOST = 15, 150
"""How many lines are typed each time, unless the index is ready later."""
TIMES = 5


def files() -> dict[str, str]:
    """Many small files, spread over folders."""
    return {
        f"part{each % 60:02d}/module_{each}.py": f"def task_{each}(n):\n    return n + {each}\n"
        for each in range(N_FILES)
    }


def test_no_key_is_lost_while_it_indexes(open_window: Callable[..., Window], tmp_path: Path) -> None:
    """The index is built anew, and typing goes on until it is ready; what is saved is what was typed."""
    scenario = make_scenario(tmp_path, {**files(), "notes.py": ""})
    window = open_window(scenario.workspace)
    window.open_file("notes.py")
    window.page.locator('.statusbar-item [aria-label*="the index is ready"]').first.wait_for()
    typed: list[str] = []
    # On a busy machine the index may be quicker than the mouse: then once more.
    assert any(type_while_it_indexes(window, typed) for _ in range(TIMES)), (
        "the index was always ready before a line was typed: take more files"
    )
    window.save()
    assert (scenario.workspace / "notes.py").read_text().splitlines() == typed
    assert sum(map(len, typed)) > 500


def type_while_it_indexes(window: Window, typed: list[str]) -> int:
    """Add lines to the file and to `typed`; how many of them were typed before the index was ready."""
    window.run_command("Victor: Rebuild Index…")
    window.page.locator(".monaco-dialog-box").get_by_role("button", name="Rebuild").click()
    under_way = window.page.locator('.statusbar-item [aria-label*="Victor is "]').first
    under_way.wait_for()
    window.press("Control+1")
    before, meanwhile = len(typed), 0
    while len(typed) - before < LEAST or (under_way.is_visible() and len(typed) - before < MOST):
        typed.append(f"value_{len(typed)} = {len(typed)} * 2  # the quick brown fox")
        window.type(typed[-1] + "\n")
        meanwhile += under_way.is_visible()
    return meanwhile
