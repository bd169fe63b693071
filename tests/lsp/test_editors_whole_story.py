"""One afternoon in each recorded editor with nothing installed: only what LSP offers, against the whole program.

A key is announced as it is opened, and a fix settles it. A model simplifies what is selected; of its two changes one is
accepted and one rejected where they stand, and what was accepted is undone. A question is asked in a document.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cattrs import Converter
from lsp.test_editors import REAL, RECORDED, TAP, TIMEOUT_S, allowing, capabilities_of
from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, register_lsp_features
from secrets_samples import aws_key
from tools.lsp_check import check_log

from victor_server.lsp import uris

pytestmark = pytest.mark.e2e

BEFORE = """\
def add(a, b):
    if a:
        return a + b
    return b


def last(boxes):
    n = len(boxes)
    return boxes[n - 1]
"""
AFTER = """\
def add(a, b):
    return a + b if a else b


def last(boxes):
    return boxes[-1]
"""
ONE = AFTER[: AFTER.index("\n\ndef last")] + BEFORE[BEFORE.index("\n\ndef last") :]
"""With the first change alone."""

ANSWER = "It adds them."


@dataclass(slots=True)
class Window:
    """An editor's window: its buffers, and what a person sees and does."""

    client: LanguageClient
    texts: dict[str, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    encoding: str = "utf-16"

    def open(self, path: Path, language: str, text: str | None = None) -> str:
        """Open a file; its URI."""
        uri = path.as_uri()
        self.texts[uri], self.versions[uri] = path.read_text(encoding="utf-8") if text is None else text, 1
        item = types.TextDocumentItem(uri, language, 1, self.texts[uri])
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def edit(self, uri: str, edits: Sequence[Any]) -> None:
        """Change a buffer, and tell the server."""
        self.texts[uri] = edited(self.texts[uri], edits, self.encoding)
        self.versions[uri] += 1
        identifier = types.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        change = types.TextDocumentContentChangeWholeDocument(self.texts[uri])
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))

    def perform(self, edit: types.WorkspaceEdit) -> None:
        """Make an edit, as this editor takes them."""
        for change in edit.document_changes or ():
            assert isinstance(change, types.TextDocumentEdit)
            uri, version = change.text_document.uri, change.text_document.version
            assert version in (None, self.versions[uri])
            self.edit(uri, change.edits)
        for uri, edits in (edit.changes or {}).items():
            self.edit(uri, edits)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until what came from the server makes it so."""
        while not condition():
            self.news.clear()
            await self.news.wait()

    async def shown(self, uri: str, *codes: str) -> Sequence[types.Diagnostic]:
        """Wait until just these diagnostics are shown."""
        await self.until(
            lambda: tuple(str(each.code) for each in self.client.diagnostics.get(uri, ())) == codes
        )
        return self.client.diagnostics[uri]

    async def actions(self, uri: str, first: int, last: int) -> list[types.CodeAction]:
        """The actions for lines."""
        where = types.Range(types.Position(first, 0), types.Position(last, 0))
        asked = types.CodeActionParams(
            types.TextDocumentIdentifier(uri), where, types.CodeActionContext(diagnostics=[])
        )
        found = await self.client.text_document_code_action_async(asked)
        return [each for each in found or [] if isinstance(each, types.CodeAction)]

    async def choose(self, actions: Sequence[types.CodeAction], title: str) -> None:
        """Choose the action whose title begins so: its edit is made, its command sent."""
        (action,) = (each for each in actions if each.title.startswith(title))
        if action.edit is not None:
            self.perform(action.edit)
        if action.command is not None:
            await self.execute(action.command.command, *(action.command.arguments or ()))

    async def execute(self, command: str, *arguments: Any) -> None:
        """Send a command."""
        asked = types.ExecuteCommandParams(command, arguments=list(arguments))
        await self.client.workspace_execute_command_async(asked)

    async def new_document(self, part: str) -> Path:
        """The document that the server wrote and has shown, or told of where the editor opens none."""

        def found() -> list[Path]:
            opened = [uris.to_path(each.uri) or "" for each in self.client.shown_documents]
            said = [each.message.partition("Victor wrote ")[2] for each in self.client.messages]
            return [Path(each) for each in (*opened, *said) if part in each]

        await self.until(lambda: bool(found()))
        return found()[0]


def saved(path: Path) -> str:
    """What a file holds on disk."""
    return path.read_text(encoding="utf-8")


def edited(text: str, edits: Sequence[Any], encoding: str) -> str:
    """A text after edits whose positions count in this encoding."""
    lines = text.split("\n")
    for each in sorted(
        edits, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True
    ):
        start, end = (_offset(lines, place, encoding) for place in (each.range.start, each.range.end))
        text = text[:start] + each.new_text + text[end:]
    return text


def _offset(lines: Sequence[str], place: types.Position, encoding: str) -> int:
    if place.line >= len(lines):
        return sum(len(line) + 1 for line in lines) - 1
    width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    code = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding]
    before = lines[place.line].encode(code)[: place.character * width].decode(code)
    return sum(len(line) + 1 for line in lines[: place.line]) + len(before)


def converter() -> Converter:
    """Tells actions from commands: one that has a command as its object is read as a command by lsprotocol."""
    found: Converter = default_converter()  # type: ignore[no-untyped-call]  # pygls has no types there

    def structure(value: Any, _: Any) -> Any:
        return found.structure(
            value, types.Command if isinstance(value.get("command"), str) else types.CodeAction
        )

    found.register_structure_hook(types.Command | types.CodeAction, structure)
    return found


@asynccontextmanager
async def window(editor: str, root: Path, log: Path) -> AsyncIterator[Window]:
    """The editor with the folder open, until it is closed in order; what was said must be right."""
    client = LanguageClient(converter_factory=converter)
    here = Window(client)

    def heard(handle: Callable[..., Any]) -> Callable[..., Any]:
        def handler(client: LanguageClient, params: Any) -> Any:
            here.news.set()
            return handle(client, params)

        return handler

    def apply_edit(
        _: LanguageClient, params: types.ApplyWorkspaceEditParams
    ) -> types.ApplyWorkspaceEditResult:
        here.perform(params.edit)
        return types.ApplyWorkspaceEditResult(applied=True)

    features = {**DEFAULT_CLIENT_FEATURES, types.WORKSPACE_APPLY_EDIT: apply_edit}
    register_lsp_features(client, {method: heard(handle) for method, handle in features.items()})
    home = log.parent / "home"
    environment = {**os.environ, "VICTOR_HOME": str(home), "VICTOR_WORKER_LEAVE_AFTER_S": "0.2"}
    await client.start_io(sys.executable, "-P", TAP, str(log), "--", *REAL, env=environment)
    started = await client.initialize_session(
        types.InitializeParams(
            capabilities=capabilities_of(editor),
            root_uri=root.as_uri(),
            workspace_folders=[types.WorkspaceFolder(root.as_uri(), root.name)],
        )
    )
    here.encoding = started.capabilities.position_encoding or "utf-16"
    try:
        yield here
    finally:
        await client.shutdown_session()
        await client.stop()  # type: ignore[no-untyped-call]  # pytest-lsp leaves it so
    assert client.error is None
    assert check_log(log) == []


def workspace(folder: Path) -> Path:
    """A folder with a file that holds a key, and a model that says what it is to say."""
    home, root = folder / "home", folder / "workspace"
    home.mkdir(mode=0o700)
    root.mkdir()
    script = home / "script.jsonl"
    replies = [{"text": f"```python\n{AFTER}```"}, {"text": ANSWER}]
    script.write_text("".join(f"{json.dumps(each)}\n" for each in replies))
    profile = {"provider": "scripted", "model": "demo", "script": str(script)}
    (home / "profiles.yaml").write_text(json.dumps({"profiles": {"default": profile}}))
    (root / "boxes.py").write_text(BEFORE, encoding="utf-8")
    (root / "keys.py").write_text(f"SIGN = '𝄞é'; KEY = '{aws_key()}'\n", encoding="utf-8")
    return root


@pytest.mark.parametrize("editor", RECORDED)
async def test_an_afternoon(editor: str, tmp_path: Path) -> None:
    """Everything there is, by diagnostics, actions, commands and edits."""
    root = workspace(tmp_path)
    async with asyncio.timeout(3 * TIMEOUT_S), window(editor, root, tmp_path / "log.jsonl") as here:
        await a_key_is_fixed(here, root / "keys.py")
        await a_change_is_reviewed(here, root / "boxes.py")
        await a_question_is_asked(here, root / "boxes.py")


async def a_key_is_fixed(here: Window, path: Path) -> None:
    """It is announced with its place, and the fix goes to the end of its line, whatever columns are counted in."""
    uri = here.open(path, "python")
    (found,) = await here.shown(uri, "aws-access-key")
    before, key = here.texts[uri], aws_key()
    assert key not in found.message
    lines = before.split("\n")
    start, end = (_offset(lines, place, here.encoding) for place in (found.range.start, found.range.end))
    assert before[start:end] == key
    fix = allowing(await here.actions(uri, 0, 0))
    await here.choose([fix], "Allow")
    await here.shown(uri)
    assert here.texts[uri].startswith(before.rstrip("\n"))
    assert here.texts[uri] != before


async def a_change_is_reviewed(here: Window, path: Path) -> None:
    """What is proposed stands beside the lines; one change is taken, the other not; the first is undone."""
    uri = here.open(path, "python")
    await here.choose(await here.actions(uri, 0, 9), "Victor: simplify the selection")
    first, second = await here.shown(uri, "proposed", "proposed")
    assert "+     return a + b if a else b" in first.message
    assert here.texts[uri] == BEFORE
    await here.choose(
        await here.actions(uri, second.range.start.line, second.range.start.line),
        "Victor: reject this change",
    )
    await here.shown(uri, "proposed")
    await here.choose(
        await here.actions(uri, first.range.start.line, first.range.start.line), "Victor: accept this change"
    )
    await here.shown(uri)
    assert here.texts[uri] == ONE
    assert here.texts[uri] != saved(path) == BEFORE
    await here.execute("victor.checkpoint.undo")
    await here.until(lambda: here.texts[uri] == BEFORE)


async def a_question_is_asked(here: Window, path: Path) -> None:
    """In a document that opens for it; the answer comes as an edit of that."""
    uri = path.as_uri()
    await here.choose(await here.actions(uri, 0, 4), "Ask Victor about the selection")
    chat = await here.new_document("chat-")
    text = saved(chat)
    assert "boxes.py:1-4" in text
    chat_uri = here.open(chat, "markdown", f"{text.rstrip()} what does it do?\n")
    await here.choose(await here.actions(chat_uri, 0, 0), "Send to Victor")
    await here.until(lambda: ANSWER in here.texts[chat_uri])
    assert here.texts[chat_uri].rstrip().endswith("## You")
