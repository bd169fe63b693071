"""What `make demo-team` tells."""

import subprocess
import sys

import pytest
from tools.generate import ROOT

pytestmark = pytest.mark.e2e


def test_everything_is_as_the_demo_tells() -> None:
    """A backend, two editors, a budget that stops one of them, an audit log that verifies, metrics, usage."""
    done = subprocess.run(
        [sys.executable, "-P", str(ROOT / "tests/demo/team.py")],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "grace's editor: goes on; the budget was ada's" in done.stdout
