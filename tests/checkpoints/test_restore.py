"""Restoring: exact where nothing was typed since, three-way where something was, and a conflict rather than a loss."""

import asyncio
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fake_editor import FakeEditor

from victor_server.errors import HistoryFailed, UsageError
from victor_server.features.checkpoints.restore import Restored, Restoring
from victor_server.features.edits.desk import Write, Written
from victor_server.features.edits.model import EditSet
from victor_server.history.checkpoints import Checkpoints
from victor_server.history.checkpoints_model import Changed, CheckpointOrigin
from victor_server.settings.resolved import CheckpointSettings

BEFORE = "one\ntwo\nthree\nfour\nfive\n"
AFTER = "one\nTWO\nthree\nfour\nfive\n"


class Proposed:
    """Hears of the conflicts."""

    def __init__(self) -> None:
        self.edits: list[EditSet] = []

    async def propose(self, edits: EditSet, *, apply: bool) -> object:
        """Keep it."""
        assert not apply
        self.edits.append(edits)
        return None


@dataclass
class Place:
    """A workspace with an editor on it."""

    root: Path
    kept: Checkpoints
    editor: FakeEditor = field(default_factory=FakeEditor)
    proposed: Proposed = field(default_factory=Proposed)

    @property
    def restoring(self) -> Restoring:
        """What is under test."""
        return Restoring(self.kept, self.editor, self.proposed)

    def path(self, name: str) -> Path:
        """A file of the workspace."""
        return self.root / name

    def write(self, name: str, text: str | None) -> None:
        """As if a person did it outside of any editor."""
        if text is None:
            self.path(name).unlink()
        else:
            self.path(name).write_bytes(text.encode())

    def text(self, name: str) -> str | None:
        """What the person has."""
        return self.editor.text(self.path(name))

    async def change(self, title: str | None = "change", **texts: str | None) -> str:
        """A change of the agent's: file a.txt is named `a`."""
        changes = [
            Changed(self.path(f"{name}.txt"), self.text(f"{name}.txt"), text) for name, text in texts.items()
        ]
        made = self.kept.begin(self.root, title or "", CheckpointOrigin(), changes)
        versions = {path: held.version for path, held in self.editor.buffers.items()}
        done = await self.editor.write(
            [Write(each.path, each.before, each.after, versions.get(each.path)) for each in changes], ""
        )
        self.kept.finish(made, [each.path for each in done if each.how == "written"])
        return made


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """One with a file a.txt."""
    root = (tmp_path / "work").resolve()
    root.mkdir()
    made = Place(root, Checkpoints(tmp_path / "kept", CheckpointSettings()))
    made.write("a.txt", BEFORE)
    yield made
    made.kept.close()


def how(restored: Restored | None) -> dict[str, str]:
    """What became of each file."""
    assert restored is not None
    return {each.path.name: each.how for each in restored.files}


@pytest.mark.parametrize(
    "before",
    [BEFORE, "", "x", "\ufeffx\r\ny", "a\rb\r\nc\n", "\u2028\x0c", "caf\u0065\u0301\n"],
)
@pytest.mark.parametrize("is_open", [False, True])
async def test_a_change_is_taken_back_exactly(place: Place, before: str, is_open: bool) -> None:
    """Byte for byte, on disk and in a buffer; the restore is a checkpoint that takes back the restore."""
    place.write("a.txt", before)
    if is_open:
        place.editor.open(place.path("a.txt"))
    made = await place.change(a=AFTER)
    done = await place.restoring.restore(made)
    assert (how(done), place.text("a.txt")) == ({"a.txt": "restored"}, before)
    assert done.files[0].was_open == is_open
    assert place.path("a.txt").read_bytes() == before.encode()
    again = await place.restoring.restore(done.ids[-1])
    assert (how(again), place.text("a.txt")) == ({"a.txt": "restored"}, AFTER)


async def test_made_deleted_and_moved_files(place: Place) -> None:
    """What was made goes, what was deleted is there again, with its mode; what was moved is back."""
    place.write("gone.txt", "gone\n")
    place.path("gone.txt").chmod(0o750)
    place.write("old.txt", "moved\n")
    made = await place.change(gone=None, new="new\n", old=None, moved="moved\n")
    assert not place.path("gone.txt").exists()
    done = await place.restoring.restore(made)
    assert set(how(done).values()) == {"restored"}
    assert [place.text(name) for name in ("gone.txt", "new.txt", "old.txt", "moved.txt")] == [
        "gone\n",
        None,
        "moved\n",
        None,
    ]
    if os.name == "posix":
        assert stat.S_IMODE(place.path("gone.txt").stat().st_mode) == 0o750


async def test_what_was_typed_since_stays(place: Place) -> None:
    """In the buffer, with line ends of one's own, and the preview says so before anything is written."""
    place.editor.open(place.path("a.txt"))
    made = await place.change(a=AFTER)
    place.editor.put(place.path("a.txt"), AFTER.replace("five\n", "five\nmine\n").replace("\n", "\r\n"))
    preview = await place.restoring.preview(made)
    wished = BEFORE.replace("five\n", "five\nmine\n").replace("\n", "\r\n")
    assert [(each.kind, each.wished) for each in preview.files] == [("change", wished)]
    await place.restoring.restore(made)
    assert place.text("a.txt") == wished
    assert place.path("a.txt").read_text() == BEFORE


async def test_what_was_typed_into_a_moved_file_moves_back(place: Place) -> None:
    """It is not lost with the file that goes."""
    made = await place.change(a=None, b=BEFORE)
    place.write("b.txt", BEFORE + "mine\n")
    done = await place.restoring.restore(made)
    assert how(done) == {"a.txt": "restored", "b.txt": "restored"}
    assert (place.text("a.txt"), place.text("b.txt")) == (BEFORE + "mine\n", None)


async def test_a_conflict_is_proposed_and_nothing_is_written(place: Place) -> None:
    """The file is as it was; a hunk has mine on one side, the old text on the other; other files are restored."""
    place.write("b.txt", "b\n")
    made = await place.change("Rename", a=AFTER, b="B\n")
    mine = AFTER.replace("TWO", "mine")
    place.write("a.txt", mine)
    done = await place.restoring.restore(made)
    assert how(done) == {"a.txt": "conflict", "b.txt": "restored"}
    assert (place.text("a.txt"), place.text("b.txt")) == (mine, "b\n")
    (edits,) = place.proposed.edits
    (file,) = edits.files
    assert (edits.id, edits.origin.title, file.base) == (done.edit_id, "Taken back: Rename", mine)
    assert [(each.start, each.before, each.after, each.state) for each in file.hunks] == [
        (1, "mine\n", "two\n", "proposed")
    ]
    assert "One place of it was changed since" in file.problems[0]


@pytest.mark.parametrize(
    ("change", "now", "kind", "why"),
    [
        ({"b": "new\n"}, {"b.txt": "new\nmine\n"}, "delete", "to take the change back would delete it"),
        ({"a": None}, {"a.txt": "another\n"}, "change", "there is another file of its name"),
        ({"a": AFTER}, {"a.txt": None}, "create", "It was deleted since"),
    ],
)
async def test_files_that_are_made_or_deleted_since_are_conflicts(
    place: Place, change: dict[str, str | None], now: dict[str, str | None], kind: str, why: str
) -> None:
    """Nothing is deleted that somebody typed into, and nothing comes back that somebody deleted, without being asked."""
    made = await place.change(**change)
    for name, text in now.items():
        place.write(name, text)
    done = await place.restoring.restore(made)
    assert {name: place.text(name) for name in now} == now
    assert [(each.kind, why in each.problems[0]) for each in place.proposed.edits[0].files] == [(kind, True)]
    assert set(how(done).values()) == {"conflict"}
    assert done.ids == ()


async def test_overwriting_keeps_what_was_there(place: Place) -> None:
    """Who asks for the old text gets it, and what was typed is in the restore's own checkpoint."""
    made = await place.change(a=AFTER)
    mine = AFTER.replace("TWO", "mine")
    place.write("a.txt", mine)
    done = await place.restoring.restore(made, overwrite=True)
    assert (how(done), place.text("a.txt")) == ({"a.txt": "restored"}, BEFORE)
    await place.restoring.restore(done.ids[-1])
    assert place.text("a.txt") == mine


async def test_one_file_of_many(place: Place) -> None:
    """The others stay; a file that the checkpoint did not change is an error."""
    place.write("b.txt", "b\n")
    made = await place.change(a=AFTER, b="B\n")
    await place.restoring.restore(made, [place.path("b.txt")])
    assert (place.text("a.txt"), place.text("b.txt")) == (AFTER, "b\n")
    assert [each.undone for each in await place.restoring.list(place.root)] == [False, False]
    with pytest.raises(UsageError, match="changed no such file"):
        await place.restoring.restore(made, [place.path("c.txt")])
    with pytest.raises(UsageError, match="no such checkpoint"):
        await place.restoring.restore("gone")


async def test_everything_since(place: Place) -> None:
    """Change by change, the youngest first; what was typed between and after stays."""
    first = await place.change(a=AFTER, b="b\n")
    place.write("a.txt", AFTER + "between\n")
    await place.change(a="ONE\n" + AFTER.removeprefix("one\n") + "between\n")
    await place.change(b=None)
    place.write("a.txt", "ONE\n" + AFTER.removeprefix("one\n") + "between\nafter\n")
    done = await place.restoring.restore(first, since=True)
    assert how(done) == {"b.txt": "unchanged", "a.txt": "restored"}
    assert (place.text("a.txt"), place.text("b.txt")) == (BEFORE + "between\nafter\n", None)
    assert [each.undone for each in await place.restoring.list(place.root)] == [False, True, True, True]


async def test_a_conflict_that_comes_to_nothing_is_none(place: Place) -> None:
    """In the middle of many changes two may contradict, and the text be in the end as it should be."""
    place.write("a.txt", None)
    first = await place.change(a="x\n")
    place.write("a.txt", "mine\n")
    await place.change(a="y\n")
    place.write("a.txt", None)
    done = await place.restoring.restore(first, since=True)
    assert (how(done), done.edit_id, place.text("a.txt")) == ({"a.txt": "unchanged"}, "", None)


async def test_undo_and_redo_go_step_by_step(place: Place) -> None:
    """Undo takes back the youngest change that still is there, redo the youngest undo; at the end there is None."""
    texts = [BEFORE, AFTER, AFTER + "six\n", "all new\n"]
    for text in texts[1:]:
        await place.change(a=text)
    for text in reversed(texts[:-1]):
        assert how(await place.restoring.undo(place.root)) == {"a.txt": "restored"}
        assert place.text("a.txt") == text
    assert await place.restoring.undo(place.root) is None
    for text in texts[1:]:
        assert how(await place.restoring.redo(place.root)) == {"a.txt": "restored"}
        assert place.text("a.txt") == text
    assert await place.restoring.redo(place.root) is None
    await place.restoring.undo(place.root)
    assert place.text("a.txt") == texts[-2]


async def test_undo_of_one_file_and_of_another_workspace(place: Place) -> None:
    """Changes of other files and folders are not touched, and one whose files are as they were is passed over."""
    await place.change(a=AFTER)
    await place.change(b="b\n")
    await place.change(c="c\n")
    place.write("c.txt", None)
    assert await place.restoring.undo(place.root.parent) is None
    await place.restoring.undo(place.root, path=place.path("a.txt"))
    assert (place.text("a.txt"), place.text("b.txt")) == (BEFORE, "b\n")
    await place.restoring.undo(place.root)
    assert place.text("b.txt") is None


async def test_typing_while_it_is_written(place: Place) -> None:
    """The file is looked at again, and what was typed in that moment stays; who never stops is told."""
    place.editor.open(place.path("a.txt"))
    made = await place.change(a=AFTER)
    typed = iter(["mine\n"])
    place.editor.before_write = lambda write: (
        place.editor.put(write.path, place.editor.buffers[write.path].text + next(typed))
        if (write.after or "").find("mine") < 0
        else None
    )
    done = await place.restoring.restore(made)
    assert (how(done), place.text("a.txt")) == ({"a.txt": "restored"}, BEFORE + "mine\n")
    place.editor.before_write = lambda write: place.editor.put(
        write.path, place.editor.buffers[write.path].text + "more\n"
    )
    done = await place.restoring.restore(done.ids[-1])
    assert how(done) == {"a.txt": "moved_on"}
    assert place.text("a.txt") == BEFORE + "mine\n" + 3 * "more\n"


async def test_what_cannot_be_read_is_left_alone(place: Place) -> None:
    """A file that is no text any more, or no file, is said, and the rest is restored."""
    made = await place.change(a=AFTER, b="b\n")
    place.path("a.txt").write_bytes(b"\xff\xfe\0")
    done = await place.restoring.restore(made)
    assert how(done) == {"a.txt": "refused", "b.txt": "restored"}
    assert place.path("a.txt").read_bytes() == b"\xff\xfe\0"
    assert done.files[0].why


async def test_nothing_is_written_that_could_not_be_kept(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the restore's own checkpoint cannot be made, the file is as it was."""
    made = await place.change(a=AFTER)
    n_pages = place.kept._opened().execute("pragma page_count").fetchone()[0]
    place.kept._opened().execute(f"pragma max_page_count = {n_pages}")
    place.write("a.txt", AFTER + os.urandom(50_000).hex())
    before = place.text("a.txt")
    with pytest.raises(HistoryFailed, match="no room"):
        await place.restoring.restore(made)
    assert place.text("a.txt") == before


async def test_what_was_never_written_is_not_taken_back(place: Place) -> None:
    """A file of a checkpoint that was refused may hold the same text by chance."""
    path = place.path("a.txt")
    made = place.kept.begin(
        place.root,
        "",
        CheckpointOrigin(),
        [Changed(path, "old", BEFORE), Changed(place.path("b.txt"), None, "b")],
    )
    place.write("b.txt", "b")
    place.kept.finish(made, [place.path("b.txt")])
    assert how(await place.restoring.restore(made)) == {"b.txt": "restored"}
    assert place.text("a.txt") == BEFORE


class Waiting(FakeEditor):
    """An editor that takes its time over each edit. `n_at_once` is how many it had before it at most."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.may_write = asyncio.Event(), asyncio.Event()
        self.n_at_once = self._n_now = 0

    async def write(self, writes: Sequence[Write], label: str) -> Sequence[Written]:
        """Once it may."""
        self._n_now += 1
        self.n_at_once = max(self.n_at_once, self._n_now)
        self.asked.set()
        await self.may_write.wait()
        done = await super().write(writes, label)
        self._n_now -= 1
        return done


async def test_what_nobody_waits_for_is_finished_before_the_next(place: Place) -> None:
    """A restore whose request was cancelled while it wrote goes on, alone, and is waited for at the end."""
    made = await place.change(a=AFTER)
    editor = Waiting()
    restoring = Restoring(place.kept, editor)
    first = asyncio.create_task(restoring.restore(made))
    await editor.asked.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    editor.asked.clear()
    second = asyncio.create_task(restoring.restore(made))
    await asyncio.wait([asyncio.create_task(editor.asked.wait())], timeout=0.3)
    editor.may_write.set()
    assert how(await second) == {"a.txt": "unchanged"}
    await restoring.close()
    assert editor.n_at_once == 1
    assert place.text("a.txt") == BEFORE
    assert not any(each.is_running for each in place.kept.list())
