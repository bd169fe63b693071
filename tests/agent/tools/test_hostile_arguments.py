"""Whatever a model writes as arguments: a tool answers in words, touches only what it says, and shows nothing private."""

import asyncio
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from context_sources import MemoryEditor, MemoryIndex, definition
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repositories import make_repository, run_git, write_tree
from tool_calls import call, scene_of

from victor_server.agent.context.sources import Buffer, Note
from victor_server.agent.tools.grep import Limits, grep_tool
from victor_server.agent.tools.table import builtin_tools
from victor_server.agent.tools.telling import told
from victor_server.agent.tools.tool import Done, Prepared, Scene, Tool
from victor_server.errors import VictorError
from victor_server.secrets.redaction.session import RedactionSession

READING: tuple[Tool, ...] = tuple(
    grep_tool(limits=Limits(time_s=2)) if tool.spec.name == "grep" else tool
    for tool in builtin_tools()
    if tool.kind in ("read", "search")
)
PRIVATE = "no-model-is-shown-this"
PATHS = st.one_of(
    st.sampled_from(
        [
            *(
                "a.py",
                ".",
                "",
                "..",
                "/",
                "~",
                "src",
                "src/b.py",
                ".env",
                "link",
                "link/x",
                "out",
                "loop",
                "pipe",
                "nope",
            ),
            *(
                "../outside.txt",
                "/etc/shadow",
                "/proc/self/environ",
                "/dev/zero",
                "a.py/x",
                "src/../.env",
                "./.ENV",
            ),
            *(
                "-rf",
                "--output=x",
                ":(top)",
                "*",
                "a\0b",
                "\n",
                "a" * 5_000,
                "\ud800",
                "\u202e",
                "con",
                "~root",
                "//a//.env",
            ),
            *(
                ".git/config",
                "src/.env",
                "link/.env",
                "C:\\a",
                "file:///a",
                "big.bin",
                "HEAD",
                "HEAD:.env",
                "@{-1}",
            ),
        ]
    ),
    st.text(st.sampled_from("a./~\\-:*.env[]{}$(){|}\x00\né"), max_size=12),
)
PATTERNS = st.one_of(
    st.sampled_from(
        [
            "",
            ".",
            "no-model",
            "(",
            "(a+)+$",
            "(?s).*",
            r"\A\Z",
            "**",
            "{,,}",
            "[",
            "!",
            "#",
            "{" * 99,
            "*" * 300,
        ]
    ),
    st.text(st.sampled_from(r"a.*+?()[]{}|\^$,/!n-m"), max_size=12),
)
VALUES = st.one_of(
    PATHS,
    PATTERNS,
    st.integers(-5, 10**20),
    st.booleans(),
    st.none(),
    st.floats(allow_nan=True),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@cache
def _place(folder: Path) -> Path:
    """A repository with everything that is hard in it, and a file outside."""
    files: dict[str, str | bytes] = {
        "a.py": "x = 1\n" * 30,
        "src/b.py": "def f():\n    return 1\n",
        "src/.env": f"KEY={PRIVATE}\n",
        ".env": f"KEY={PRIVATE}\n",
        "big.bin": b"\0" * 1_000,
        ".gitignore": "out/\n",
        "out/x.py": "ignored\n",
    }
    root = make_repository(folder / "work", files, tracked=(".",))
    run_git(root, "commit", "-q", "-m", "Begin")
    write_tree(
        folder, {"outside.txt": PRIVATE, "work/.env": f"KEY={PRIVATE} changed\n", "work/a.py": "x = 2\n"}
    )
    (root / "link").symlink_to("..")
    (root / "loop").symlink_to("loop")
    os.mkfifo(root / "pipe")
    return root


def _scene(root: Path) -> Scene:
    notes = [Note(root / ".env", 0, 0, "error", PRIVATE), Note(root / "a.py", 0, 0, "hint", "fine")]
    buffers = [Buffer(root / ".env", PRIVATE, edited=True), Buffer(Path("Untitled-1"), PRIVATE)]
    index = MemoryIndex(
        {".env": PRIVATE, "a.py": "x = 1\n", "link/outside.txt": PRIVATE}, [definition(".env", PRIVATE, 0, 1)]
    )
    return scene_of(root, MemoryEditor(opened=buffers, notes=notes), index)


@pytest.mark.parametrize("tool", READING, ids=lambda tool: tool.spec.name)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_written(
    tool: Tool, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Mostly the names that there are, with any value."""
    root = _place(tmp_path_factory.getbasetemp() / "hostile")
    names = [*tool.spec.schema["properties"], "other"]
    arguments = data.draw(st.dictionaries(st.sampled_from(names), VALUES, max_size=len(names)))
    for name in tool.spec.schema.get("required", []):
        arguments.setdefault(name, data.draw(PATHS))
    _check(tool, _scene(root), arguments)


@pytest.mark.parametrize("tool", READING, ids=lambda tool: tool.spec.name)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_right_types_and_hostile_words(
    tool: Tool, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """So that most calls get beyond the reading of their arguments."""
    root = _place(tmp_path_factory.getbasetemp() / "hostile")
    arguments = {
        name: data.draw(st.integers(1, 50) if each.get("type") == "integer" else st.one_of(PATHS, PATTERNS))
        for name, each in tool.spec.schema["properties"].items()
        if each.get("type") in ("integer", "string") and "enum" not in each
    }
    _check(tool, _scene(root), arguments)


def _check(tool: Tool, scene: Scene, arguments: dict[str, Any]) -> None:
    prepared = _prepared(tool, scene, arguments)
    if isinstance(prepared, VictorError):
        assert PRIVATE not in f"{prepared.message}{prepared.fix}"
        assert len(prepared.message) < 2_000
        return
    touched = prepared.touched
    assert all(path.is_absolute() for path in touched.paths)
    if not all(path.is_relative_to(scene.root) for path in touched.paths):
        assert tool.spec.name in ("read_file", "list_dir")
        return  # permissions have to say
    text = asyncio.run(_told(tool, scene, arguments))
    assert PRIVATE not in text
    assert len(text) < 60_000


def _prepared(tool: Tool, scene: Scene, arguments: dict[str, Any]) -> Prepared | VictorError:
    try:
        return tool.prepare("1", arguments, scene)
    except VictorError as error:
        return error


async def _told(tool: Tool, scene: Scene, arguments: dict[str, Any]) -> str:
    done: Done = await call(tool, scene, **arguments)
    with RedactionSession() as session:
        return await told(done, session)
