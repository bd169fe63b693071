"""A server that was killed, and the one that a client starts in its place: all that was kept is told again, and once."""

import json
from pathlib import Path
from typing import Any

import pytest
from editor import CAPABILITIES, Editor

pytestmark = pytest.mark.e2e

FEATURES = {
    **CAPABILITIES,
    "experimental": {"victor": {"version": 1, "chat": True, "review": True, "status": True}},
}
WORDS = [f"{number} " for number in range(400)]
EDIT = {"path": "a.py", "edits": [{"search": "x = 1\n", "replace": "x = 2\n"}]}


def place(folder: Path, *replies: Any, mode: str = "build") -> tuple[Path, Path]:
    """A home whose model gives these replies, and a workspace."""
    home, root, script = folder / "home", folder / "work", folder / "script.jsonl"
    home.mkdir(mode=0o700)
    root.mkdir()
    (root / "a.py").write_text("x = 1\n")
    script.write_text("".join(f"{json.dumps(each)}\n" for each in replies))
    (home / "permissions.yaml").write_text('rules:\n  - {tool: "@edit", decision: allow}\n')
    (home / "permissions.yaml").chmod(0o600)
    profile = f"{{provider: scripted, model: demo, script: {json.dumps(str(script))}}}"
    (home / "profiles.yaml").write_text(f"mode: {mode}\nprofiles:\n  default: {profile}\n")
    return home, root


def opened(home: Path, root: Path, *, index: bool = False) -> Editor:
    """A window."""
    environment = {"VICTOR_INDEX_ENABLED": str(index).lower(), "VICTOR_WORKER_LEAVE_AFTER_S": "1"}
    return Editor(root, home=home, capabilities=FEATURES, environment=environment)


def ask(editor: Editor) -> str:
    """A question in a new chat, whose answer nobody waits for."""
    chat: str = editor.request("victor/chat/new", {})["sessionId"]
    editor.ask("victor/chat/prompt", {"sessionId": chat, "prompt": [{"type": "text", "text": "go"}]})
    return chat


def seqs(editor: Editor) -> list[int]:
    """The numbers of what was told of chats."""
    return [each["_meta"]["victor"]["seq"] for each in editor.received("victor/chat/update")]


def test_in_the_middle_of_an_answer(tmp_path: Path) -> None:
    """What the client had not heard comes, each once and in order; the turn ends as interrupted, and it goes on."""
    endless = {"text": "end", "sleep_ms": 3_600_000}
    home, root = place(tmp_path, [*({"text": word, "sleep_ms": 10} for word in WORDS), endless])
    with opened(home, root) as editor:
        chat = ask(editor)
        editor.wait_until(lambda: WORDS[-1] in said(editor))
        known = seqs(editor)[3]
        editor.kill()
    with opened(home, root) as editor:
        loaded = editor.request("victor/chat/load", {"sessionId": chat, "afterSeq": known})
        told = seqs(editor)
        assert told == sorted(set(told))
        assert told[0] > known
        assert told[-1] == loaded["lastSeq"]
        last = editor.received("victor/chat/update")[-1]["_meta"]["victor"]
        assert last["stopReason"] == "interrupted"
        again = editor.request("victor/chat/load", {"sessionId": chat, "afterSeq": loaded["lastSeq"]})
        assert (again["lastSeq"], seqs(editor)) == (loaded["lastSeq"], told)
        assert editor.request("victor/edit/list", {})["edits"] == []


def test_in_the_middle_of_a_review(tmp_path: Path) -> None:
    """What was proposed and not applied is gone, and the file as it was; the chat says how its turn ended."""
    call = {"tool": {"name": "edit_file", "arguments": EDIT}}
    home, root = place(tmp_path, call, {"text": "Done."}, mode="ask")
    with opened(home, root) as editor:
        chat = ask(editor)
        editor.wait_until(lambda: editor.received("victor/edit/didChange"))
        assert len(editor.request("victor/edit/list", {})["edits"]) == 1
        editor.kill()
    with opened(home, root) as editor:
        assert editor.request("victor/edit/list", {})["edits"] == []
        assert (root / "a.py").read_text() == "x = 1\n"
        editor.request("victor/chat/load", {"sessionId": chat, "afterSeq": 0})
        told = [each["_meta"]["victor"] for each in editor.received("victor/chat/update")]
        assert told[-1]["stopReason"] == "interrupted"


def test_after_an_edit_was_applied(tmp_path: Path) -> None:
    """It stays in the file, and the way back from it stays too."""
    call = {"tool": {"name": "edit_file", "arguments": EDIT}}
    silent = [{"text": "Done", "sleep_ms": 0}, {"text": ".", "sleep_ms": 3_600_000}]
    home, root = place(tmp_path, call, silent)
    with opened(home, root) as editor:
        ask(editor)
        editor.wait_until(lambda: (root / "a.py").read_text() == "x = 2\n" and "Done" in said(editor))
        editor.kill()
    with opened(home, root) as editor:
        (checkpoint,) = editor.request("victor/checkpoint/list", {})["checkpoints"]
        editor.request("victor/checkpoint/restore", {"id": checkpoint["id"]})
        assert (root / "a.py").read_text() == "x = 1\n"


def said(editor: Editor) -> str:
    """The answer as far as it was sent."""
    updates = [each["update"] for each in editor.received("victor/chat/update")]
    return "".join(
        each["content"]["text"] for each in updates if each["sessionUpdate"] == "agent_message_chunk"
    )


def test_while_it_indexes(tmp_path: Path) -> None:
    """The index is another process's: the next server finds it, and it becomes ready."""
    home, root = place(tmp_path)
    for number in range(300):
        (root / f"part_{number}.py").write_text(f"def find_{number}():\n    return {number}\n")
    with opened(home, root, index=True) as editor:
        editor.wait_until(lambda: editor.received("victor/status/didChange"))
        editor.kill()
    with opened(home, root, index=True) as editor:
        editor.wait_until_indexed()
        hits = editor.request("victor/search", {"query": "find_299", "k": 1})["hits"]
        assert [hit["symbol"] for hit in hits] == ["find_299"]
