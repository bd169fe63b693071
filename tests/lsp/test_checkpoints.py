"""Checkpoints over LSP: what was changed, what taking it back would do, and that it is taken back, by id or by command."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from lsp.chatting import PlayedAgent
from lsp.editor import Editor, Json, ServerError, running_server
from lsp.fake_services import FakeServices
from lsp.reviewing import Desk, reviewing

from victor_server.features.chat.chat import Chat
from victor_server.features.checkpoints.restore import Restoring
from victor_server.features.edits.disk_desk import DiskDesk
from victor_server.history.checkpoints import Checkpoints
from victor_server.history.checkpoints_model import Changed, CheckpointOrigin
from victor_server.lsp import uris
from victor_server.settings.resolved import CheckpointSettings

BEFORE, AFTER = "one\ntwo\nthree\n", "one\nTWO\nthree\n"


class _NoChat:
    """Nobody talks."""

    async def close(self) -> None:
        """Nothing is open."""


@asynccontextmanager
async def editing(tmp_path: Path, *names: str) -> AsyncIterator[tuple[Editor, Checkpoints]]:
    """An editor with these folders open; nothing is in its documents."""
    kept = Checkpoints(tmp_path / "kept", CheckpointSettings(), lambda: 1_700_000_000.0)

    def bring(services: FakeServices) -> None:
        services.open_agent = lambda: PlayedAgent(cast(Chat, _NoChat()), Restoring(kept, DiskDesk()))
        services.on_close = kept.close

    folders = []
    for name in names:
        (tmp_path / name).mkdir(exist_ok=True)
        folders.append({"uri": uris.from_path(str(tmp_path / name)), "name": name})
    async with running_server(None, bring) as editor:
        await editor.initialize(workspaceFolders=folders)
        yield editor, kept


def change(kept: Checkpoints, path: Path, before: str | None, after: str | None, title: str = "Edit") -> str:
    """A change that was applied."""
    path = Path(os.path.realpath(path))
    made = kept.begin(path.parent, title, CheckpointOrigin(), [Changed(path, before, after)])
    if after is None:
        path.unlink()
    else:
        path.write_text(after)
    kept.finish(made, [path])
    return made


async def listed(editor: Editor, **params: Any) -> list[Json]:
    """The checkpoints."""
    found: list[Json] = (await editor.request("victor/checkpoint/list", params))["checkpoints"]
    return found


async def test_what_was_changed_is_listed(tmp_path: Path) -> None:
    """Of all open folders, the youngest first, or of one folder or file; other folders' are nobody's business."""
    async with editing(tmp_path, "a", "b") as (editor, kept):
        one, two = tmp_path / "a" / "x.py", tmp_path / "b" / "y.py"
        (tmp_path / "c").mkdir()
        ids = [
            change(kept, one, None, "x\n", "Create x.py"),
            change(kept, two, None, "y\n"),
            change(kept, tmp_path / "c" / "z.py", None, "z\n"),
            change(kept, one, "x\n", None),
        ]
        assert [each["id"] for each in await listed(editor)] == [ids[3], ids[1], ids[0]]
        assert [each["id"] for each in await listed(editor, limit=-5)] == [ids[3]]
        uri = uris.from_path(str(two))
        assert [each["id"] for each in await listed(editor, textDocument={"uri": uri})] == [ids[1]]
        deleted, created = await listed(editor, root=str(tmp_path / "a"))
        assert [each["files"][0]["change"] for each in (deleted, created)] == ["delete", "create"]
        assert created["files"] == [
            {"uri": uris.from_path(str(one)), "path": "x.py", "change": "create", "state": "applied"}
        ]
        assert {name: created[name] for name in ("title", "created", "kind", "undone", "restores")} == {
            "title": "Create x.py",
            "created": "2023-11-14T22:13:20+00:00",
            "kind": "edit",
            "undone": False,
            "restores": [],
        }
        with pytest.raises(ServerError, match="not an open folder"):
            await listed(editor, root=str(tmp_path / "c"))


async def test_a_change_is_looked_at_and_taken_back(tmp_path: Path) -> None:
    """The preview says what the restore then does; the restore can be taken back by its own id."""
    async with editing(tmp_path, "a") as (editor, kept):
        path = tmp_path / "a" / "x.py"
        path.write_text(BEFORE)
        made = change(kept, path, BEFORE, AFTER)
        path.write_text(AFTER + "mine\n")
        preview = await editor.request("victor/checkpoint/preview", {"id": made})
        assert preview == {
            "ids": [made],
            "files": [
                {
                    "uri": uris.from_path(str(path)),
                    "path": "x.py",
                    "how": "change",
                    "why": "",
                    "before": AFTER + "mine\n",
                    "after": BEFORE + "mine\n",
                    "conflicts": [],
                }
            ],
        }
        assert path.read_text() == AFTER + "mine\n"
        done = await editor.request("victor/checkpoint/restore", {"id": made})
        assert [(each["path"], each["how"]) for each in done["files"]] == [("x.py", "restored")]
        assert path.read_text() == BEFORE + "mine\n"
        assert [each["undone"] for each in await listed(editor)] == [False, True]
        await editor.request("victor/checkpoint/restore", {"id": done["ids"][0]})
        assert path.read_text() == AFTER + "mine\n"


async def test_a_conflict_is_told_with_both_sides(tmp_path: Path) -> None:
    """And nothing is written, unless the old text is asked for."""
    async with editing(tmp_path, "a") as (editor, kept):
        path = tmp_path / "a" / "x.py"
        made = change(kept, path, BEFORE, AFTER)
        path.write_text("one\nmine\nthree\n")
        asked = {"id": made, "uris": [uris.from_path(str(path))]}
        (file,) = (await editor.request("victor/checkpoint/preview", asked))["files"]
        assert (file["how"], file["after"]) == ("conflict", BEFORE)
        assert file["conflicts"] == [
            {
                "range": {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 0}},
                "mine": "mine\n",
                "theirs": "two\n",
            }
        ]
        done = await editor.request("victor/checkpoint/restore", asked)
        assert (done["ids"], done["files"][0]["how"]) == ([], "conflict")
        assert path.read_text() == "one\nmine\nthree\n"
        await editor.request("victor/checkpoint/restore", {**asked, "overwrite": True})
        assert path.read_text() == BEFORE


async def test_undo_and_redo_are_commands(tmp_path: Path) -> None:
    """For every editor: null at once, then a message; the last change of all folders is meant, or that of a file."""
    async with editing(tmp_path, "a", "b") as (editor, kept):
        one, two = tmp_path / "a" / "x.py", tmp_path / "b" / "y.py"
        change(kept, one, BEFORE, AFTER, "Edit x.py")
        change(kept, two, None, "y\n", "Create y.py")

        async def run(name: str, *arguments: object) -> str:
            command = {"command": f"victor.checkpoint.{name}", "arguments": list(arguments)}
            assert await editor.request("workspace/executeCommand", command) is None
            return str((await editor.notification("window/showMessage"))["message"])

        assert await run("undo") == "Taken back: Create y.py (1 file)."
        assert not two.exists()
        assert await run("redo") == "Done again: Create y.py (1 file)."
        assert two.read_text() == "y\n"
        assert await run("redo") == "There is no undo left to take back."
        assert await run("undo", uris.from_path(str(one))) == "Taken back: Edit x.py (1 file)."
        assert one.read_text() == BEFORE
        one.unlink()
        assert await run("undo", {"uri": uris.from_path(str(one))}) == "There is no change left to take back."
        with pytest.raises(ServerError, match="is not a file"):
            await run("undo", "untitled:x")


async def undo(desk: Desk) -> str:
    """What the person is told by the command."""
    assert (
        await desk.editor.request("workspace/executeCommand", {"command": "victor.checkpoint.undo"}) is None
    )
    return str((await desk.editor.notification("window/showMessage"))["message"])


async def test_what_is_open_is_taken_back_in_its_document(tmp_path: Path) -> None:
    """With what was typed since, as one edit of that version, not saved; the answer does not wait for the editor."""
    async with reviewing(tmp_path) as desk:
        path = desk.file("a.py", BEFORE)
        uri = desk.buffers.open(path)
        await desk.propose(path, BEFORE, AFTER, apply=True)
        desk.buffers.become(uri, AFTER + "mine\n")
        assert await undo(desk) == "Taken back: Say it in words (1 file)."
        assert desk.buffers.texts[uri] == BEFORE + "mine\n"
        assert path.read_text() == BEFORE
        assert desk.buffers.asked[-1]["label"] == "Taken back: Say it in words"


async def test_a_conflict_is_proposed_in_the_document(tmp_path: Path) -> None:
    """The document is left alone until the person accepts the hunk, which has both sides."""
    async with reviewing(tmp_path) as desk:
        path = desk.file("a.py", BEFORE)
        uri = desk.buffers.open(path)
        await desk.propose(path, BEFORE, AFTER, apply=True)
        desk.buffers.become(uri, "one\nmine\nthree\n")
        told = await undo(desk)
        assert "One place of it was changed since, in lines that would be taken back." in told
        assert "proposed as an edit" in told
        assert desk.buffers.texts[uri] == "one\nmine\nthree\n"
        edits = desk.reviews.list()[0]
        (hunk,) = edits.files[0].hunks
        assert (hunk.before, hunk.after, hunk.state) == ("mine\n", "two\n", "proposed")
        await desk.reviews.resolve(edits.id, None, "accept")
        assert desk.buffers.texts[uri] == BEFORE


async def test_an_editor_that_takes_no_edits_is_told_so(tmp_path: Path) -> None:
    """Its document is as it was, and nothing is written behind its back."""
    async with reviewing(tmp_path, {"workspace": {"applyEdit": False}}) as desk:
        path = desk.file("a.py", BEFORE)
        await desk.propose(path, BEFORE, AFTER, apply=True)
        uri = desk.buffers.open(path)
        told = await undo(desk)
        assert told.startswith("Nothing was changed (Say it in words). a.py: This editor takes no edits")
        assert (desk.buffers.texts[uri], path.read_text()) == (AFTER, AFTER)


async def test_what_cannot_be_done_is_an_error(tmp_path: Path) -> None:
    """In words, with the kind: an id that is none, a file that is none, a store that is damaged."""
    async with editing(tmp_path, "a") as (editor, kept):
        assert await listed(editor) == []
        made = change(kept, tmp_path / "a" / "x.py", None, "x\n")
        wrong = [
            ({"id": "gone"}, "no such checkpoint"),
            ({"id": made, "uris": ["untitled:x"]}, "is not a file"),
            ({"id": made, "uris": [uris.from_path(str(tmp_path / "a" / "y.py"))]}, "changed no such file"),
        ]
        for params, message in wrong:
            with pytest.raises(ServerError, match=message):
                await editor.request("victor/checkpoint/restore", params)
        kept._opened().execute("delete from objects")
        with pytest.raises(ServerError, match="damaged") as failed:
            await editor.request("victor/checkpoint/preview", {"id": made})
        assert failed.value.error["data"]["kind"] == "history_failed"
