"""The whole program as an editor meets it: a real `victor lsp`, a real worker, real files."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from editor import Editor, LspError
from tools.lsp_check import METAMODEL_VARIABLE, check_traffic, load_metamodel
from worker.indexing import until, workers_of, write_tree

pytestmark = pytest.mark.e2e

TREE = {
    "shop/cart.py": "class Cart:\n    def add_item(self, item):\n        self.items.append(item)\n",
    "shop/money.py": "def format_price(cents):\n    return f'{cents / 100:.2f}'\n",
}
KEY = "AKIA" + "Q3EGRTZLXN5MHPWD"
SHORT_STAY = {"VICTOR_WORKER_LEAVE_AFTER_S": "0.5"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "root", TREE)


@pytest.fixture
def editor(tmp_path: Path, root: Path) -> Iterator[Editor]:
    editor = Editor(root, home=tmp_path / "home", environment=SHORT_STAY)
    with editor:
        yield editor
    assert faults(editor) == []


def faults(editor: Editor) -> list[str]:
    """What the recorded traffic holds that the LSP metamodel forbids; nothing is checked where it is not at hand."""
    path = os.environ.get(METAMODEL_VARIABLE)
    if not path:
        return []
    traffic = [(each["from"], each["msg"]) for each in editor.traffic]
    return check_traffic(load_metamodel(Path(path)), traffic)


def search(editor: Editor, query: str) -> list[str]:
    """The symbols of the hits."""
    return [hit["symbol"] for hit in editor.request("victor/search", {"query": query, "k": 5})["hits"]]


def test_a_folder_is_indexed_and_searched(editor: Editor, root: Path) -> None:
    """Status notifications, search, document and workspace symbols."""
    editor.wait_until_indexed()
    assert search(editor, "format_price")[0] == "format_price"
    (found,) = editor.request("workspace/symbol", {"query": "add_item"})
    assert found["location"]["uri"] == (root / "shop/cart.py").as_uri()
    document = {"textDocument": {"uri": (root / "shop/cart.py").as_uri()}}
    editor.open(root / "shop/cart.py", TREE["shop/cart.py"])
    (cart,) = editor.request("textDocument/documentSymbol", document)
    assert (cart["name"], [child["name"] for child in cart["children"]]) == ("Cart", ["add_item"])


def test_typing_is_found_before_it_is_saved(editor: Editor, root: Path) -> None:
    """A new definition in an unsaved buffer is a hit, an outline entry and a workspace symbol."""
    editor.wait_until_indexed()
    path = root / "shop/money.py"
    editor.open(path, TREE["shop/money.py"])
    editor.change(path, "def format_amount(cents): ...\n")
    until(lambda: search(editor, "format_amount")[:1] == ["format_amount"])
    assert "format_price" not in search(editor, "format_price")
    symbols = editor.request("textDocument/documentSymbol", {"textDocument": {"uri": path.as_uri()}})
    assert [symbol["name"] for symbol in symbols] == ["format_amount"]
    until(
        lambda: (
            [each["name"] for each in editor.request("workspace/symbol", {"query": "format_"})]
            == ["format_amount"]
        )
    )
    editor.close(path)
    until(lambda: search(editor, "format_price")[:1] == ["format_price"])


def test_a_secret_is_flagged_masked_and_allowed(editor: Editor, root: Path) -> None:
    """The range is exactly the secret, the message does not show it, the fix silences it."""
    path = root / "deploy.py"
    text = f'# 😀\nkey = "{KEY}"\n'
    editor.open(path, text)
    editor.save(path, text)
    (diagnostic,) = editor.wait_until(lambda: editor.diagnostics(path))
    assert diagnostic["range"] == {"start": {"line": 1, "character": 7}, "end": {"line": 1, "character": 27}}
    assert KEY not in json.dumps(editor.diagnostics(path))
    where = {
        "textDocument": {"uri": path.as_uri()},
        "range": diagnostic["range"],
        "context": {"diagnostics": []},
    }
    actions = editor.request("textDocument/codeAction", where)
    allow = next(action for action in actions if action["title"].startswith("Allow"))
    (edit,) = allow["edit"]["documentChanges"][0]["edits"]
    assert edit["newText"] == "  # pragma: allowlist secret"
    editor.change(path, text.rstrip("\n") + edit["newText"] + "\n")
    editor.save(path, text.rstrip("\n") + edit["newText"] + "\n")
    editor.wait_until(lambda: not editor.diagnostics(path))


def test_an_untitled_document_is_served(editor: Editor) -> None:
    """A buffer without a file has secrets and symbols too."""
    uri = "untitled:Untitled-1"
    text = f"def drafted():\n    return '{KEY}'\n"
    item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    editor.notify("textDocument/didOpen", {"textDocument": item})
    published = editor.wait_until(
        lambda: [each for each in editor.received("textDocument/publishDiagnostics") if each["uri"] == uri]
    )
    assert len(published[-1]["diagnostics"]) == 1
    symbols = editor.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
    assert [symbol["name"] for symbol in symbols] == ["drafted"]


def test_a_file_that_is_not_indexed_has_an_outline(editor: Editor, root: Path) -> None:
    """What the index leaves out, or has not read yet, is parsed as it stands in the editor."""
    write_tree(root, {".victorignore": "drafts/\n", "drafts/plan.py": "def planned(): ...\n"})
    path = root / "drafts/plan.py"
    editor.wait_until_indexed()
    editor.open(path, "def planned(): ...\n")
    editor.save(path, "def planned(): ...\n")
    symbols = editor.request("textDocument/documentSymbol", {"textDocument": {"uri": path.as_uri()}})
    assert [symbol["name"] for symbol in symbols] == ["planned"]


def test_folders_come_and_go(editor: Editor, tmp_path: Path) -> None:
    """An added folder is indexed beside the first, a removed one is no longer searched."""
    editor.wait_until_indexed()
    other = write_tree(tmp_path / "other", {"tax.py": "def vat_rate(): ...\n"})
    folder = {"uri": other.as_uri(), "name": "other"}
    editor.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [folder], "removed": []}})
    until(lambda: "vat_rate" in search(editor, "vat_rate"))
    assert "format_price" in search(editor, "format_price")
    editor.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [folder]}})
    until(lambda: "vat_rate" not in search(editor, "vat_rate"))


def test_the_index_is_paused_resumed_and_rebuilt(editor: Editor, root: Path) -> None:
    """The three requests do what they say, and the status follows."""
    editor.wait_until_indexed()
    place = {"root": root.as_uri()}
    editor.request("victor/index/pause", place)
    until(lambda: editor.request("victor/status", {})["index"]["state"] == "paused")
    assert "format_price" in search(editor, "format_price")
    editor.request("victor/index/resume", place)
    until(lambda: editor.request("victor/status", {})["index"]["state"] == "ready")
    editor.request("victor/index/rebuild", place)
    until(lambda: editor.request("victor/status", {})["index"]["state"] == "ready")
    until(lambda: "format_price" in search(editor, "format_price"))


def test_one_message_names_each_wrong_setting(tmp_path: Path, root: Path) -> None:
    """An invalid setting keeps the rest and is told once."""
    settings = {"secrets": {"enabled": False}, "index": {"workers": "many"}}
    with Editor(root, home=tmp_path / "home", settings=settings, environment=SHORT_STAY) as editor:
        (shown,) = editor.wait_until(lambda: editor.received("window/showMessage"))
        assert "index.workers" in shown["message"]
        path = root / "deploy.py"
        editor.open(path, f'key = "{KEY}"\n')
        editor.request("textDocument/documentSymbol", {"textDocument": {"uri": path.as_uri()}})
        assert editor.diagnostics(path) == []
        assert len(editor.received("window/showMessage")) == 1
    assert faults(editor) == []


def test_errors_say_what_to_do(editor: Editor) -> None:
    """Wrong params and unknown methods are refused by the book, without a traceback."""
    for method, params, code in (
        ("victor/search", {"k": 3}, -32602),
        ("victor/search", {"query": 5}, -32602),
        ("textDocument/codeAction", {"textDocument": 1}, -32602),
        ("victor/nonsense", {}, -32601),
    ):
        with pytest.raises(LspError) as caught:
            editor.request(method, params)
        assert caught.value.code == code
        assert "Traceback" not in f"{caught.value} {caught.value.data}"


def test_nothing_heavy_is_loaded(tmp_path: Path, root: Path) -> None:
    """LanceDB and Arrow never enter the server's process; model clients and detect-secrets not before their use."""
    listing = tmp_path / "modules.json"
    program = (
        "import atexit, json, pathlib, sys\n"
        f"atexit.register(lambda: pathlib.Path({str(listing)!r}).write_text(json.dumps(sorted(sys.modules))))\n"
        "from victor_server.cli.main import main\nmain()"
    )
    command = (sys.executable, "-P", "-c", program, "lsp")
    with Editor(root, home=tmp_path / "home", environment=SHORT_STAY, command=command) as editor:
        editor.wait_until_indexed()
        assert search(editor, "format_price")[0] == "format_price"
        path = root / "shop/money.py"
        editor.open(path, TREE["shop/money.py"])
        editor.save(path, TREE["shop/money.py"])
        editor.request("textDocument/documentSymbol", {"textDocument": {"uri": path.as_uri()}})
        editor.wait_until(lambda: editor.received("textDocument/publishDiagnostics"))
    loaded = {name.partition(".")[0] for name in json.loads(listing.read_text())}
    heavy = {
        "lancedb",
        "pyarrow",
        "numpy",
        "anthropic",
        "openai",
        "ollama",
        "detect_secrets",
        "typer",
        "rich",
        "mcp",
        "anyio",
        "httpx",
        "httpx2",
    }
    assert loaded & heavy == set()
    assert "opentelemetry.sdk" not in json.loads(listing.read_text())
    assert {"tree_sitter", "watchfiles"} & loaded == set()


def test_a_repositorys_git_configuration_runs_nothing(tmp_path: Path) -> None:
    """Opening a hostile repository calls git, and none of the commands that its configuration names."""
    import subprocess

    root = write_tree(tmp_path / "hostile", TREE)
    mark = tmp_path / "mark"
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    hook = root / ".git" / "hooks" / "post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
    hook.chmod(0o755)
    with (root / ".git" / "config").open("a") as config:
        config.write(f'[core]\n\tfsmonitor = "touch {mark}; false"\n\tpager = touch {mark}\n')
        config.write(f'[diff "x"]\n\ttextconv = touch {mark}\n[filter "x"]\n\tclean = touch {mark}\n')
    (root / ".gitattributes").write_text("*.py diff=x filter=x\n")
    subprocess.run(["git", "-C", str(root), "status"], check=False, capture_output=True)
    assert mark.exists(), "the trap must work, or this test proves nothing"
    mark.unlink()
    with Editor(root, home=tmp_path / "home", environment=SHORT_STAY) as editor:
        editor.wait_until_indexed()
        editor.open(root / "shop/money.py", TREE["shop/money.py"])
        editor.save(root / "shop/money.py", TREE["shop/money.py"] + "\n\ndef added(): ...\n")
        write_tree(root, {"brand/new.py": "def brand_new(): ...\n"})
        until(lambda: "brand_new" in search(editor, "brand_new"))
    assert not mark.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal that freezes a process")
def test_a_frozen_worker_does_not_keep_the_server(tmp_path: Path, root: Path) -> None:
    """Whatever the worker does, `shutdown` is answered and the server ends at once, with the right code."""
    with Editor(root, home=tmp_path / "home", environment=SHORT_STAY) as editor:
        editor.wait_until_indexed()
        (worker,) = [psutil.Process(pid) for pid in workers_of(tmp_path / "home")]
        worker.suspend()
        try:
            waiting = editor.ask("victor/search", {"query": "format_price", "k": 5})
            big = tmp_path / "root" / "big.py"
            editor.open(big, "x = 1\n" * 200_000)  # more than a socket takes while nobody reads
            editor.request("textDocument/codeAction", _whole(big))
            editor.request("shutdown", None, timeout_s=2)
            editor.notify("exit", None)
            assert editor.process.wait(timeout=2) == 0
            with pytest.raises((LspError, ConnectionError)):
                waiting.result(timeout=5)
        finally:
            worker.resume()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal that freezes a process")
def test_a_worker_that_hangs_at_its_start_does_not_keep_the_server(tmp_path: Path, root: Path) -> None:
    """A server that ends while it waits for its worker ends at once."""
    hang = tmp_path / "hang"
    write_tree(hang, {"filelock.py": "import time\ntime.sleep(3600)\n"})
    environment = {**SHORT_STAY, "PYTHONPATH": str(hang)}
    with Editor(root, home=tmp_path / "home", environment=environment) as editor:
        (pid,) = until(lambda: workers_of(tmp_path / "home"))
        try:
            editor.request("shutdown", None, timeout_s=2)
            editor.notify("exit", None)
            assert editor.process.wait(timeout=2) == 0
        finally:
            psutil.Process(pid).kill()


def _whole(path: Path) -> dict[str, object]:
    start = {"line": 0, "character": 0}
    return {
        "textDocument": {"uri": path.as_uri()},
        "range": {"start": start, "end": start},
        "context": {"diagnostics": []},
    }
