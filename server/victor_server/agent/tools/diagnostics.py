"""The tool `diagnostics`: what the editor's language servers say of files."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from victor_server.agent.context.sources import EditorSource, Note
from victor_server.agent.tools.built_in import BuiltIn, ToolArguments, waiting
from victor_server.agent.tools.printable import printable
from victor_server.agent.tools.search_code import shown_paths
from victor_server.agent.tools.tool import Done, Place, Prepared, Scene, Touched
from victor_server.agent.tools.workspace_paths import check_shown, name_in, resolve_in
from victor_server.errors import Unavailable

MAX_NOTES = 100
MAX_NOTE_CHARACTERS = 500

_RANKS = ("error", "warning", "information", "hint")


class Diagnostics(ToolArguments):
    """Whose diagnostics."""

    path: str = Field("", description="Of this file only; else of all that are known")


def diagnostics_tool() -> BuiltIn[Diagnostics]:
    """Tells the editor's diagnostics."""
    description = "Errors and warnings that the editor's language servers report."
    return BuiltIn("diagnostics", "read", description, Diagnostics, _plan)


def _plan(told: Diagnostics, scene: Scene) -> Prepared:
    editor = scene.sources.editor
    if editor is None:
        raise Unavailable(
            "No editor is attached, so there are no diagnostics.", "Run the project's own checks."
        )
    if not told.path:
        return waiting(Touched("Read all diagnostics", (scene.root,)), lambda: _done(scene, editor, None))
    path = resolve_in(scene.root, told.path, must_exist=True)
    check_shown(scene.sources.private.why, scene.root, path, told.path)
    touched = Touched(f"Read the diagnostics of {name_in(scene.root, path)}", (path,), places=(Place(path),))
    return waiting(touched, lambda: _done(scene, editor, path))


async def _done(scene: Scene, editor: EditorSource, path: Path | None) -> Done:
    found = await editor.now().diagnostics([] if path is None else [path])
    return await asyncio.to_thread(_listed, scene, found, path)


def _listed(scene: Scene, found: Sequence[Note], path: Path | None) -> Done:
    named = [(name_in(scene.root, note.path.resolve()), note) for note in found]
    inside = [(name, note) for name, note in named if path is not None or not Path(name).is_absolute()]
    shown = shown_paths(scene, [name for name, _ in inside])
    ordered = sorted((each for each in inside if each[0] in shown), key=_order)
    lines = [_said(name, note) for name, note in ordered[:MAX_NOTES]]
    if len(ordered) > MAX_NOTES:
        lines.append(f"… {len(ordered) - MAX_NOTES} more; ask for one file.")
    return Done("\n".join(lines) or "Nothing is reported.")


def _order(named: tuple[str, Note]) -> tuple[int, str, int, str]:
    """The worst first, then by place."""
    name, note = named
    return _RANKS.index(note.severity), name, note.line, note.message


def _said(name: str, note: Note) -> str:
    who = " ".join(filter(None, (note.source, note.code)))
    message = " ".join(note.message.split())[:MAX_NOTE_CHARACTERS]
    return f"{printable(name)}:{note.line + 1} {note.severity}{f' [{who}]' if who else ''}: {message}"
