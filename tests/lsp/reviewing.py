"""An editor with buffers and versions, as LSP says they are, in front of which a person reviews edits."""

import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from lsp.chatting import PlayedAgent
from lsp.editor import TIMEOUT_S, Editor, Json, running_server
from lsp.fake_services import FakeServices

from victor_server.agent.tools.edits import EditOrigin
from victor_server.features.chat.chat import Chat
from victor_server.features.checkpoints.restore import Restoring
from victor_server.features.edits.disk_desk import DiskDesk
from victor_server.features.edits.hunks import hunks_of
from victor_server.features.edits.model import EditSet, FileEdit
from victor_server.features.edits.reviews import Reviews
from victor_server.history.checkpoints import Checkpoints
from victor_server.lsp import uris
from victor_server.lsp.session import Delays
from victor_server.settings.resolved import CheckpointSettings

PLAIN: Json = {
    "general": {"positionEncodings": ["utf-16"]},
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {
            "documentChanges": True,
            "resourceOperations": ["create", "rename", "delete"],
            "changeAnnotationSupport": {},
        },
    },
    "textDocument": {"publishDiagnostics": {"versionSupport": True, "dataSupport": True}},
}
"""What a good editor announces that has never heard of reviews."""


TITLE = "Say it in words"


class _NoChat:
    async def close(self) -> None:
        """Nothing is open."""


def _nothing(_: "Buffers") -> None:
    """The person's hands rest."""


@dataclass(slots=True)
class Buffers:
    """The buffers of an editor, by URI: text and version. What it does with `workspace/applyEdit`:

    `meanwhile` happens before it looks at it. One that `lies` answers that it has applied what it has not; one that
    `answers_first` tells of the change only after its answer. `refusal` is answered instead of doing anything.
    """

    texts: dict[str, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    asked: list[Json] = field(default_factory=list)
    meanwhile: Callable[["Buffers"], None] = _nothing
    lies: bool = False
    answers_first: bool = False
    refusal: Any = None
    editor: Editor | None = None
    late: list[Callable[[], None]] = field(default_factory=list)

    @property
    def wire(self) -> Editor:
        """The editor's connection."""
        assert self.editor is not None
        return self.editor

    def open(self, path: Path, text: str | None = None) -> str:
        """Open a file; its URI."""
        uri = uris.from_path(str(path))
        self.texts[uri] = path.read_bytes().decode() if text is None else text
        self.versions[uri] = 1
        self.wire.open(uri, self.texts[uri])
        return uri

    def become(self, uri: str, text: str) -> None:
        """The person, or the editor itself, makes another text of it."""
        self.texts[uri] = text
        self.versions[uri] += 1
        self.wire.change(uri, self.versions[uri], {"text": text})

    def apply(self, params: Json) -> Any:
        """What is answered to `workspace/applyEdit`."""
        self.asked.append(params)
        meanwhile, self.meanwhile = self.meanwhile, _nothing
        meanwhile(self)
        if self.refusal is not None:
            return self.refusal
        changes = params["edit"].get("documentChanges") or _versionless(params["edit"])
        if any(not self._fits(each) for each in changes):
            return {"applied": self.lies}
        for each in changes:
            self._change(each)
        return {"applied": True}

    def perform(self, action: Json) -> Json | None:
        """What Vim with ALE does that is chosen an action: a command is left to the test to send, else the edit is made.

        Others make the edit before the command: no action of a review has both.
        """
        if "command" in action:
            assert "edit" not in action
            command: Json = action["command"]
            return command
        assert self.apply({"edit": action["edit"]}) == {"applied": True}
        return None

    def _fits(self, change: Json) -> bool:
        if change.get("kind") == "delete":
            return change["uri"] in self.texts
        identifier = change["textDocument"]
        return identifier.get("version") in (None, self.versions[identifier["uri"]])

    def _change(self, change: Json) -> None:
        if change.get("kind") == "delete":
            uri = change["uri"]
            Path(uris.to_path(uri) or "").unlink()
            del self.texts[uri]
            self.wire.close(uri)
            return
        uri = change["textDocument"]["uri"]
        text = with_edits(self.texts[uri], change["edits"])
        if self.answers_first:
            self.late.append(lambda: self.become(uri, text))
        else:
            self.become(uri, text)


def with_edits(text: str, edits: list[Json]) -> str:
    """The text after the edits, which all count in the text before them, in UTF-16."""
    data = text.encode("utf-16-le")
    places = [(_offset(text, each["range"]["start"]), _offset(text, each["range"]["end"])) for each in edits]
    order = sorted(range(len(edits)), key=lambda number: places[number])
    assert all(places[a][1] <= places[b][0] for a, b in itertools.pairwise(order))
    for number in reversed(order):
        start, end = places[number]
        data = data[:start] + edits[number]["newText"].encode("utf-16-le") + data[end:]
    return data.decode("utf-16-le")


def _offset(text: str, position: Mapping[str, int]) -> int:
    """The byte in UTF-16 at a position; beyond a line its end, beyond the text its end."""
    lines, rest = [], text
    while rest:
        ends = [at for at in (rest.find("\n"), rest.find("\r")) if at >= 0]
        at = min(ends) if ends else len(rest)
        length = at + (2 if rest[at : at + 2] == "\r\n" else 1 if at < len(rest) else 0)
        lines.append((rest[:at], rest[:length]))
        rest = rest[length:]
    before = "".join(whole for _, whole in lines[: position["line"]])
    if position["line"] >= len(lines):
        return len(text.encode("utf-16-le"))
    content = lines[position["line"]][0].encode("utf-16-le")
    return len(before.encode("utf-16-le")) + min(len(content), 2 * position["character"])


def _versionless(edit: Json) -> list[Json]:
    return [
        {"textDocument": {"uri": uri, "version": None}, "edits": edits}
        for uri, edits in (edit.get("changes") or {}).items()
    ]


@dataclass(frozen=True, slots=True)
class Desk:
    """What a test plays with: the wire, the buffers, and the server's reviews."""

    editor: Editor
    buffers: Buffers
    reviews: Reviews
    root: Path

    def file(self, name: str, text: str) -> Path:
        """A file of the workspace."""
        path = self.root / name
        path.write_bytes(text.encode())
        return path

    async def propose(
        self, path: Path, base: str, after: str, *, apply: bool = False, title: str = TITLE
    ) -> EditSet:
        """An edit of one file."""
        file = FileEdit(path, "change", base, hunks_of(base, after, path))
        return await self.propose_all([file], apply, title)

    async def propose_all(self, files: list[FileEdit], apply: bool = False, title: str = TITLE) -> EditSet:
        """An edit of several."""
        await self.editor.settle()
        name = f"edit{len(self.reviews.list())}"
        edits = EditSet(name, EditOrigin(title, self.root), tuple(files), 1_700_000_000.0)
        return (await self.reviews.propose(edits, apply=apply)).edits

    async def shown(self, uri: str, n: int) -> list[Json]:
        """Wait until so many diagnostics of this document are shown."""
        while True:
            items = await self.editor.diagnostics(uri)
            if len(items) == n:
                return items

    async def actions(self, uri: str, line: int, **context: Any) -> list[Json]:
        """The actions at a line that are about reviews; no diagnostics are sent along."""
        place = {"line": line, "character": 0}
        asked = {
            "textDocument": {"uri": uri},
            "range": {"start": place, "end": place},
            "context": {"diagnostics": [], **context},
        }
        found: list[Json] = await self.editor.request("textDocument/codeAction", asked) or []
        return [each for each in found if each["title"].startswith("Victor: ") and _is_review(each)]

    async def choose(self, actions: list[Json], title: str) -> None:
        """Do what an editor does once an action is chosen."""
        (action,) = (each for each in actions if each["title"] == title)
        command = self.buffers.perform(action)
        if command is None:
            return
        asked = {"command": command["command"], "arguments": command["arguments"]}
        assert await self.editor.request("workspace/executeCommand", asked) is None

    async def decided(self, edit_id: str, *states: str) -> None:
        """Wait until the hunks of an edit have these states."""
        await self.editor.until(
            lambda: (
                tuple(hunk.state for file in self.reviews.get(edit_id).files for hunk in file.hunks) == states
            )
        )


def _is_review(action: Json) -> bool:
    name = str((action.get("command") or {}).get("command", ""))
    broken = action["title"] == "Victor: fix what this edit broke"
    return "edit" in action or name.startswith("victor.edit.") or broken


@asynccontextmanager
async def reviewing(
    tmp_path: Path, capabilities: Json | None = None, answers: Json | None = None
) -> AsyncIterator[Desk]:
    """An editor with one folder open; nothing is in its documents."""
    kept = Checkpoints(tmp_path / "kept", CheckpointSettings())
    reviews = Reviews(DiskDesk(), kept)
    buffers = Buffers()

    def bring(services: FakeServices) -> None:
        services.open_agent = lambda: PlayedAgent(
            cast(Chat, _NoChat()), Restoring(kept, DiskDesk(), reviews), reviews
        )
        services.on_close = kept.close

    root = tmp_path / "work"
    root.mkdir()
    all_answers = {"workspace/applyEdit": buffers.apply, **(answers or {})}
    async with running_server(all_answers, bring, Delays(recheck_s=0, answer_s=TIMEOUT_S)) as editor:
        buffers.editor = editor
        await editor.initialize(
            PLAIN if capabilities is None else capabilities,
            workspaceFolders=[{"uri": uris.from_path(str(root)), "name": "work"}],
            initializationOptions={"home": str(tmp_path)},
        )
        assert await editor.request("victor/edit/list", {}) == {"edits": []}
        yield Desk(editor, buffers, reviews, root)
