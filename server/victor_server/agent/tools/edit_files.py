"""The tools that change files: they say what is wanted, and the port `Edits` does it, hunk by hunk."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import Field, model_validator

from victor_server.agent.messages import ToolSpec
from victor_server.agent.tools.arguments import read_arguments, schema_of
from victor_server.agent.tools.built_in import ToolArguments
from victor_server.agent.tools.edits import (
    Block,
    ChangeFile,
    DeleteFile,
    EditOrigin,
    FileChange,
    MoveFile,
    WriteFile,
)
from victor_server.agent.tools.file_text import open_buffers
from victor_server.agent.tools.printable import printable
from victor_server.agent.tools.tool import Done, Place, Prepared, Scene, Streamed, Tool, ToolKind, Touched
from victor_server.agent.tools.workspace_paths import check_shown, name_in, resolve_in
from victor_server.errors import UsageError

MAX_BLOCKS = 100
MAX_CHARACTERS = 1_000_000
_PATH = "Relative to the workspace"


class Replacement(ToolArguments):
    """One place in a file."""

    search: str = Field(
        max_length=MAX_CHARACTERS, description="Whole lines as they stand there, enough to be there once"
    )
    replace: str = Field(max_length=MAX_CHARACTERS, description="What stands there afterwards")


class EditFile(ToolArguments):
    """Changes of one file."""

    path: str = Field(description=_PATH)
    edits: list[Replacement] = Field(min_length=1, max_length=MAX_BLOCKS)

    @model_validator(mode="before")
    @classmethod
    def _one_edit(cls, written: Any) -> Any:
        """One edit may stand beside the path, or alone for the list: models often write it so."""
        if not isinstance(written, dict):
            return written
        if "edits" not in written and {"search", "replace"} <= written.keys():
            rest = {name: value for name, value in written.items() if name not in ("search", "replace")}
            return rest | {"edits": [{"search": written["search"], "replace": written["replace"]}]}
        edits = written.get("edits")
        return written | {"edits": [edits]} if isinstance(edits, dict) else written


class CreateFile(ToolArguments):
    """A whole file."""

    path: str = Field(description=_PATH)
    text: str = Field(max_length=MAX_CHARACTERS)
    overwrite: bool = Field(False, description="Replace the file that is there")


class DeleteFileOf(ToolArguments):
    """A file that is to go."""

    path: str = Field(description=_PATH)


class MoveFileOf(ToolArguments):
    """A file that is to have another path."""

    path: str = Field(description=_PATH)
    to: str = Field(description="The new path, where nothing is yet")


def editing_tools() -> tuple[Tool, ...]:
    """All of them."""
    edit = "Change parts of a file: each `search` is replaced by its `replace`. Read the file first."
    return (
        _Editing("edit_file", "edit", edit, EditFile, _edit),
        _Editing("create_file", "edit", "Make a file with this text.", CreateFile, _create),
        _Editing("delete_file", "delete", "Delete a file.", DeleteFileOf, _delete),
        _Editing("move_file", "move", "Move or rename a file.", MoveFileOf, _move),
    )


Told = TypeVar("Told", bound=ToolArguments)


@dataclass(frozen=True, slots=True)
class _Editing(Generic[Told]):
    """A `Tool`. `change` says what is wanted, and as which line a person reads it; it blocks."""

    name: str
    kind: ToolKind
    description: str
    arguments: type[Told]
    change: Callable[[Told, Scene], tuple[str, FileChange]]

    @property
    def spec(self) -> ToolSpec:
        """What a model is told of it."""
        return ToolSpec(self.name, self.description, schema_of(self.arguments))

    def prepare(self, call_id: str, arguments: Mapping[str, Any], scene: Scene) -> Prepared:
        """Read the arguments; nothing is changed."""
        title, change = self.change(read_arguments(self.arguments, arguments), scene)
        edits = scene.edits
        if edits is None:
            raise UsageError("Files cannot be changed here.", "Show the person what to change.")
        origin = EditOrigin(title, scene.root, scene.session_id, scene.turn_id, call_id)

        async def run(review: bool) -> AsyncGenerator[Streamed | Done, None]:
            answer = await edits.change([change], origin, review=review)
            yield Done(answer.text, answer.is_error, diffs=answer.diffs)

        paths = _paths(change)
        touched = Touched(title, paths, places=tuple(Place(path) for path in paths))
        return Prepared(touched, run, is_reviewed=True)


def _paths(change: FileChange) -> tuple[Path, ...]:
    return (change.path, change.to) if isinstance(change, MoveFile) else (change.path,)


def _edit(told: EditFile, scene: Scene) -> tuple[str, FileChange]:
    path = _there(told.path, scene)
    blocks = tuple(Block(each.search, each.replace) for each in told.edits)
    return f"Edit {_named(scene.root, path)}", ChangeFile(path, blocks)


def _create(told: CreateFile, scene: Scene) -> tuple[str, FileChange]:
    path = _resolved(told.path, scene, must_exist=False)
    if path.is_dir():
        raise UsageError(f"{_named(scene.root, path)} is a folder.", "Give the path of a file.")
    verb = "Write" if told.overwrite and path.exists() else "Create"
    return f"{verb} {_named(scene.root, path)}", WriteFile(path, told.text, told.overwrite)


def _delete(told: DeleteFileOf, scene: Scene) -> tuple[str, FileChange]:
    path = _there(told.path, scene)
    return f"Delete {_named(scene.root, path)}", DeleteFile(path)


def _move(told: MoveFileOf, scene: Scene) -> tuple[str, FileChange]:
    path, to = _there(told.path, scene), _resolved(told.to, scene, must_exist=False)
    if to.exists():
        raise UsageError(f"{_named(scene.root, to)} is there already.", "Give a path where nothing is yet.")
    return f"Move {_named(scene.root, path)} to {_named(scene.root, to)}", MoveFile(path, to)


def _there(written: str, scene: Scene) -> Path:
    """A file that is there, on disk or as a new document of the editor."""
    path = _resolved(written, scene, must_exist=False)
    if path not in open_buffers(scene):
        path = _resolved(written, scene, must_exist=True)
    if path.is_dir():
        raise UsageError(f"{_named(scene.root, path)} is a folder.", "Only files can be changed.")
    return path


def _named(root: Path, path: Path) -> str:
    """As `name_in`, in one line: a link may lead to a file of any name."""
    return printable(name_in(root, path))


def _resolved(written: str, scene: Scene, *, must_exist: bool) -> Path:
    path = resolve_in(scene.root, written, must_exist=must_exist)
    if path == scene.root:
        raise UsageError("That is the workspace itself.", "Give the path of a file in it.")
    check_shown(scene.sources.private.why, scene.root, path, written)
    return path
