"""Typing: several lines, history, suggestions, leaving."""

import asyncio
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from victor_server.cli.chat.input import LineEditor, LineReader, Suggest, Suggestion
from victor_server.cli.chat.past_prompts import PastPrompts

TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


async def nothing(_text: str, _cursor: int) -> Sequence[Suggestion]:
    """No suggestions."""
    return []


@contextmanager
def editor(
    file: Path, *, suggest: Suggest = nothing, status: Callable[[], str] = lambda: "ready"
) -> Iterator[tuple[LineEditor, Callable[[str], None]]]:
    """A line editor and the keyboard that it listens to."""
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        editor = LineEditor(file, suggest, status)
        yield editor, keys.send_text
        editor.close()


UP, RIGHT, BACKSPACE = "\x1b[A", "\x1b[C", "\x7f"


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("one\r", "one"),
        ("one\x1b\rtwo\r", "one\ntwo"),
        ("one\ntwo\r", "one\ntwo"),
        ("one\\\rtwo\r", "one\ntwo"),
        ("\x1b[200~def f():\n    return 1\n\x1b[201~\r", "def f():\n    return 1\n"),
        (f"onee{BACKSPACE}\r", "one"),
    ],
)
async def test_lines(tmp_path: Path, keys: str, text: str) -> None:
    """Enter sends; Alt-Enter, Ctrl-J, a backslash and what is pasted make new lines."""
    with editor(tmp_path / "prompts.jsonl") as (lines, press):
        press(keys)
        assert await lines.read() == text


async def test_leaving_and_giving_up(tmp_path: Path) -> None:
    """Ctrl-D on an empty line leaves; Ctrl-C gives up what was typed, and only that."""
    with editor(tmp_path / "prompts.jsonl") as (lines, press):
        press("half a question\x03")
        with pytest.raises(KeyboardInterrupt):
            await lines.read()
        press("another\r")
        assert await lines.read() == "another"
        press("\x04")
        with pytest.raises(EOFError):
            await lines.read()


async def test_history(tmp_path: Path) -> None:
    """What was asked comes back by the arrow keys, in the next run too, with its lines."""
    file = tmp_path / "prompts.jsonl"
    with editor(file) as (lines, press):
        press("first\x1b\rsecond line\r")
        await lines.read()
        press("third\r")
        await lines.read()
    with editor(file) as (lines, press):
        press(f"{UP}{UP}{UP}\r")
        assert await lines.read() == "first\nsecond line"
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600


async def test_history_holds_no_secrets(tmp_path: Path) -> None:
    """A secret that was typed comes back while the program runs; the file never has it."""
    file = tmp_path / "prompts.jsonl"
    with editor(file) as (lines, press):
        press(f'token = "{TOKEN}"\r')
        await lines.read()
        press(f"{UP}\r")
        assert TOKEN in await lines.read()
    written = file.read_text(encoding="utf-8")
    assert TOKEN not in written
    assert "[REDACTED:" in written


def test_history_stays_small(tmp_path: Path) -> None:
    """The oldest go once there are more than a thousand."""
    file = tmp_path / "prompts.jsonl"
    file.write_text("".join(f'"{n}"\n' for n in range(1500)) + 'not json\n{"a": 1}\n', encoding="utf-8")
    past = PastPrompts(file)
    read = list(past.load_history_strings())
    past.close()
    assert read[0] == "1499"
    assert len(read) == 998
    assert file.read_text(encoding="utf-8").startswith('"502"\n')


def test_history_without_own_keys(tmp_path: Path) -> None:
    """A key that Victor was given is none of the history, though it looks like words."""
    own = "k3y-of-a-proxy-without-a-shape"
    past = PastPrompts(tmp_path / "prompts.jsonl", [own])
    past.store_string(f"why is {own} refused?")
    past.close()
    assert (tmp_path / "prompts.jsonl").read_text().startswith('"why is [REDACTED:api-key:1:')


def test_no_history_is_no_failure(tmp_path: Path) -> None:
    """A folder in its place, or a disk that takes nothing, costs the history and nothing else."""
    past = PastPrompts(tmp_path)
    assert list(past.load_history_strings()) == []
    past.store_string("text")
    past.close()


async def test_suggestions(tmp_path: Path) -> None:
    """Tab takes what is suggested for the text and cursor; names that cannot be printed are not suggested."""
    asked: list[tuple[str, int]] = []

    async def suggest(text: str, cursor: int) -> Sequence[Suggestion]:
        asked.append((text, cursor))
        return [Suggestion("@a\x1b[2J.py", 2), Suggestion("@app.py", 2, "file")]

    with editor(tmp_path / "prompts.jsonl", suggest=suggest) as (lines, press):
        offered = asyncio.Event()
        lines._session.default_buffer.on_completions_changed += lambda _: offered.set()
        reading = asyncio.ensure_future(lines.read())
        press("see @a")
        async with asyncio.timeout(30):
            await offered.wait()
            press("\t\r\r")
            assert await reading == "see @app.py"
    assert ("see @a", 6) in asked


async def test_plain_lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a line editor: a line is a question, a backslash continues it, the end of the input leaves."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("one\ntwo\\\nthree\n"))
    lines = LineReader()
    assert await lines.read() == "one"
    assert await lines.read() == "two\nthree"
    with pytest.raises(EOFError):
        await lines.read()
    lines.close()
    assert capsys.readouterr().out == "> > … > "
