"""The fix's part of the demo: what a linter reports → an action → hunks, one accepted, one rejected → undone."""

import hashlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from buffered_editor import BufferedEditor, linted
from editor import CAPABILITIES

_INDENT = " " * 11
_CODE = """\
def total(boxes, tax):
    amount = sum(box.price for box in boxes)
    return round(amout * (1 + tax), 2)


print(total([], 0.19))
"""
_ANSWER = """\
The name is misspelt. I have also added types.

```python
def total(boxes: list, tax: float) -> float:
    amount = sum(box.price for box in boxes)
    return round(amount * (1 + tax), 2)
```
"""
_REVIEWS = {**CAPABILITIES, "experimental": {"victor": {"version": 1, "review": True}}}
Say = Callable[[str], None]


def show_fix(scratch: Path, say: Say) -> None:
    """One window with one faulty file; the model is a script, so that the demo is the same each time."""
    folder, home = scratch / "shop", scratch / "fix-home"
    folder.mkdir()
    path = folder / "till.py"
    path.write_text(_CODE, encoding="utf-8")
    before = path.read_bytes()
    _set_up(home)
    with BufferedEditor(folder, home=home, capabilities=_REVIEWS) as editor:
        editor.open(path, _CODE)
        reported = next(each for each in linted(path, editor.text(path)) if each["code"] == "F821")
        line = reported["range"]["start"]["line"]
        say(f"fix: ruff reports of till.py, line {line + 1}: {reported['message']} [{reported['code']}]")
        edit = _ask_for_fix(editor, path, line, [reported], say)
        _review(editor, path, edit, say)
        say(
            f"ruff reports {len(linted(path, editor.text(path)))} problems now; the file on disk is untouched"
        )
        editor.request("victor/edit/resolve", {"id": edit["id"], "decision": "undo"})
        now = editor.text(path).encode()
        if now != before or path.read_bytes() != before:
            raise SystemExit("fix: the undone file is not what it was")
        say(f"undone: byte for byte what it was, sha256 {hashlib.sha256(now).hexdigest()[:16]}…")


def _ask_for_fix(editor: BufferedEditor, path: Path, line: int, reported: list[Any], say: Say) -> Any:
    actions = editor.actions(path, line, reported)
    action = next(each for each in actions if each["kind"] == "quickfix.victor")
    say(f"code action: {action['title']}")
    editor.choose(action)
    end = editor.wait_until(lambda: _last_words(editor))
    say(f"a script of replies stands in for the model, the demo's being too small for this: {end}")
    (edit,) = editor.request("victor/edit/list", {})["edits"]
    return editor.request("victor/edit/get", {"id": edit["id"]})["edit"]


def _review(editor: BufferedEditor, path: Path, edit: Any, say: Say) -> None:
    """Reject the hunk that nobody asked for, accept the other, each by its code action."""
    (file,) = edit["files"]
    for hunk in file["hunks"]:
        mends = "amout" in hunk["oldText"]
        line = hunk["range"]["start"]["line"]
        say(f"hunk, line {line + 1}: {'accepted' if mends else 'rejected'}")
        for mark, text in (("-", hunk["oldText"]), ("+", hunk["newText"])):
            print("".join(f"{_INDENT}{mark} {each}\n" for each in text.splitlines()), end="")
        word = "accept" if mends else "reject"
        actions = editor.actions(path, line)
        editor.choose(next(each for each in actions if each["title"] == f"Victor: {word} this change"))
        editor.wait_until(partial(_is, editor, edit["id"], hunk["id"], "kept" if mends else "reverted"))
    text = editor.text(path)
    if "amount * (1" not in text or ": list" in text:
        raise SystemExit(f"fix: the buffer is not what was accepted:\n{text}")


def _is(editor: BufferedEditor, edit_id: str, hunk_id: str, state: str) -> bool:
    """Whether a hunk is in this state, as the server last told it."""
    told = [
        each["edit"] for each in editor.received("victor/edit/didChange") if each["edit"]["id"] == edit_id
    ]
    hunks = [hunk for each in told[-1:] for file in each["files"] for hunk in file["hunks"]]
    return any((hunk["id"], hunk["state"]) == (hunk_id, state) for hunk in hunks)


def _last_words(editor: BufferedEditor) -> str:
    values = [each["value"] for each in editor.received("$/progress")]
    return next(
        (
            each.get("message", "")
            for each in values
            if each["kind"] == "end" and "by" in each.get("message", "")
        ),
        "",
    )


def _set_up(home: Path) -> None:
    home.mkdir(mode=0o700)
    script = home / "answers.jsonl"
    script.write_text(json.dumps({"text": _ANSWER}) + "\n", encoding="utf-8")
    profile = f"{{provider: scripted, model: demo-script, script: {json.dumps(str(script))}}}"
    (home / "profiles.yaml").write_text(f"profiles: {{default: {profile}}}\n", encoding="utf-8")
