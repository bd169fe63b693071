"""Holds one server: starts it, and ends it with all that it started once whoever asked for it is gone.

`python -m victor_server.agent.mcp.server_child HANDLE PROGRAM WORDS…`: HANDLE is the end of a pipe that ends with
whoever asked. The server has the standard streams to itself.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

CANNOT = 127
_SET_CHILD_SUBREAPER = 36
_TIME_LIMIT_S = 5.0
_LOOK_S = 0.01


def main() -> None:
    """Start it, and wait for its end or for ours."""
    lifeline, words = int(sys.argv[1]), sys.argv[2:]
    os.set_inheritable(lifeline, False)
    _adopt_orphans()
    try:
        server = subprocess.Popen(words)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{words[0]}: {getattr(error, 'strerror', None) or 'it cannot be started'}\n")
        sys.exit(CANNOT)
    _leave_streams()
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
    code = server.wait()
    end_all()
    os._exit(code & 0xFF)


def _adopt_orphans() -> None:
    """What the server leaves behind becomes our child, where the system can do that."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _leave_streams() -> None:
    """So that they end with the server."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for handle in range(3):
        os.dup2(nowhere, handle)


def _end_with(lifeline: int) -> None:
    with contextlib.suppress(OSError):
        while os.read(lifeline, 1):
            pass
    end_all()
    os._exit(0)


def end_all() -> None:
    """Kill all below this process, until there is nothing left or that takes too long."""
    import psutil

    until = time.monotonic() + _TIME_LIMIT_S
    while time.monotonic() < until:
        below = psutil.Process().children(recursive=True)
        for each in below:
            with contextlib.suppress(psutil.Error, OSError):
                each.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        with contextlib.suppress(OSError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if not below:
            return
        time.sleep(_LOOK_S)


if __name__ == "__main__":
    main()
