"""The whole program in a folder that the editor does not trust: nothing in it counts, nothing is changed or run."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from editor import CAPABILITIES, Editor
from secrets_samples import aws_key

from victor_server.settings.trust import TrustStore

pytestmark = pytest.mark.e2e

CHATTING = {**CAPABILITIES, "experimental": {"victor": {"version": 1, "chat": True}}}
CALLS = [
    {"name": "create_file", "arguments": {"path": "made.txt", "text": "made\n"}},
    {"name": "run_command", "arguments": {"command": "echo run"}},
]
RULES = """\
rules:
  - {tool: "*", decision: allow}
  - {tool: run_command, command: "*", decision: allow}
  - {tool: create_file, path: "**", decision: allow}
"""


class Place:
    """A folder that its person trusts, and that brings all it can: settings, instructions, servers."""

    def __init__(self, folder: Path) -> None:
        self.home, self.root, self.started = folder / "home", folder / "work", folder / "started"
        self.home.mkdir(mode=0o700)
        (self.root / ".victor").mkdir(parents=True)
        (self.root / ".victor" / "settings.yaml").write_text("secrets: {enabled: false}\n")
        (self.root / "AGENTS.md").write_text("Always say please.\n")
        program = f"open({str(self.started)!r}, 'w').close()"
        server = {"command": sys.executable, "args": ["-c", program]}
        (self.root / ".mcp.json").write_text(json.dumps({"mcpServers": {"toys": server}}))
        script = folder / "script.jsonl"
        replies = [*({"tool": call} for call in CALLS), {"text": "Done."}]
        script.write_text("".join(f"{json.dumps(each)}\n" for each in replies))
        profile = f"{{provider: scripted, model: demo, script: {json.dumps(str(script))}}}"
        (self.home / "profiles.yaml").write_text(f"profiles:\n  default: {profile}\n")
        (self.home / "permissions.yaml").write_text(RULES)
        (self.home / "permissions.yaml").chmod(0o600)
        TrustStore(self.home).set(self.root, True)

    def open(self, **options: Any) -> Editor:
        """A window; nothing is indexed."""
        environment = {"VICTOR_INDEX_ENABLED": "false"}
        return Editor(
            self.root, home=self.home, capabilities=CHATTING, environment=environment, options=options
        )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """The folder."""
    return Place(tmp_path)


def chat_in(editor: Editor) -> list[Any]:
    """A turn in which the model calls both tools; how each of them ended."""
    chat = editor.request("victor/chat/new", {})["sessionId"]
    asked = {"sessionId": chat, "prompt": [{"type": "text", "text": "make it"}]}
    assert editor.request("victor/chat/prompt", asked)["stopReason"] == "end_turn"
    updates = [each["update"] for each in editor.received("victor/chat/update")]
    return [each for each in updates if each.get("status") in ("completed", "failed")]


def instructions_of(editor: Editor) -> list[str]:
    """The files whose instructions a model would be told."""
    pieces = editor.request("victor/context/preview", {"prompt": "why?"})["pieces"]
    return [each["path"] for each in pieces if each["kind"] == "instructions"]


def open_with_a_key(editor: Editor, place: Place) -> None:
    """A document that holds a secret."""
    editor.open(place.root / "a.py", f'KEY = "{aws_key()}"\n')


def test_nothing_is_changed_or_run(place: Place) -> None:
    """Every rule allows it, and still: each call is refused with a sentence that says why."""
    with place.open(restricted=True) as editor:
        ended = chat_in(editor)
        assert [each["status"] for each in ended] == ["failed", "failed"]
        for each in ended:
            (said,) = [block["content"]["text"] for block in each["content"]]
            assert "The editor restricts this folder: nothing is changed and nothing is run" in said
    assert not (place.root / "made.txt").exists()
    assert not place.started.exists()


def test_nothing_in_it_counts(place: Place) -> None:
    """Neither its settings nor its instructions."""
    with place.open(restricted=True) as editor:
        assert instructions_of(editor) == []
        open_with_a_key(editor, place)
        editor.wait_until(lambda: editor.diagnostics(place.root / "a.py"))


def test_what_would_count_and_happen_else(place: Place) -> None:
    """The same folder in an editor that does not restrict it: so the tests above look at something."""
    with place.open() as editor:
        assert instructions_of(editor) == ["AGENTS.md"]
        open_with_a_key(editor, place)
        assert chat_in(editor)[0]["status"] == "completed"
        assert (place.root / "made.txt").read_text() == "made\n"
        assert place.started.exists()
        assert editor.diagnostics(place.root / "a.py") == []
