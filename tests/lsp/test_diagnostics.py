"""Secrets as diagnostics: when they are shown, where, and when they go."""

import threading
from typing import Any

import pytest
from lsp.editor import Editor, running_server
from lsp.fake_services import PRAGMA, FakeServices

from victor_server.lsp.handlers.diagnostics import MAX_SHOWN

URI = "file:///w/settings.py"
PULL: dict[str, Any] = {"textDocument": {"diagnostic": {}}}


def insert(line: int, character: int, text: str) -> dict[str, Any]:
    """A change that inserts."""
    place = {"line": line, "character": character}
    return {"range": {"start": place, "end": place}, "text": text}


def places(items: list[dict[str, Any]]) -> list[tuple[int, int, int]]:
    """(line, start, end) of each."""
    return [
        (
            each["range"]["start"]["line"],
            each["range"]["start"]["character"],
            each["range"]["end"]["character"],
        )
        for each in items
    ]


async def pull(editor: Editor, previous: str | None = None) -> Any:
    """textDocument/diagnostic."""
    params = {"textDocument": {"uri": URI}, "previousResultId": previous}
    return await editor.request(
        "textDocument/diagnostic", {name: params[name] for name in params if params[name]}
    )


@pytest.mark.parametrize(
    ("encoding", "start"),
    [("utf-8", 11), ("utf-16", 9), ("utf-32", 8)],
)
async def test_range_is_the_secret(encoding: str, start: int) -> None:
    """The range is exactly the secret in the negotiated encoding; severity, code and source are set, the value is not."""
    async with running_server() as editor:
        await editor.initialize({"general": {"positionEncodings": [encoding]}})
        editor.open(URI, 'x = "😀" CERTAIN_ABCD\n')
        (item,) = await editor.diagnostics(URI)
    assert places([item]) == [(0, start, start + 12)]
    assert (item["severity"], item["source"], item["code"]) == (2, "victor", "fake-key")
    assert "CERTAIN_ABCD" not in item["message"]


async def test_possible_secrets_are_information() -> None:
    """A weak finding is no warning."""
    async with running_server() as editor:
        await editor.initialize()
        editor.open(URI, "POSSIBLE_ABCD")
        assert [item["severity"] for item in await editor.diagnostics(URI)] == [3]


async def test_new_secret_waits_for_the_save() -> None:
    """A key that is being typed is announced when the file is saved, with that version."""
    async with running_server() as editor:
        await editor.initialize({"textDocument": {"publishDiagnostics": {"versionSupport": True}}})
        editor.open(URI, "\n")
        assert await editor.diagnostics(URI) == []
        editor.change(URI, 2, insert(0, 0, "CERTAIN_ABCD"))
        editor.save(URI)
        message = await editor.notification("textDocument/publishDiagnostics")
    assert message["version"] == 2
    assert places(message["diagnostics"]) == [(0, 0, 12)]


async def test_known_finding_moves_with_the_text() -> None:
    """What was announced stays at its text while the document is edited; what is new is not announced yet."""
    async with running_server() as editor:
        await editor.initialize()
        editor.open(URI, "a = CERTAIN_ABCD\n")
        assert places(await editor.diagnostics(URI)) == [(0, 4, 16)]
        editor.change(URI, 2, insert(0, 0, "b = CERTAIN_EFGH\n"))
        assert places(await editor.diagnostics(URI)) == [(1, 4, 16)]


async def test_mended_finding_goes() -> None:
    """A pragma takes the diagnostic away without a save."""
    async with running_server() as editor:
        await editor.initialize()
        editor.open(URI, "a = CERTAIN_ABCD\n")
        assert len(await editor.diagnostics(URI)) == 1
        editor.change(URI, 2, insert(0, 16, f"  # {PRAGMA}"))
        assert await editor.diagnostics(URI) == []


async def test_closing_clears() -> None:
    """Nothing stays of a document that was closed."""
    async with running_server() as editor:
        await editor.initialize()
        editor.open(URI, "a = CERTAIN_ABCD\n")
        assert len(await editor.diagnostics(URI)) == 1
        editor.close(URI)
        assert await editor.diagnostics(URI) == []


async def test_late_result_is_not_published_for_a_newer_text() -> None:
    """A check that ends after an edit says nothing about the old text; the finding is shown where it now stands."""
    reached, release = threading.Event(), threading.Event()

    def hold(text: str) -> None:
        if text == "CERTAIN_ABCD":
            reached.set()
            assert release.wait(20)

    def prepare(services: FakeServices) -> None:
        services.secrets.hold = hold

    async with running_server(prepare=prepare) as editor:
        await editor.initialize()
        editor.open(URI, "CERTAIN_ABCD")
        await editor.until(reached.is_set)
        editor.change(URI, 2, insert(0, 0, "  "))
        await editor.settle()
        release.set()
        assert places(await editor.diagnostics(URI)) == [(0, 2, 14)]


async def test_settings_switch_checks_off_and_on() -> None:
    """`secrets.enabled` takes what is shown away, and brings it back."""
    async with running_server() as editor:
        await editor.initialize()
        editor.open(URI, "CERTAIN_ABCD")
        assert len(await editor.diagnostics(URI)) == 1
        editor.notify(
            "workspace/didChangeConfiguration", {"settings": {"victor": {"secrets": {"enabled": False}}}}
        )
        assert await editor.diagnostics(URI) == []
        editor.notify("workspace/didChangeConfiguration", {"settings": {"victor": {"home": "x"}}})
        assert len(await editor.diagnostics(URI)) == 1


async def test_on_open_can_be_switched_off() -> None:
    """With `secrets.on_open` off only a save checks."""
    async with running_server() as editor:
        await editor.initialize(initializationOptions={"secrets": {"on_open": False}})
        editor.open(URI, "CERTAIN_ABCD")
        await editor.until(lambda: bool(editor.services))
        assert editor.service.secrets.checks == []
        editor.save(URI)
        assert len(await editor.diagnostics(URI)) == 1


async def test_pulled_document_is_not_pushed() -> None:
    """The client gets one kind for a document: once it asks, what was pushed is taken away and no push follows."""
    async with running_server() as editor:
        result = await editor.initialize(PULL)
        assert result["capabilities"]["diagnosticProvider"]["interFileDependencies"] is False
        editor.open(URI, "CERTAIN_ABCD\n")
        assert len(await editor.diagnostics(URI)) == 1
        report = await pull(editor)
        assert report["kind"] == "full"
        assert places(report["items"]) == [(0, 0, 12)]
        assert await editor.diagnostics(URI) == []
        editor.save(URI)
        assert (await pull(editor, report["resultId"]))["kind"] == "unchanged"
        editor.change(URI, 2, insert(0, 0, "POSSIBLE_ABCD\n"))
        moved = await pull(editor, report["resultId"])
        assert places(moved["items"]) == [(0, 0, 13), (1, 0, 12)]
        assert not [
            each for each in editor.received if each.get("method") == "textDocument/publishDiagnostics"
        ]


async def test_client_that_pulls_is_never_pushed_again() -> None:
    """After its first question nothing is pushed, also not of other documents or after a reload: that would flicker."""
    other = "file:///w/other.py"
    async with running_server() as editor:
        await editor.initialize(PULL)
        editor.open(other, "CERTAIN_ABCD\n")
        assert len(await editor.diagnostics(other)) == 1
        editor.open(URI, "CERTAIN_ABCD\n")
        assert len((await pull(editor))["items"]) == 1
        assert await editor.diagnostics(other) == []
        await editor.settle()
        editor.received.clear()
        for uri in (URI, other):
            editor.close(uri)
            editor.open(uri, "POSSIBLE_ABCD\n")
            editor.change(uri, 2, insert(0, 0, "x"))
            editor.save(uri)
        assert places((await pull(editor))["items"]) == [(0, 1, 14)]
        await editor.settle()
        assert editor.received == []


async def test_opened_twice_without_checks_on_open() -> None:
    """What was shown of the first text must not stay beside the second, whatever the settings say of opening."""
    async with running_server() as editor:
        await editor.initialize(initializationOptions={"secrets": {"on_open": False}})
        editor.open(URI, "CERTAIN_ABCD")
        editor.save(URI)
        assert len(await editor.diagnostics(URI)) == 1
        editor.open(URI, "nothing", version=2)
        assert await editor.diagnostics(URI) == []


async def test_pulling_client_is_refreshed() -> None:
    """When settings change, what it pulled may be wrong: it is told to ask again, if it can."""
    refreshes = {**PULL, "workspace": {"diagnostics": {"refreshSupport": True}}}
    async with running_server({"workspace/diagnostic/refresh": None}) as editor:
        await editor.initialize(refreshes)
        editor.open(URI, "CERTAIN_ABCD")
        assert len((await pull(editor))["items"]) == 1
        editor.notify("workspace/didChangeConfiguration", {"settings": {"secrets": {"enabled": False}}})
        await editor.wait(lambda message: message.get("method") == "workspace/diagnostic/refresh")
        assert (await pull(editor))["items"] == []


async def test_pull_for_what_is_not_open_is_empty() -> None:
    """A client that asks about a document that is not mirrored gets no error to show."""
    async with running_server() as editor:
        await editor.initialize(PULL)
        assert await pull(editor) == {"kind": "full", "items": []}


async def test_diagnostics_are_only_offered_to_clients_that_pull() -> None:
    """A client without the capability is not told of it."""
    async with running_server() as editor:
        assert "diagnosticProvider" not in (await editor.initialize())["capabilities"]


async def test_no_more_is_shown_than_an_editor_takes() -> None:
    """A document of thousands of secrets holds up neither the server nor the editor; an action names a few of them."""
    async with running_server() as editor:
        await editor.initialize()
        editor.open(URI, "CERTAIN_ABCD\n" * (MAX_SHOWN + 500))
        assert len(await editor.diagnostics(URI)) == MAX_SHOWN
