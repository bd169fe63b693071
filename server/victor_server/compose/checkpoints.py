"""Opens the store of checkpoints, which puts in order what a crash has left of files."""

from victor_server.features.edits.disk_files import remove_leftover
from victor_server.history.checkpoints import Checkpoints
from victor_server.settings.resolved import Settings


def checkpoints_of(settings: Settings) -> Checkpoints:
    """The store of one VICTOR_HOME. Nothing is made before it is needed."""
    return Checkpoints(settings.home / "checkpoints", settings.checkpoints, mend=remove_leftover)
