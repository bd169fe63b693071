"""Whether commands of a model could run here, as `victor doctor` says it."""

import asyncio
import tempfile
from pathlib import Path

from victor_server.agent.sandbox.find import find_sandbox
from victor_server.errors import Unavailable
from victor_server.policy.policy import Policy
from victor_server.settings.resolved import Settings


def look_at_sandbox(settings: Settings) -> tuple[bool, str, str]:
    """Whether there is one, what it is or why not, and what to do. It is tried with a command that does nothing.

    To have none is all right: then no command runs.
    """
    with tempfile.TemporaryDirectory(prefix="victor-") as folder:
        try:
            found = asyncio.run(find_sandbox(Path(folder), Policy(), settings.sandbox))
        except Unavailable as error:
            return settings.sandbox.kind == "auto", f"no command runs: {error.message}", error.fix
    return True, f"commands run in {found.name}", ""
