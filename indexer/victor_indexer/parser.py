"""What a parser child does: read a job, look at each file, answer one message a file.

A job is `["files", root, [[path, size, mtime_ns, ctime_ns], …], max_bytes]`, `["text", path, text, 0]` or `["broken",
path, text, 0]`. One answer a file, in order, so that the worker knows which file the child was at when it died. The first message says
only that the child is up: one that dies before it has met with something other than a file.
"""

import contextlib
import gc
import os
import signal
import sys
from pathlib import Path
from typing import BinaryIO

from victor_indexer import wire
from victor_indexer.ingest import find_broken, parse_file, parse_text
from victor_indexer.model import FoundFile, Redact

_GC_THRESHOLD = 200_000
"""Objects between two collections: what a file leaves behind is freed by counting, cycles are rare here."""

_MEMORY_LIMIT_BYTES = 2 * 1024**3
_FILE_CPU_S = 60.0
"""The worker stops a child long before; this is for the child whose worker is no more."""


def serve_jobs(jobs: BinaryIO, answers: BinaryIO, redact: Redact, *, file_cpu_s: float = _FILE_CPU_S) -> None:
    """Answer jobs until the worker closes the pipe."""
    step_back()
    gc.set_threshold(_GC_THRESHOLD)
    with contextlib.suppress(BrokenPipeError):
        wire.write_message(answers, "up")
    while True:
        _end_after(0)
        try:
            kind, place, payload, max_bytes = wire.read_message(jobs)
        except EOFError:
            return
        with contextlib.suppress(BrokenPipeError):
            _end_after(file_cpu_s)
            if kind == "text":
                wire.write_message(answers, wire.parsed_to_wire(parse_text(place, payload, redact)))
                continue
            if kind == "broken":
                wire.write_message(answers, wire.parsed_to_wire(find_broken(place, payload)))
                continue
            root = Path(place)
            for path, size, mtime_ns, ctime_ns in payload:
                found = FoundFile(path, size, mtime_ns, ctime_ns)
                parsed = parse_file(root, found, redact, max_bytes=max_bytes)
                wire.write_message(answers, wire.parsed_to_wire(parsed))
                _end_after(file_cpu_s)


def _end_after(cpu_s: float) -> None:
    """Let the system end this process once it has used so much more CPU time; 0 stops the clock."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, cpu_s)


def step_back() -> None:
    """Lower this process's priority and bound its memory: parsing is never worth a slow editor."""
    if sys.platform == "win32":
        import psutil

        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        return
    import resource

    os.nice(10)
    with contextlib.suppress(OSError, ValueError):  # a lower limit may already be set
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_LIMIT_BYTES, resource.RLIM_INFINITY))
