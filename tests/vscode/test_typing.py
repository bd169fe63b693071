"""Typing in VS Code while the index of a large folder is built: every key arrives, in order."""

from collections.abc import Callable
from pathlib import Path

import pytest
from vscode.scenario import make_scenario
from vscode.window import Window

pytestmark = pytest.mark.e2e

N_FILES = 6_000
LINES = [f"value_{each} = {each} * {each + 1}  # the quick brown fox" for each in range(12)]


def files() -> dict[str, str]:
    """Many small files, spread over folders."""
    return {
        f"part{each % 60:02d}/module_{each}.py": f"def task_{each}(n):\n    return n + {each}\n"
        for each in range(N_FILES)
    }


def test_no_key_is_lost_while_it_indexes(open_window: Callable[..., Window], tmp_path: Path) -> None:
    """The index is under way when typing begins, and what is saved is what was typed."""
    scenario = make_scenario(tmp_path, {**files(), "notes.py": ""})
    window = open_window(scenario.workspace)
    window.open_file("notes.py").click()
    under_way = window.page.locator('.statusbar-item [aria-label*="Victor is "]').first
    under_way.wait_for()
    window.type("\n".join(LINES))
    assert under_way.is_visible(), "the index was ready before the typing was: take more files"
    window.save()
    typed = (scenario.workspace / "notes.py").read_text()
    assert typed == "\n".join(LINES)
    assert len(typed) > 500
