"""`victor --version`."""

import sys

from victor_server import __version__

PROTOCOL_VERSION = 1
"""Of the `victor/*` messages; the same number stands in `capabilities.experimental.victor`."""


def show_version(*, json: bool) -> int:
    """Print which Victor this is, which protocol it speaks, and which Python runs it."""
    python = ".".join(map(str, sys.version_info[:3]))
    if json:
        import json as jsonlib

        print(jsonlib.dumps({"version": __version__, "protocol": PROTOCOL_VERSION, "python": python}))
    else:
        print(f"victor {__version__} (protocol {PROTOCOL_VERSION}, Python {python})")
    return 0
