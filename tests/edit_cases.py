"""One made case of a change: a file, what a model sends, and the text that must come of it or the words of the refusal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from victor_server.agent.tools.edits import Block, ChangeFile, WriteFile
from victor_server.features.edits.apply import make_file_edit
from victor_server.features.edits.hunks import text_with
from victor_server.features.edits.model import FileEdit, Refusal

PATH = Path("/workspace/src/app.py")


@dataclass(frozen=True, slots=True)
class Refused:
    """The change is refused, and the refusal says this."""

    says: str


@dataclass(frozen=True, slots=True)
class Case:
    """`blocks` are what is looked for and what is put there, in turns. `want` is the file's text after it."""

    name: str
    base: str
    blocks: tuple[str, ...]
    want: str | Refused
    path: Path = PATH


def case(name: str, base: str, *blocks: str, want: str | Refused, path: str = "") -> Case:
    """A case of which each text is written with the indentation of the test."""
    texts = tuple(map(plain, blocks))
    return Case(
        name, plain(base), texts, plain(want) if isinstance(want, str) else want, Path(path) if path else PATH
    )


def exact(name: str, base: str, *blocks: str, want: str | Refused, path: str = "") -> Case:
    """A case of which each text is written as it is."""
    return Case(name, base, blocks, want, Path(path) if path else PATH)


def plain(text: str) -> str:
    """A text in a test's own indentation, or one that stands on one line as it is."""
    return dedent(text).removeprefix("\n") if text.startswith("\n") else text


def each(*cases: Case) -> pytest.MarkDecorator:
    """Runs a test once for each case, by its name."""
    names = [one.name for one in cases]
    assert len(set(names)) == len(names)
    return pytest.mark.parametrize("one", cases, ids=names)


def check(one: Case, restore: Callable[[str], str] = str) -> None:
    """Make the change, and compare."""
    blocks = tuple(Block(*pair) for pair in zip(one.blocks[::2], one.blocks[1::2], strict=True))
    result = make_file_edit(one.base, ChangeFile(one.path, blocks), restore=restore)
    compare(result, one.want)


def check_written(base: str | None, text: str, want: str | Refused, path: Path = PATH) -> None:
    """The same for a file that is written as a whole."""
    compare(make_file_edit(base, WriteFile(path, text, replaces=True)), want)


def compare(result: FileEdit | Refusal, want: str | Refused) -> None:
    """A refusal says why and shows what is near; an edit makes the text, and none of its hunks makes none of it."""
    if isinstance(want, Refused):
        assert isinstance(result, Refusal), f"applied: {after(result)!r}"
        assert want.says in result.why
        assert result.why.endswith(".")
        return
    assert isinstance(result, FileEdit), result
    assert after(result) == want
    assert text_with(result.base or "", result.hunks, ()) == (result.base or "")


def after(edit: FileEdit, accepted: Sequence[str] | None = None) -> str:
    """The text with these hunks of an edit, all of them if it is not said which."""
    ids = [hunk.id for hunk in edit.hunks] if accepted is None else accepted
    return text_with(edit.base or "", edit.hunks, ids)
