"""Editors that answer late or never, delete while somebody types, or show what is not on disk: nothing is lost by them."""

from pathlib import Path

import pytest
from lsp.editor import Json
from lsp.reviewing import PLAIN, Buffers, Desk, reviewing
from lsp.test_reviews import AFTER, BASE, without

from victor_server.features.edits.hunks import whole_hunk
from victor_server.features.edits.model import EditSet, FileEdit
from victor_server.lsp.desk import LspDesk


async def accepted(desk: Desk, edits: EditSet) -> Json:
    """What is answered to a person who accepts all of it."""
    asked = {"id": edits.id, "decision": "accept"}
    done: Json = await desk.editor.request("victor/edit/resolve", asked)
    return done


def deletion(path: Path) -> FileEdit:
    """The whole file goes."""
    text = path.read_text()
    return FileEdit(path, "delete", text, (whole_hunk(path, text, ""),))


def impatient(desk: Desk) -> None:
    """The server does not wait for an answer."""
    assert isinstance(desk.reviews.desk, LspDesk)
    desk.reviews.desk._answer_limit_s = 0.01


async def test_an_edit_that_is_applied_after_the_limit_can_be_taken_back(tmp_path: Path) -> None:
    """Its checkpoint is there, and so is the hunk."""
    async with reviewing(tmp_path, answers={"workspace/applyEdit": ...}) as desk:
        path = desk.file("a.py", BASE)
        uri = desk.buffers.open(path)
        edits = await desk.propose(path, BASE, AFTER)
        impatient(desk)
        done = await accepted(desk, edits)
        assert done["messages"] == ["a.py was not changed. The editor did not answer."]
        desk.buffers.become(uri, AFTER)
        await desk.decided(edits.id, "applied", "applied")
        desk.editor.answers["workspace/applyEdit"] = desk.buffers.apply
        (kept,) = (await desk.editor.request("victor/checkpoint/list", {}))["checkpoints"]
        assert [each["state"] for each in kept["files"]] == ["not_on_disk"]
        await desk.editor.request("victor/checkpoint/restore", {"id": kept["id"]})
        assert desk.buffers.texts[uri] == BASE


async def test_an_edit_without_a_version_is_not_asked_for_twice(tmp_path: Path) -> None:
    """An editor that knows no versions would apply both."""
    lesser = without(PLAIN, "workspace.workspaceEdit")
    lesser["workspace"]["workspaceEdit"] = {}
    async with reviewing(tmp_path, lesser, answers={"workspace/applyEdit": ...}) as desk:
        path = desk.file("a.py", BASE)
        uri = desk.buffers.open(path)
        edits = await desk.propose(path, BASE, AFTER)
        impatient(desk)

        def late(params: Json) -> object:
            desk.buffers.asked.append(params)
            desk.buffers.become(uri, "typed\n" + BASE)
            return ...

        desk.editor.answers["workspace/applyEdit"] = late
        done = await accepted(desk, edits)
        assert done["messages"] == ["a.py was not changed. The editor did not answer."]
        assert len(desk.buffers.asked) == 1


@pytest.mark.parametrize("versioned", [True, False])
async def test_what_is_typed_while_a_file_is_deleted_is_not_lost(tmp_path: Path, versioned: bool) -> None:
    """Not in an editor that looks at versions first, nor in one that deletes whatever is there by then."""

    def type_on(buffers: Buffers) -> None:
        (uri,) = buffers.texts
        buffers.become(uri, BASE + "typed\n")
        if not versioned:
            for change in buffers.asked[-1]["edit"]["documentChanges"]:
                change.get("textDocument", {})["version"] = None

    async with reviewing(tmp_path) as desk:
        path = desk.file("a.py", BASE)
        path.chmod(0o755)
        uri = desk.buffers.open(path)
        edits = await desk.propose_all([deletion(path)])
        desk.buffers.meanwhile = type_on
        done = await accepted(desk, edits)
        assert [hunk["state"] for hunk in done["edit"]["files"][0]["hunks"]] == ["stale"]
        assert desk.buffers.texts.get(uri, path.read_text()) == BASE + "typed\n"
        assert path.stat().st_mode & 0o777 == 0o755


async def test_a_file_is_not_deleted_that_holds_what_the_editor_does_not_show(tmp_path: Path) -> None:
    """What somebody else wrote to it is kept nowhere."""
    async with reviewing(tmp_path) as desk:
        path = desk.file("a.py", BASE)
        desk.buffers.open(path)
        edits = await desk.propose_all([deletion(path)])
        path.write_text("somebody else's\n")
        done = await accepted(desk, edits)
        assert "holds what the document does not show" in done["messages"][0]
        assert path.read_text() == "somebody else's\n"


async def test_a_file_that_is_deleted_or_moved_comes_back_with_its_mode(tmp_path: Path) -> None:
    """A script can be run after it was moved, and once that is undone."""
    async with reviewing(tmp_path) as desk:
        text = "#!/bin/sh\n"
        path, gone, to = desk.file("a.sh", text), desk.file("b.sh", text), desk.root / "c.sh"
        for each in (path, gone):
            each.chmod(0o755)
        moved = FileEdit(path, "move", text, (whole_hunk(path, text, text),), to)
        edits = await desk.propose_all([moved, deletion(gone)], apply=True)
        assert not path.exists()
        assert not gone.exists()
        assert to.stat().st_mode & 0o777 == 0o755
        await desk.reviews.resolve(edits.id, None, "undo")
        assert not to.exists()
        assert [each.stat().st_mode & 0o777 for each in (path, gone)] == [0o755, 0o755]
