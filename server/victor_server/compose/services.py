"""Builds what the LSP edge works with, for one set of settings."""

from victor_server.compose.worker_command import worker_command
from victor_server.features.secrets_on_save.service import SecretsOnSave
from victor_server.features.workspace_index import IndexOptions, WorkspaceIndex
from victor_server.settings.resolved import Settings


class Services:
    """Everything behind the edge. Opened at initialize and again whenever settings change."""

    offline = True  # nothing in this program reaches beyond this machine

    def __init__(self, settings: Settings) -> None:
        options = IndexOptions(settings.index.max_file_bytes, settings.index.exclude)
        command = worker_command(settings)
        self.secrets = SecretsOnSave()
        self.index = WorkspaceIndex(settings.home, command, options, enabled=settings.index.enabled)

    async def close(self) -> None:
        """Let go of the worker's connection and of all roots."""
        await self.index.close()


def open_services(settings: Settings) -> Services:
    """Open services for `settings`; returns at once, the worker starts with the first root."""
    return Services(settings)
