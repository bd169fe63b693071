"""Any interleaving of typing, edits, review, undo, restore, crash and restart: no character that a person typed is lost.

A machine types marks (`m17`), each once. Whatever happens, each mark that the person has not removed is in a document,
in a file, or in a checkpoint; and every text that Victor ever replaced is in a checkpoint as it was, so that there is a
way back to it.
"""

import asyncio
import re
import tempfile
from collections.abc import Callable, Collection, Coroutine, Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
from fake_editor import FakeEditor
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from victor_server.agent.tools.edits import EditOrigin
from victor_server.errors import UsageError
from victor_server.features.checkpoints.restore import Restored, Restoring
from victor_server.features.edits.desk import Write, Written
from victor_server.features.edits.hunks import hunks_of, whole_hunk
from victor_server.features.edits.lines import split_lines
from victor_server.features.edits.model import EditSet, FileEdit
from victor_server.features.edits.review_model import How
from victor_server.features.edits.reviews import Reviews
from victor_server.history.checkpoints import Checkpoints
from victor_server.history.checkpoints_model import Changed, CheckpointOrigin
from victor_server.settings.resolved import CheckpointSettings

NAMES = ("a.txt", "b.txt", "c.txt")
NUMBER = st.integers(0, 9)
FILE = st.sampled_from(NAMES)
IN_MEMORY = Path("/dev/shm")
MARK = re.compile(r"m\d+")
Touch = Literal["change", "insert", "delete"]


class Crash(BaseException):
    """Victor is no more: from here on nothing that it does has any effect."""


class Fuse:
    """Lets a number of steps happen, then none."""

    def __init__(self) -> None:
        self.n_left: int | None = None

    def step(self) -> None:
        """One step of Victor's is about to happen."""
        if self.n_left is not None:
            if self.n_left <= 0:
                raise Crash
            self.n_left -= 1


class MortalCheckpoints(Checkpoints):
    """The real store, which a crash ends before or after any call."""

    fuse: Fuse

    def begin(self, workspace: Path, title: str, origin: CheckpointOrigin, changes: Sequence[Changed]) -> str:
        self.fuse.step()
        made = super().begin(workspace, title, origin, changes)
        self.fuse.step()
        return made

    def finish(self, checkpoint_id: str, written: Collection[Path], unsure: Collection[Path] = ()) -> None:
        self.fuse.step()
        super().finish(checkpoint_id, written, unsure)
        self.fuse.step()


class MortalEditor(FakeEditor):
    """An editor that outlives Victor: only what Victor asks of it ends with a crash."""

    def __init__(self, fuse: Fuse) -> None:
        super().__init__()
        self.fuse = fuse

    async def write(self, writes: Sequence[Write], label: str) -> Sequence[Written]:
        done: list[Written] = []
        for each in writes:
            self.fuse.step()
            done += await super().write([each], label)
        self.fuse.step()
        return done


class Machine(RuleBasedStateMachine):
    """One workspace with three files, one editor, one person, and an agent that writes whatever it likes."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None)
        self.runner = asyncio.Runner()
        home = Path(self.folder.name).resolve()
        self.root = home / "work"
        self.root.mkdir()
        self.home = home / "home"
        self.fuse = Fuse()
        self.editor = MortalEditor(self.fuse)
        self.n_marks = 0
        self.n_edits = 0
        self.alive: set[str] = set()
        self.texts: dict[Path, str | None] = {}
        self.before: dict[Path, str | None] = {}
        self.start()
        (self.root / "a.txt").write_text("".join(f"line {number}\n" for number in range(8)))

    def start(self) -> None:
        """Victor starts."""
        self.fuse.n_left = None
        self.kept = MortalCheckpoints(self.home, CheckpointSettings())
        self.kept.fuse = self.fuse
        self.reviews = Reviews(self.editor, self.kept)
        self.restoring = Restoring(self.kept, self.editor, self.reviews)

    def teardown(self) -> None:
        """Everything that was ever changed is taken back, oldest included; even then nothing is lost."""
        if found := self.kept.list():
            self.by_victor(lambda: self.restoring.restore(found[-1].id, since=True, overwrite=True))
        self.runner.run(self.reviews.close())
        self.kept.close()
        self.runner.close()
        self.folder.cleanup()

    @rule(name=FILE, at=NUMBER, what=st.sampled_from(["change", "insert", "delete"]))
    def type_(self, name: str, at: int, what: Touch) -> None:
        """The person types a new line, into a line, or deletes one: in the document if there is one, else on disk."""
        self.by_person(lambda: self.typed(self.root / name, at, what))

    @rule(name=FILE, at=NUMBER)
    def type_beside(self, name: str, at: int) -> None:
        """Another program, at the person's order, writes into the file, open or not."""
        path = self.root / name
        assume(path.exists())
        self.by_person(lambda: path.write_text(self.touched(path.read_text(), at, "insert")))

    @rule(name=FILE)
    def open_(self, name: str) -> None:
        """The person looks at a file."""
        self.editor.open(self.root / name)

    @rule(name=FILE)
    def save(self, name: str) -> None:
        """The person saves, over whatever is on disk."""
        assume(self.root / name in self.editor.buffers)
        self.by_person(lambda: self.editor.save(self.root / name))

    @rule(name=FILE)
    def close(self, name: str) -> None:
        """The person closes a document, saved or not."""
        assume(self.root / name in self.editor.buffers)
        self.by_person(lambda: self.editor.close(self.root / name))

    @rule(name=FILE)
    def remove(self, name: str) -> None:
        """The person removes a file."""
        path = self.root / name
        assume(path.exists() and path not in self.editor.buffers)
        self.by_person(path.unlink)

    @rule(
        names=st.lists(FILE, min_size=1, max_size=2, unique=True),
        places=st.lists(
            st.tuples(NUMBER, st.sampled_from(["change", "insert", "delete"])), min_size=1, max_size=3
        ),
        is_applied=st.booleans(),
        is_late=st.booleans(),
    )
    def edit(
        self, names: Sequence[str], places: Sequence[tuple[int, Touch]], is_applied: bool, is_late: bool
    ) -> None:
        """The agent changes files, as they are or as it read them a while ago; applied at once, or proposed."""
        files = []
        for name in names:
            path = self.root / name
            base = self.texts.get(path) if is_late else self.editor.text(path)
            after = base or ""
            for at, what in places:
                after = self.touched(after, at, what, word="agent")
            if base is None:
                files.append(FileEdit(path, "create", None, (whole_hunk(path, "", after),)))
            elif base != after:
                files.append(FileEdit(path, "change", base, hunks_of(base, after, path)))
        assume(files)
        self.propose(files, is_applied=is_applied)
        self.look()

    @rule(name=FILE, to=FILE, is_applied=st.booleans())
    def move_or_delete(self, name: str, to: str, is_applied: bool) -> None:
        """The agent moves a file, or deletes it."""
        path, target = self.root / name, self.root / to
        text = self.editor.text(path)
        assume(text is not None)
        assert text is not None
        if path == target:
            edit = FileEdit(path, "delete", text, (whole_hunk(path, text, ""),))
        else:
            assume(self.editor.text(target) is None)
            edit = FileEdit(path, "move", text, (whole_hunk(path, text, text),), to=target)
        self.propose([edit], is_applied=is_applied)

    @precondition(lambda self: self.reviews.list())
    @rule(which=NUMBER, hunk=NUMBER, how=st.sampled_from(["accept", "reject", "keep", "undo"]))
    def review(self, which: int, hunk: int, how: How) -> None:
        """The person decides about one hunk, or (9) about all."""
        edits = self.reviews.list()[which % len(self.reviews.list())]
        ids = [each.id for file in edits.files for each in file.hunks]
        chosen = None if hunk == 9 else [ids[hunk % len(ids)]]
        self.by_victor(lambda: self.reviews.resolve(edits.id, chosen, how))

    @precondition(lambda self: self.kept.exists)
    @rule(which=NUMBER, since=st.booleans(), overwrite=st.booleans(), name=st.none() | FILE)
    def restore(self, which: int, since: bool, overwrite: bool, name: str | None) -> None:
        """The person restores a checkpoint: whole or one file of it, with or without what came since."""
        found = self.kept.list()
        assume(found)
        checkpoint = found[which % len(found)]
        paths = None if name is None else [self.root / name]
        self.take_back(
            lambda: self.restoring.restore(checkpoint.id, paths, since=since, overwrite=overwrite),
            overwrite=overwrite,
        )

    @rule(is_undo=st.booleans())
    def undo_or_redo(self, is_undo: bool) -> None:
        """The person goes a step back, or forth."""
        step = self.restoring.undo if is_undo else self.restoring.redo
        self.take_back(lambda: step(self.root))

    def take_back(self, step: Callable[[], Coroutine[Any, Any, object]], *, overwrite: bool = False) -> None:
        """Let Victor take changes back: but for marks that these changes brought, all stay where the person sees them."""
        before = self.marks()
        done = self.by_victor(step)
        if isinstance(done, Restored) and not overwrite:
            brought = {
                mark
                for checkpoint in done.of
                for each in self.kept.changes(checkpoint.id)
                for mark in set(MARK.findall(each.after or "")) - set(MARK.findall(each.before or ""))
            }
            assert before & self.alive <= self.marks() | brought

    @rule(name=FILE, at=NUMBER)
    def change_and_take_back(self, name: str, at: int) -> None:
        """With nothing typed between, every file is as it was, and taking that back is as exact."""
        self.editor.before_write = lambda _: None
        before = {each: self.editor.text(self.root / each) for each in NAMES}
        text = before[name]
        assume(text is not None)
        assert text is not None
        path, after = self.root / name, self.touched(text, at, "insert", word="agent")
        self.propose([FileEdit(path, "change", text, hunks_of(text, after, path))], is_applied=True)
        changed = {each: self.editor.text(self.root / each) for each in NAMES}
        done = self.by_victor(lambda: self.restoring.restore(self.kept.list()[0].id))
        assert isinstance(done, Restored)
        assert {each: self.editor.text(self.root / each) for each in NAMES} == before
        self.by_victor(lambda: self.restoring.restore(done.ids[-1]))
        assert {each: self.editor.text(self.root / each) for each in NAMES} == changed != before

    @rule(n_writes=st.integers(0, 2), at=NUMBER, name=FILE)
    def type_at_the_worst_moment(self, n_writes: int, at: int, name: str) -> None:
        """From now on: right before one of the next writes, the person types into that very file."""
        waits = [n_writes]

        def type_now(write: Write) -> None:
            waits[0] -= 1
            if waits[0] < 0:
                self.editor.before_write = lambda _: None
                self.by_person(lambda: self.typed(write.path, at, "insert"))

        self.editor.before_write = type_now

    @rule(n_steps=st.integers(0, 7), with_editor=st.booleans(), which=NUMBER, at=NUMBER, name=FILE)
    def crash(self, n_steps: int, with_editor: bool, which: int, at: int, name: str) -> None:
        """Victor ends after any number of steps of what it does then; the editor may end too. Then both start again."""
        self.fuse.n_left = n_steps
        path, found = self.root / name, self.kept.list()
        try:
            if which % 2 and found:
                self.by_victor(lambda: self.restoring.restore(found[which % len(found)].id, overwrite=True))
            else:
                base = self.editor.text(path) or ""
                after = self.touched(base, at, "change", word="agent")
                edit = (
                    FileEdit(path, "change", base, hunks_of(base, after, path))
                    if base
                    else FileEdit(path, "create", None, (whole_hunk(path, "", after),))
                )
                self.propose([edit], is_applied=True)
        except Crash:
            pass
        self.kept.close()
        self.start()
        self.check()
        if with_editor:
            self.by_person(self.editor.buffers.clear)
        assert not any(each.is_running for each in self.kept.list())

    def propose(self, files: Sequence[FileEdit], *, is_applied: bool) -> None:
        """Give an edit set to the reviews."""
        self.n_edits += 1
        edits = EditSet(f"e{self.n_edits}", EditOrigin(f"Edit {self.n_edits}", self.root), tuple(files), 0.0)
        self.by_victor(lambda: self.reviews.propose(edits, apply=is_applied))

    def by_victor(self, step: Callable[[], Coroutine[Any, Any, object]]) -> object:
        """Let Victor do something: each text that it replaces must be kept, and no mark may be lost."""
        self.before = self.seen()
        try:
            return self.runner.run(step())
        except UsageError:
            return None  # what does not go is refused, in words
        finally:
            if self.fuse.n_left is None:
                self.check()

    def by_person(self, step: Callable[[], object]) -> None:
        """Let the person do something: what is then nowhere to be seen is what they removed."""
        marks, before = self.marks(), self.seen()
        step()
        self.alive -= marks - self.marks()
        self.before |= {path: text for path, text in self.seen().items() if text != before[path]}

    def check(self) -> None:
        """What must hold at any moment."""
        assert self.alive <= self.marks() | self.kept_marks()
        kept = {(each.path, each.before) for each in self.changes()}
        replaced = {(path, text) for path, text in self.before.items() if text != self.editor.text(path)}
        assert {each for each in replaced if each[1] is not None} <= kept

    def typed(self, path: Path, at: int, what: Touch) -> None:
        """What a person does to a text, wherever they have it."""
        text = self.touched(self.editor.text(path) or "", at, what)
        if path in self.editor.buffers:
            self.editor.put(path, text)
        else:
            path.write_bytes(text.encode())

    def touched(self, text: str, at: int, what: Touch, word: str = "") -> str:
        """The text with one line more, or one that has become longer, or one less. A person's words are all new."""
        lines = split_lines(text)
        self.n_marks += 1
        word = f"{word}{self.n_marks}" if word else f"m{self.n_marks}"
        at = min(at, len(lines))
        if what == "insert" or not lines:
            lines.insert(at, f"{word}\n")
        elif what == "delete":
            del lines[min(at, len(lines) - 1)]
        else:
            at = min(at, len(lines) - 1)
            lines[at] = f"{word} {lines[at]}"
        if word.startswith("m") and what != "delete":
            self.alive.add(word)
        return "".join(lines)

    def look(self) -> None:
        """What the agent knows of the files from now on, until it looks again."""
        self.texts = self.seen()

    def seen(self) -> dict[Path, str | None]:
        """What the person sees."""
        return {self.root / name: self.editor.text(self.root / name) for name in NAMES}

    def marks(self) -> set[str]:
        """Every mark that is in a document or a file."""
        texts = [held.text for held in self.editor.buffers.values()]
        texts += [path.read_bytes().decode() for path in self.root.iterdir()]
        return {mark for text in texts for mark in MARK.findall(text)}

    def kept_marks(self) -> set[str]:
        """Every mark that can be restored."""
        texts = [text for each in self.changes() for text in (each.before, each.after)]
        return {mark for text in texts for mark in MARK.findall(text or "")}

    def changes(self) -> list[Changed]:
        """All that is in reach."""
        return [each for checkpoint in self.kept.list() for each in self.kept.changes(checkpoint.id)]


def run_machine(max_examples: int, steps: int) -> None:
    """So many runs, of so many steps at most."""
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=max_examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_nothing_is_lost() -> None:
    """A few hundred steps."""
    run_machine(25, 20)


@pytest.mark.torture
def test_nothing_is_lost_in_thousands_of_steps() -> None:
    """Many more."""
    run_machine(400, 50)
