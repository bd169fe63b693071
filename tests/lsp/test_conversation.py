"""Every request gets exactly one response, whatever it looks like and however it ends."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsp.editor import Editor, Json, ServerError, running_server, without_assists
from lsp.fake_services import FakeServices

from victor_indexer.errors import RequestCancelled, WorkerUnavailable
from victor_server.lsp.dispatch import NOTIFICATIONS, REQUESTS

URI = "file:///w/a.py"


async def check_error(editor: Editor, method: str, params: Any, code: int) -> Json:
    """The request fails with this code, and `data` holds nothing but `kind` and `fix`."""
    with pytest.raises(ServerError) as caught:
        await editor.request(method, params)
    assert caught.value.code == code, caught.value.error
    assert set(caught.value.error.get("data") or {}) <= {"kind", "fix"}
    return caught.value.error


async def test_before_initialize() -> None:
    """Requests are refused, notifications are dropped, and the handshake still works."""
    async with running_server() as editor:
        await check_error(editor, "textDocument/codeAction", {}, -32002)
        await check_error(editor, "victor/none", None, -32002)
        await check_error(editor, "shutdown", None, -32002)
        editor.open(URI, "CERTAIN_ABCD")
        await editor.initialize()
        await check_error(editor, "initialize", {"capabilities": {}}, -32600)


@pytest.mark.parametrize(
    "params",
    [
        None,
        [],
        5,
        {},
        {"capabilities": []},
        {"capabilities": {}, "rootUri": 5},
        {"capabilities": {}, "workspaceFolders": {}},
        {"capabilities": {}, "workspaceFolders": [5]},
        {"capabilities": {}, "workspaceFolders": [{"uri": 5}]},
    ],
)
async def test_malformed_initialize(params: object) -> None:
    """It is refused as such, and a right one may follow."""
    async with running_server() as editor:
        await check_error(editor, "initialize", params, -32602)
        await editor.initialize()


async def test_odd_capabilities_do_not_matter() -> None:
    """A client from the future, or a careless one, is served."""
    capabilities = {
        "general": {"positionEncodings": ["utf-64", 7, None, "utf-8"]},
        "textDocument": {"completion": {"valueSet": "all"}, "diagnostic": True, "publishDiagnostics": None},
        "workspace": [],
        "window": {"workDoneProgress": "yes"},
        "class": {"jsonrpc": "2.0", "id": 3},
    }
    async with running_server() as editor:
        result = await editor.initialize(capabilities, locale=7, trace="loud", clientInfo=None)
    assert result["capabilities"]["positionEncoding"] == "utf-8"


async def test_after_shutdown() -> None:
    """Only `exit` counts."""
    async with running_server() as editor:
        await editor.initialize()
        await editor.request("shutdown")
        await check_error(editor, "victor/status", {}, -32600)
        await check_error(editor, "shutdown", None, -32600)
        editor.open(URI, "CERTAIN_ABCD")
        editor.notify("exit", None)
        assert await editor.server == 0


async def test_exit_without_shutdown() -> None:
    """It ends at once, with code 1; also before the handshake."""
    async with running_server() as editor:
        editor.notify("exit", None)
        assert await editor.server == 1


async def test_client_that_vanishes() -> None:
    """The end of its stream ends the server in order: services are closed."""
    async with running_server() as editor:
        await editor.initialize()
        await editor.until(lambda: bool(editor.services))
        editor.writer.close()
        assert await editor.server == 1
        assert editor.service.closed


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("textDocument/codeAction", None),
        ("textDocument/codeAction", []),
        ("textDocument/codeAction", "x"),
        ("textDocument/codeAction", {"textDocument": {"uri": 5}}),
        ("textDocument/documentSymbol", {"textDocument": {"uri": 5}}),
        ("textDocument/documentSymbol", {"textDocument": []}),
        ("workspace/symbol", {"query": ["a"]}),
        ("workspace/symbol", {"query": None}),
        ("workspace/executeCommand", {"command": "victor.none"}),
        ("workspace/executeCommand", {"command": "victor.search", "arguments": "abc"}),
        ("workspace/executeCommand", {"command": "victor.search", "arguments": ["a", "b"]}),
        ("workspace/executeCommand", {"command": "victor.search", "arguments": [7]}),
        ("victor/search", {}),
        ("victor/search", {"query": "x", "k": True}),
        ("victor/search", {"query": "x", "k": 1.5}),
        ("victor/search", {"query": "x", "k": 0}),
        ("victor/search", {"query": "x", "root": "/not/open"}),
        ("victor/status", {"root": {}}),
    ],
)
async def test_malformed_params(method: str, params: object) -> None:
    """-32602, with a message that says what is wrong and repeats no value."""
    async with running_server() as editor:
        await editor.initialize()
        assert (await check_error(editor, method, params, -32602))["message"]


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("workspace/executeCommand", {"command": "x" * 100_000}),
        ("workspace/executeCommand", {"command": "victor.status", "arguments": ["x" * 100_000]}),
        ("victor/search", {"query": "x", "root": "x" * 100_000}),
    ],
)
async def test_refusals_are_short(method: str, params: object) -> None:
    """What is refused is named, not repeated at any length."""
    async with running_server() as editor:
        await editor.initialize()
        assert len((await check_error(editor, method, params, -32602))["message"]) < 400


async def test_lone_surrogates_reach_no_index() -> None:
    """They are no text that a database could be asked for."""
    async with running_server() as editor:
        await editor.initialize()
        await editor.request("workspace/symbol", {"query": "a\ud800"})
        await editor.request("victor/search", {"query": "a\ud800"})
        calls = editor.service.index.calls
    assert calls == [("workspace_symbols", "a\ufffd"), ("search", ("a\ufffd", 10, None))]


async def test_unknown_methods() -> None:
    """-32601 for requests, `$/` or not; silence for notifications."""
    async with running_server() as editor:
        await editor.initialize()
        for method in ("textDocument/hover", "$/unknown", "", "x" * 10_000):
            await check_error(editor, method, {}, -32601)
        editor.notify("$/unknown", 5)
        editor.notify("initialize", {})
        await check_error(editor, "textDocument/didOpen", {}, -32601)


@pytest.mark.parametrize(
    ("message", "message_id", "code"),
    [
        ([{"jsonrpc": "2.0", "id": 1, "method": "shutdown"}], None, -32600),
        ([], None, -32600),
        ("text", None, -32600),
        (None, None, -32600),
        ({}, None, -32600),
        ({"jsonrpc": "2.0"}, None, -32600),
        ({"jsonrpc": "2.0", "id": None, "method": "shutdown"}, None, -32600),
        ({"jsonrpc": "2.0", "id": True, "method": "shutdown"}, None, -32600),
        ({"jsonrpc": "2.0", "id": {}, "method": "shutdown"}, None, -32600),
        ({"jsonrpc": "2.0", "id": 1.5, "method": "shutdown"}, None, -32600),
        ({"jsonrpc": "1.0", "id": "a", "method": "shutdown"}, "a", -32600),
        ({"id": "a", "method": "shutdown"}, "a", -32600),
        ({"jsonrpc": "2.0", "id": "a", "method": 5}, "a", -32600),
        ({"jsonrpc": "2.0", "id": 7.0, "method": "victor/none"}, 7, -32601),
        ({"jsonrpc": "2.0", "id": 2**70, "method": "victor/none"}, 2**70, -32601),
        ({"jsonrpc": "2.0", "id": "\ud800", "method": "victor/\ud800"}, "\ud800", -32601),
    ],
)
async def test_messages_that_are_none(message: object, message_id: Any, code: int) -> None:
    """What is not a message is answered, to its id where it has one, and changes nothing."""
    async with running_server() as editor:
        await editor.initialize()
        editor.send(message)
        with pytest.raises(ServerError) as caught:
            await editor.response(message_id)
        assert caught.value.code == code
        await editor.request("victor/status")


async def test_broken_json() -> None:
    """-32700 with a null id; the next message is read."""
    async with running_server() as editor:
        await editor.initialize()
        editor.send_bytes(b'{"jsonrpc": "2.0", "id": 9, "method"')
        with pytest.raises(ServerError) as caught:
            await editor.response(None)
        assert caught.value.code == -32700
        await editor.request("victor/status")


async def test_odd_keys_change_nothing() -> None:
    """Keys that mean something elsewhere, keywords and unknown ones are carried or ignored, at any depth."""
    odd = {
        "jsonrpc": "2.0",
        "id": 99,
        "method": "exit",
        "class": 1,
        "_1": 2,
        "params": None,
        "result": 3,
        "": 4,
    }
    async with running_server() as editor:
        await editor.initialize()
        context = {"diagnostics": [], "only": ["quickfix"], **odd}
        place = {"line": 0, "character": 0}
        params = {"textDocument": {"uri": URI, **odd}, "range": {"start": place, "end": place, **odd}, **odd}
        editor.open(URI, "x")
        message = {
            "jsonrpc": "2.0",
            "id": "a",
            "method": "textDocument/codeAction",
            "params": params,
            "error": 1,
        }
        editor.send({**message, "params": {**params, "context": context}})
        assert without_assists(await editor.response("a")) == []


async def test_ids_that_are_used_twice() -> None:
    """Each request gets its own response."""
    async with running_server() as editor:
        await editor.initialize()
        for _ in range(2):
            editor.send({"jsonrpc": "2.0", "id": "a", "method": "victor/status", "params": {}})
        editor.send({"jsonrpc": "2.0", "id": 1, "method": "victor/status"})
        editor.send({"jsonrpc": "2.0", "id": "1", "method": "victor/status"})
        for message_id in ("a", "a", 1, "1"):
            await editor.response(message_id)


async def test_answers_to_nothing() -> None:
    """Responses that nobody waits for are dropped, whatever they hold."""
    async with running_server() as editor:
        await editor.initialize()
        for message_id in ("victor-1", "victor-99", 5, "x"):
            editor.send({"jsonrpc": "2.0", "id": message_id, "result": {}})
            editor.send({"jsonrpc": "2.0", "id": message_id, "error": "bad"})
        await editor.request("victor/status")


async def test_bug_is_told_without_its_inside(caplog: pytest.LogCaptureFixture) -> None:
    """An error that is not ours is -32603 without a traceback or its text, and the server lives on."""

    def prepare(services: FakeServices) -> None:
        services.index.trouble = RuntimeError("inner secret")

    async with running_server(prepare=prepare) as editor:
        await editor.initialize()
        error = await check_error(editor, "victor/search", {"query": "x"}, -32603)
        assert "inner" not in str(error)
        assert "data" not in error
        await editor.request("victor/status")
    assert "a bug in victor/search" in caplog.text


async def test_failure_names_kind_and_fix() -> None:
    """An error of ours is -32803 with its stable kind and the way out."""

    def prepare(services: FakeServices) -> None:
        services.index.trouble = WorkerUnavailable("no worker", "run victor doctor")

    async with running_server(prepare=prepare) as editor:
        await editor.initialize()
        error = await check_error(editor, "victor/search", {"query": "x"}, -32803)
    assert error["data"] == {"kind": "worker_unavailable", "fix": "run victor doctor"}


async def test_cancel_that_the_index_tells() -> None:
    """It is a cancel to the client as well."""

    def prepare(services: FakeServices) -> None:
        services.index.trouble = RequestCancelled("nobody asks")

    async with running_server(prepare=prepare) as editor:
        await editor.initialize()
        await check_error(editor, "victor/search", {"query": "x"}, -32800)


async def test_cancelled_request() -> None:
    """-32800, and the work is stopped; a second cancel, or one for nothing, does nothing."""
    stopped = asyncio.Event()

    async def gate() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    def prepare(services: FakeServices) -> None:
        services.index.gate = gate

    async with running_server(prepare=prepare) as editor:
        await editor.initialize()
        message_id = editor.send_request("victor/search", {"query": "x"})
        await editor.until(lambda: bool(editor.services) and bool(editor.service.index.calls))
        cancels: list[Any] = [{"id": message_id}, {"id": message_id}, {"id": "none"}, {"id": []}, {}, None]
        for params in cancels:
            editor.notify("$/cancelRequest", params)
        with pytest.raises(ServerError) as caught:
            await editor.response(message_id)
        assert caught.value.code == -32800
        await stopped.wait()


async def test_cancelled_before_it_began() -> None:
    """A cancel that comes with its request in one piece is answered all the same."""
    async with running_server() as editor:
        await editor.initialize()
        message_id = editor.send_request("victor/search", {"query": "x"})
        editor.notify("$/cancelRequest", {"id": message_id})
        with pytest.raises(ServerError) as caught:
            await editor.response(message_id)
        assert caught.value.code == -32800


async def test_shutdown_answers_what_is_open() -> None:
    """Requests that wait are cancelled, each with its response, before the shutdown is answered."""

    async def gate() -> None:
        await asyncio.Event().wait()

    def prepare(services: FakeServices) -> None:
        services.index.gate = gate

    async with running_server(prepare=prepare) as editor:
        await editor.initialize()
        waiting = [editor.send_request("victor/search", {"query": "x"}) for _ in range(3)]
        assert await editor.request("shutdown") is None
        for message_id in waiting:
            with pytest.raises(ServerError) as caught:
                await editor.response(message_id)
            assert caught.value.code == -32800


async def test_request_sees_the_changes_before_it() -> None:
    """And none that come after it, even in the same piece."""
    async with running_server() as editor:
        await editor.initialize()
        editor.open(URI, "def old(): pass\n")
        first = editor.send_request("textDocument/documentSymbol", {"textDocument": {"uri": URI}})
        editor.change(URI, 2, {"text": "def new(): pass\n"})
        second = editor.send_request("textDocument/documentSymbol", {"textDocument": {"uri": URI}})
        assert [each["name"] for each in await editor.response(first)] == ["old"]
        assert [each["name"] for each in await editor.response(second)] == ["new"]


METHODS = sorted({*REQUESTS, *NOTIFICATIONS, "$/cancelRequest", "textDocument/hover"} - {"exit", "shutdown"})
PLAUSIBLE = {
    "textDocument": {"uri": URI, "version": 2, "languageId": "python", "text": "CERTAIN_ABCD"},
    "contentChanges": [{"text": "x"}, {"range": {"start": {}, "end": None}, "text": 5}],
    "range": {"start": {"line": 0, "character": 0}, "end": {"line": 2**40, "character": -1}},
    "context": {"diagnostics": [{"range": None}]},
    "query": "x",
    "event": {"added": [{"uri": "file:///y"}], "removed": []},
    "settings": {"victor": {"home": 5}},
    "notebookDocument": {"uri": URI},
    "change": {"cells": {"structure": {"array": {}}, "textContent": [{}]}},
    "command": "victor.search",
    "arguments": [{"query": "x"}],
}
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["jsonrpc", "id", "class", "uri", *PLAUSIBLE]), inner, max_size=4)
    ),
    max_leaves=6,
)
plausible = st.lists(st.sampled_from(sorted(PLAUSIBLE)), max_size=6).map(
    lambda keys: {k: PLAUSIBLE[k] for k in keys}
)
params: st.SearchStrategy[Any] = (
    plausible | anything | st.builds(lambda left, right: {**left, "extra": right}, plausible, anything)
)


async def code_of(editor: Editor, message_id: int) -> int:
    """The error's code, 0 for a result."""
    try:
        await editor.response(message_id)
    except ServerError as error:
        return error.code
    return 0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(METHODS), params), min_size=1, max_size=30))
def test_fuzzed_params(messages: list[tuple[str, Any]]) -> None:
    """Whatever the params are, each request is answered once and the server goes on."""

    async def run() -> None:
        async with running_server() as editor:
            await editor.initialize()
            ids = [editor.send_request(method, each) for method, each in messages]
            for method, each in messages:
                editor.notify(method, each)
            await editor.settle()
            for message_id in ids:
                assert await code_of(editor, message_id) != -32603
            assert await editor.goodbye() == 0
            assert not [each for each in editor.received if "method" not in each]

    asyncio.run(run())


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        anything | st.dictionaries(st.sampled_from(["jsonrpc", "id", "method", "params"]), anything),
        max_size=20,
    )
)
def test_fuzzed_messages(messages: list[Any]) -> None:
    """Whatever a frame holds, the server goes on; what has a usable id and a method is answered to that id."""

    async def run() -> None:
        async with running_server() as editor:
            await editor.initialize()
            for message in messages:
                editor.send(message)
            await editor.request("victor/status")
            assert await editor.goodbye() == 0

    asyncio.run(run())
