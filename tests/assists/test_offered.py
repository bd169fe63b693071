"""Code of an answer as a change under review: where it goes, and where nobody could tell."""

from dataclasses import replace
from pathlib import Path

import pytest
from assists_places import place_in
from assists_running import Assisting, after, assisting, block
from context_sources import MemoryIndex
from hypothesis import given, settings
from hypothesis import strategies as st
from repositories import write_tree
from secrets_samples import github_token

from victor_server.errors import UsageError
from victor_server.features.assists.definition import definitions_in
from victor_server.features.assists.offered import AS_IT_IS, Offered, Spot, offer_code
from victor_server.features.assists.place import Lines, Place
from victor_server.features.assists.redefined import Named, Redefined, redefined
from victor_server.features.edits.lines import split_lines

CODE = """\
import os

LIMIT = 3


def add(a, b):
    return a + b


class Box:
    def open(self):
        return self

    def size(self):
        # how much it holds
        return LIMIT


def last(boxes):
    return boxes[-1]
"""
NAME = "src/boxes.py"
ADD = "def add(a, b):\n    return a + b\n"


def place(work: Assisting, text: str, name: str = NAME, language: str = "python") -> Place:
    """A place in a file of the workspace, which is written there."""
    found = place_in(text, name, language, path=work.root / name, root=work.root)
    write_tree(work.root, {name: "".join(found.lines)})
    return found


async def offered(
    folder: Path, code: str, text: str = f"|{CODE}", column: int | None = None, *, parsed: bool = True
) -> tuple[str, str]:
    """What a file becomes if code is offered for it and all of it accepted, and where it was said to go."""
    index = MemoryIndex({}) if parsed else None
    async with assisting(folder, index=index) as work:
        here = place(work, text)
        found = await offer_code(code, here, work.ports, Spot(column))
        assert found.edits is not None
        assert found.edits in work.reviews.list()
        (file,) = found.edits.files
        assert file.path.read_bytes().decode() == "".join(here.lines)
        assert work.requests == []
        return after(file), found.placed


@pytest.mark.parametrize("parsed", [True, False])
@pytest.mark.parametrize(
    ("code", "old", "new", "placed"),
    [
        ("def add(*all):\n    return sum(all)\n", ADD, "def add(*all):\n    return sum(all)\n", "Replaces add (line 6)."),
        ("    def size(self):\n        return 4\n", "    def size(self):\n        # how much it holds\n        return LIMIT\n", "    def size(self):\n        return 4\n", "Replaces Box.size (line 14)."),
        ("def size(self):\n    return 4\n", "    def size(self):\n        # how much it holds\n        return LIMIT\n", "    def size(self):\n        return 4\n", "Replaces Box.size (line 14)."),
        ("import os\n\nLIMIT = 3\n\ndef add(a):\n    return a", ADD, "def add(a):\n    return a\n", "Replaces add (line 6)."),
        ("# it adds\ndef add(a):\n    return a\n", ADD, "# it adds\ndef add(a):\n    return a\n", "Replaces add (line 6)."),
        ("def two():\n    return 2\n\n\ndef add(a):\n    return a + two()\n", ADD, "def two():\n    return 2\n\n\ndef add(a):\n    return a + two()\n", "Replaces add (line 6)."),
        ("import sys\n\ndef add(a):\n    return a\n", "import os\n\nLIMIT = 3\n\n\n" + ADD, "import os\nimport sys\n\nLIMIT = 3\n\n\ndef add(a):\n    return a\n", "Replaces add (line 6)."),
        ("```python\ndef add(a):\n    return a\n```\n", ADD, "def add(a):\n    return a\n", "Replaces add (line 6)."),
        ("class Box:\n    def open(self):\n        return 1\n\n    def size(self):\n        return 2\n", CODE[CODE.index("class") : CODE.index("\n\ndef last")], "class Box:\n    def open(self):\n        return 1\n\n    def size(self):\n        return 2\n", "Replaces Box (line 10)."),
    ],
)  # fmt: skip
async def test_what_is_defined_anew(
    tmp_path: Path, code: str, old: str, new: str, placed: str, parsed: bool
) -> None:
    """It takes the place of what it defines, wherever the cursor is, as deep as that; imports go to the others."""
    assert CODE.count(old) == 1
    assert await offered(tmp_path, code, parsed=parsed) == (CODE.replace(old, new), placed)


async def test_several_at_once(tmp_path: Path) -> None:
    """Each to its own place, in whatever order they come."""
    code = "def last(boxes):\n    return None\n\n\ndef add(a):\n    return a\n"
    now, placed = await offered(tmp_path, code)
    wanted = CODE.replace(ADD, "def add(a):\n    return a\n").replace("boxes[-1]", "None")
    assert (now, placed) == (wanted, "Replaces last (line 19), add (line 6).")


@pytest.mark.parametrize(
    ("text", "column", "code", "wanted", "placed"),
    [
        ("a\n«b\nc\n»d\n", 0, "x\ny\nz", "a\nx\ny\nz\nd\n", "Replaces lines 2 to 3."),
        ("a\n    «b»\nc\n", 4, "x\n", "a\n    x\nc\n", "Replaces line 2."),
        ("a\n|\nc\n", 0, "x\n", "a\nx\nc\n", "Goes into line 2."),
        ("a\n    |\nc\n", 4, "x\n", "a\n    x\nc\n", "Goes into line 2."),
        ("a\n|b\n", 0, "x\n", "a\nx\nb\n", "Goes into line 2."),
        ("a\n    b|\nc\n", 5, "x\n", "a\n    b\n    x\nc\n", "Goes into line 3."),
        ("a\nb|", 1, "x\n", "a\nb\nx\n", "Goes into line 3."),
        ("|", 0, "x\n", "x\n", "Goes into line 1."),
        ("|", None, "x\n", "x\n", "Goes into line 1."),
        ("a\r\n|b\r\n", 0, "x\ny\n", "a\r\nx\r\ny\r\nb\r\n", "Goes into line 2."),
    ],
)
async def test_where_the_person_is(
    tmp_path: Path, text: str, column: int | None, code: str, wanted: str, placed: str
) -> None:
    """The selected lines are replaced; a blank line too; else it goes above the cursor's line, or below it."""
    assert await offered(tmp_path, code, text, column) == (wanted, placed)


@pytest.mark.parametrize(
    ("code", "text", "column", "what"),
    [
        ("x = 1\n", f"|{CODE}", None, "Nothing says where in the file this belongs."),
        ("def add(a):\n    # ... rest unchanged\n", f"|{CODE}", 0, "leaves lines out"),
        ("class Box:\n    def open(self):\n        return 1\n", f"|{CODE}", 0, "The code leaves size out of Box."),
        ("def size(boxes):\n    return 1\n", f"|{CODE}", 0, "size is in Box here (line 14)."),
        ("def add(a):\n    return a\n\n\nprint(add(1))\n", f"|{CODE}", 0, "The code has more in it than add."),
        ("def add():\n    x\ndef add(a):\n    y\n", f"|{CODE}", 0, "The code defines add twice."),
        ("def add(b):\n    return b\n", f"|{ADD}\n\n{ADD}", 0, ""),
        ("def add(b):\n    return b\n", f"{ADD}\n\n|\n\n{ADD}", 0, "add is defined in lines 1, 7."),
        ("def f():\n    pass\n", "@cache\ndef f():\n    return 1\n|", 0, ""),
        ("# new\ndef f():\n    pass\n", "@cache\ndef f():\n    return 1\n|", 0, "The code leaves out what stands above f."),
        ("k = '[REDACTED:aws-key:1:k3vq7m2zpa]'\n", "a = 1\n|b = 2\n", 0, "placeholder"),
        ("...\n", "a = 1\n|b = 2\n", 0, "leaves lines out"),
        (block("", "no such line\n", "x\n"), f"|{CODE}", 0, "boxes.py: "),
        (block("", "import os\n", "x\n")[:-17], f"|{CODE}", 0, "The code breaks off"),
        (block("../../etc/passwd", "a\n", "x\n"), f"|{CODE}", 0, "leads out of the workspace"),
    ],
)  # fmt: skip
async def test_what_nobody_can_tell(
    tmp_path: Path, code: str, text: str, column: int | None, what: str
) -> None:
    """Said with what to do about it; nothing is proposed. Where the cursor decides, it does."""
    async with assisting(tmp_path, index=MemoryIndex({})) as work:
        here = place(work, text)
        if not what:
            assert (await offer_code(code, here, work.ports, Spot(column))).edits is not None
            return
        with pytest.raises(UsageError) as refused:
            await offer_code(code, here, work.ports, Spot(column))
        assert what in refused.value.message
        assert refused.value.fix
        assert work.reviews.list() == []


async def test_a_selection_settles_it(tmp_path: Path) -> None:
    """Where all that is defined anew is selected, more can come with it, and parts can go."""
    boxes = CODE[CODE.index("class Box") : CODE.index("\n\ndef last")]
    text = CODE.replace(boxes, f"«{boxes}»")
    code = "class Box:\n    def open(self):\n        return 1\n\n\nBOX = Box()\n"
    now, placed = await offered(tmp_path, code, text, 0)
    assert (now, placed) == (CODE.replace(boxes, code), "Replaces lines 10 to 16.")


async def test_blocks_and_patches(tmp_path: Path) -> None:
    """They say themselves where they belong, in other files too."""
    patch = "--- a/src/boxes.py\n+++ b/src/boxes.py\n@@ -1,3 +1,3 @@\n import os\n \n-LIMIT = 3\n+LIMIT = 4\n"
    for number, code in enumerate((block("", "LIMIT = 3\n", "LIMIT = 4\n"), patch)):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert await offered(folder, code) == (CODE.replace("= 3", "= 4"), "1 change in boxes.py.")
    async with assisting(tmp_path) as work:
        write_tree(work.root, {"b.py": "b = 1\n"})
        code = block("b.py", "b = 1\n", "b = 2\n") + block(NAME, "LIMIT = 3\n", "LIMIT = 4\n")
        found = await offer_code(code, place(work, f"|{CODE}"), work.ports, Spot(0), "Raise the limit")
        assert found.placed == "2 changes in b.py, boxes.py."
        assert found.edits is not None
        assert found.edits.origin.title == "Raise the limit"


async def test_nothing_to_do(tmp_path: Path) -> None:
    """Code that stands there already."""
    async with assisting(tmp_path, index=MemoryIndex({})) as work:
        found = await offer_code(ADD, place(work, f"|{CODE}"), work.ports, Spot(0))
        assert found == Offered(None, AS_IT_IS)


async def test_what_must_not_be_changed(tmp_path: Path) -> None:
    """In mode plan nothing is, by no code; a new secret never comes in; a document that is no file has to be saved."""
    async with assisting(tmp_path) as work:
        here = place(work, "a = 1\n|b = 2\n")
        with pytest.raises(UsageError, match="secret"):
            await offer_code(f"token = '{github_token()}'\n", here, work.ports, Spot(0))
        with pytest.raises(UsageError, match="no file"):
            await offer_code("x = 1\n", replace(here, path=None), work.ports, Spot(0))
        work.mode = "plan"
        with pytest.raises(UsageError, match="Nothing was changed"):
            await offer_code("x = 1\n", here, work.ports, Spot(0))
        assert work.reviews.list() == []


async def test_markdown_keeps_its_fences(tmp_path: Path) -> None:
    """What is fenced belongs into a text that has fences itself."""
    code = "```sh\nmake\n```\n"
    async with assisting(tmp_path) as work:
        found = await offer_code(code, place(work, "# Make\n|", "a.md", "markdown"), work.ports, Spot(0))
        assert found.edits is not None
        assert after(found.edits.files[0]) == f"# Make\n{code}"


_DEFINED = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=6, unique=True)


@settings(deadline=None, max_examples=200)
@given(there=_DEFINED, new=_DEFINED, line=st.integers(0, 30))
def test_any_definitions(there: list[str], new: list[str], line: int) -> None:
    """What is there and defined anew is new, all else is as it was and where it was; what is not there is added once."""
    text, code = _functions(there, "1"), _functions(new, "2")
    lines = split_lines(text)
    here = Place(NAME, "python", lines, min(line, len(lines) - 1))
    found = redefined(here, code, _named(text), _named(code))
    if not set(there) & set(new):
        assert found is None
        return
    assert isinstance(found, Redefined)
    names = [each.name for each in _named(found.text)]
    assert [name for name in names if name in there] == there
    assert sorted(names) == sorted({*there, *new})
    for name in names:
        assert f"def {name}():\n    return {2 if name in new else 1}\n" in found.text


def _functions(names: list[str], value: str) -> str:
    return "\n\n".join(f"def {name}():\n    return {value}\n" for name in names)


def _named(text: str) -> list[Named]:
    return [Named(each.name, "", each.lines) for each in definitions_in(split_lines(text), "python")]


def test_a_head_belongs_to_its_definition() -> None:
    """Decorators that the code has too are replaced with it; without any the old ones stay."""
    text = "@cache\ndef f():\n    return 1\n"
    here = Place(NAME, "python", split_lines(text), 0, Lines(0, 1))
    for code, wanted in (
        ("def f():\n    return 2\n", "@cache\ndef f():\n    return 2\n"),
        ("@lru\ndef f():\n    return 2\n", "@lru\ndef f():\n    return 2\n"),
    ):
        found = redefined(here, code, _named(text), _named(code))
        assert isinstance(found, Redefined)
        assert found.text == wanted
