"""The tools that change files: what they ask of the port, and what they refuse before anything is asked."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from context_sources import MemoryEditor
from offered_tools import scene_at

from victor_server.agent.context.sources import Buffer
from victor_server.agent.tools.edit_files import editing_tools
from victor_server.agent.tools.edits import (
    Block,
    ChangeFile,
    DeleteFile,
    EditAnswer,
    EditOrigin,
    FileChange,
    MoveFile,
    WriteFile,
)
from victor_server.agent.tools.tool import Diff, Done, Prepared, Scene
from victor_server.errors import SecretBlocked, UsageError

TOOLS = {tool.spec.name: tool for tool in editing_tools()}


@dataclass(slots=True)
class Asked:
    """Implements `Edits`: remembers what was asked, and answers."""

    answer: EditAnswer = field(default_factory=lambda: EditAnswer("Done."))
    changes: list[FileChange] = field(default_factory=list)
    origins: list[EditOrigin] = field(default_factory=list)
    reviews: list[bool] = field(default_factory=list)

    async def change(self, changes: Sequence[FileChange], origin: EditOrigin, *, review: bool) -> EditAnswer:
        """Change nothing."""
        self.changes += changes
        self.origins.append(origin)
        self.reviews.append(review)
        return self.answer


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with a file, a folder and a private file."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("x = 1\n")
    (tmp_path / ".env").write_text("x")
    return tmp_path


def prepare(tool: str, scene: Scene, **arguments: Any) -> Prepared:
    """One call."""
    return TOOLS[tool].prepare("call1", arguments, scene)


async def done(prepared: Prepared, *, review: bool) -> Done:
    """Its result."""
    async with aclosing(prepared.run(review)) as events:
        (event,) = [event async for event in events]
    assert isinstance(event, Done)
    return event


@pytest.mark.parametrize(
    ("tool", "arguments", "change", "title"),
    [
        (
            "edit_file",
            {"path": "src/a.py", "edits": [{"search": "x", "replace": "[REDACTED:k:1:a]"}]},
            lambda root: ChangeFile(root / "src/a.py", (Block("x", "[REDACTED:k:1:a]"),)),
            "Edit src/a.py",
        ),
        (
            "create_file",
            {"path": "new/b.py", "text": "y\n"},
            lambda root: WriteFile(root / "new/b.py", "y\n"),
            "Create new/b.py",
        ),
        (
            "create_file",
            {"path": "src/../src/a.py", "text": "y\n", "overwrite": True},
            lambda root: WriteFile(root / "src/a.py", "y\n", replaces=True),
            "Write src/a.py",
        ),
        ("delete_file", {"path": "src/a.py"}, lambda root: DeleteFile(root / "src/a.py"), "Delete src/a.py"),
        (
            "move_file",
            {"path": "src/a.py", "to": "src/b.py"},
            lambda root: MoveFile(root / "src/a.py", root / "src/b.py"),
            "Move src/a.py to src/b.py",
        ),
    ],
)
@pytest.mark.parametrize("review", [True, False])
async def test_what_is_asked_for(
    root: Path, tool: str, arguments: dict[str, Any], change: Any, title: str, review: bool
) -> None:
    """Real paths, texts letter by letter, and who asks; the review of it is the asking."""
    diffs = (Diff(root / "src/a.py", "x", "y"),)
    edits = Asked(EditAnswer("One hunk was rejected.", diffs=diffs))
    prepared = prepare(tool, scene_at(root, edits=edits), **arguments)
    assert edits.changes == []
    assert prepared.is_reviewed
    assert prepared.touched.title == title
    expected = change(root)
    paths = (expected.path, expected.to) if isinstance(expected, MoveFile) else (expected.path,)
    assert prepared.touched.paths == paths
    assert await done(prepared, review=review) == Done("One hunk was rejected.", diffs=diffs)
    assert edits.changes == [expected]
    assert edits.origins == [EditOrigin(title, root, "s", "t", "call1")]
    assert edits.reviews == [review]


@pytest.mark.parametrize(
    "written",
    [
        {"search": "x", "replace": "y"},
        {"edits": {"search": "x", "replace": "y"}},
        {"edits": '[{"search": "x", "replace": "y"}]'},
    ],
)
def test_one_edit_as_models_write_it(root: Path, written: dict[str, Any]) -> None:
    """Beside the path, alone, or packed into a text: it is the same edit."""
    edits = Asked()
    prepared = prepare("edit_file", scene_at(root, edits=edits), path="src/a.py", **written)
    assert prepared.touched.paths == (root / "src/a.py",)


async def test_what_could_not_be_done(root: Path) -> None:
    """It is an error of the call, in the words of who tried."""
    edits = Asked(EditAnswer("Nothing was changed.", is_error=True))
    assert await done(
        prepare("delete_file", scene_at(root, edits=edits), path="src/a.py"), review=False
    ) == Done("Nothing was changed.", is_error=True)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("edit_file", {"path": "src/a.py", "edits": []}),
        ("edit_file", {"path": "src/a.py", "edits": [{"search": "x"}]}),
        ("edit_file", {"path": "src/none.py", "edits": [{"search": "x", "replace": "y"}]}),
        ("edit_file", {"path": "src", "edits": [{"search": "x", "replace": "y"}]}),
        ("edit_file", {"path": "../out.py", "edits": [{"search": "x", "replace": "y"}]}),
        ("create_file", {"path": "src", "text": ""}),
        ("create_file", {"path": ".", "text": ""}),
        ("create_file", {"path": "/etc/passwd", "text": ""}),
        ("delete_file", {"path": "."}),
        ("delete_file", {"path": "src"}),
        ("move_file", {"path": "src/a.py", "to": "src"}),
        ("move_file", {"path": "src/a.py", "to": "../a.py"}),
        ("move_file", {"path": "src/none.py", "to": "b.py"}),
    ],
)
def test_what_is_refused(root: Path, tool: str, arguments: dict[str, Any]) -> None:
    """Nothing outside, no folder, nothing that is not there: in words, before anybody is asked."""
    with pytest.raises(UsageError):
        prepare(tool, scene_at(root, edits=Asked()), **arguments)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("edit_file", {"path": ".env", "edits": [{"search": "x", "replace": "y"}]}),
        ("edit_file", {"path": "link", "edits": [{"search": "x", "replace": "y"}]}),
        ("create_file", {"path": "deploy/.env", "text": ""}),
        ("delete_file", {"path": ".env"}),
        ("move_file", {"path": ".env", "to": "readable.txt"}),
        ("move_file", {"path": "src/a.py", "to": "id_rsa"}),
    ],
)
def test_private_files_are_not_touched(root: Path, tool: str, arguments: dict[str, Any]) -> None:
    """Not by their names, not by a link, and none is moved to where it could be read."""
    (root / "link").symlink_to(root / ".env")
    with pytest.raises(SecretBlocked):
        prepare(tool, scene_at(root, edits=Asked()), **arguments)


def test_without_the_port(root: Path) -> None:
    """Where nobody can change files, the model is told."""
    with pytest.raises(UsageError, match="cannot be changed here"):
        prepare("delete_file", scene_at(root), path="src/a.py")


def test_a_new_document_of_the_editor(root: Path) -> None:
    """It has a path and no file yet, and can be edited."""
    scene = scene_at(root, edits=Asked())
    editor = MemoryEditor(opened=[Buffer(root / "new.py", "text", edited=True)])
    scene = replace(scene, sources=replace(scene.sources, editor=editor))
    prepared = prepare("edit_file", scene, path="new.py", edits=[{"search": "text", "replace": "words"}])
    assert prepared.touched.paths == (root / "new.py",)
