"""Under which name a person commits: all that a sandboxed git is told of the person's own settings of git."""

import os
import subprocess
from pathlib import Path

_TIME_LIMIT_S = 5.0
_KEYS = ("name", "email")


def git_identity(program: Path | None, person: Path) -> str:
    """Settings for git with the name and address of the person whose home folder this is; "" where git knows none.

    Blocks. The rest of those settings may hold keys, and programs to be run.
    """
    found = {key: _asked(program, person, key) for key in _KEYS} if program else {}
    lines = [f'\t{key} = "{_quoted(value)}"\n' for key, value in found.items() if value]
    return "[user]\n" + "".join(lines) if lines else ""


def _asked(program: Path, person: Path, key: str) -> str:
    environment = {"HOME": str(person), "PATH": os.defpath, "GIT_CONFIG_NOSYSTEM": "1"}
    try:
        done = subprocess.run(
            [program, "config", "--global", "--includes", "--get", f"user.{key}"],
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIME_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else ""


def _quoted(value: str) -> str:
    return " ".join(value.split()).replace("\\", "\\\\").replace('"', '\\"')
