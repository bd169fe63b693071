"""Trust over LSP: of open folders, by a person's word, recorded, and refused where it cannot be."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from lsp.editor import Editor, ServerError, running_server
from lsp.fake_services import FakeResolved, resolve

from victor_server.audit.record import read_records
from victor_server.lsp import uris
from victor_server.settings.trust import TrustStore


@pytest.fixture(autouse=True)
def work(tmp_path: Path) -> Path:
    """The folder."""
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


async def begin(editor: Editor, root: Path) -> None:
    """A window with one folder; VICTOR_HOME lies beside it."""
    await editor.initialize(
        workspaceFolders=[{"uri": uris.from_path(str(root)), "name": "work"}],
        initializationOptions={"home": str(root.parent / "home")},
    )


async def test_a_folder_is_trusted_and_that_is_taken_back(tmp_path: Path) -> None:
    """By URI or path; each change is in the audit log."""
    root = tmp_path / "work"
    async with running_server() as editor:
        await begin(editor, root)
        (before,) = (await editor.request("victor/trust/get", {}))["folders"]
        assert (before["root"], before["trusted"]) == (str(root), False)
        asked = {"root": uris.from_path(str(root)), "trusted": True}
        (now,) = (await editor.request("victor/trust/set", asked))["folders"]
        assert now["trusted"] is True
        assert TrustStore(tmp_path / "home").is_trusted(root)
        (after,) = (await editor.request("victor/trust/set", {"root": str(root), "trusted": False}))[
            "folders"
        ]
        assert after["trusted"] is False
        assert "nobody has said" in after["reason"]
    records = [each["action"] for each in read_records(tmp_path / "home" / "audit.log")]
    assert records == ["trust_granted", "trust_revoked"]


async def test_only_open_folders_can_be_trusted_from_an_editor(tmp_path: Path) -> None:
    """Whoever speaks for the editor has no say on the rest of the disk."""
    async with running_server() as editor:
        await begin(editor, tmp_path / "work")
        for root in (tmp_path, Path("/")):
            with pytest.raises(ServerError, match="not an open folder"):
                await editor.request("victor/trust/set", {"root": str(root), "trusted": True})
    assert TrustStore(tmp_path / "home").listed() == []


async def test_trust_that_cannot_be_recorded_is_not_granted(tmp_path: Path) -> None:
    """The client hears why."""
    (tmp_path / "home" / "audit.log").mkdir(parents=True)
    async with running_server() as editor:
        await begin(editor, tmp_path / "work")
        with pytest.raises(ServerError) as failed:
            await editor.request("victor/trust/set", {"root": str(tmp_path / "work"), "trusted": True})
        assert failed.value.error["data"]["kind"] == "audit_failed"
    assert TrustStore(tmp_path / "home").listed() == []


async def test_a_trusted_folders_own_settings_count_at_once(tmp_path: Path) -> None:
    """And no more once trust is taken back; which folder is asked about is the one that is open."""
    asked: list[Path | None] = []

    def resolve_of(
        sources: Sequence[tuple[str, Mapping[str, Any]]], folder: Path | None = None
    ) -> FakeResolved:
        asked.append(folder)
        return resolve(sources, folder)

    async with running_server(resolve_settings=resolve_of) as editor:
        await begin(editor, tmp_path / "work")
        await editor.request("victor/trust/get", {})
        before = len(asked)
        await editor.request("victor/trust/set", {"root": str(tmp_path / "work"), "trusted": True})
        await editor.until(lambda: len(asked) > before)
    assert set(asked) == {tmp_path / "work"}


@pytest.mark.parametrize("way", ["saved", "watched"])
async def test_settings_count_once_their_file_is_saved(tmp_path: Path, way: str) -> None:
    """By this editor, or by another program where the client tells of that."""
    asked: list[Path | None] = []

    def resolve_of(
        sources: Sequence[tuple[str, Mapping[str, Any]]], folder: Path | None = None
    ) -> FakeResolved:
        asked.append(folder)
        return resolve(sources, folder)

    uri = uris.from_path(str(tmp_path / "work" / ".victor" / "settings.yaml"))
    async with running_server(resolve_settings=resolve_of) as editor:
        await begin(editor, tmp_path / "work")
        await editor.request("victor/trust/get", {})
        before = len(asked)
        if way == "saved":
            item = {"uri": uri, "languageId": "yaml", "version": 1, "text": "secrets: {on_open: false}\n"}
            editor.notify("textDocument/didOpen", {"textDocument": item})
            editor.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
        else:
            changes = [{"uri": uri, "type": 2}]
            editor.notify("workspace/didChangeWatchedFiles", {"changes": changes})
        await editor.until(lambda: len(asked) > before)


async def test_a_restricted_folder_is_not_trusted(tmp_path: Path) -> None:
    """Whatever was said of it before, and whatever is said of it in this window; the client hears why."""
    root = tmp_path / "work"
    (tmp_path / "home").mkdir()
    TrustStore(tmp_path / "home").set(root, True)
    async with running_server() as editor:
        options = {"home": str(tmp_path / "home"), "restricted": True}
        folders = [{"uri": uris.from_path(str(root)), "name": "work"}]
        await editor.initialize(workspaceFolders=folders, initializationOptions=options)
        (state,) = (await editor.request("victor/trust/get", {}))["folders"]
        assert state["trusted"] is False
        assert "editor restricts" in state["reason"]
        with pytest.raises(ServerError, match="The editor restricts this folder") as refused:
            await editor.request("victor/trust/set", {"root": str(root), "trusted": True})
        assert refused.value.error["data"]["fix"] == "Trust it in the editor first."
        assert (await editor.request("victor/status"))["restricted"] is True
    assert TrustStore(tmp_path / "home").is_trusted(root), "what the person said of it stays written"


@pytest.mark.parametrize(
    ("options", "restricted"),
    [
        (None, False),
        ({}, False),
        ({"restricted": False}, False),
        ({"restricted": None}, False),
        ({"restricted": True}, True),
        ({"restricted": "no"}, True),
        ({"restricted": 0}, True),
        ({"restricted": True, "victor": {"log": {}}}, True),
        ({"restricted": False, "victor": {"restricted": True}}, True),
        ([True], False),
    ],
)
async def test_what_restricts(options: Any, restricted: bool) -> None:
    """Anything but a clear no; and it is no setting, so that nobody is told of a wrong one."""
    async with running_server() as editor:
        await editor.initialize(initializationOptions=options)
        assert (await editor.request("victor/status"))["restricted"] is restricted
        await editor.settle()
        assert [each for each in editor.received if each.get("method") == "window/showMessage"] == []
