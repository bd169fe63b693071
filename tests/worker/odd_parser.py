"""A parser child that misbehaves at files whose text says so; everything else is the real child."""

import os
import signal
import sys
from pathlib import Path

from victor_indexer.parser import serve_jobs


def misbehave(text: str, path: str) -> str:
    """Hang, die, or die once, if the text asks for it; stands where redaction would."""
    if "please hang" in text:
        while True:
            pass
    if "please die" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "please die once" in path:
        marker = Path(text.strip())
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return text


if __name__ == "__main__":
    serve_jobs(sys.stdin.buffer, sys.stdout.buffer, misbehave)
