"""The handshake and the end."""

import asyncio
import logging
from typing import Any

import pytest
from lsp.editor import ServerError, running_server
from lsp.fake_services import FakeServices


async def test_handshake_and_goodbye() -> None:
    """A server that was shut down exits with code 0 and has let go of its services."""
    async with running_server() as editor:
        result = await editor.initialize()
        assert result["serverInfo"]["name"] == "victor"
        assert result["capabilities"]["experimental"]["victor"]["version"] == 1
        await editor.until(lambda: bool(editor.services))
        assert await editor.goodbye() == 0
        assert editor.service.closed


async def test_exit_that_does_not_wait() -> None:
    """A client that sends everything in one piece still gets every response."""
    async with running_server() as editor:
        await editor.initialize()
        asked = [editor.send_request(method) for method in ("victor/status", "shutdown")]
        editor.notify("exit", None)
        assert await editor.response(asked[1]) is None
        assert await editor.server == 0
        answered = [message["id"] for side, message in editor.log if side == "server" and "id" in message]
        assert answered[-2:] == asked


async def test_exit_while_requests_run() -> None:
    """Without a shutdown it ends at once all the same, with code 1, and every request is answered."""

    def prepare(services: FakeServices) -> None:
        services.index.gate = asyncio.Event().wait

    async with running_server(prepare=prepare) as editor:
        await editor.initialize()
        asked = [editor.send_request("victor/search", {"query": "x"}) for _ in range(3)]
        await editor.until(lambda: bool(editor.services) and len(editor.service.index.calls) == 3)
        editor.notify("exit", None)
        for message_id in asked:
            with pytest.raises(ServerError) as caught:
                await editor.response(message_id)
            assert caught.value.code == -32800
        assert await editor.server == 1
        assert editor.service.closed


async def test_contents_stay_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """At INFO and above nothing of a document, a query or a secret is written, whatever goes wrong."""
    caplog.set_level(logging.INFO)
    uri = "file:///w/a.py"
    async with running_server() as editor:
        await editor.initialize(initializationOptions={"home": "words_of_mine"})
        editor.open(uri, "words_of_mine = CERTAIN_ABCD")
        await editor.diagnostics(uri)
        editor.change(uri, 2, {"text": ["words_of_mine"]})
        editor.notify("textDocument/didOpen", {"textDocument": {"text": "words_of_mine", "uri": 5}})
        editor.send_request("victor/search", {"query": "words_of_mine", "k": "words_of_mine"})
        await editor.request("victor/search", {"query": "words_of_mine"})
        await editor.goodbye()
    assert caplog.records
    assert "words_of_mine" not in caplog.text
    assert "CERTAIN_ABCD" not in caplog.text


async def test_shutdown_is_answered_while_things_end() -> None:
    """Whatever takes its time to end: the client is not kept waiting, and `exit` waits for the rest."""
    may_end, closing = asyncio.Event(), asyncio.Event()

    class SlowChat:
        route = None

        async def close(self) -> None:
            closing.set()
            await may_end.wait()

    class SlowAgent:
        chat = SlowChat()

    async with running_server() as editor:
        await editor.initialize()
        await editor.until(lambda: bool(editor.services))
        agent: Any = SlowAgent()
        editor.service.opened_agent = agent
        assert await editor.request("shutdown") is None
        assert closing.is_set()
        editor.notify("exit", None)
        assert not editor.server.done()
        may_end.set()
        assert await editor.server == 0
