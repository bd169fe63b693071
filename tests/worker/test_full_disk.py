"""A full disk is said once, costs nothing that was there, and is recovered from."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

_MOUNTED = 'mount -t tmpfs -o size=40m none "$1" && shift && exec "$@"'


def namespace_words() -> list[str]:
    """How to get a mount namespace of one's own here; skips, loudly, where there is none."""
    for options in (["-m"], ["-r", "-m"]):
        words = ["unshare", *options]
        if shutil.which("unshare") and subprocess.run([*words, "true"], check=False).returncode == 0:
            return words
    pytest.skip(
        "no mount namespace can be made here (Linux with unshare is needed): full disks are not tested"
    )


def test_a_full_disk_is_said_once_and_recovered_from(tmp_path: Path) -> None:
    """The index says that there is no space, answers from what it has, and goes on once there is space."""
    disk, root = tmp_path / "disk", tmp_path / "root"
    disk.mkdir()
    scenario = Path(__file__).with_name("full_disk.py")
    words = [*namespace_words(), "sh", "-c", _MOUNTED, "sh", str(disk)]
    words += [sys.executable, "-P", str(scenario), str(disk), str(root)]
    done = subprocess.run(words, env=dict(os.environ), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
