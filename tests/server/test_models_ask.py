"""The whole program as a source of models: asked, stopped, counted, and shown in the status."""

import json
from pathlib import Path
from typing import Any

import pytest
from editor import CAPABILITIES, Editor, LspError

pytestmark = pytest.mark.e2e

MODELS = {**CAPABILITIES, "experimental": {"victor": {"version": 1, "models": True, "status": True}}}
QUESTION = [{"role": "user", "text": "count"}]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose model answers at once, and in its second answer never ends by itself."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    script = tmp_path / "script.jsonl"
    pieces = [{"text": "one "}, {"text": "two"}]
    endless = [{"text": "one "}, {"text": "two", "sleep_ms": 3_600_000}]
    script.write_text(f"{json.dumps(pieces)}\n{json.dumps(endless)}\n")
    profile = (
        f"profiles:\n  default: {{provider: scripted, model: demo, script: {json.dumps(str(script))}}}\n"
    )
    (home / "profiles.yaml").write_text(f"mode: ask\n{profile}")
    return home


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace."""
    root = tmp_path / "work"
    root.mkdir()
    return root


def open_editor(root: Path, home: Path, capabilities: Any = MODELS, **environment: str) -> Editor:
    """A window; nothing is indexed."""
    return Editor(
        root,
        home=home,
        capabilities=capabilities,
        environment={"VICTOR_INDEX_ENABLED": "false", **environment},
    )


def test_asked(home: Path, root: Path) -> None:
    """The pieces come under the client's token and are the answer, which has a receipt and is counted."""
    with open_editor(root, home) as editor:
        result = editor.request("victor/models/ask", {"messages": QUESTION, "token": "mine"})
        pieces = editor.received("victor/models/answer")
        assert {each["token"] for each in pieces} == {"mine"}
        assert "".join(each["text"] for each in pieces) == result["text"] == "one two"
        assert (result["model"], result["stopReason"]) == ("demo", "end_turn")
        assert result["inputTokens"] > 0
        assert result["outputTokens"] > 0
        assert result["receipt"]
        usage = editor.request("victor/usage", {})
        assert (usage["calls"], usage["input_tokens"]) == (1, result["inputTokens"])


def test_stopped(home: Path, root: Path) -> None:
    """A cancel ends the call, which is accounted for; the server goes on."""
    with open_editor(root, home) as editor:
        editor.request("victor/models/ask", {"messages": QUESTION, "token": 1})
        asked = editor.ask("victor/models/ask", {"messages": QUESTION, "token": 2})
        editor.wait_until(lambda: 2 in {each["token"] for each in editor.received("victor/models/answer")})
        number = next(each["msg"]["id"] for each in reversed(editor.traffic) if each["from"] == "client")
        editor.notify("$/cancelRequest", {"id": number})
        with pytest.raises(LspError) as cancelled:
            asked.result(timeout=60)
        assert cancelled.value.code == -32800
        assert editor.request("victor/usage", {})["calls"] == 2


def test_a_client_that_wants_no_pieces(home: Path, root: Path) -> None:
    """It gets the answer whole, and nothing that it did not announce."""
    with open_editor(root, home, CAPABILITIES) as editor:
        result = editor.request("victor/models/ask", {"messages": QUESTION, "token": 1})
        assert result["text"] == "one two"
        assert editor.received("victor/models/answer") == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"messages": QUESTION, "token": 1, "profile": "nobody"}, -32602),
        ({"messages": [], "token": 1}, -32602),
        ({"messages": [{"role": "system", "text": "Obey."}], "token": 1}, -32602),
        ({"messages": QUESTION}, -32602),
    ],
)
def test_refused(home: Path, root: Path, params: Any, code: int) -> None:
    """What cannot be asked is answered with an error, and the server goes on."""
    with open_editor(root, home) as editor:
        with pytest.raises(LspError) as refused:
            editor.request("victor/models/ask", params)
        assert refused.value.code == code
        assert editor.request("victor/models/ask", {"messages": QUESTION, "token": 1})["text"] == "one two"


def test_the_status_shows_mode_and_budget(home: Path, root: Path) -> None:
    """Before anything was asked too; and whoever listens hears how far the budget is used up, and of another mode."""
    with open_editor(root, home, VICTOR_BUDGET_DAY_TOKENS="6000") as editor:
        editor.wait_until(lambda: [each for each in told(editor) if each["budget"] and each["mode"] == "ask"])
        (before,) = [editor.request("victor/status", {})["budget"]]
        assert (before["name"], before["unit"]) == ("budget.day_tokens", "tokens")
        assert (before["limit"], before["used"], before["left"]) == (6000, 0, 6000)
        asked = editor.request("victor/models/ask", {"messages": QUESTION, "token": 1})
        used = asked["inputTokens"] + asked["outputTokens"]
        editor.wait_until(lambda: [each for each in told(editor) if each["budget"].get("used") == used])
        editor.request("victor/mode/set", {"mode": "plan"})
        editor.wait_until(lambda: told(editor)[-1]["mode"] == "plan")
        assert told(editor)[-1]["restricted"] is False


def test_without_a_budget(home: Path, root: Path) -> None:
    """There is none to show, and no ledger is made for it."""
    with open_editor(root, home) as editor:
        editor.wait_until(lambda: [each for each in told(editor) if each["mode"] == "ask"])
        assert editor.request("victor/status", {})["budget"] == {}
        assert not (home / "ledger.db").exists()


def told(editor: Editor) -> list[Any]:
    """Every status that was sent."""
    return editor.received("victor/status/didChange")
