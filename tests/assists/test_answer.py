"""What an answer changes."""

from pathlib import Path

import pytest

from victor_server.agent.tools.edits import Block, ChangeFile, WriteFile
from victor_server.errors import UsageError
from victor_server.features.assists.answer import Code, read_answer

HERE = Path("/w/src/a.py")
BLOCK = "<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n"


def resolve(written: str) -> Path:
    """Below the folder."""
    if written.startswith(".."):
        raise UsageError(f"{written} leads out of the workspace.")
    return Path("/w") / written


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("```python\nx = 1\n```", "x = 1\n"),
        ("Here:\n\n```\nx = 1\n\ny = 2\n```\nDone.", "x = 1\n\ny = 2\n"),
        ("```python title=src/a.py\nx = 1\n```", "x = 1\n"),
        ("~~~\nx\n~~~", "x\n"),
        ('```python\n"""\n```sh\nls\n```\n"""\n```', '"""\n```sh\nls\n```\n"""\n'),
        ("```py\r\nx\r\n```\r\n", "x\n"),
    ],
)
def test_the_selected_lines_anew(answer: str, text: str) -> None:
    """One block of code, whatever stands around it; one that names the file itself is no whole file."""
    assert read_answer(answer, HERE, resolve) == Code(text)


def test_changes_of_files() -> None:
    """Search and replace blocks, of this file or another; a whole file that is another one."""
    change = ChangeFile(HERE, (Block("x = 1\n", "x = 2\n"),))
    assert read_answer(BLOCK, HERE, resolve) == (change,)
    assert read_answer(f"src/a.py\n{BLOCK}", HERE, resolve) == (change,)
    assert read_answer(f"```python\nsome of it\n```\n\n{BLOCK}", HERE, resolve) == (change,)
    other = WriteFile(Path("/w/tests/test_a.py"), "def test(): ...\n")
    assert read_answer("```python title=tests/test_a.py\ndef test(): ...\n```", HERE, resolve) == (other,)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("x = 1", "holds no code"),
        ("", "holds no code"),
        ("```\nx\n```\nor\n```\ny\n```", "2 blocks of code"),
        ("```python\nx = 1\n", "cut off"),
        ("<<<<<<< SEARCH\nx = 1\n=======\n", "cut off"),
        (f"```python title=src/a.py\ny = 1\n```\n\n{BLOCK}", "two forms"),
        (f"../b.py\n{BLOCK}", "leads out of the workspace"),
    ],
)
def test_what_cannot_be_read(answer: str, why: str) -> None:
    """Said in words that a model can act on; nobody guesses."""
    with pytest.raises(UsageError, match=why):
        read_answer(answer, HERE, resolve)
