"""A secret in VS Code: flagged when the file is saved, and taken out by a quick fix."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from vscode.scenario import make_scenario
from vscode.window import TIMEOUT_MS, Window

pytestmark = pytest.mark.e2e

KEY = "AKIA" + "Q3EGRTZLXN5MHPWD"  # made up, and in two pieces: scanners must not trip over this file
CODE = '"""Opens the store."""\n\nimport boto3\n\n'
REST = (
    '\n\ndef open_store(region: str) -> object:\n    return boto3.client("s3", region, AWS_ACCESS_KEY_ID)\n'
)


def test_a_secret_is_flagged_on_save_and_moved_by_a_fix(
    open_window: Callable[..., Window], tmp_path: Path
) -> None:
    """The underline stands under the key, names no key, and is gone once the code reads the environment."""
    scenario = make_scenario(tmp_path, {"store.py": CODE + REST}, commit=True)
    window = open_window(scenario.workspace)
    window.open_file("store.py")
    window.go_to_line(4)
    window.type(f'AWS_ACCESS_KEY_ID = "{KEY}"')
    window.save()
    expect(window.squiggles()).to_have_count(1, timeout=TIMEOUT_MS)
    said = window.read_problem()
    assert "AWS" in said
    assert KEY not in said
    window.screenshot("secret-flagged")
    window.dismiss(".marker-widget")
    window.quick_fix("environment variable")
    window.wait_until(lambda: any("os.environ" in line for line in window.visible_lines()), "the fix")
    expect(window.squiggles()).to_have_count(0, timeout=TIMEOUT_MS)
    window.save()
    saved = (scenario.workspace / "store.py").read_text()
    assert KEY not in saved
    assert 'AWS_ACCESS_KEY_ID = os.environ["AWS_ACCESS_KEY_ID"]' in saved
    window.screenshot("secret-fixed")
