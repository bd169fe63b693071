"""What it costs to type in a long document in which many hunks wait for a person."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from bench.figures import Figure, percentile
from editor import Editor, Message

N_LINES = 10_000
N_HUNKS = 50
N_KEYSTROKES = 100
N_LISTS = 100
PAUSE_S = 0.1
"""Between keystrokes, as a fast typist has it: what can be put off until they rest is."""


def measure(scratch: Path) -> list[Figure]:
    """Keystrokes with and without the hunks, and lists of actions at them."""
    path = _set_up(scratch)
    with Editor(path.parent, home=scratch / "home") as editor:
        editor.open(path, _code())
        editor.wait_until_indexed()
        process = psutil.Process(editor.process.pid)
        version = _type(editor, path, 2)
        without_ms = _cpu_ms(process, lambda: _type(editor, path, version)) / N_KEYSTROKES
        version += N_KEYSTROKES
        _propose(editor, path)
        version = _type(editor, path, version)
        with_ms = _cpu_ms(process, lambda: _type(editor, path, version)) / N_KEYSTROKES
        took = [_listed_ms(editor, path) for _ in range(N_LISTS)]
    name = f"{N_HUNKS} hunks open, {N_LINES:,} lines"
    return [
        Figure(f"keystroke, {name}, CPU", with_ms, "ms", 20, f"without hunks: {without_ms:,.1f} ms"),
        Figure(f"list of actions, {name}, p95", percentile(took, 95), "ms", 50),
    ]


def _set_up(scratch: Path) -> Path:
    root, home, script = scratch / "tree", scratch / "home", scratch / "script.jsonl"
    root.mkdir(parents=True)
    home.mkdir(mode=0o700)
    changed = range(0, N_LINES, N_LINES // N_HUNKS)
    edits = [{"search": _line(each), "replace": f"# {_line(each)}"} for each in changed]
    call = {"tool": {"name": "edit_file", "arguments": {"path": "long.py", "edits": edits}}}
    script.write_text(json.dumps(call) + "\n", encoding="utf-8")
    profile = f"{{provider: scripted, model: bench, script: {json.dumps(str(script))}}}"
    (home / "profiles.yaml").write_text(f"profiles: {{default: {profile}}}\n", encoding="utf-8")
    path = root / "long.py"
    path.write_text(_code(), encoding="utf-8")
    return path


def _propose(editor: Editor, path: Path) -> None:
    """Have a model change the file; the turn waits for the review."""
    chat = editor.request("victor/chat/new", {})["sessionId"]
    editor.ask("victor/chat/prompt", {"sessionId": chat, "prompt": [{"type": "text", "text": "do it"}]})
    editor.wait_until(lambda: len(editor.diagnostics(path)) == N_HUNKS)


def _type(editor: Editor, path: Path, version: int) -> int:
    """Type between the hunks; the version that the document has next."""
    for number in range(N_KEYSTROKES):
        place = {"line": 5_010, "character": 0}
        change = {"range": {"start": place, "end": place}, "text": "x"}
        identifier = {"uri": path.as_uri(), "version": version + number}
        editor.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]})
        time.sleep(PAUSE_S)
    return version + N_KEYSTROKES


def _listed_ms(editor: Editor, path: Path) -> float:
    place = {"line": 0, "character": 0}
    asked: Message = {
        "textDocument": {"uri": path.as_uri()},
        "range": {"start": place, "end": place},
        "context": {"diagnostics": []},
    }
    begun = time.perf_counter()
    found = editor.request("textDocument/codeAction", asked)
    took = (time.perf_counter() - begun) * 1000
    if found[0]["title"] != "Victor: accept this change":
        raise SystemExit("no hunk was listed")
    return took


def _cpu_ms(process: psutil.Process, work: Callable[[], object]) -> float:
    before = process.cpu_times()
    work()
    after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) * 1000


def _code() -> str:
    return "".join(map(_line, range(N_LINES)))


def _line(number: int) -> str:
    return f"value_{number} = compute({number}, {number + 1})\n"
