"""What is looked at before a change is offered: new errors of syntax, new secrets."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from secrets_samples import aws_key

from victor_indexer.model import Broken
from victor_indexer.syntax.broken import MAX_PLACES, broken_places
from victor_server.agent.tools.edits import WriteFile
from victor_server.features.edits.apply import make_file_edit
from victor_server.features.edits.check import check_edit
from victor_server.features.edits.model import FileEdit, Refusal
from victor_server.features.edits.refusals import told
from victor_server.settings.resolved import ValidationSettings

_MARKED = ValidationSettings()
_STRICT = ValidationSettings(strict=True)
_OFF = ValidationSettings(enabled=False, strict=True)


def _edit(path: str, base: str | None, text: str) -> FileEdit:
    edit = make_file_edit(base, WriteFile(Path("/w") / path, text, replaces=True))
    assert isinstance(edit, FileEdit)
    return edit


async def _problems(path: str, base: str | None, text: str) -> tuple[str, ...]:
    checked = await check_edit(_edit(path, base, text), path, _MARKED)
    assert isinstance(checked, FileEdit)
    return checked.problems


@pytest.mark.parametrize(
    ("path", "base", "text", "says"),
    [
        ("a.py", "x = 1\n", "x = (1\n", "Line 1: "),
        ("a.py", "def f():\n    return 1\n", "def f():\nreturn 1\n", "expected an indented block"),
        ("a.py", "x = 1\n", "x = 1\n    y = 2\n", "Line 2: unexpected indent."),
        ("a.py", "x = 1\n", "try:\n    x = 1\ny = 2\n", "expected 'except'"),
        ("a.py", None, "def f(:\n    pass\n", "Line 1: "),
        ("a.js", "f(1);\n", "f(1;\n", "Line 1: "),
        ("a.ts", "class A {}\n", "class A {\n", "Line 1: "),
        ("a.go", "package a\n", "package a\n\nfunc f() {\n", "Line 3: "),
        ("a.rs", "fn f() {}\n", "fn f() {\n", "Line 1: "),
        ("A.java", "class A {}\n", "class A { void f( { } }\n", "Line 1: "),
        ("a.c", "int f(void) { return 1; }\n", "int f(void) { return 1 }\n", "“;” is missing"),
        ("a.rb", "def f\nend\n", "def f\n", "Line 1: "),
        ("a.sh", "echo 1\n", "if true; then\n", "Line 1: "),
        ("a.json", '{"a": 1}\n', '{"a": 1,}\n', "Line 1: "),
        ("a.toml", "a = 1\n", "a = \n", "Line 1: "),
    ],
)
async def test_new_errors_are_said(path: str, base: str | None, text: str, says: str) -> None:
    """A change that breaks a file says so; a strict check refuses it, and none lets it pass without a word."""
    [problem, *_] = await _problems(path, base, text)
    assert says in problem
    refused = await check_edit(_edit(path, base, text), path, _STRICT)
    assert isinstance(refused, Refusal)
    assert "syntax errors that it did not have" in refused.why
    assert refused.nearest
    unchecked = await check_edit(_edit(path, base, text), path, _OFF)
    assert isinstance(unchecked, FileEdit)
    assert unchecked.problems == ()


@pytest.mark.parametrize(
    ("path", "base", "text"),
    [
        ("a.py", "x = 1\n", "x = 2\n"),
        ("a.py", "x = (1\n", "x = (2\n"),
        ("a.py", "def f(:\n    pass\n\nx = 1\n", "def f(:\n    pass\n\nx = 2\n"),
        ("a.py", "def f(:\n    pass\n", "# first\n\ndef f(:\n    pass\n"),
        ("a.py", "x = (1\n", "x = 1\n"),
        ("a.py", "x = 1\n", "def f[T](x: T) -> T:\n    return x\n"),
        ("a.py", "x = 1\r\n", "x = 2\r\n"),
        ("a.py", "\ufeffx = 1\n", "x = 2\n"),
        ("a.js", "f(1;\ng(1);\n", "f(1;\ng(2);\n"),
        ("a.txt", "((((\n", "))))\n"),
        ("a.md", "x\n", "```\n(\n"),
        ("tsconfig.json", '{"a": 1} // why\n', '{"a": 2} // why\n'),
        ("a.json", "{broken\n", "{broken again\n"),
        ("a.py", None, ""),
    ],
)
async def test_old_errors_do_not_count(path: str, base: str | None, text: str) -> None:
    """What was broken before, what has no grammar, and what a later Python reads is not said, and not refused."""
    assert await _problems(path, base, text) == ()
    assert isinstance(await check_edit(_edit(path, base, text), path, _STRICT), FileEdit)


async def test_long_files_are_parsed_elsewhere() -> None:
    """A file beyond the limit is handed on; without anybody to hand it to it is not parsed."""
    asked: list[str] = []

    async def broken_in(path: str, text: str) -> Sequence[Broken]:
        asked.append(text)
        return [Broken(3, 3)] if "oops" in text else []

    base = "\ufeffx = 1\r\n" * 20_000
    edit = _edit("a.py", base, "x = 1\r\n" * 20_000 + "oops\r\n")
    checked = await check_edit(edit, "a.py", _MARKED, broken_in=broken_in)
    assert isinstance(checked, FileEdit)
    assert checked.problems == ("Line 4: this does not parse.",)
    assert len(asked) == 2
    assert not any("\r" in text for text in asked)
    assert await check_edit(edit, "a.py", _STRICT) == edit


async def test_a_certain_secret_is_refused() -> None:
    """A key that its format proves is not written, whatever the settings, and a comment that allows it does not help."""
    for text in (f'key = "{aws_key()}"\n', f'key = "{aws_key()}"  # pragma: allowlist secret\n'):
        refused = await check_edit(_edit("src/a.py", "x = 1\n", text), "src/a.py", _OFF)
        assert isinstance(refused, Refusal)
        assert "has a secret in it (line 1: " in refused.why
        assert aws_key() not in refused.why + refused.nearest


async def test_a_possible_secret_is_said() -> None:
    """In a test, or with a value that may be one, the change is offered and the person is told."""
    [problem] = await _problems("tests/test_a.py", "x = 1\n", f'x = 1\nkey = "{aws_key()}"\n')
    assert problem.startswith("Line 2 may hold a secret: ")


async def test_a_secret_that_was_there_is_nobodys_fault() -> None:
    """Moving or indenting a line with a secret is no new secret."""
    base = f'key = "{aws_key()}"\nx = 1\n'
    text = f'x = 1\nif x:\n    key = "{aws_key()}"\n'
    assert await _problems("src/a.py", base, text) == ()


async def test_many_at_once() -> None:
    """Checks do not wait for one another, and do not mix."""
    texts = [f"x = {n}\n" + "(\n" * (n % 2) for n in range(20)]
    found = await asyncio.gather(*(_problems("a.py", "y = 0\n", text) for text in texts))
    assert [bool(each) for each in found] == [n % 2 == 1 for n in range(20)]


def test_deep_and_hostile_texts() -> None:
    """No depth and no number of errors ends the search, or makes it say without end."""
    assert broken_places("a.py", "(" * 30_000)
    assert broken_places("a.js", "{" * 30_000 + "x")
    many = broken_places("a.c", "int f( { ;\n" * 5_000)
    assert many
    assert len(many) <= MAX_PLACES
    assert broken_places("a.unknown", "(") is None


def test_a_refusal_in_words() -> None:
    """A refusal names the file as the workspace does, and shows lines with their numbers."""
    refusal = Refusal(Path("/w/src/a.py"), "It is not there.", "a\nb", 9)
    assert told(refusal, Path("/w")) == "src/a.py: It is not there.\nThe nearest lines:\n10\ta\n11\tb"
    assert told(Refusal(Path("/w/a.py"), "No.")) == "/w/a.py: No."
