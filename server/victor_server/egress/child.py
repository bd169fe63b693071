"""Runs a program that cannot connect anywhere: `python -m victor_server.egress.child -- PROGRAM WORDS…`."""

import os
import sys

from victor_server.egress.no_connect import deny_connections

CANNOT = 126
"""Exit code where nothing could be done to hold the program, and it was not started."""


def main() -> None:
    """Become the program, without the power to connect."""
    words = sys.argv[sys.argv.index("--") + 1 :]
    if not deny_connections():
        sys.stderr.write("This system cannot keep a program from the network; it was not started.\n")
        sys.exit(CANNOT)
    try:
        os.execvp(words[0], words)  # noqa: S606  # no shell is wanted
    except OSError as error:
        sys.stderr.write(f"{words[0]}: {error.strerror}\n")
        sys.exit(CANNOT + 1)


if __name__ == "__main__":
    main()
