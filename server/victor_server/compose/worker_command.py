"""How a client starts the index worker. Loads nothing of what the worker needs: the language server imports this."""

import sys

from victor_indexer.client import WorkerCommand
from victor_server.settings.resolved import Settings


def worker_command(settings: Settings) -> WorkerCommand:
    """Return how a client starts the worker for these settings."""
    words = [sys.executable, "-P", "-m", "victor_server.compose.worker"]
    words += ["--home", str(settings.home), "--index", str(settings.index_folder)]
    words += ["--parsers", str(settings.index.workers)]
    # Few allocator arenas: memory freed by one of Arrow's many threads serves the others again.
    return WorkerCommand(words, {"MALLOC_ARENA_MAX": "2", "OMP_WAIT_POLICY": "PASSIVE"})
