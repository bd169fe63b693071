"""The files of a workspace that tools look through: those that the index would take, and no private ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from victor_indexer.scan import scan
from victor_indexer.scan.filenames import VCS_FOLDERS
from victor_server.agent.tools.file_text import MAX_FILE_BYTES, open_buffers
from victor_server.agent.tools.tool import Scene
from victor_server.agent.tools.workspace_paths import name_in

_NOT_SEARCHED = frozenset({"binary", "too_large", "symlink", "special_file"})


@dataclass(frozen=True, slots=True)
class Listed:
    """Paths relative to the root, sorted: `files` are text as far as one can tell, `others` are not, or are links.

    `n_private` counts those that are kept back.
    """

    files: Sequence[str]
    others: Sequence[str]
    n_private: int


def list_files(scene: Scene, exclude: Sequence[str], is_cancelled: Callable[[], bool]) -> Listed:
    """What is in the workspace and not ignored, with what the editor has open. Blocks.

    `exclude` are patterns as of the setting `index.exclude`. Raises as `scan`.
    """
    found = scan(scene.root, cancelled=is_cancelled, max_bytes=MAX_FILE_BYTES, exclude=exclude)
    files = {each.path for each in found.files}
    others = {each.path for each in found.skipped if each.reason in _NOT_SEARCHED}
    n_private = sum(each.reason == "secret_file" for each in found.skipped)
    why = scene.sources.private.why
    files |= _unsaved(scene) - others
    shown = sorted(path for path in files if not why(path))
    return Listed(
        shown, sorted(path for path in others if not why(path)), n_private + len(files) - len(shown)
    )


def _unsaved(scene: Scene) -> set[str]:
    """New documents, which no walk over the disk finds."""
    names = {
        name_in(scene.root, path)
        for path, buffer in open_buffers(scene).items()
        if buffer.edited and path.is_relative_to(scene.root) and not path.exists()
    }
    return {name for name in names if VCS_FOLDERS.isdisjoint(name.lower().split("/"))}
