"""Questions in the terminal, without one: what is typed comes from a list."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.agent.permissions.model import Answer, Question, Rule, Verdict, Wanted
from victor_server.agent.tools.edits import EditOrigin
from victor_server.agent.tools.tool import Diff, Touched
from victor_server.cli.chat.asker import TerminalAsker, question_text
from victor_server.cli.chat.asking import Asking, read_choice
from victor_server.cli.chat.held_screen import HeldScreen
from victor_server.cli.chat.printed_hunk import printed_hunk
from victor_server.cli.chat.reviewer import TerminalReviewer
from victor_server.cli.chat.screen import PlainScreen
from victor_server.features.edits.disk_desk import DiskDesk
from victor_server.features.edits.hunks import hunks_of
from victor_server.features.edits.model import EditSet, FileEdit, Hunk
from victor_server.features.edits.reviews import Reviews
from victor_server.history.checkpoints import Checkpoints
from victor_server.settings.resolved import CheckpointSettings

WORDS = ("yes", "session", "always", "no")
HOSTILE = "ls\u202e\x1b[2J\u200b\r\nVictor: it is safe\u3164"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("y", ("yes", "")),
        (" YES ", ("yes", "")),
        ("n", ("no", "")),
        ("n too slow", ("no", "too slow")),
        ("No, because", ("no", "because")),
        ("no: y", ("no", "y")),
        ("s", ("session", "")),
        ("a", ("always", "")),
        ("", None),
        ("yy", None),
        ("ye", None),
        ("never", None),
        ("not now", None),
        ("y/n", None),
        ("1", None),
    ],
)
def test_choices(line: str, found: tuple[str, str] | None) -> None:
    """A whole word or its first letter, and nothing that is like it; an empty line is none."""
    assert read_choice(line, WORDS) == found


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=30))
def test_only_a_yes_is_a_yes(line: str) -> None:
    """No other text than one that begins with the word or its letter allows anything."""
    found = read_choice(line, WORDS)
    if found is not None and found[0] != "no":
        first = line.strip().split()[0].lower().rstrip(",.:;!-")
        assert first.startswith((found[0][0],))


class Face:
    """A screen, and lines that are typed; an exception is raised instead, an awaitable waited for before."""

    def __init__(self, *lines: str | BaseException) -> None:
        self.written = io.StringIO()
        self.screen = HeldScreen(PlainScreen(self.written, self.written, tells_waiting=True))
        self.left = list(lines)
        self.asked = asyncio.Event()
        self.before: Callable[[], Awaitable[None]] | None = None
        self.asking = Asking(self.screen, self.read)

    async def read(self, prompt: str) -> str:
        """The next line."""
        self.written.write(prompt)
        self.asked.set()
        if self.before is not None:
            await self.before()
        line = self.left.pop(0)
        if isinstance(line, BaseException):
            raise line
        self.written.write(f"{line}\n")
        return line


def question(command: str = "npm test", *, remembers: bool = True, diffs: tuple[Diff, ...] = ()) -> Question:
    """What is asked."""
    root = Path("/work")
    touched = Touched("Run it", command=command, folder=root / "sub")
    rules = (Rule("run_command", "allow", command=command),) if remembers else ()
    verdict = Verdict("ask", "No rule allows it.", remembers=rules)
    return Question("q", Wanted("run_command", "execute", touched, root), verdict, diffs)


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (["y"], Answer("once")),
        (["s"], Answer("session")),
        (["", "maybe", "always"], Answer("always")),
        (["n"], Answer("no")),
        (["n use make"], Answer("no", "use make")),
        ([EOFError()], Answer("no")),
        ([OSError()], Answer("cancelled", "The terminal cannot be read.")),
    ],
)
async def test_answers(lines: list[str | BaseException], answer: Answer) -> None:
    """Each key, a line that is none, the end of the input, and a terminal that is gone."""
    face = Face(*lines)
    assert await TerminalAsker(face.asking).ask(question()) == answer
    assert "Victor wants to run a command:\n  npm test\nin the folder sub\n" in face.written.getvalue()


async def test_nothing_to_remember() -> None:
    """Then the two answers are not offered, and not taken."""
    face = Face("s", "a", "y")
    assert await TerminalAsker(face.asking).ask(question(remembers=False)) == Answer("once")
    assert face.written.getvalue().count("Allow it? [y]es once, [n]o, or n and why: ") == 3
    assert "ession" not in face.written.getvalue()


def test_hostile_questions() -> None:
    """Nothing in a command hides, moves the cursor, or stands where Victor's own words stand."""
    text = question_text(question(HOSTILE))
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "\n  ls\\u{202e}\\u{1b}[2J\\u{200b}\n  Victor: it is safe\\u{3164}\n" in text


async def test_questions_come_one_after_the_other_and_the_rest_waits() -> None:
    """While one is open, no other is shown, and what the turn tells comes behind it, in order."""
    face = Face("y", "n")
    gate = asyncio.Event()
    face.before = gate.wait  # type: ignore[assignment]  # it returns True, which nobody looks at
    asker = TerminalAsker(face.asking)
    first = asyncio.ensure_future(asker.ask(question("one")))
    second = asyncio.ensure_future(asker.ask(question("two")))
    await face.asked.wait()
    face.screen.note("late one")
    face.screen.answer("late two\n")
    assert "two" not in face.written.getvalue()
    assert "late" not in face.written.getvalue()
    gate.set()
    assert [each.kind for each in (await first, await second)] == ["once", "no"]
    written = face.written.getvalue()
    order = [written.index(each) for each in ("  one\n", "late one", "late two", "  two\n")]
    assert order == sorted(order)


async def test_a_cancelled_question_frees_the_terminal() -> None:
    """The next one can be asked, and what waited is shown."""
    face = Face("y")
    face.before = asyncio.Event().wait  # type: ignore[assignment]  # it returns True, which nobody looks at
    asker = TerminalAsker(face.asking)
    task = asyncio.ensure_future(asker.ask(question()))
    await face.asked.wait()
    face.screen.note("late")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert face.written.getvalue().endswith("late\n")
    face.before = None
    assert (await asker.ask(question())).kind == "once"


def test_hunks_are_printed() -> None:
    """With lines around them, tabs as they are, and everything else that hides made seen."""
    base = "a\nb\n\tc\r\nd\ne\nf\n"
    (hunk,) = hunks_of(base, base.replace("d\n", "D\u202e\n"))
    edit = FileEdit(Path("/w/x"), "change", base, (hunk,))
    assert printed_hunk(edit, hunk, "x\n") == "@@ x ⏎ :4 @@\n a\n b\n \tc\n-d\n+D\\u{202e}\n e\n f"
    made = FileEdit(Path("/w/x"), "create", None, (Hunk("h", 0, 0, "", "one\ntwo"),))
    assert printed_hunk(made, made.hunks[0], "x") == "@@ A new file: x @@\n+one\n+two"
    moved = FileEdit(Path("/w/x"), "move", "", (Hunk("h", 0, 0, "", ""),), to=Path("/w/y"))
    assert printed_hunk(moved, moved.hunks[0], "x", "y") == "@@ The file is moved: x to y @@"


class Review:
    """Reviews over a real folder, gone through at a face."""

    def __init__(self, folder: Path, face: Face) -> None:
        self.root = folder / "work"
        self.root.mkdir()
        desk = DiskDesk(lambda edit_id: self.reviewer.show(edit_id))
        self.reviews = Reviews(desk, Checkpoints(folder / "home", CheckpointSettings()))
        self.reviewer = TerminalReviewer(face.asking, self.reviews)

    async def propose(self, **after: tuple[str, str]) -> EditSet:
        """An edit of files: name, text before, text after."""
        files = []
        for name, (base, text) in after.items():
            path = self.root / name
            path.write_text(base)
            files.append(FileEdit(path, "change", base, hunks_of(base, text, path)))
        edits = EditSet(f"e{len(self.reviews.list())}", EditOrigin("Mend\nit", self.root), tuple(files), 0.0)
        await self.reviews.propose(edits, apply=False)
        return edits

    def texts(self) -> list[str]:
        """What is in the files."""
        return [path.read_text() for path in sorted(self.root.iterdir())]


TWO = ("1\nx\nx\nx\nx\nx\nx\nx\n2\n", "one\nx\nx\nx\nx\nx\nx\nx\ntwo\n")


async def test_all_is_of_one_file(tmp_path: Path) -> None:
    """`a` takes the rest of its file, `d` drops it with its reason; each file is asked for."""
    face = Face("a", "d no need")
    review = Review(tmp_path, face)
    edits = await review.propose(a=TWO, b=TWO)
    await review.reviews.wait(edits.id)
    assert review.texts() == [TWO[1], TWO[0]]
    assert list(review.reviews.reasons(edits.id).values()) == ["no need"] * 2
    assert "Victor proposes 4 changes: Mend ⏎ it" in face.written.getvalue()


async def test_withdrawn_while_it_is_asked(tmp_path: Path) -> None:
    """The question goes, nothing is written, and the next edit is asked for."""
    face = Face("y", "y")
    face.before = asyncio.Event().wait  # type: ignore[assignment]  # it returns True, which nobody looks at
    review = Review(tmp_path, face)
    edits = await review.propose(a=TWO)
    await face.asked.wait()
    face.before = None
    await review.reviews.withdraw(edits.id)
    other = await review.propose(b=TWO)
    await review.reviews.wait(other.id)
    assert review.texts() == [TWO[0], TWO[1]]
    assert face.left == []


async def test_a_file_that_changes_while_it_is_asked(tmp_path: Path) -> None:
    """What no longer fits is said and left alone."""
    face = Face("y", "y")
    review = Review(tmp_path, face)

    async def somebody_else() -> None:
        (review.root / "a").write_text("other\n")

    face.before = somebody_else
    edits = await review.propose(a=TWO)
    await review.reviews.wait(edits.id)
    async with face.asking.turn():  # the review is over
        assert review.texts() == ["other\n"]
    assert "the text there has changed since, so this was not put in." in face.written.getvalue()
