"""Builds a client of the index worker."""

from victor_server.compose.worker_command import worker_command
from victor_server.features.workspace_index import IndexOptions, WorkspaceIndex
from victor_server.settings.resolved import Settings


def open_index(settings: Settings) -> WorkspaceIndex:
    """The index for `settings`; the worker starts with the first root."""
    options = IndexOptions(settings.index.max_file_bytes, settings.index.exclude)
    return WorkspaceIndex(settings.home, worker_command(settings), options, enabled=settings.index.enabled)
