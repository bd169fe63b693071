"""The whole program, killed in the middle of an answer, stopped, and without a model: what a chat is then."""

import json
from pathlib import Path
from typing import Any

import pytest
from editor import CAPABILITIES, Editor, LspError

pytestmark = pytest.mark.e2e

WORDS = [f"{number} " for number in range(400)]
CHATTING = {**CAPABILITIES, "experimental": {"victor": {"version": 1, "chat": True}}}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose model counts slowly, and then answers at once."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    script = tmp_path / "script.jsonl"
    slow = [{"text": word, "sleep_ms": 10} for word in WORDS]
    script.write_text(f"{json.dumps(slow)}\n{json.dumps({'text': 'Well.'})}\n")
    profile = (
        f"profiles:\n  default: {{provider: scripted, model: demo, script: {json.dumps(str(script))}}}\n"
    )
    (home / "profiles.yaml").write_text(profile)
    return home


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace."""
    root = tmp_path / "work"
    root.mkdir()
    (root / "a.py").write_text("x = 1\n")
    return root


def open_editor(root: Path, home: Path) -> Editor:
    """A window that shows chats; nothing is indexed."""
    return Editor(root, home=home, capabilities=CHATTING, environment={"VICTOR_INDEX_ENABLED": "false"})


def answer_in(editor: Editor) -> str:
    """The answer as far as it was sent."""
    updates = [each["update"] for each in editor.received("victor/chat/update")]
    return "".join(
        each["content"]["text"] for each in updates if each["sessionUpdate"] == "agent_message_chunk"
    )


def begin(editor: Editor) -> tuple[str, Any]:
    """Ask, and wait until some of the answer has come; the chat, and the future result."""
    session_id: str = editor.request("victor/chat/new", {})["sessionId"]
    blocks = [{"type": "text", "text": "count"}]
    asked = editor.ask("victor/chat/prompt", {"sessionId": session_id, "prompt": blocks})
    editor.wait_until(lambda: len(answer_in(editor)) > 100)
    return session_id, asked


def test_killed_in_a_turn(home: Path, root: Path) -> None:
    """The next start shows the turn up to its last event, as interrupted, numbered without a gap, and goes on."""
    with open_editor(root, home) as editor:
        session_id, _ = begin(editor)
        shown = answer_in(editor)
        editor.wait_until(lambda: len(answer_in(editor)) > len(shown) + 300)
        editor.kill()
    with open_editor(root, home) as editor:
        (listed,) = editor.request("victor/chat/list", {})["sessions"]
        assert (listed["sessionId"], listed["title"]) == (session_id, "count")
        loaded = editor.request("victor/chat/load", {"sessionId": session_id})
        kept = answer_in(editor)
        # What came after `shown` took many times the bound within which it is kept.
        assert kept.startswith(shown)
        assert "".join(WORDS).startswith(kept)
        last = editor.received("victor/chat/update")[-1]["_meta"]["victor"]
        assert (last["stopReason"], last["seq"]) == ("interrupted", loaded["lastSeq"])
        blocks = [{"type": "text", "text": "and?"}]
        editor.ask("victor/chat/prompt", {"sessionId": session_id, "prompt": blocks})
        editor.wait_until(lambda: len(answer_in(editor)) > len(kept))
        assert editor.request("victor/chat/cancel", {"sessionId": session_id}) == {"cancelled": True}


def test_stopped(home: Path, root: Path) -> None:
    """The result, the receipt and the usage tell of an answer that was cut short."""
    with open_editor(root, home) as editor:
        session_id, asked = begin(editor)
        editor.request("victor/chat/cancel", {"sessionId": session_id})
        result = asked.result(timeout=60)
        assert result["stopReason"] == "cancelled"
        assert len(answer_in(editor)) < len("".join(WORDS))
        usage = editor.request("victor/usage", {"sessionId": session_id})
        assert usage["calls"] == 1
        assert usage["output_tokens"] < len(WORDS)


def test_two_windows(home: Path, root: Path) -> None:
    """The second one sees the chat in its list, cannot have it, and can fork it."""
    with open_editor(root, home) as first, open_editor(root, home) as second:
        session_id, asked = begin(first)
        (listed,) = second.request("victor/chat/list", {})["sessions"]
        assert listed["_meta"]["victor"]["openElsewhere"] is True
        with pytest.raises(LspError, match="another window"):
            second.request("victor/chat/load", {"sessionId": session_id})
        fork = second.request("victor/chat/fork", {"sessionId": session_id})["sessionId"]
        second.request("victor/chat/load", {"sessionId": fork})
        assert second.received("victor/chat/update")[-1]["_meta"]["victor"]["stopReason"] == "interrupted"
        first.request("victor/chat/cancel", {"sessionId": session_id})
        assert asked.result(timeout=60)["stopReason"] == "cancelled"


def test_without_a_model(tmp_path: Path, root: Path) -> None:
    """Nothing is set up: the question is answered with what to do, and the commands that need no model work."""
    home = tmp_path / "empty"
    home.mkdir(mode=0o700)
    with open_editor(root, home) as editor:
        session_id = editor.request("victor/chat/new", {})["sessionId"]

        def ask(text: str) -> Any:
            blocks = [{"type": "text", "text": text}]
            return editor.request("victor/chat/prompt", {"sessionId": session_id, "prompt": blocks})

        with pytest.raises(LspError) as refused:
            ask("why?")
        assert refused.value.data
        assert refused.value.data["fix"]
        assert ask("/help")["stopReason"] == "end_turn"
        assert "/review" in answer_in(editor)


def test_a_model_that_is_set_up_meanwhile(home: Path, root: Path) -> None:
    """Who is told what to write into profiles.yaml, and writes it, is answered in the same window."""
    profiles = home / "profiles.yaml"
    written = profiles.read_text()
    profiles.unlink()
    (home.parent / "script.jsonl").write_text(json.dumps({"text": "Well."}))
    with open_editor(root, home) as editor:
        session_id = editor.request("victor/chat/new", {})["sessionId"]
        question = {"sessionId": session_id, "prompt": [{"type": "text", "text": "why?"}]}
        with pytest.raises(LspError, match="No model is set up"):
            editor.request("victor/chat/prompt", question)
        profiles.write_text(written)
        assert editor.request("victor/chat/prompt", question)["stopReason"] == "end_turn"
        assert answer_in(editor) == "Well."
        (model,) = editor.request("victor/models/list", {})["models"]
        assert model["profile"] == "default"
