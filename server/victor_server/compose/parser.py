"""Where a parser child enters: jobs on stdin, answers on stdout, secrets masked before anything is stored."""

import os
import sys

from victor_indexer.parser import serve_jobs
from victor_server.secrets.redaction.stored import redact


def main() -> None:
    """Serve the worker's jobs until it closes the pipe."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a stray print must not end up between two answers
    serve_jobs(sys.stdin.buffer, answers, redact)


if __name__ == "__main__":
    main()
