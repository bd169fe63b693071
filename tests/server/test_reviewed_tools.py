"""The whole program: a model changes a file by a tool, and waits until a person has looked at each hunk."""

import json
from pathlib import Path
from typing import Any

import pytest
from editor import Editor
from lsp.reviewing import with_edits

pytestmark = pytest.mark.e2e

CODE = "".join(f"def number_{each}():\n    return {each}\n\n\n" for each in range(1, 6))
EDITS = [
    {"search": "    return 1\n", "replace": "    return 11\n"},
    {"search": "    return 5\n", "replace": "    return 55\n"},
]


class Applying(Editor):
    """An editor with one buffer, which takes edits for the version that it has."""

    file: Path
    text = CODE
    version = 1

    def _answer_to(self, method: str, params: Any) -> Any:
        if method != "workspace/applyEdit":
            return super()._answer_to(method, params)
        (change,) = params["edit"]["documentChanges"]
        if change["textDocument"]["version"] != self.version:
            return {"applied": False}
        self.text = with_edits(self.text, change["edits"])
        self.version += 1
        identifier = {"uri": self.file.as_uri(), "version": self.version}
        self.notify(
            "textDocument/didChange", {"textDocument": identifier, "contentChanges": [{"text": self.text}]}
        )
        return {"applied": True}


def test_a_tool_waits_for_the_review_and_hears_of_it(tmp_path: Path) -> None:
    """One hunk is accepted, one rejected with a reason: the buffer has the one, the model is told of the other."""
    home, root, script = tmp_path / "home", tmp_path / "work", tmp_path / "script.jsonl"
    home.mkdir()
    root.mkdir()
    call = {"tool": {"name": "edit_file", "arguments": {"path": "a.py", "edits": EDITS}}}
    script.write_text(f"{json.dumps(call)}\n{json.dumps({'text': 'Done.'})}\n")
    profile = f"{{provider: scripted, model: demo, script: {json.dumps(str(script))}}}"
    (home / "profiles.yaml").write_text(f"profiles:\n  default: {profile}\n")
    file = root / "a.py"
    file.write_text(CODE)
    with Applying(root, home=home) as editor:
        editor.file = file
        editor.open(file, CODE)
        chat = editor.request("victor/chat/new", {})["sessionId"]
        asked = {"sessionId": chat, "prompt": [{"type": "text", "text": "change the first and the last"}]}
        turn = editor.ask("victor/chat/prompt", asked)

        def proposed() -> bool:
            return [each.get("code") for each in editor.diagnostics(file)] == ["proposed", "proposed"]

        editor.wait_until(proposed)
        assert not turn.done()
        assert editor.text == CODE
        (edit,) = editor.request("victor/edit/list", {"open": True})["edits"]
        assert (edit["title"], edit["sessionId"]) == ("Edit a.py", chat)
        first, last = (each["id"] for each in edit["files"][0]["hunks"])
        accepted = {"id": edit["id"], "decision": "accept", "hunks": [first]}
        assert editor.request("victor/edit/resolve", accepted)["messages"] == []
        rejected = {"id": edit["id"], "decision": "reject", "hunks": [last], "reason": "five is 5"}
        assert editor.request("victor/edit/resolve", rejected)["messages"] == []
        assert turn.result(timeout=60)["stopReason"] == "end_turn"
        assert editor.text == CODE.replace("return 1\n", "return 11\n")
        assert file.read_text() == CODE
        editor.wait_until(lambda: editor.diagnostics(file) == [])
    kept = (home / "sessions.db").read_bytes() + b"".join(each.read_bytes() for each in home.glob("*.db-wal"))
    assert b"1 of 2 changes were accepted" in kept
    assert b"five is 5" in kept
    decided = [json.loads(line) for line in (home / "audit.log").read_text().splitlines()]
    assert [each["decision"] for each in decided if each["action"] == "edit_decided"] == ["accept", "reject"]
