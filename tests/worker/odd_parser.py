"""A parser child that misbehaves at files whose text says so; everything else is the real child."""

import os
import signal
import sys
import time
from pathlib import Path

from victor_indexer.parser import serve_jobs


def misbehave(text: str, path: str) -> str:
    """Hang, wait for a file, die, or die once, if the text asks for it; stands where redaction would."""
    if "please hang" in text:
        while True:
            pass
    if "please wait for" in text:
        while not Path(text.split("please wait for ")[1].strip()).exists():
            time.sleep(0.01)
    if "please die" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    if "please die once" in path:
        marker = Path(text.strip())
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return text


if __name__ == "__main__":
    file_cpu_s = float(sys.argv[1]) if sys.argv[1:] else 60
    serve_jobs(sys.stdin.buffer, sys.stdout.buffer, misbehave, file_cpu_s=file_cpu_s)
