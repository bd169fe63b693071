"""What a model is told of its edits, and what becomes of the files."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from reviews.desks import EditorDesk

from victor_server.agent.context.sources import Note
from victor_server.agent.tools.edits import (
    Block,
    ChangeFile,
    DeleteFile,
    EditAnswer,
    EditOrigin,
    MoveFile,
    WriteFile,
)
from victor_server.features.edits.agent_edits import AgentEdits
from victor_server.features.edits.apply import Restore
from victor_server.features.edits.model import FileEdit, Refusal
from victor_server.features.edits.new_problems import Patience
from victor_server.features.edits.reviews import Reviews
from victor_server.history.checkpoints import Checkpoints
from victor_server.settings.resolved import CheckpointSettings

TEXT = "def one():\n    return 1\n\n\ndef two():\n    return 2\n"
FIRST = Block("    return 1\n", "    return 11\n")
SECOND = Block("    return 2\n", "    return 22\n")


class Scene:
    """A workspace with one file, an editor that has it open, and an agent."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "work"
        self.root.mkdir()
        self.file = self.root / "a.py"
        self.file.write_text(TEXT)
        self.desk = EditorDesk()
        self.buffer = self.desk.open(self.file)
        store = Checkpoints(folder / "checkpoints", CheckpointSettings())
        self.reviews = Reviews(self.desk, store)
        self.edits = AgentEdits(self.reviews)
        self.origin = EditOrigin("Edit a.py", self.root, "session", "turn", "call")

    def change(self, *blocks: Block) -> ChangeFile:
        """A change of the file."""
        return ChangeFile(self.file, blocks)

    async def proposed(self) -> str:
        """The name of the edit set that waits for review."""
        await self.desk.has_shown.wait()
        return self.desk.shown[0]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """One for each test."""
    return Scene(tmp_path)


async def test_a_change_is_applied_and_told(scene: Scene) -> None:
    """With the texts for whoever shows a diff."""
    answer = await scene.edits.change([scene.change(FIRST, SECOND)], scene.origin, review=False)
    after = TEXT.replace("1\n", "11\n").replace("2\n", "22\n")
    assert (answer.text, answer.is_error) == ("a.py: changed.", False)
    assert scene.buffer.text == after
    assert [(each.path, each.before, each.after) for each in answer.diffs] == [(scene.file, TEXT, after)]
    assert answer.edit_id == scene.reviews.list()[0].id


async def test_a_review_is_waited_for_and_told_hunk_by_hunk(scene: Scene) -> None:
    """What was rejected, with the person's reason."""
    work = asyncio.create_task(scene.edits.change([scene.change(FIRST, SECOND)], scene.origin, review=True))
    edit_id = await scene.proposed()
    first, second = (hunk.id for hunk in scene.reviews.get(edit_id).files[0].hunks)
    assert scene.buffer.text == TEXT
    await scene.reviews.resolve(edit_id, [first], "accept")
    await scene.reviews.resolve(edit_id, [second], "reject", "two is 2")
    answer = await work
    assert not answer.is_error
    assert answer.text == (
        "a.py: 1 of 2 changes were accepted.\n"
        'Rejected: line 6. The person says: "two is 2"\n'
        "-     return 2\n"
        "+     return 22\n"
        "Do not make a rejected change again unless the person asks for it."
    )
    assert scene.buffer.text == TEXT.replace("1\n", "11\n")
    assert answer.diffs[0].after == scene.buffer.text


async def test_all_rejected_is_an_error_for_the_model(scene: Scene) -> None:
    """Nothing is in the files."""
    work = asyncio.create_task(scene.edits.change([scene.change(FIRST)], scene.origin, review=True))
    await scene.reviews.resolve(await scene.proposed(), None, "reject")
    answer = await work
    assert answer.is_error
    assert answer.diffs == ()
    assert answer.text.startswith("a.py: not changed.\nRejected: line 2.")


async def test_a_cancel_withdraws_what_was_not_accepted(scene: Scene) -> None:
    """A review of a turn that is over asks nobody anything."""
    work = asyncio.create_task(scene.edits.change([scene.change(FIRST, SECOND)], scene.origin, review=True))
    edit_id = await scene.proposed()
    first = scene.reviews.get(edit_id).files[0].hunks[0].id
    await scene.reviews.resolve(edit_id, [first], "accept")
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert [hunk.state for hunk in scene.reviews.get(edit_id).files[0].hunks] == ["kept", "reverted"]


async def test_what_does_not_apply_goes_back_twice_and_then_no_more(scene: Scene) -> None:
    """With what stands nearest, and its numbers; the third time the model is told to stop."""
    wrong = Block("    return one\n    # and more\n    return 1\n", "x\n")

    async def fail() -> EditAnswer:
        return await scene.edits.change([scene.change(wrong)], scene.origin, review=False)

    first, second, third = await fail(), await fail(), await fail()
    assert first == second
    assert first.is_error
    assert "\t" in first.text
    assert "return 1" in first.text
    assert "Stop trying" not in first.text
    assert "Stop trying to change this file, and ask the person." in third.text
    other_turn = EditOrigin("Edit a.py", scene.root, "session", "another turn")
    assert (await scene.edits.change([scene.change(wrong)], other_turn, review=False)) == first
    assert scene.buffer.text == TEXT


async def test_of_several_changes_all_or_none_are_made(scene: Scene) -> None:
    """One that does not apply keeps the others back."""
    new = WriteFile(scene.root / "b.py", "x = 1\n")
    wrong = scene.change(Block("nothing like this\n", "x\n"))
    assert (await scene.edits.change([new, wrong], scene.origin, review=False)).is_error
    assert sorted(each.name for each in scene.root.iterdir()) == ["a.py"]
    done = await scene.edits.change(
        [new, scene.change(FIRST), scene.change(SECOND)], scene.origin, review=False
    )
    assert done.text == "b.py: created.\na.py: changed."
    assert (scene.root / "b.py").read_text() == "x = 1\n"


async def test_files_are_moved_and_deleted(scene: Scene) -> None:
    """But none onto another."""
    other, target = scene.root / "b.py", scene.root / "c.py"
    other.write_text("b\n")
    taken = await scene.edits.change([MoveFile(other, scene.file)], scene.origin, review=False)
    assert taken.text == "Nothing was changed.\nb.py: There is a file a.py already."
    moved = await scene.edits.change([MoveFile(other, target)], scene.origin, review=False)
    assert (moved.text, other.exists(), target.read_text()) == ("b.py: moved to c.py.", False, "b\n")
    gone = await scene.edits.change([DeleteFile(target)], scene.origin, review=False)
    assert (gone.text, target.exists()) == ("c.py: deleted.", False)


async def test_what_the_desk_refuses_is_told_and_not_left_as_a_proposal(scene: Scene) -> None:
    """The model may try otherwise; nobody is asked about the first try any more."""
    scene.desk.refuses = "The editor said no."
    answer = await scene.edits.change([scene.change(FIRST)], scene.origin, review=False)
    assert answer.is_error
    assert "a.py was not changed. The editor said no." in answer.text
    assert scene.reviews.list()[0].files[0].hunks[0].state == "reverted"


async def test_new_problems_are_told_and_remembered(tmp_path: Path) -> None:
    """Those that were there before are not: they may have moved."""
    scene = Scene(tmp_path)
    old = Note(scene.file, 5, 6, "error", "old trouble", "pyright")
    new = Note(scene.file, 1, 2, "error", "11 is too\nmuch", "pyright")
    hint = Note(scene.file, 1, 2, "hint", "a hint", "pyright")
    answers: list[Sequence[Note]] = [[old], [old], [hint, old, new], [hint, old, new]]

    async def ask(_: Sequence[Path]) -> Sequence[Note]:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    scene.edits = AgentEdits(scene.reviews, ask_notes=ask, patience=Patience(0, 9))
    answer = await scene.edits.change([scene.change(FIRST)], scene.origin, review=False)
    assert answer.text == (
        "a.py: changed.\n"
        "New problems that the editor's language servers report since:\n"
        "a.py:2: error: 11 is too much (pyright)"
    )
    assert scene.reviews.broken(answer.edit_id) == (new,)


async def test_a_check_may_refuse_or_mark(scene: Scene) -> None:
    """Its words go to the model."""

    async def refuse(edit: FileEdit, root: Path) -> FileEdit | Refusal:
        return Refusal(edit.path, f"It would not parse any more in {root.name}.")

    strict = AgentEdits(scene.reviews, check=refuse)
    answer = await strict.change([scene.change(FIRST)], scene.origin, review=False)
    assert answer.text == "Nothing was changed.\na.py: It would not parse any more in work."
    assert scene.buffer.text == TEXT


async def test_secrets_are_put_back_for_their_file_alone(scene: Scene) -> None:
    """By what the conversation knows."""
    asked: list[tuple[str, Path]] = []

    def restoring(origin: EditOrigin, path: Path) -> Restore:
        asked.append((origin.session_id, path))
        return lambda text: text.replace("PLACE", "11")

    edits = AgentEdits(scene.reviews, restoring=restoring)
    block = Block("    return 1\n", "    return PLACE\n")
    await edits.change([scene.change(block)], scene.origin, review=False)
    assert scene.buffer.text == TEXT.replace("1\n", "11\n")
    assert asked == [("session", scene.file)]
