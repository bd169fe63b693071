"""A review: hunk by hunk into the files and out again, while a person types."""

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from reviews.desks import EditorDesk

from victor_server.agent.tools.edits import EditOrigin
from victor_server.errors import AuditFailed, UsageError
from victor_server.features.edits.hunks import hunks_of, whole_hunk
from victor_server.features.edits.model import EditSet, FileEdit
from victor_server.features.edits.review_model import How, Which
from victor_server.features.edits.reviews import Reviews
from victor_server.history.checkpoints import Checkpoints
from victor_server.history.checkpoints_model import Changed
from victor_server.settings.resolved import CheckpointSettings

BASE = "".join(f"line {number}\n" for number in range(1, 21))
AFTER = (
    BASE.replace("line 3\n", "line three\n")
    .replace("line 10\n", "")
    .replace("line 17\n", "line 17\nline 17 and a half\n")
)
_numbers = itertools.count(1)


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    """The real store."""
    return Checkpoints(tmp_path / "checkpoints", CheckpointSettings())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file in a workspace."""
    made = tmp_path / "work" / "a.txt"
    made.parent.mkdir()
    made.write_bytes(BASE.encode())
    return made


def change(path: Path, base: str = BASE, after: str = AFTER) -> FileEdit:
    """An edit of a file."""
    return FileEdit(path, "change", base, hunks_of(base, after, path))


def edit_set(*files: FileEdit, root: Path | None = None) -> EditSet:
    """An edit set."""
    origin = EditOrigin("Edit a.txt", root or files[0].path.parent)
    return EditSet(f"e{next(_numbers)}", origin, files, 0.0)


def states(edits: EditSet) -> list[str]:
    """What became of each hunk."""
    return [hunk.state for file in edits.files for hunk in file.hunks]


def on_disk(path: Path) -> str:
    """A file's text, with the line ends that it has."""
    return path.read_bytes().decode()


async def test_nothing_happens_to_a_proposal_by_itself(file: Path, checkpoints: Checkpoints) -> None:
    """It is shown, and the file is as it was."""
    desk = EditorDesk()
    reviews = Reviews(desk, checkpoints)
    proposed = await reviews.propose(edits := edit_set(change(file)), apply=False)
    assert states(proposed.edits) == ["proposed"] * 3
    assert desk.shown == [edits.id]
    assert on_disk(file) == BASE
    assert checkpoints.list() == []


@pytest.mark.parametrize("is_open", [True, False])
async def test_one_hunk_is_accepted_and_one_rejected(
    file: Path, checkpoints: Checkpoints, is_open: bool
) -> None:
    """Only what was accepted is in the text; a buffer is changed and not saved."""
    desk = EditorDesk()
    buffer = desk.open(file) if is_open else None
    reviews = Reviews(desk, checkpoints)
    edits = (await reviews.propose(edit_set(change(file)), apply=False)).edits
    first, second, third = (hunk.id for hunk in edits.files[0].hunks)
    await reviews.resolve(edits.id, [third], "accept")
    await reviews.resolve(edits.id, [second], "reject", "line 10 is needed")
    now = (await reviews.resolve(edits.id, [first], "accept")).edits
    assert states(now) == ["kept", "reverted", "kept"]
    assert reviews.reasons(edits.id) == {second: "line 10 is needed"}
    expected = AFTER.replace("line 9\n", "line 9\nline 10\n")
    if buffer is None:
        assert on_disk(file) == expected
    else:
        assert buffer.text == expected
        assert on_disk(file) == BASE


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_undoing_each_hunk_in_any_order_gives_the_file_back(
    file: Path, checkpoints: Checkpoints, order: tuple[int, ...]
) -> None:
    """To the byte."""
    reviews = Reviews(EditorDesk(), checkpoints)
    edits = (await reviews.propose(edit_set(change(file)), apply=True)).edits
    assert states(edits) == ["applied"] * 3
    assert on_disk(file) == AFTER
    for place in order:
        assert not (await reviews.resolve(edits.id, [edits.files[0].hunks[place].id], "undo")).said
    assert on_disk(file) == BASE
    assert states(reviews.get(edits.id)) == ["reverted"] * 3


async def test_what_was_undone_can_be_accepted_again(file: Path, checkpoints: Checkpoints) -> None:
    """And what was kept be undone: nothing that is decided is lost."""
    reviews = Reviews(EditorDesk(), checkpoints)
    edits = (await reviews.propose(edit_set(change(file)), apply=True)).edits
    ids = [hunk.id for hunk in edits.files[0].hunks]
    await reviews.resolve(edits.id, None, "keep")
    await reviews.resolve(edits.id, None, "undo")
    assert on_disk(file) == BASE
    again = await reviews.resolve(edits.id, ids, "accept")
    assert (states(again.edits), again.said) == (["kept"] * 3, ())
    assert on_disk(file) == AFTER


async def test_what_a_person_typed_around_hunks_stays(file: Path, checkpoints: Checkpoints) -> None:
    """Hunks go where their lines went, on the way in and on the way out."""
    desk = EditorDesk()
    buffer = desk.open(file)
    reviews = Reviews(desk, checkpoints)
    edits = (await reviews.propose(edit_set(change(file)), apply=False)).edits
    buffer.become("typed first\n" + buffer.text.replace("line 12\n", "line 12 typed\n"))
    assert not (await reviews.resolve(edits.id, None, "accept")).said
    assert buffer.text == "typed first\n" + AFTER.replace("line 12\n", "line 12 typed\n")
    buffer.become(buffer.text + "typed last\n")
    assert not (await reviews.resolve(edits.id, None, "undo")).said
    assert buffer.text == "typed first\n" + BASE.replace("line 12\n", "line 12 typed\n") + "typed last\n"


async def test_a_hunk_whose_lines_were_typed_in_is_stale_until_they_are_back(
    file: Path, checkpoints: Checkpoints
) -> None:
    """It is said, and the text is left alone; the others go in."""
    desk = EditorDesk()
    buffer = desk.open(file)
    reviews = Reviews(desk, checkpoints)
    edits = (await reviews.propose(edit_set(change(file)), apply=False)).edits
    buffer.become(typed := BASE.replace("line 3\n", "line 3 as I want it\n"))
    now = await reviews.resolve(edits.id, None, "accept")
    assert states(now.edits) == ["stale", "kept", "kept"]
    assert now.said == ("a.txt, line 3: the text there has changed since, so this was not put in.",)
    assert buffer.text == AFTER.replace("line three\n", "line 3 as I want it\n")
    assert "line 3 as I want it\n" in typed
    buffer.become(buffer.text.replace("line 3 as I want it\n", "line 3\n"))
    assert [each.hunk.state for each in await reviews.placed(file, buffer.text)] == ["proposed"]
    await reviews.resolve(edits.id, None, "accept")
    assert buffer.text == AFTER


async def test_typing_at_the_very_moment_is_met_by_one_more_try(file: Path, checkpoints: Checkpoints) -> None:
    """The version does not fit any more: the hunks are found again in the new text."""
    desk = EditorDesk()
    buffer = desk.open(file)
    reviews = Reviews(desk, checkpoints)

    def type_once() -> None:
        desk.before_write = lambda: None
        buffer.become("typed\n" + buffer.text)

    desk.before_write = type_once
    applied = await reviews.propose(edit_set(change(file)), apply=True)
    assert (states(applied.edits), applied.said) == (["applied"] * 3, ())
    assert buffer.text == "typed\n" + AFTER


async def test_somebody_who_never_stops_typing_is_told(file: Path, checkpoints: Checkpoints) -> None:
    """After two tries nothing was written."""
    desk = EditorDesk()
    buffer = desk.open(file)
    desk.before_write = lambda: buffer.become(buffer.text + "more\n")
    applied = await Reviews(desk, checkpoints).propose(edit_set(change(file)), apply=True)
    assert states(applied.edits) == ["proposed"] * 3
    assert applied.said == (
        "a.txt was changed again and again meanwhile, so nothing was written. Try again.",
    )
    assert buffer.text == BASE + "more\n" * 2


async def test_the_editors_own_undo_counts(file: Path, checkpoints: Checkpoints) -> None:
    """Who presses the keys of undo, and of redo, has decided; and can decide otherwise afterwards."""
    desk = EditorDesk()
    buffer = desk.open(file)
    reviews = Reviews(desk, checkpoints)
    edits = (await reviews.propose(edit_set(change(file)), apply=True)).edits
    buffer.become(BASE)
    await reviews.placed(file, buffer.text)
    assert states(reviews.get(edits.id)) == ["reverted"] * 3
    buffer.become(AFTER)
    ids = [hunk.id for hunk in edits.files[0].hunks]
    await reviews.resolve(edits.id, ids, "reject")
    assert buffer.text == BASE


async def test_an_edit_that_the_editor_made_itself_is_accepted_without_another(
    file: Path, checkpoints: Checkpoints
) -> None:
    """An editor that applies what a code action brings, and says so afterwards."""
    desk = EditorDesk()
    buffer = desk.open(file)
    reviews = Reviews(desk, checkpoints)
    edits = (await reviews.propose(edit_set(change(file)), apply=False)).edits
    buffer.become(AFTER)
    now = await reviews.resolve(edits.id, None, "accept")
    assert (states(now.edits), now.said) == (["kept"] * 3, ())
    assert buffer.version == 2


async def test_what_the_editor_refuses_stays_a_proposal(file: Path, checkpoints: Checkpoints) -> None:
    """And why is said."""
    desk = EditorDesk(refuses="The editor said no.")
    applied = await Reviews(desk, checkpoints).propose(edit_set(change(file)), apply=True)
    assert states(applied.edits) == ["proposed"] * 3
    assert applied.said == ("a.txt was not changed. The editor said no.",)
    assert checkpoints.list() == []


async def test_every_write_is_kept_before_it_is_made(file: Path, checkpoints: Checkpoints) -> None:
    """The checkpoint stands when the desk is asked, with the text as it was and as it becomes."""
    desk = EditorDesk()
    seen: list[Changed] = []

    def look() -> None:
        other = Checkpoints(file.parent.parent / "checkpoints", CheckpointSettings())
        seen.extend(other.changes(other.list()[0].id))
        other.close()

    desk.before_write = look
    edits = (await Reviews(desk, checkpoints).propose(edit_set(change(file)), apply=True)).edits
    assert [(each.path, each.before, each.after) for each in seen] == [(file, BASE, AFTER)]
    (kept,) = checkpoints.list()
    assert (kept.origin.edit_id, kept.origin.kind, kept.files[0].state) == (edits.id, "edit", "applied")


async def test_what_cannot_be_kept_is_not_written(file: Path, tmp_path: Path) -> None:
    """A store that is too small for the change refuses it; nothing is left of the proposal."""
    small = Checkpoints(tmp_path / "small", CheckpointSettings(max_bytes=1))
    reviews = Reviews(EditorDesk(), small)
    with pytest.raises(UsageError):
        await reviews.propose(edit_set(change(file)), apply=True)
    assert on_disk(file) == BASE
    assert reviews.list() == []


async def test_what_cannot_be_recorded_is_not_done(file: Path, checkpoints: Checkpoints) -> None:
    """The audit comes first."""

    def record(*_: object) -> None:
        raise AuditFailed("The disk is full.")

    reviews = Reviews(EditorDesk(), checkpoints, record)
    edits = (await reviews.propose(edit_set(change(file)), apply=False)).edits
    with pytest.raises(AuditFailed):
        await reviews.resolve(edits.id, None, "accept")
    assert on_disk(file) == BASE
    assert states(reviews.get(edits.id)) == ["proposed"] * 3


async def test_files_are_made_deleted_and_moved_and_back_again(
    tmp_path: Path, checkpoints: Checkpoints
) -> None:
    """Each as one hunk; what a person has written into a new file keeps it from being taken away."""
    root = tmp_path / "work"
    root.mkdir()
    old, gone, new = root / "old.txt", root / "gone.txt", root / "sub" / "new.txt"
    old.write_text("moved\n")
    gone.write_text("deleted\n")
    moved = root / "moved.txt"
    edits = edit_set(
        FileEdit(new, "create", None, (whole_hunk(new, "", "made\n"),)),
        FileEdit(gone, "delete", "deleted\n", (whole_hunk(gone, "deleted\n", ""),)),
        FileEdit(old, "move", "moved\n", (whole_hunk(old, "moved\n", "moved\n"),), to=moved),
        root=root,
    )
    reviews = Reviews(EditorDesk(), checkpoints)
    assert not (await reviews.propose(edits, apply=True)).said
    assert (new.read_text(), gone.exists(), old.exists(), moved.read_text()) == (
        "made\n",
        False,
        False,
        "moved\n",
    )
    assert not (await reviews.resolve(edits.id, None, "undo")).said
    assert (new.exists(), gone.read_text(), old.read_text(), moved.exists()) == (
        False,
        "deleted\n",
        "moved\n",
        False,
    )
    ids = [hunk.id for file in edits.files for hunk in file.hunks]
    assert not (await reviews.resolve(edits.id, ids, "accept")).said
    new.write_text("made\nand typed\n")
    said = (await reviews.resolve(edits.id, None, "undo")).said
    assert said == ("sub/new.txt, line 1: the text there has changed since, so this was not taken out.",)
    assert new.read_text() == "made\nand typed\n"


async def test_a_move_onto_a_file_that_came_meanwhile_loses_neither(
    tmp_path: Path, checkpoints: Checkpoints
) -> None:
    """It is stale."""
    old, target = tmp_path / "old.txt", tmp_path / "new.txt"
    old.write_text("moved\n")
    edits = edit_set(FileEdit(old, "move", "moved\n", (whole_hunk(old, "moved\n", "moved\n"),), to=target))
    reviews = Reviews(EditorDesk(), checkpoints)
    await reviews.propose(edits, apply=False)
    target.write_text("somebody's\n")
    assert len((await reviews.resolve(edits.id, None, "accept")).said) == 1
    assert (old.read_text(), target.read_text()) == ("moved\n", "somebody's\n")


async def test_waiting_ends_with_the_last_decision(file: Path, checkpoints: Checkpoints) -> None:
    """Or when what is left is stale."""
    desk = EditorDesk()
    reviews = Reviews(desk, checkpoints)
    edits = (await reviews.propose(edit_set(change(file)), apply=False)).edits
    ids = [hunk.id for hunk in edits.files[0].hunks]
    waiting = asyncio.create_task(reviews.wait(edits.id))
    await reviews.resolve(edits.id, ids[:1], "accept")
    await reviews.resolve(edits.id, ids[1:2], "reject")
    assert not waiting.done()
    await reviews.placed(file, on_disk(file).replace("line 17\n", ""))
    assert states(await waiting) == ["kept", "reverted", "stale"]


async def test_a_proposal_is_withdrawn(file: Path, checkpoints: Checkpoints) -> None:
    """What was accepted of it stays."""
    reviews = Reviews(EditorDesk(), checkpoints)
    edits = (await reviews.propose(edit_set(change(file)), apply=False)).edits
    await reviews.resolve(edits.id, [edits.files[0].hunks[0].id], "accept")
    await reviews.withdraw(edits.id)
    assert states(reviews.get(edits.id)) == ["kept", "reverted", "reverted"]
    assert on_disk(file) == BASE.replace("line 3\n", "line three\n")


async def test_two_edits_of_one_file_keep_out_of_each_others_way(
    file: Path, checkpoints: Checkpoints
) -> None:
    """The first is applied, the second goes where the lines are now; undo takes out the first alone."""
    reviews = Reviews(EditorDesk(), checkpoints)
    first = (await reviews.propose(edit_set(change(file)), apply=True)).edits
    both = AFTER.replace("line 20\n", "line twenty\n")
    await reviews.propose(edit_set(change(file, AFTER, both)), apply=True)
    assert not (await reviews.resolve(first.id, None, "undo")).said
    assert on_disk(file) == BASE.replace("line 20\n", "line twenty\n")


@pytest.mark.parametrize("how", ["accept", "keep", "undo", "reject"])
async def test_what_there_is_not_is_said(file: Path, checkpoints: Checkpoints, how: How) -> None:
    """Edits, hunks and files."""
    reviews = Reviews(EditorDesk(), checkpoints)
    edits = (await reviews.propose(edit_set(change(file)), apply=False)).edits
    which: Which
    for edit_id, which in (("none", None), (edits.id, ["h-none"]), (edits.id, file.parent / "other.txt")):
        with pytest.raises(UsageError):
            await reviews.resolve(edit_id, which, how)


async def test_a_cancelled_request_leaves_nothing_half_done(file: Path, checkpoints: Checkpoints) -> None:
    """What has begun to be written is finished, and the review knows it."""
    desk = EditorDesk()
    reviews = Reviews(desk, checkpoints)
    edits = (await reviews.propose(edit_set(change(file)), apply=False)).edits
    request = asyncio.create_task(reviews.resolve(edits.id, None, "accept"))
    desk.before_write = lambda: stop(request.cancel)
    with pytest.raises(asyncio.CancelledError):
        await request
    await reviews.close()
    assert on_disk(file) == AFTER
    assert states(reviews.get(edits.id)) == ["kept"] * 3
    assert checkpoints.list()[0].files[0].state == "applied"


def stop(cancel: Callable[[], object]) -> None:
    """Cancel, once."""
    cancel()
