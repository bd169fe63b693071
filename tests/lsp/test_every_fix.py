"""Every quick fix of the real program, applied as an editor with the capabilities of VS Code, Emacs or Vim applies it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

import pytest
from editor import Editor
from secrets_samples import aws_key, github_token

pytestmark = pytest.mark.e2e

VSCODE: dict[str, Any] = {
    "workspace": {
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create", "rename", "delete"]}
    },
    "textDocument": {
        "codeAction": {"dataSupport": True, "resolveSupport": {"properties": ["edit"]}},
        "publishDiagnostics": {"versionSupport": True, "codeDescriptionSupport": True, "dataSupport": True},
    },
    "window": {"showDocument": {"support": True}},
}
EMACS: dict[str, Any] = {
    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
    "textDocument": {"codeAction": {"dataSupport": True, "resolveSupport": {"properties": ["edit"]}}},
}
ALE: dict[str, Any] = {"workspace": {"applyEdit": False}, "textDocument": {"codeAction": {}}}
CLIENTS = {"vscode": VSCODE, "emacs": EMACS, "ale": ALE}
TEXT = f"note = '😀'; key = '{aws_key()}'\r\nother_token = '{github_token()}'\r\n"
FIXES = [
    "Move to environment variable",
    "Allow",
    "Add this secret to",
    "Mark this secret as a test value",
    "Add all",
]


class Buffers:
    """What an editor has loaded: the open document, and files that its edits change."""

    def __init__(self, editor: Editor, document: Path, text: str, *, is_ale: bool = False) -> None:
        self.editor, self.document, self.is_ale = editor, document, is_ale
        self.texts = {document: text}
        editor.open(document, text)

    def actions(self, line: int) -> list[dict[str, Any]]:
        """The code actions of a line, as the editor lists them."""
        place = {"line": line, "character": 0}
        params = {
            "textDocument": {"uri": self.document.as_uri()},
            "range": {"start": place, "end": place},
            "context": {"diagnostics": []},
        }
        return list(self.editor.request("textDocument/codeAction", params))

    def take(self, action: dict[str, Any]) -> None:
        """Resolve, apply, run the command: in this order, as LSP has it. ALE does one of them, the command first."""
        if self.is_ale and "command" in action:
            action.pop("edit", None)
        if "data" in action:
            action = self.editor.request("codeAction/resolve", action)
        self._apply(action.get("edit") or {})
        if "command" in action:
            command = action["command"]
            self.editor.request(
                "workspace/executeCommand",
                {"command": command["command"], "arguments": command["arguments"]},
            )

    def write_others(self) -> None:
        """The person writes the files that an edit has changed, and the document."""
        for path, text in self.texts.items():
            if path != self.document:
                path.write_bytes(text.encode())
        self.editor.save(self.document, self.texts[self.document])

    def _apply(self, edit: dict[str, Any]) -> None:
        for uri, edits in (edit.get("changes") or {}).items():
            self._change(path_of(uri), edits)
        for each in edit.get("documentChanges") or []:
            if each.get("kind") == "create":
                self.texts.setdefault(path_of(each["uri"]), "")
            else:
                self._change(path_of(each["textDocument"]["uri"]), each["edits"])

    def _change(self, path: Path, edits: list[dict[str, Any]]) -> None:
        text = self.texts[path] if path in self.texts else path.read_bytes().decode()
        places = [(offset(text, e["range"]["start"]), offset(text, e["range"]["end"]), e) for e in edits]
        for start, end, each in sorted(places, key=lambda place: place[:2], reverse=True):
            text = text[:start] + each["newText"] + text[end:]
        self.texts[path] = text
        if path == self.document:
            self.editor.change(path, text)


def path_of(uri: str) -> Path:
    """The file that a `file:` URI names."""
    return Path(url2pathname(unquote(urlsplit(uri).path)))


def offset(text: str, position: dict[str, int]) -> int:
    """Where a position, in UTF-16 units, lies in the text."""
    lines = text.splitlines(keepends=True)
    before = "".join(lines[: position["line"]])
    line = lines[position["line"]] if position["line"] < len(lines) else ""
    return len(before) + len(line.encode("utf-16-le")[: 2 * position["character"]].decode("utf-16-le"))


@pytest.fixture(params=sorted(CLIENTS))
def buffers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Buffers]:
    """A workspace with one document, in a running editor."""
    root = tmp_path / "workspace"
    root.mkdir()
    settings = {"index": {"enabled": False}}
    with Editor(
        root, home=tmp_path / "home", capabilities=CLIENTS[request.param], settings=settings
    ) as editor:
        opened = Buffers(editor, root / "a.py", TEXT, is_ale=request.param == "ale")
        editor.wait_until(lambda: len(editor.diagnostics(opened.document)) == 2)
        yield opened


def chosen(buffers: Buffers, line: int, title: str) -> dict[str, Any] | None:
    """The action whose title begins so."""
    return next((each for each in buffers.actions(line) if each["title"].startswith(title)), None)


@pytest.mark.parametrize("title", FIXES)
def test_a_fix_settles_the_secret(buffers: Buffers, title: str) -> None:
    """What was announced is announced no more, nothing holds the secret that did not, and line ends stay."""
    (buffers.document.parent / ".secrets.baseline").write_text(
        '{"version": "1.5.0", "results": {}}\n', encoding="utf-8"
    )
    action = chosen(buffers, 0, title)
    assert action is not None
    buffers.take(action)
    if buffers.is_ale:
        # It does not say that it has changed another file.
        buffers.write_others()
    n_left = 0 if title == "Add all" else 1
    buffers.editor.wait_until(lambda: len(buffers.editor.diagnostics(buffers.document)) == n_left)
    text = buffers.texts.pop(buffers.document)
    assert text.count("\n") == text.count("\r\n")
    assert not [path for path, other in buffers.texts.items() if aws_key() in other]


def test_what_a_move_leaves_to_do(buffers: Buffers) -> None:
    """The example and the ignore file are changed, or the person is told to change them."""
    action = chosen(buffers, 0, "Move")
    assert action is not None
    buffers.take(action)
    names = {path.name: text for path, text in buffers.texts.items() if path != buffers.document}
    if names:
        assert names == {".env.example": "AWS_ACCESS_KEY=\n", ".gitignore": ".env\n"}
    else:
        said = buffers.editor.wait_until(lambda: buffers.editor.received("window/showMessage"))
        assert said[0]["message"] == (
            "Please add AWS_ACCESS_KEY= to .env.example and add .env to .gitignore."
        )


def test_the_same_secret_moves_to_the_same_variable(buffers: Buffers) -> None:
    """Whatever it is assigned to in the next file."""
    action = chosen(buffers, 1, "Move")
    assert action is not None
    assert "OTHER_TOKEN" in action["title"]
    buffers.take(action)
    again = Buffers(
        buffers.editor,
        buffers.document.with_name("b.js"),
        f"const deploy = '{github_token()}';\n",
        is_ale=buffers.is_ale,
    )
    action = chosen(again, 0, "Move")
    assert action is not None
    again.take(action)
    assert again.texts[again.document] == "const deploy = process.env.OTHER_TOKEN;\n"


@pytest.mark.parametrize("buffers", ["vscode"], indirect=True)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.write_text("{", encoding="utf-8"),
        lambda file: file.mkdir(),
        lambda file: file.symlink_to("/dev/zero"),
        lambda file: file.write_text("[" * 100_000, encoding="utf-8"),
    ],
)
def test_a_baseline_that_is_none_breaks_nothing(buffers: Buffers, spoil: Callable[[Path], None]) -> None:
    """The other fixes are offered and work; the secrets are still shown."""
    spoil(buffers.document.parent / ".secrets.baseline")
    buffers.editor.change(buffers.document, TEXT + "#\r\n")
    buffers.texts[buffers.document] = TEXT + "#\r\n"
    action = chosen(buffers, 0, "Allow")
    assert action is not None
    buffers.take(action)
    buffers.editor.wait_until(lambda: len(buffers.editor.diagnostics(buffers.document)) == 1)
    assert json.dumps(buffers.editor.received("window/showMessage")).count(".secrets.baseline") <= 1
