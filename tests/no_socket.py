"""Runs programs in which no Python process can open a socket or look up a name, and tells which tried."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

_GUARD = """\
import os
import sys


def _forbid(event, arguments):
    if event.startswith("socket.") and not _is_probe():
        with open(os.environ["SOCKETS_OPENED"], "a", encoding="utf-8") as file:
            print(event, sys.argv, file=file)
        raise PermissionError(f"{event} is forbidden here")


def _is_probe():
    # urllib3, which detect-secrets imports, asks the system once whether it knows IPv6, by binding a socket of its own.
    frame = sys._getframe(2)
    while frame and frame.f_code.co_name != "_has_ipv6":
        frame = frame.f_back
    return frame is not None and frame.f_globals.get("__name__") == "urllib3.util.connection"


sys.addaudithook(_forbid)
"""


class NoSocket:
    """Every Python below it loads the guard first, also one that git starts for a hook."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(_GUARD, encoding="utf-8")
        self._log = folder / "opened.txt"
        self._environment = os.environ | {"PYTHONPATH": str(folder), "SOCKETS_OPENED": str(self._log)}

    def run(self, command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
        """Run it, in a network namespace of its own where that is allowed: not even loopback is up there."""
        return subprocess.run(
            [*_without_network(), *command],
            cwd=folder,
            env=self._environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    def python(self, code: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run this code."""
        return self.run([sys.executable, "-P", "-c", code], folder)

    def victor(self, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the command line."""
        return self.run([str(Path(sys.executable).with_name("victor")), *words], folder)

    @property
    def opened(self) -> str:
        """What was tried, a line for each; "" for nothing."""
        return self._log.read_text("utf-8") if self._log.exists() else ""


@cache
def _without_network() -> tuple[str, ...]:
    unshare = shutil.which("unshare")
    if unshare and not subprocess.run([unshare, "-rn", "true"], capture_output=True, check=False).returncode:
        return (unshare, "-rn")
    return ()
