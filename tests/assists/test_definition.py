"""The definition around a line, told by how lines begin."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.features.assists.definition import definition_around
from victor_server.features.assists.place import Definition, Lines


def around(text: str, language: str = "python") -> Definition | None:
    """What is defined around the cursor `|`."""
    line = text[: text.index("|")].count("\n")
    return definition_around(text.replace("|", "").splitlines(keepends=True), line, language)


PYTHON = """\
import os

# Adds.
@cached
def add(
    one,
    two,
) -> int:
    if one:
        return one

    return two

class Box:
    \"\"\"A box.\"\"\"

    def open(self):
        pass

x = 1
"""


@pytest.mark.parametrize(
    ("line", "name", "start", "end"),
    [
        (4, "add", 2, 12),
        (6, "add", 2, 12),
        (9, "add", 2, 12),
        (10, "add", 2, 12),
        (11, "add", 2, 12),
        (13, "Box", 13, 18),
        (14, "Box", 13, 18),
        (16, "open", 16, 18),
        (17, "open", 16, 18),
    ],
)
def test_python(line: int, name: str, start: int, end: int) -> None:
    """The innermost one, with its decorators and the comment above it."""
    assert definition_around(PYTHON.splitlines(keepends=True), line, "python") == Definition(
        Lines(start, end), name
    )


@pytest.mark.parametrize("line", [0, 1, 19, 20, -1])
def test_what_belongs_to_nothing(line: int) -> None:
    """A line between definitions, or outside of the document."""
    assert definition_around(PYTHON.splitlines(keepends=True), line, "python") is None


@pytest.mark.parametrize(
    ("language", "text", "name", "n_lines"),
    [
        (
            "typescript",
            "export async function load(a: string): Promise<void> {\n  |go();\n}\nx;\n",
            "load",
            3,
        ),
        ("typescript", "const load = async (a: string) => {\n  if (a) {\n|    b();\n  }\n};\n", "load", 5),
        ("typescript", "class A {\n  load(a: string) {\n  |  go();\n  }\n}\n", "load", 3),
        ("go", "func (b *Box) Open() error {\n|\treturn nil\n}\n", "Open", 3),
        ("rust", "/// Opens.\n#[inline]\npub(crate) fn open(&self) -> u8 {\n|    3\n}\n", "open", 5),
        ("java", "  @Override\n  public int open(int a) {\n|    return a;\n  }\n", "open", 4),
        ("c", "static int\nopen_it(int a)\n{\n|\treturn a;\n}\n", "open_it", 4),
        ("csharp", "public Task<int> Open(int a)\n{\n|    return a;\n}\n", "Open", 4),
        ("ruby", "def open(a)\n|  a\nend\n", "open", 3),
        ("lua", "local function open(a)\n|  return a\nend\n", "open", 3),
        ("php", "public function open($a)\n{\n|    return $a;\n}\n", "open", 4),
        ("kotlin", "override fun open(a: Int): Int {\n|  return a\n}\n", "open", 3),
        ("python", "class A:\n    x = 1\n\n|    y = 2\n", "A", 4),
    ],
)
def test_other_languages(language: str, text: str, name: str, n_lines: int) -> None:
    """Keywords, arrows, and C's way, with braces and without."""
    found = around(text, language)
    assert found is not None
    assert (found.name, found.lines.end - found.lines.start) == (name, n_lines)


@pytest.mark.parametrize("text", ["if (a) {\n|  b();\n}\n", "|x = 1\n", "return f(\n|  a)\n", "|\n"])
def test_what_is_no_definition(text: str) -> None:
    """What looks like a call, or controls the flow."""
    assert around(text, "c") is None


def test_a_large_file_costs_nothing() -> None:
    """No line is looked at twice for each of the others: the bound on CPU time is far above what it takes."""
    lines = [f"    value_{number} = call(one, two, {{'a': {number}}})\n" for number in range(10_000)]
    lines[0] = "def f():\n"
    begun = time.process_time()
    for line in range(0, 10_000, 500):
        definition_around(lines, line, "python")
        definition_around(lines, line, "typescript")
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("repeated", ["a b ", "a::", "(", "public ", "@a ", "const a", "x<", "a, ", " "])
def test_no_line_takes_long(repeated: str) -> None:
    """A hostile line does not make an expression go back and forth."""
    lines = [repeated * (999 // len(repeated)) + "\n"] * 50
    begun = time.process_time()
    for language in ("python", "c", "typescript"):
        definition_around(lines, 49, language)
    assert time.process_time() - begun < 2


@settings(deadline=None, max_examples=80)
@given(st.text(alphabet="def f():{}\n\t  #@a", max_size=150), st.integers(-2, 20))
def test_any_text_at_all(text: str, line: int) -> None:
    """What is found lies in the document and holds the line."""
    lines = text.splitlines(keepends=True)
    for language in ("python", "c", "rust"):
        found = definition_around(lines, line, language)
        if found is not None:
            assert 0 <= found.lines.start <= line < found.lines.end <= len(lines)
