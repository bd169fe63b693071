"""What clients ask for and wait for: changes of lines that are seen as they come, code of an answer, commit messages."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from agent_services import actions
from assists_running import after, block
from lsp.editor import Json, ServerError
from lsp.test_assists import CODE, SHOWS, SIMPLER, Desk, at_desk, repository
from repositories import make_repository, run_git, write_tree

FENCED = f"```python\n{SIMPLER}```"
ASKED: Json = {
    "range": {"start": {"line": 0, "character": 0}, "end": {"line": 4, "character": 0}},
    "instruction": "one line",
}


def partials(desk: Desk) -> list[Json]:
    """All that was told of what lines would become."""
    return [
        message["params"]
        for sender, message in desk.editor.log
        if sender == "server" and message.get("method") == "victor/edit/partial"
    ]


@pytest.mark.parametrize("token", ["mine", 7, 0])
async def test_it_is_seen_as_it_comes(tmp_path: Path, token: str | int) -> None:
    """Whole lines of the change, with the client's name for it and the model's, and the last before the answer."""
    reply = [{"text": "```python\ndef add(a, b):\n    ret"}, {"sleep_ms": 5_000}, {"text": "x"}]
    async with at_desk(tmp_path, reply, FENCED) as desk:
        asked = {"uri": desk.uri, **ASKED, "partialToken": token}
        request = desk.editor.send_request("victor/edit/propose", asked)
        first = await desk.editor.notification("victor/edit/partial")
        whole = {"start": {"line": 0, "character": 0}, "end": {"line": 4, "character": 0}}
        assert first == {
            "token": token,
            "uri": desk.uri,
            "range": whole,
            "text": "def add(a, b):\n",
            "model": "script",
        }
        desk.editor.notify("$/cancelRequest", {"id": request})
        with pytest.raises(ServerError) as stopped:
            await desk.editor.response(request)
        assert stopped.value.code == -32800
        told = len(partials(desk))
        done = await desk.editor.request("victor/edit/propose", asked)
        assert done["edit"]["files"][0]["hunks"]
        now = partials(desk)[told:]
        assert all(SIMPLER.startswith(each["text"]) for each in now)
        assert now[-1]["text"] == SIMPLER
        messages = [message for sender, message in desk.editor.log if sender == "server"]
        answered = next(n for n, each in enumerate(messages) if each.get("result") == done)
        assert not any(each.get("method") == "victor/edit/partial" for each in messages[answered:])


async def test_who_does_not_ask_is_told_nothing(tmp_path: Path) -> None:
    """Without a token there is no such message."""
    async with at_desk(tmp_path, FENCED) as desk:
        done = await desk.editor.request("victor/edit/propose", {"uri": desk.uri, **ASKED})
        assert done["edit"] is not None
        assert partials(desk) == []


async def test_an_answer_that_is_asked_for_again(tmp_path: Path) -> None:
    """What was shown of the first is taken back before the second is."""
    first = "```python\ndef add(a, b):\n    # ... rest unchanged\n```"
    async with at_desk(tmp_path, first, FENCED) as desk:
        asked = {"uri": desk.uri, **ASKED, "partialToken": "t"}
        await desk.editor.request("victor/edit/propose", asked)
        texts = [each["text"] for each in partials(desk)]
        assert texts[:2] == ["def add(a, b):\n", ""]
        assert texts[-1] == SIMPLER


@pytest.mark.parametrize(
    ("params", "becomes", "placed"),
    [
        ({"text": SIMPLER}, SIMPLER + CODE[CODE.index("\n\nx") :], "Replaces add (line 1)."),
        ({"text": block("", "x = add(1, 2)\n", "x = 3\n")}, CODE.replace("add(1, 2)", "3"), "1 change in boxes.py."),
        (
            {"text": "y = 1\n", "range": {"start": {"line": 6, "character": 0}, "end": {"line": 7, "character": 0}}},
            CODE.replace("x = add(1, 2)", "y = 1"),
            "Replaces line 7.",
        ),
        (
            {"text": "y = 1\n", "range": {"start": {"line": 6, "character": 3}, "end": {"line": 6, "character": 3}}},
            f"{CODE}y = 1\n",
            "Goes into line 8.",
        ),
    ],
)  # fmt: skip
async def test_code_of_an_answer(tmp_path: Path, params: Json, becomes: str, placed: str) -> None:
    """It is under review, and where it goes is said; no model is asked, and nothing is written before it is accepted."""
    async with at_desk(tmp_path) as desk:
        asked = {"uri": desk.uri, "title": "Make it short", **params}
        done = await desk.editor.request("victor/edit/offer", asked)
        assert (done["placed"], done["edit"]["title"]) == (placed, "Make it short")
        (edits,) = desk.work.reviews.list()
        assert done["edit"]["id"] == edits.id
        assert {hunk["state"] for hunk in done["edit"]["files"][0]["hunks"]} == {"proposed"}
        assert after(edits.files[0]) == becomes
        assert desk.buffers.texts[desk.uri] == CODE
        accepted = {"id": edits.id, "decision": "accept"}
        await desk.editor.request("victor/edit/resolve", accepted)
        assert desk.buffers.texts[desk.uri] == becomes
        assert desk.work.requests == []


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"text": "y = 1\n"}, "Nothing says where in the file this belongs."),
        ({"text": " \n"}, "There is no code."),
        ({"uri": "file:///nowhere.py", "text": "y"}, "The document is not open."),
    ],
)
async def test_code_that_has_no_place(tmp_path: Path, params: Json, message: str) -> None:
    """An error that says what to do."""
    async with at_desk(tmp_path) as desk:
        with pytest.raises(ServerError) as refused:
            await desk.editor.request("victor/edit/offer", {"uri": desk.uri, **params})
        assert refused.value.error["message"] == message
        assert refused.value.error["data"]["kind"] == "usage"
        assert refused.value.error["data"]["fix"]
        assert desk.work.reviews.list() == []


async def test_a_commit_message(tmp_path: Path) -> None:
    """Of what is staged in the folder that is named; with nothing staged no model is asked."""
    root = repository(tmp_path)
    async with at_desk(tmp_path, "```\nCount them anew\n\n# of boxes\n```") as desk:
        done = await desk.editor.request("victor/assist/commitMessage", {"root": str(root)})
        assert done == {"message": "Count them anew\n\n # of boxes", "model": "script"}
        assert "+x = 2" in desk.work.asked()


async def test_nothing_is_staged(tmp_path: Path) -> None:
    """It is said, though something has changed."""
    root = make_repository(tmp_path / "work", {"a.py": "x = 1\n"}, tracked=("a.py",))
    run_git(root, "commit", "-qm", "Count the boxes")
    write_tree(root, {"a.py": "x = 2\n"})
    async with at_desk(tmp_path, "Never said", name="src/b.py") as desk:
        for params, message in (({}, "staged"), ({"root": "/no/such"}, "not an open folder")):
            with pytest.raises(ServerError) as refused:
                await desk.editor.request("victor/assist/commitMessage", params)
            assert message in refused.value.error["message"]
            assert refused.value.error["data"]["kind"] == "usage"
        assert desk.work.requests == []


async def test_a_commit_message_is_stopped(tmp_path: Path) -> None:
    """By its progress it is empty; by a cancel of the request it is no answer. The call ends in order."""
    repository(tmp_path)
    slow: list[Any] = [{"text": "Count"}, {"sleep_ms": 60_000}, {"text": "x"}]
    async with at_desk(tmp_path, slow, slow, capabilities=SHOWS) as desk:
        for by_progress in (True, False):
            params = {"workDoneToken": "mine"}
            request = desk.editor.send_request("victor/assist/commitMessage", params)
            await desk.editor.wait(lambda each: each.get("method") == "$/progress" and "script" in str(each))
            if by_progress:
                desk.editor.notify("window/workDoneProgress/cancel", {"token": "mine"})
                assert (await desk.editor.response(request))["message"] == ""
            else:
                desk.editor.notify("$/cancelRequest", {"id": request})
                with pytest.raises(ServerError):
                    await desk.editor.response(request)
        ended = await asyncio.to_thread(actions, desk.work.services)
        assert ended.count("model_call.begin") == ended.count("model_call.end") == 2
