"""An editor window over the whole program, with buffers: it applies what the server asks for, as LSP says, by version."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from editor import Editor, Message
from lsp.reviewing import with_edits

from victor_server.lsp import uris


class BufferedEditor(Editor):
    """Keeps the text of each open document, and tells the server of every change."""

    def __init__(self, *folders: Path, **more: Any) -> None:
        self.texts: dict[str, str] = {}
        super().__init__(*folders, **more)

    def open(self, path: Path, text: str, language_id: str = "python") -> None:
        """Open a document."""
        self.texts[path.as_uri()] = text
        super().open(path, text, language_id)

    def text(self, path: Path) -> str:
        """What stands in the editor."""
        return self.texts[path.as_uri()]

    def change(self, path: Path, text: str) -> None:
        """Put `text` in the place of the whole document."""
        self.texts[path.as_uri()] = text
        super().change(path, text)

    def actions(self, path: Path, line: int, diagnostics: list[Message] | None = None) -> list[Message]:
        """The code actions at a line."""
        place = {"line": line, "character": 0}
        asked = {
            "textDocument": {"uri": path.as_uri()},
            "range": {"start": place, "end": place},
            "context": {"diagnostics": diagnostics or []},
        }
        found: list[Message] = self.request("textDocument/codeAction", asked) or []
        return found

    def choose(self, action: Message) -> None:
        """Do what an editor does once an action is chosen: its edit, then its command."""
        if "edit" in action:
            self.apply(action["edit"])
        if "command" in action:
            command = action["command"]
            asked = {"command": command["command"], "arguments": command["arguments"]}
            if self.request("workspace/executeCommand", asked) is not None:
                raise RuntimeError("a command of an action answers null")

    def apply(self, edit: Message) -> bool:
        """Change the buffers as an edit says; all of it or nothing."""
        changes = edit.get("documentChanges") or [
            {"textDocument": {"uri": uri, "version": None}, "edits": edits}
            for uri, edits in (edit.get("changes") or {}).items()
        ]
        for each in changes:
            document = each["textDocument"]
            if document["version"] not in (None, self._versions.get(document["uri"])):
                return False
        for each in changes:
            uri = each["textDocument"]["uri"]
            self.change(Path(uris.to_path(uri) or ""), with_edits(self.texts[uri], each["edits"]))
        return True

    def _answer_to(self, method: str, params: Any) -> Any:
        if method == "workspace/applyEdit":
            return {"applied": self.apply(params["edit"])}
        if method == "window/showDocument":
            return {"success": True}
        return super()._answer_to(method, params)


def linted(path: Path, text: str) -> list[Message]:
    """What a linter says of a text, as an editor has it from another language server."""
    words = [sys.executable, "-P", "-m", "ruff", "check", "--isolated", "--select=F", "--output-format=json"]
    done = subprocess.run(
        [*words, "--stdin-filename", path.name, "-"],
        input=text,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return [
        {
            "range": {
                "start": _position(each["location"]),
                "end": _position(each["end_location"]),
            },
            "message": each["message"],
            "code": each["code"],
            "source": "ruff",
            "severity": 1,
        }
        for each in json.loads(done.stdout)
    ]


def _position(place: Message) -> Message:
    return {"line": place["row"] - 1, "character": place["column"] - 1}
