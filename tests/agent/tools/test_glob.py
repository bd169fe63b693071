"""`glob`: files by their paths, and no pattern that takes for ever."""

import time
from pathlib import Path

import pytest
from context_sources import MemoryEditor
from repositories import make_repository, write_tree
from tool_calls import scene_of, text_of

from victor_server.agent.context.sources import Buffer
from victor_server.agent.tools.glob import MAX_PATHS, glob_tool
from victor_server.agent.tools.globs import path_matcher
from victor_server.errors import UsageError

GLOB = glob_tool()
PATHS = [
    "a.py",
    "b.ts",
    "src/a.py",
    "src/deep/b.tsx",
    "src/deep/c.ts",
    "docs/#x.md",
    "docs/!y.md",
    "docs/[z].md",
]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.py", ["a.py", "src/a.py"]),
        ("/*.py", ["a.py"]),
        ("src/*", ["src/a.py"]),
        ("src/**", ["src/a.py", "src/deep/b.tsx", "src/deep/c.ts"]),
        ("src/", ["src/a.py", "src/deep/b.tsx", "src/deep/c.ts"]),
        ("./src/**/*.ts", ["src/deep/c.ts"]),
        ("**/*.{ts,tsx}", ["b.ts", "src/deep/b.tsx", "src/deep/c.ts"]),
        ("{src,docs}/{a,#x}.*", ["src/a.py", "docs/#x.md"]),
        ("src/deep/?.ts", ["src/deep/c.ts"]),
        ("[ab].*", ["a.py", "b.ts", "src/a.py", "src/deep/b.tsx"]),
        ("#x.md", ["docs/#x.md"]),
        ("!y.md", ["docs/!y.md"]),
        ("docs/\\[z\\].md", ["docs/[z].md"]),
        ("*.rs", []),
        ("a.{py", []),
    ],
)
def test_patterns(pattern: str, found: list[str]) -> None:
    """As people know them from shells and ignore files."""
    fits = path_matcher(pattern)
    assert [path for path in PATHS if fits(path)] == found


@pytest.mark.parametrize("pattern", ["", "../*", "a/../../b", "x" * 600, "{a,b}" * 9, "a\nb", "a\0b"])
def test_what_is_no_pattern(pattern: str) -> None:
    """Said in words."""
    with pytest.raises(UsageError):
        path_matcher(pattern)


@pytest.mark.parametrize(
    "pattern", ["*a" * 200, "**/" * 120 + "x", "[a-z]*" * 80, "{*,**/*}" * 5 + "z", "?*" * 200]
)
def test_no_pattern_takes_long(pattern: str) -> None:
    """Whatever it is, and whatever the path."""
    fits = path_matcher(pattern)
    before = time.process_time()
    for path in ("a" * 200 + "b", "/".join(["a" * 20] * 20) + "/b", "a/" * 100 + "!"):
        fits(path)
    assert time.process_time() - before < 0.5


async def test_files_of_the_workspace(tmp_path: Path) -> None:
    """Ignored, private and version control's own are left out; pictures and unsaved documents are not."""
    files: dict[str, str | bytes] = {
        ".gitignore": "out/\n",
        "out/a.py": "",
        "src/a.py": "",
        "src/logo.png": b"\x89PNG",
        "src/.env": "",
        ".git/x.py": "",
    }
    root = make_repository(tmp_path / "r", files)
    editor = MemoryEditor(opened=[Buffer(root / "src/new.py", "", edited=True)])
    scene = scene_of(root, editor)
    assert await text_of(GLOB, scene, pattern="src/*") == "src/a.py\nsrc/logo.png\nsrc/new.py"
    assert (await text_of(GLOB, scene, pattern="*.rs")).startswith("No file fits.")


async def test_many_are_cut(tmp_path: Path) -> None:
    """And counted."""
    write_tree(tmp_path, {f"{number:04}.py": "" for number in range(MAX_PATHS + 7)})
    text = await text_of(GLOB, scene_of(tmp_path), pattern="*")
    assert text.endswith("… 7 more; narrow the pattern.")
