"""Edits under review in editors that have never heard of them, and in those that have."""

import asyncio
import copy
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsp.editor import TIMEOUT_S, Json, ServerError
from lsp.reviewing import PLAIN, Buffers, reviewing, with_edits

from victor_server.features.edits.hunks import hunks_of, whole_hunk
from victor_server.features.edits.model import FileEdit
from victor_server.lsp import uris
from victor_server.lsp.client_features import read_client_features
from victor_server.lsp.converter import lsp_converter
from victor_server.lsp.documents import Documents
from victor_server.lsp.line_edits import to_lsp_applied_edit

BASE = "".join(f"line {number}\n" for number in range(1, 11))
AFTER = BASE.replace("line 2\n", "line two\n").replace("line 8\n", "line 8\nline 8 and a half\n")


def without(capabilities: Json, *dotted: str) -> Json:
    """An editor that lacks some of it."""
    lesser = copy.deepcopy(capabilities)
    for each in dotted:
        *folders, last = each.split(".")
        place = lesser
        for name in folders:
            place = place[name]
        del place[last]
    return lesser


async def test_one_hunk_is_accepted_and_one_rejected_by_code_actions(tmp_path: Path) -> None:
    """The text is exact, the file is not saved, and nothing is shown any more."""
    async with reviewing(tmp_path) as desk:
        path = desk.file("a.py", BASE)
        uri = desk.buffers.open(path)
        edits = await desk.propose(path, BASE, AFTER)
        first, second = await desk.shown(uri, 2)
        assert (first["severity"], first["source"], first["code"]) == (3, "victor", "proposed")
        assert first["message"] == (
            "Victor proposes:\n- line 2\n+ line two\nSay it in words. Accept or reject it by a code action."
        )
        assert first["range"] == {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 6}}
        assert second["range"]["start"]["line"] == 7
        await desk.editor.settle()
        assert not any(each.get("method") == "window/showMessage" for each in desk.editor.received)
        await desk.choose(await desk.actions(uri, 7), "Victor: reject this change")
        await desk.choose(await desk.actions(uri, 1), "Victor: accept this change")
        await desk.decided(edits.id, "kept", "reverted")
        assert desk.buffers.texts[uri] == BASE.replace("line 2\n", "line two\n")
        assert path.read_bytes() == BASE.encode()
        assert await desk.shown(uri, 0) == []
        assert await desk.actions(uri, 1) == []


async def test_the_new_lines_of_a_long_hunk_are_shown(tmp_path: Path) -> None:
    """They stand nowhere else before they are accepted; of the old ones a few do."""
    async with reviewing(tmp_path) as desk:
        path = desk.file("a.py", BASE)
        uri = desk.buffers.open(path)
        await desk.propose(path, BASE, "all of it\nis new\n")
        (hunk,) = await desk.shown(uri, 1)
        _, *old, more, first, second, last = hunk["message"].splitlines()
        assert (len(old), more) == (4, "… 6 more lines")
        assert (first, second) == ("+ all of it", "+ is new")
        assert last == "Say it in words. Accept or reject it by a code action."


async def test_the_edit_names_its_version_and_says_what_it_is(tmp_path: Path) -> None:
    """It changes the lines that are another, and asks for no confirmation: the person has just given it."""
    async with reviewing(tmp_path) as desk:
        path = desk.file("a.py", BASE)
        uri = desk.buffers.open(path)
        await desk.propose(path, BASE, AFTER, apply=True)
        (asked,) = desk.buffers.asked
        (change,) = asked["edit"]["documentChanges"]
        assert change["textDocument"] == {"uri": uri, "version": 1}
        assert [each["newText"] for each in change["edits"]] == ["line two\n", "line 8 and a half\n"]
        assert {each["annotationId"] for each in change["edits"]} == {"victor"}
        assert asked["edit"]["changeAnnotations"] == {
            "victor": {"label": "Say it in words", "needsConfirmation": False, "description": "Victor"}
        }
        assert desk.buffers.texts[uri] == AFTER


async def test_what_is_applied_is_kept_or_undone_by_code_actions(tmp_path: Path) -> None:
    """In one file, or all of it."""
    async with reviewing(tmp_path) as desk:
        path = desk.file("a.py", BASE)
        uri = desk.buffers.open(path)
        edits = await desk.propose(path, BASE, AFTER, apply=True)
        shown = await desk.shown(uri, 2)
        assert shown[0]["message"].startswith(
            "Victor has changed this:\n- line 2\n+ line two\nSay it in words. Keep"
        )
        actions = await desk.actions(uri, 1)
        assert [each["title"] for each in actions] == [
            "Victor: keep this change",
            "Victor: undo this change",
            "Victor: keep all 2 changes in this file",
            "Victor: undo all 2 changes in this file",
            "Victor: show all of this edit",
        ]
        assert {each["kind"] for each in actions} == {"quickfix"}
        assert not any("isPreferred" in each for each in actions)
        await desk.choose(actions, "Victor: undo all 2 changes in this file")
        await desk.decided(edits.id, "reverted", "reverted")
        assert desk.buffers.texts[uri] == BASE


async def test_all_of_an_edit_is_decided_from_any_line(tmp_path: Path) -> None:
    """Asked for beside the hunks, its actions are those for all of it; a cursor that only moves finds none there."""
    async with reviewing(tmp_path) as desk:
        path = desk.file("a.py", BASE)
        uri = desk.buffers.open(path)
        edits = await desk.propose(path, BASE, AFTER)
        await desk.shown(uri, 2)
        assert await desk.actions(uri, 4, triggerKind=2) == []
        titles = [each["title"] for each in await desk.actions(uri, 1, triggerKind=2)]
        assert titles[0] == "Victor: accept this change"
        everything = [
            "Victor: accept all 2 changes in this file",
            "Victor: reject all 2 changes in this file",
            "Victor: show all of this edit",
        ]
        for context in ({}, {"triggerKind": 1}):
            assert [each["title"] for each in await desk.actions(uri, 4, **context)] == everything
        await desk.choose(await desk.actions(uri, 1), "Victor: accept this change")
        await desk.decided(edits.id, "kept", "proposed")
        await desk.shown(uri, 1)
        actions = await desk.actions(uri, 4)
        assert actions[0]["title"] == "Victor: accept the change in line 9"
        await desk.choose(actions, "Victor: reject the change in line 9")
        await desk.decided(edits.id, "kept", "reverted")
        assert desk.buffers.texts[uri] == BASE.replace("line 2\n", "line two\n")


async def test_two_edits_in_one_file_are_told_apart(tmp_path: Path) -> None:
    """By what they are about, with nothing in it that would steer a terminal."""
    async with reviewing(tmp_path) as desk:
        path = desk.file("a.py", BASE)
        uri = desk.buffers.open(path)
        await desk.propose(path, BASE, AFTER)
        await desk.propose(path, BASE, BASE.replace("line 5\n", "five\n"), title="Five\x1b[2J " + "x" * 50)
        await desk.shown(uri, 3)
        titles = [each["title"] for each in await desk.actions(uri, 9)]
        assert "Victor: accept all 2 changes in this file (Say it in words)" in titles
        assert f"Victor: reject the change in line 5 (Five\ufffd[2J {'x' * 31}…)" in titles
        assert [each["title"] for each in await desk.actions(uri, 4)] == [
            "Victor: accept this change",
            "Victor: reject this change",
            "Victor: show all of this edit",
        ]


async def test_typing_moves_what_is_shown_and_takes_it_away(tmp_path: Path) -> None:
    """A hunk goes with its lines; one whose lines are typed in is shown no more."""
    async with reviewing(tmp_path) as desk:
        path = desk.file("a.py", BASE)
        uri = desk.buffers.open(path)
        edits = await desk.propose(path, BASE, AFTER)
        await desk.shown(uri, 2)
        desk.buffers.become(uri, "typed\n" + BASE)
        assert [each["range"]["start"]["line"] for each in await desk.shown(uri, 2)] == [2, 8]
        desk.buffers.become(uri, "typed\n" + BASE.replace("line 2\n", "line 2, typed\n"))
        assert [each["range"]["start"]["line"] for each in await desk.shown(uri, 1)] == [8]
        await desk.decided(edits.id, "stale", "proposed")


@pytest.mark.parametrize("lies", [False, True])
async def test_a_person_who_types_meanwhile_is_not_overwritten(tmp_path: Path, lies: bool) -> None:
    """The edit is for another version: some editors say so, some say that they have applied it. It is tried again."""

    def type_first(buffers: Buffers) -> None:
        for uri in list(buffers.texts):
            buffers.become(uri, "typed\n" + buffers.texts[uri])

    async with reviewing(tmp_path) as desk:
        path = desk.file("a.py", BASE)
        uri = desk.buffers.open(path)
        desk.buffers.lies = lies
        desk.buffers.meanwhile = type_first
        edits = await desk.propose(path, BASE, AFTER, apply=True)
        assert [hunk.state for hunk in edits.files[0].hunks] == ["applied", "applied"]
        assert desk.buffers.texts[uri] == "typed\n" + AFTER
        assert len(desk.buffers.asked) == 2


async def test_an_answer_that_comes_before_the_change_is_waited_for(tmp_path: Path) -> None:
    """As Neovim's does."""
    async with reviewing(tmp_path) as desk:
        path = desk.file("a.py", BASE)
        uri = desk.buffers.open(path)
        desk.buffers.answers_first = True
        work = asyncio.create_task(desk.propose(path, BASE, AFTER, apply=True))
        await desk.editor.until(lambda: bool(desk.buffers.late))
        await desk.editor.settle()
        assert not work.done()
        desk.buffers.late.pop()()
        edits = await work
        assert [hunk.state for hunk in edits.files[0].hunks] == ["applied", "applied"]
        assert desk.buffers.texts[uri] == AFTER


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        ({"applied": False, "failureReason": "read only\nbuffer"}, "did not apply it: read only buffer"),
        ({"applied": False}, "The editor did not apply it."),
        (ServerError({"code": -32603, "message": "a fault"}), "The editor refused: "),
        ("nonsense", "The editor did not apply it."),
    ],
)
async def test_what_the_editor_refuses_is_said(tmp_path: Path, refusal: object, said: str) -> None:
    """And stays a proposal."""
    async with reviewing(tmp_path) as desk:
        path = desk.file("a.py", BASE)
        uri = desk.buffers.open(path)
        edits = await desk.propose(path, BASE, AFTER)
        desk.buffers.refusal = refusal
        done = await desk.editor.request("victor/edit/resolve", {"id": edits.id, "decision": "accept"})
        assert said in done["messages"][0]
        assert [hunk["state"] for hunk in done["edit"]["files"][0]["hunks"]] == ["proposed", "proposed"]
        assert desk.buffers.texts[uri] == BASE


async def test_an_editor_that_takes_no_edits_brings_them_by_its_actions(tmp_path: Path) -> None:
    """The action has the edit and no command, which would keep Vim with ALE from making the edit; nothing is asked for."""
    async with reviewing(tmp_path, without(PLAIN, "workspace.applyEdit")) as desk:
        path = desk.file("a.py", BASE)
        uri = desk.buffers.open(path)
        edits = await desk.propose(path, BASE, AFTER)
        await desk.shown(uri, 2)
        refused = await desk.editor.request("victor/edit/resolve", {"id": edits.id, "decision": "accept"})
        assert "takes no edits from a language server" in refused["messages"][0]
        await desk.choose(await desk.actions(uri, 7), "Victor: accept this change")
        await desk.decided(edits.id, "proposed", "kept")
        assert desk.buffers.texts[uri] == BASE.replace("line 8\n", "line 8\nline 8 and a half\n")
        await desk.choose(await desk.actions(uri, 1), "Victor: reject this change")
        await desk.decided(edits.id, "reverted", "kept")
        assert await desk.shown(uri, 0) == []


async def test_what_was_applied_is_undone_where_an_editor_takes_no_edits(tmp_path: Path) -> None:
    """What stands on disk already is taken out by the action's own edit, and that counts as the decision."""
    async with reviewing(tmp_path, without(PLAIN, "workspace.applyEdit")) as desk:
        path = desk.file("a.py", BASE)
        edits = await desk.propose(path, BASE, AFTER, apply=True)
        uri = desk.buffers.open(path)
        await desk.shown(uri, 2)
        await desk.choose(await desk.actions(uri, 1), "Victor: undo all 2 changes in this file")
        await desk.decided(edits.id, "reverted", "reverted")
        assert desk.buffers.texts[uri] == BASE
        assert desk.buffers.asked[0]["edit"]["documentChanges"]


async def test_files_that_are_not_open_are_shown_and_written(tmp_path: Path) -> None:
    """Their diagnostics stand in the list of problems; the index is told of the new text."""
    async with reviewing(tmp_path) as desk:
        path = desk.file("a.py", BASE)
        uri = uris.from_path(str(path))
        edits = await desk.propose(path, BASE, AFTER)
        assert len(await desk.shown(uri, 2)) == 2
        said = await desk.editor.notification("window/showMessage")
        assert said["message"] == "Victor proposes 2 changes in a.py: see the code actions."
        await desk.editor.request("victor/edit/resolve", {"id": edits.id, "decision": "accept"})
        assert path.read_text() == AFTER
        assert desk.buffers.asked == []
        assert await desk.shown(uri, 0) == []
        await desk.editor.until(lambda: ("files_changed", [path]) in desk.editor.service.index.calls)


async def test_all_files_of_an_edit_are_decided_at_once(tmp_path: Path) -> None:
    """Open ones through the editor, the others on disk."""
    async with reviewing(tmp_path) as desk:
        one, other = desk.file("a.py", BASE), desk.file("b.py", "x\n")
        uri = desk.buffers.open(one)
        edits = await desk.propose_all(
            [
                FileEdit(one, "change", BASE, hunks_of(BASE, AFTER, one)),
                FileEdit(other, "change", "x\n", hunks_of("x\n", "y\n", other)),
            ]
        )
        await desk.shown(uri, 2)
        await desk.shown(uris.from_path(str(other)), 1)
        await desk.choose(await desk.actions(uri, 1), "Victor: accept all 3 changes in 2 files")
        await desk.decided(edits.id, "kept", "kept", "kept")
        assert (desk.buffers.texts[uri], other.read_text()) == (AFTER, "y\n")


async def test_an_open_file_is_deleted_through_the_editor(tmp_path: Path) -> None:
    """An editor that cannot is asked to close it first."""
    for capabilities, how in (
        (PLAIN, "kept"),
        (without(PLAIN, "workspace.workspaceEdit.resourceOperations"), "proposed"),
    ):
        folder = tmp_path / how
        folder.mkdir()
        async with reviewing(folder, capabilities) as desk:
            path = desk.file("a.py", BASE)
            desk.buffers.open(path)
            whole = FileEdit(path, "delete", BASE, (whole_hunk(path, BASE, ""),))
            edits = await desk.propose_all([whole])
            await desk.editor.request("victor/edit/resolve", {"id": edits.id, "decision": "accept"})
            assert [hunk.state for hunk in desk.reviews.get(edits.id).files[0].hunks] == [how]
            assert path.exists() == (how == "proposed")


async def test_a_file_that_is_open_by_the_name_of_a_link_is_changed_in_the_editor(tmp_path: Path) -> None:
    """Not behind its back."""
    async with reviewing(tmp_path) as desk:
        path = desk.file("a.py", BASE)
        link = desk.root / "link.py"
        link.symlink_to(path)
        uri = desk.buffers.open(link)
        await desk.propose(path, BASE, AFTER, apply=True)
        assert desk.buffers.texts[uri] == AFTER
        assert path.read_text() == BASE
        assert len(await desk.shown(uri, 2)) == 2
        desk.editor.close(uri)
        await desk.editor.settle()


async def test_what_is_shown_goes_where_the_file_is_opened(tmp_path: Path) -> None:
    """Under the name that the editor has for it, and under one only."""
    async with reviewing(tmp_path) as desk:
        path = desk.file("a.py", BASE)
        usual, link = uris.from_path(str(path)), desk.root / "link.py"
        link.symlink_to(path)
        await desk.propose(path, BASE, AFTER)
        await desk.shown(usual, 2)
        uri = desk.buffers.open(link)
        await desk.shown(uri, 2)
        await desk.shown(usual, 0)
        desk.editor.close(uri)
        await desk.shown(usual, 2)
        await desk.shown(uri, 0)


async def test_a_client_that_knows_reviews_is_told_of_each_change(tmp_path: Path) -> None:
    """List, get and resolve speak of the same edit; texts come with `get` alone."""
    capabilities = {**PLAIN, "experimental": {"victor": {"review": True}}}
    async with reviewing(tmp_path, capabilities) as desk:
        path = desk.file("a.py", BASE)
        uri = desk.buffers.open(path)
        edits = await desk.propose(path, BASE, AFTER)
        told = (await desk.editor.notification("victor/edit/didChange"))["edit"]
        assert (told["id"], told["title"], told["files"][0]["uri"]) == (edits.id, "Say it in words", uri)
        first, second = told["files"][0]["hunks"]
        assert (first["state"], first["oldLines"], first["newLines"]) == ("proposed", 1, 1)
        assert second["range"] == {"start": {"line": 8, "character": 0}, "end": {"line": 8, "character": 0}}
        assert first.get("oldText") is None
        whole = (await desk.editor.request("victor/edit/get", {"id": edits.id}))["edit"]
        assert [each["newText"] for each in whole["files"][0]["hunks"]] == [
            "line two\n",
            "line 8 and a half\n",
        ]
        asked = {"id": edits.id, "decision": "reject", "hunks": [first["id"]], "reason": "two is 2"}
        done = await desk.editor.request("victor/edit/resolve", asked)
        assert done["messages"] == []
        assert done["edit"]["files"][0]["hunks"][0]["reason"] == "two is 2"
        asked = {"id": edits.id, "decision": "accept", "uri": uri}
        await desk.editor.request("victor/edit/resolve", asked)
        assert desk.buffers.texts[uri] == BASE.replace("line 8\n", "line 8\nline 8 and a half\n")
        assert (await desk.editor.request("victor/edit/list", {"open": True})) == {"edits": []}
        (listed,) = (await desk.editor.request("victor/edit/list", {}))["edits"]
        assert [each["state"] for each in listed["files"][0]["hunks"]] == ["reverted", "kept"]


async def test_a_client_that_asks_for_diagnostics_is_sent_hunks_beside_them(tmp_path: Path) -> None:
    """It need not ask again to see them, and is shown nothing twice."""
    capabilities = copy.deepcopy(PLAIN)
    capabilities["textDocument"]["diagnostic"] = {}
    async with reviewing(tmp_path, capabilities) as desk:
        text = BASE + "CERTAIN_SECRET\n"
        path = desk.file("a.py", text)
        uri = desk.buffers.open(path)
        asked = {"textDocument": {"uri": uri}}
        (found,) = (await desk.editor.request("textDocument/diagnostic", asked))["items"]
        await desk.propose(path, text, text.replace("line 2\n", "line two\n"))
        while [each["code"] for each in await desk.editor.diagnostics(uri)] != ["proposed"]:
            pass  # what was pushed before the client asked for the first time
        assert (await desk.editor.request("textDocument/diagnostic", asked))["items"] == [found]


async def test_secrets_and_hunks_are_shown_together(tmp_path: Path) -> None:
    """Neither takes the other away."""
    async with reviewing(tmp_path) as desk:
        text = BASE + "CERTAIN_SECRET\n"
        path = desk.file("a.py", text)
        uri = desk.buffers.open(path)
        assert [each["code"] for each in await desk.shown(uri, 1)] == ["fake-key"]
        edits = await desk.propose(path, text, text.replace("line 2\n", "line two\n"))
        assert sorted(each["code"] for each in await desk.shown(uri, 2)) == ["fake-key", "proposed"]
        await desk.editor.request("victor/edit/resolve", {"id": edits.id, "decision": "reject"})
        assert [each["code"] for each in await desk.shown(uri, 1)] == ["fake-key"]


async def test_an_edit_is_opened_as_a_patch(tmp_path: Path) -> None:
    """In every editor: where none can be opened, its place is told."""
    async with reviewing(tmp_path) as desk:
        path = desk.file("a.py", BASE)
        uri = desk.buffers.open(path)
        await desk.propose(path, BASE, AFTER)
        await desk.shown(uri, 2)
        await desk.choose(await desk.actions(uri, 1), "Victor: show all of this edit")
        said = (await desk.editor.notification("window/showMessage"))["message"]
        shown = (tmp_path / "views" / Path(said).name).read_text()
        assert shown.startswith(
            "# Say it in words\n\na.py: proposed, proposed\n\n```diff\n--- a/a.py\n+++ b/a.py\n"
        )
        assert "-line 2\n+line two\n" in shown


async def test_what_an_edit_broke_can_be_given_to_a_model(tmp_path: Path) -> None:
    """The editor's other servers are asked before and after; what is new is offered where it stands."""
    reports: list[list[Json]] = [[]]

    def report(params: Json) -> Json:
        diagnostics = reports[0] if len(reports) == 1 else reports.pop(0)
        return {"documents": [{"uri": uri, "diagnostics": diagnostics} for uri in params["uris"]]}

    capabilities = {**PLAIN, "experimental": {"victor": {"diagnostics": True}}}
    async with reviewing(tmp_path, capabilities, {"victor/editor/diagnostics": report}) as desk:
        path = desk.file("a.py", BASE)
        uri = desk.buffers.open(path)
        edits = await desk.propose(path, BASE, AFTER)
        place = {"start": {"line": 4, "character": 0}, "end": {"line": 4, "character": 4}}
        reports.append([{"range": place, "severity": 1, "message": "five is gone", "source": "pyright"}])
        await desk.editor.request("victor/edit/resolve", {"id": edits.id, "decision": "accept"})
        async with asyncio.timeout(TIMEOUT_S):
            while not (found := await desk.actions(uri, 4)):
                await desk.editor.settle()
        (action,) = found
        assert action["title"] == "Victor: fix what this edit broke"
        argument = action["command"]["arguments"][0]
        assert (argument["assist"], argument["uri"]) == ("fix", uri)
        assert argument["reported"][0]["message"] == "five is gone"


def waiting_files(home: Path) -> list[list[str]]:
    """What is written down of files that wait, by window; one that is just being written holds none yet."""
    texts = [file.read_text() for file in (home / "reviews").glob("*.json")]
    return [[each["file"] for each in json.loads(text or "[]")] for text in texts]


async def test_what_was_lost_with_the_last_window_is_said_once(tmp_path: Path) -> None:
    """Names only; and nothing of it where all was decided."""
    async with reviewing(tmp_path) as desk:
        path = desk.file("a.py", BASE)
        uri = desk.buffers.open(path)
        edits = await desk.propose(path, BASE, AFTER)
        other = await desk.propose(desk.file("b.py", "x\n"), "x\n", "y\n")
        await desk.editor.request("victor/edit/resolve", {"id": other.id, "decision": "accept"})
        await desk.shown(uri, 2)
        await desk.decided(edits.id, "proposed", "proposed")
        await desk.editor.until(lambda: waiting_files(tmp_path) == [["a.py"]])
    (tmp_path / "work" / "a.py").unlink()
    (tmp_path / "work" / "b.py").unlink()
    (tmp_path / "work").rmdir()
    async with reviewing(tmp_path) as desk:
        said = await desk.editor.notification("window/showMessage")
        assert "proposed in a.py: that is gone" in said["message"]
        assert list((tmp_path / "reviews").glob("*.json")) == []


async def test_hostile_words_are_shown_as_text(tmp_path: Path) -> None:
    """No control characters, nothing that turns the direction of what is read."""
    async with reviewing(tmp_path) as desk:
        path = desk.file("a.py", "x\n")
        uri = desk.buffers.open(path)
        await desk.propose(path, "x\n", "y \x1b[31m \u202e\u200b\n")
        (item,) = await desk.shown(uri, 1)
        assert "\x1b" not in item["message"]
        assert "\u202e" not in item["message"]
        assert "+ y \ufffd[31m \ufffd\ufffd" in item["message"]


_LINES = st.lists(
    st.tuples(st.sampled_from(["a", "b", "ü𝄞", ""]), st.sampled_from(["\n", "\r\n", "\r"])), max_size=8
).map(lambda lines: "".join(map("".join, lines)))
_TEXTS = st.tuples(_LINES, st.sampled_from(["", "end", "𝄞"])).map("".join)


@settings(max_examples=300, deadline=None)
@given(_TEXTS, _TEXTS, st.booleans())
def test_the_edits_make_just_the_text_that_is_wanted(before: str, after: str, versioned: bool) -> None:
    """Whatever the line ends, and however the text ends."""
    capabilities = PLAIN if versioned else without(PLAIN, "workspace.workspaceEdit")
    document = Documents("utf-16").open("file:///a.py", "python", 7, before)
    assert document is not None
    edit = lsp_converter().unstructure(
        to_lsp_applied_edit(document, after, "A test", read_client_features(capabilities))
    )
    if versioned:
        (change,) = edit["documentChanges"]
        edits = change["edits"]
    else:
        edits = edit["changes"]["file:///a.py"]
    assert with_edits(before, edits) == after
