"""`search_code`, `symbols`, `outline` and `diagnostics`: what others know of the workspace, and only what may be shown."""

from pathlib import Path

import pytest
from context_sources import MemoryEditor, MemoryIndex, definition
from repositories import write_tree
from tool_calls import call, scene_of, text_of

from victor_server.agent.context.sources import Buffer, Note
from victor_server.agent.tools.built_in import BuiltIn, ToolArguments
from victor_server.agent.tools.diagnostics import MAX_NOTES, diagnostics_tool
from victor_server.agent.tools.search_code import search_code_tool
from victor_server.agent.tools.symbols import MAX_SYMBOLS, outline_tool, symbols_tool
from victor_server.errors import SecretBlocked, Unavailable, UsageError

SEARCH, SYMBOLS, OUTLINE, DIAGNOSTICS = search_code_tool(), symbols_tool(), outline_tool(), diagnostics_tool()
FILES = {"a.py": "alpha\nbeta\n", "b.py": "gamma beta\n", ".env": "beta=1\n"}


async def test_hits_are_shown_as_they_stand_now(tmp_path: Path) -> None:
    """Best first, unsaved text included, what is private or gone not."""
    write_tree(tmp_path, FILES)
    editor = MemoryEditor(opened=[Buffer(tmp_path / "b.py", "gamma unsaved\n", edited=True)])
    index = MemoryIndex({**FILES, "gone.py": "beta\n", "../out.py": "beta\n"})
    text = await text_of(SEARCH, scene_of(tmp_path, editor, index), query="beta")
    assert text == "a.py\n2\tbeta\n\nb.py (not saved)\n1\tgamma unsaved"
    assert await text_of(SEARCH, scene_of(tmp_path, editor, index), query="zeta") == "Nothing was found."


async def test_definitions_by_name(tmp_path: Path) -> None:
    """Where each is, in one line."""
    found = [
        definition("a.py", "run", 3, 9, "App"),
        definition(".env", "run", 0, 1),
        definition("b.py", "run_all", 0, 1),
    ]
    scene = scene_of(tmp_path, index=MemoryIndex({}, found))
    assert await text_of(SYMBOLS, scene, name="run") == "a.py:4 function App.run\nb.py:1 function run_all"
    assert "Try grep" in await text_of(SYMBOLS, scene, name="nothing")


async def test_many_definitions_are_cut(tmp_path: Path) -> None:
    """And said to be."""
    index = MemoryIndex({}, [definition(f"{number}.py", "run", 0, 1) for number in range(MAX_SYMBOLS + 3)])
    text = await text_of(SYMBOLS, scene_of(tmp_path, index=index), name="run")
    assert text.endswith("… more; give more of the name.")
    assert text.count("\n") == MAX_SYMBOLS


async def test_an_outline(tmp_path: Path) -> None:
    """What stands inside what, with lines, of the text that the person sees."""
    write_tree(tmp_path, {"a.py": "x = 1\n", "t.txt": "words\n", ".env": "A=1\n"})
    text = "class A:\n    def f(self):\n        pass\n\n\ndef g(): ...\n"
    editor = MemoryEditor(opened=[Buffer(tmp_path / "a.py", text, edited=True)])
    scene = scene_of(tmp_path, editor, MemoryIndex({}))
    outlined = await text_of(OUTLINE, scene, path="a.py")
    assert outlined == "a.py (6 lines, not saved)\n1-3 class A\n 2-3 method f\n6 function g"
    assert (
        await text_of(OUTLINE, scene, path="t.txt")
        == "t.txt is in no language that can be outlined; it has 1 lines."
    )
    with pytest.raises(SecretBlocked):
        await call(OUTLINE, scene, path=".env")
    with pytest.raises(UsageError, match="leads out"):
        await call(OUTLINE, scene, path="../x.py")


async def test_diagnostics_worst_first(tmp_path: Path) -> None:
    """Of one file or of all; a private one's are not told, nor those of files elsewhere."""
    write_tree(tmp_path, {"a.py": "", "b.py": "", ".env": ""})
    notes = [
        Note(tmp_path / "a.py", 4, 4, "warning", "unused\n  name", "ruff", "F401"),
        Note(tmp_path / "b.py", 0, 0, "error", "bad"),
        Note(tmp_path / ".env", 0, 0, "error", "secret"),
        Note(tmp_path.parent / "x.py", 0, 0, "error", "elsewhere"),
    ]
    scene = scene_of(tmp_path, MemoryEditor(notes=notes))
    assert await text_of(DIAGNOSTICS, scene) == "b.py:1 error: bad\na.py:5 warning [ruff F401]: unused name"
    assert await text_of(DIAGNOSTICS, scene, path="a.py") == "a.py:5 warning [ruff F401]: unused name"
    assert await text_of(DIAGNOSTICS, scene_of(tmp_path)) == "Nothing is reported."


async def test_many_diagnostics_are_cut(tmp_path: Path) -> None:
    """And counted."""
    write_tree(tmp_path, {"a.py": ""})
    notes = [Note(tmp_path / "a.py", line, line, "hint", "x") for line in range(MAX_NOTES + 3)]
    text = await text_of(DIAGNOSTICS, scene_of(tmp_path, MemoryEditor(notes=notes)))
    assert text.endswith("… 3 more; ask for one file.")


@pytest.mark.parametrize(
    ("tool", "arguments"), [(SEARCH, {"query": "x"}), (SYMBOLS, {"name": "x"}), (OUTLINE, {"path": "a.py"})]
)
async def test_without_an_index(
    tmp_path: Path, tool: BuiltIn[ToolArguments], arguments: dict[str, str]
) -> None:
    """The model is told what to do instead; an index that fails is told of, too."""
    write_tree(tmp_path, {"a.py": "x = 1\n"})
    with pytest.raises(Unavailable, match="no index"):
        await call(tool, scene_of(tmp_path), **arguments)
    broken = MemoryIndex({}, trouble=Unavailable("It is down.", "Wait."))
    done = await call(tool, scene_of(tmp_path, index=broken), **arguments)
    assert (done.is_error, done.text) == (True, "It is down. Wait.")
