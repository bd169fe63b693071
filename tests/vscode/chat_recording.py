"""Chats as a real server tells of them: updates and questions, recorded once for the tests of the chat view."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from editor import CAPABILITIES, Editor
from repositories import write_tree

Message = dict[str, Any]

ANSWER = """\
`connect` opens the socket, see deploy.py:2. What it lacks is a limit:

```python
# waits at most five seconds
def connect(timeout: float = 5.0) -> Socket:
    return open_socket(timeout=timeout, name="store")
```

## Why

1. A server that hangs **holds the deploy** for ever.
2. The [manual](https://docs.example.org/sockets) says so, too.

| call | waits |
| --- | --- |
| `open_socket()` | for ever |
| `open_socket(timeout=5)` | 5 s |
"""
PLAN = [
    {"content": "Read deploy.py", "status": "completed"},
    {"content": "Run the tests", "status": "in_progress"},
    {"content": "Say what is missing", "status": "pending"},
]
CODE = "def connect():\n    return open_socket()\n"


def tool(name: str, **arguments: Any) -> Message:
    """A reply of the scripted model that calls a tool."""
    return {"tool": {"name": name, "arguments": arguments}}


REPLIES: Sequence[Message] = [
    {"text": ANSWER},
    tool("update_plan", entries=PLAN),
    tool("read_file", path="deploy.py"),
    tool("run_command", command="make test"),
    {"text": "The tests need a word from you."},
    {"error": "provider_auth"},
]
QUESTIONS = ("What does @deploy.py do?", "Run the tests, and say what is missing.", "And now?")


@dataclass(frozen=True, slots=True)
class Recording:
    """What a window was sent: of three questions, the last of which failed."""

    updates: Sequence[Sequence[Message]]
    permission: Message
    models: Message
    sessions: Message
    completions: Message
    session_id: str
    replay: Sequence[Message]


def record(folder: Path) -> Recording:
    """Ask a real server; what it wants to run is refused with a reason."""
    home, workspace = folder / "home", folder / "shop"
    home.mkdir(mode=0o700)
    script = home / "script.jsonl"
    profile = f"{{provider: scripted, model: demo, script: {json.dumps(str(script))}}}"
    lines = "".join(json.dumps(each) + "\n" for each in REPLIES)
    write_tree(
        home,
        {
            "profiles.yaml": f"profiles:\n  default: {profile}\n  other: {profile}\nmode: ask\n",
            "script.jsonl": lines,
        },
    )
    write_tree(workspace, {"deploy.py": CODE})
    announced = {"victor": {"version": 1, "chat": True, "permission": True}}
    capabilities = {**CAPABILITIES, "experimental": announced}
    settings = {"index": {"enabled": False}}
    with Editor(workspace, home=home, capabilities=capabilities, settings=settings) as editor:
        return _ask_all(editor)


def _ask_all(editor: Editor) -> Recording:
    session_id = editor.request("victor/chat/new", {})["sessionId"]
    asked = [_ask(editor, session_id, question) for question in QUESTIONS]
    before = len(editor.traffic)
    editor.request("victor/chat/load", {"sessionId": session_id})
    return Recording(
        updates=asked,
        permission=next(
            each["msg"]["params"] for each in editor.traffic if _is(each, "victor/permission/request")
        ),
        models=editor.request("victor/models/list", {}),
        sessions=editor.request("victor/chat/list", {}),
        completions=editor.request("victor/chat/queryContext", {"text": "/"}),
        session_id=session_id,
        replay=_updates(editor, before),
    )


def _ask(editor: Editor, session_id: str, question: str) -> list[Message]:
    before = len(editor.traffic)
    prompt = {"sessionId": session_id, "prompt": [{"type": "text", "text": question}]}
    answer = editor.ask("victor/chat/prompt", prompt)
    answer.exception(timeout=60)
    return _updates(editor, before)


def _updates(editor: Editor, before: int) -> list[Message]:
    return [
        each["msg"]["params"] for each in list(editor.traffic)[before:] if _is(each, "victor/chat/update")
    ]


def _is(sent: Message, method: str) -> bool:
    return bool(sent["from"] == "server" and sent["msg"].get("method") == method)
