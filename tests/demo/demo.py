"""Drives `victor lsp` like an editor on a real tree, then asks about it in the terminal; prints what a person sees.

    python -P tests/demo/demo.py [WORKSPACE]

Without a workspace it takes a copy of the standard library of this Python. A given workspace is only read: the file
with the secret is an unsaved buffer's worth of text in a scratch folder that is opened as a second folder.
"""

import shutil
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

sys.path.insert(0, str(Path(__file__).parents[1]))

from demo.chat import show_chat
from demo.fix import show_fix
from editor import Editor

Result = TypeVar("Result")

_SEARCHES = ("parse an ISO 8601 date", "HTTPConnection", "read a zip file's central directory")


def main() -> int:
    """Run the demo; returns the exit code."""
    with tempfile.TemporaryDirectory(prefix="victor-demo-") as scratch:
        home = Path(scratch) / "home"
        draft_folder = Path(scratch) / "draft"
        draft_folder.mkdir()
        workspace = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else _copy_of_stdlib(Path(scratch))
        if not workspace.is_dir():
            print(f"{workspace} is not a folder. Name a folder: make demo WORKSPACE=path", file=sys.stderr)
            return 2
        n_lines = count_lines(workspace)
        say(f"workspace: {workspace.name}, {n_lines:,} lines of source")
        show(workspace, n_lines, draft_folder, home)
        show_fix(Path(scratch), say)
        show_chat(workspace, home, say)
    return 0


def show(workspace: Path, n_lines: int, draft_folder: Path, home: Path) -> None:
    """One session: start, index, search, a secret found and allowed."""
    editor = Editor(workspace, draft_folder, home=home)
    result, seconds = timed(editor.initialize)
    say(
        f"initialize: {result['serverInfo']['name']} {result['serverInfo']['version']} after {seconds * 1000:.0f} ms"
    )
    with ended(editor):
        follow_index(editor, n_lines)
        for query in _SEARCHES:
            search(editor, query)
        find_a_secret(editor, draft_folder)


def follow_index(editor: Editor, n_lines: int) -> None:
    """Print the index's progress until it is ready."""
    started = time.monotonic()
    told = -1
    root = editor.folders[0].as_uri()
    while True:
        status = editor.request("victor/index/status", {"root": root})["index"]
        percent = 100 * status["files_done"] // max(1, status["files_total"])
        if status["state"] == "indexing" and percent // 20 > told:
            told = percent // 20
            say(f"index: {status['state']}, {status['files_done']:,} of {status['files_total']:,} files")
        if status["state"] == "ready":
            break
        if status["state"] == "error":
            raise SystemExit(f"index: {status['detail']}")
        time.sleep(0.1)
    seconds = time.monotonic() - started
    rate = n_lines / seconds
    say(f"index: ready, {status['files_total']:,} files in {seconds:.1f} s ({rate:,.0f} lines a second)")


def search(editor: Editor, query: str) -> None:
    """Print the best hits for one query."""
    found, seconds = timed(lambda: editor.request("victor/search", {"query": query, "k": 3}))
    say(f"search: {query!r} ({seconds * 1000:.0f} ms)")
    for hit in found["hits"]:
        line = hit["range"]["start"]["line"] + 1
        print(f"           {hit['path']}:{line}  {hit['kind']} {hit['symbol']}  {hit['score']:.1f}")


def find_a_secret(editor: Editor, folder: Path) -> None:
    """Type a fake key, save, look at the diagnostic, apply its fix."""
    path = folder / "deploy.py"
    key = "AKIA" + "Q3EGRTZLXN5MHPWD"  # made up here: real scanners must not trip over this file
    text = f'REGION = "eu-central-1"\nACCESS_KEY = "{key}"\n'
    editor.open(path, "")
    editor.change(path, text)
    editor.save(path, text)
    say("typed and saved: deploy.py, with a cloud access key on line 2")
    (diagnostic,) = editor.wait_until(lambda: editor.diagnostics(path))
    place = diagnostic["range"]
    say(
        f"diagnostic: line {place['start']['line'] + 1}, columns {place['start']['character'] + 1}"
        f"-{place['end']['character'] + 1}: {diagnostic['message']} [{diagnostic['code']}]"
    )
    if key in str(diagnostic):
        raise SystemExit("the diagnostic shows the secret")
    where = {"textDocument": {"uri": path.as_uri()}, "range": place, "context": {"diagnostics": []}}
    actions = editor.request("textDocument/codeAction", where)
    for each in actions:
        if each["kind"] == "quickfix":
            say(f"quick fix: {each['title']}")
    action = next(each for each in actions if each["title"].startswith("Allow"))
    text = applied(text, action["edit"])
    editor.change(path, text)
    editor.save(path, text)
    editor.wait_until(lambda: not editor.diagnostics(path))
    say("applied and saved: the diagnostic is gone; line 2 is now")
    print(f"           {text.splitlines()[1].replace(key, key[:4] + '…')}")


def applied(text: str, edit: dict[str, Any]) -> str:
    """Return `text` with the single insertion of a workspace edit made."""
    (change,) = edit["documentChanges"]
    (insertion,) = change["edits"]
    lines = text.splitlines(keepends=True)
    start = insertion["range"]["start"]
    line = lines[start["line"]]
    lines[start["line"]] = line[: start["character"]] + insertion["newText"] + line[start["character"] :]
    return "".join(lines)


@contextmanager
def ended(editor: Editor) -> Iterator[None]:
    """Shut the server down in order, and say how that went."""
    try:
        yield
        editor.request("shutdown", None)
        editor.notify("exit", None)
        say(f"shutdown: exit code {editor.process.wait(timeout=30)}")
    finally:
        editor.kill()


def say(line: str) -> None:
    """Print a line behind the seconds since the start."""
    print(f"[{time.monotonic() - _STARTED:7.2f} s] {line}", flush=True)


def timed(call: Callable[[], Result]) -> tuple[Result, float]:
    """Return what `call` returns, and the seconds that it took."""
    started = time.monotonic()
    return call(), time.monotonic() - started


def count_lines(folder: Path) -> int:
    """Return the number of lines in the Python, C and similar files below `folder`."""
    suffixes = {".py", ".c", ".h", ".js", ".ts", ".go", ".rs", ".java", ".rb", ".php", ".cs", ".cpp", ".sh"}
    files = (path for path in folder.rglob("*") if path.suffix in suffixes and path.is_file())
    return sum(path.read_bytes().count(b"\n") for path in files)


def _copy_of_stdlib(scratch: Path) -> Path:
    target = scratch / "stdlib"
    # Its own tests are half of it, and would only make the demo longer.
    leave = shutil.ignore_patterns("site-packages", "test", "__pycache__", "*.so", "*.a", "config-*")
    shutil.copytree(sysconfig.get_path("stdlib"), target, ignore=leave, symlinks=True)
    return target


_STARTED = time.monotonic()

if __name__ == "__main__":
    sys.exit(main())
