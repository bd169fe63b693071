"""Settings from the client, however it gives them."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsp.editor import Editor, ServerError, running_server
from lsp.fake_services import FakeServices

from victor_server.errors import SettingsError
from victor_server.lsp.session import Delays

PULLS = {"workspace": {"configuration": True}}
REGISTERS = {"workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}}}


async def opened(editor: Editor, n_services: int) -> None:
    """Wait until services were opened so many times."""
    await editor.until(lambda: len(editor.services) == n_services)


def requests_of(editor: Editor, method: str) -> list[dict[str, Any]]:
    """The params of the server's requests so far."""
    return [
        message["params"]
        for side, message in editor.log
        if side == "server" and message.get("method") == method
    ]


async def test_asked_for_and_registered() -> None:
    """The section is asked for with the scope of the only folder, and changes are registered for."""
    answers = {"workspace/configuration": [{"home": "from the client"}], "client/registerCapability": None}
    async with running_server(answers) as editor:
        await editor.initialize(REGISTERS, workspaceFolders=[{"uri": "file:///w", "name": "w"}])
        await opened(editor, 1)
        await editor.until(lambda: bool(requests_of(editor, "client/registerCapability")))
    (asked,) = requests_of(editor, "workspace/configuration")
    assert asked == {"items": [{"scopeUri": "file:///w", "section": "victor"}]}
    (registered,) = requests_of(editor, "client/registerCapability")
    assert registered["registrations"][0]["method"] == "workspace/didChangeConfiguration"


@pytest.mark.parametrize(
    "answer", [None, [], [None], {}, 5, [[]], ServerError({"code": -32601, "message": "no"})]
)
async def test_odd_answers(answer: object) -> None:
    """A client that has nothing, or answers something odd, gets the defaults."""
    async with running_server({"workspace/configuration": answer}) as editor:
        await editor.initialize(PULLS)
        await opened(editor, 1)
        assert editor.received == [] or "method" in editor.received[0]


async def test_client_that_never_answers() -> None:
    """The server starts with what it has; an answer that comes late still counts, but not after a newer one."""
    answers = {"workspace/configuration": ..., "client/registerCapability": ...}
    async with running_server(answers, delays=Delays(answer_s=0)) as editor:
        await editor.initialize(REGISTERS, initializationOptions={"home": "a"})
        await opened(editor, 1)
        assert editor.service.settings.home == Path("a")
        await answer_late(editor, [{"home": "b"}])
        await opened(editor, 2)
        assert editor.service.settings.home == Path("b")
        for _ in range(2):
            editor.notify("workspace/didChangeConfiguration", {"settings": None})
        await answer_late(editor, [{"home": "too late"}], [{"home": "c"}])
        await opened(editor, 3)
        assert editor.service.settings.home == Path("c")
        editor.notify("workspace/didChangeConfiguration", {"settings": None})
        await answer_late(editor, ServerError({"code": -32803, "message": "no"}))
        await editor.settle()
        assert len(editor.services) == 3


async def answer_late(editor: Editor, *answers: Any) -> None:
    """Wait for as many questions as there are answers, and answer the last one first."""
    asked = [
        await editor.wait(lambda message: message.get("method") == "workspace/configuration") for _ in answers
    ]
    for message, answer in reversed(list(zip(asked, answers, strict=True))):
        said = {"error": answer.error} if isinstance(answer, ServerError) else {"result": answer}
        editor.send({"jsonrpc": "2.0", "id": message["id"], **said})


async def test_changes_open_services_anew(tmp_path: Any) -> None:
    """Settings that changed open new services, which get the folders; the old ones are closed. Equal ones do nothing."""
    folder = {"uri": tmp_path.as_uri(), "name": "w"}
    async with running_server() as editor:
        await editor.initialize(workspaceFolders=[folder], initializationOptions={"home": "a"})
        await opened(editor, 1)
        for settings in ({"victor": {"home": "a"}}, {"home": "a"}, {}, None, {"victor": None}):
            editor.notify("workspace/didChangeConfiguration", {"settings": settings})
            await editor.settle()
        editor.notify("workspace/didChangeConfiguration", {"settings": {"victor": {"home": "b"}}})
        await opened(editor, 2)
        await editor.until(lambda: editor.services[1].index.roots == [tmp_path])
        assert editor.services[0].closed
        assert not editor.services[1].closed


async def test_change_without_payload_is_asked_for() -> None:
    """A client that pulls sends null; the new settings come by request."""
    marks = iter(["a", "b"])
    async with running_server({"workspace/configuration": lambda _: [{"home": next(marks)}]}) as editor:
        await editor.initialize(PULLS)
        await opened(editor, 1)
        editor.notify("workspace/didChangeConfiguration", {"settings": None})
        await opened(editor, 2)


async def test_invalid_setting_is_named_once() -> None:
    """The rest holds; one message names what is wrong, and not again while it stays the same."""
    bad = {"home": 5, "secrets": {"enabled": False}}
    async with running_server() as editor:
        await editor.initialize(initializationOptions={"victor": bad})
        message = await editor.notification("window/showMessage")
        assert "home" in message["message"]
        assert message["type"] == 2
        for _ in range(2):
            editor.notify("workspace/didChangeConfiguration", {"settings": {"victor": bad}})
        editor.open("file:///w/a.py", "CERTAIN_ABCD")
        assert await editor.diagnostics("file:///w/a.py") == []
        assert editor.received == []


async def test_services_that_cannot_be_opened() -> None:
    """It is said, requests fail with the reason instead of waiting, and settings that are mended help."""

    def prepare(services: FakeServices) -> None:
        if services.settings.home == Path("/bad"):
            raise SettingsError("no such home", "choose another")

    async with running_server(prepare=prepare) as editor:
        await editor.initialize(initializationOptions={"home": "/bad"})
        assert "no such home" in (await editor.notification("window/showMessage"))["message"]
        with pytest.raises(ServerError) as caught:
            await editor.request("victor/search", {"query": "x"})
        assert caught.value.error["data"] == {"kind": "bad_settings", "fix": "choose another"}
        assert (await editor.request("victor/status"))["index"]["state"] == "error"
        editor.notify("workspace/didChangeConfiguration", {"settings": {"home": "/good"}})
        await opened(editor, 1)
        await editor.request("victor/search", {"query": "x"})


async def test_many_changes_at_once_end_in_the_last() -> None:
    """Changes are applied one after the other."""
    async with running_server() as editor:
        await editor.initialize()
        for number in range(10):
            editor.notify("workspace/didChangeConfiguration", {"settings": {"home": str(number)}})
        await editor.until(lambda: bool(editor.services) and editor.service.settings.home == Path("9"))
        await asyncio.sleep(0)
        assert [each.closed for each in editor.services[:-1]] == [True] * (len(editor.services) - 1)
