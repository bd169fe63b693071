"""Context in the whole program: a real `victor lsp` and its worker, the repository's instructions, git and trust."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from editor import Editor
from repositories import run_git
from worker.indexing import until, write_tree

pytestmark = pytest.mark.e2e

TREE = {
    "shop/cart.py": "from shop.money import format_price\n\nclass Cart:\n    def total_text(self):\n        return format_price(1)\n",
    "shop/money.py": "def format_price(cents):\n    return f'{cents / 100:.2f}'\n",
    "shop/till.py": "from shop.money import format_price\n\ndef print_till(): print(format_price(2))\n",
    "AGENTS.md": "Prices are in cents.\n",
    ".env": "PRICE_KEY=private\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one commit and one change."""
    root = write_tree(tmp_path / "root", TREE)
    run_git(root, "init", "-q", "--template=", "-b", "main")
    run_git(root, "add", "-f", ".")
    run_git(root, "commit", "-q", "-m", "Begin")
    write_tree(root, {"shop/money.py": TREE["shop/money.py"] + "# changed\n", ".env": "PRICE_KEY=other\n"})
    return root


@pytest.fixture
def editor(tmp_path: Path, root: Path) -> Iterator[Editor]:
    """An editor on it."""
    with Editor(root, home=tmp_path / "home", environment={"VICTOR_WORKER_LEAVE_AFTER_S": "0.5"}) as editor:
        yield editor


def preview(editor: Editor, **params: Any) -> tuple[set[tuple[str, str]], dict[str, str], str]:
    """(kind, path) of the pieces, path → reason of what is left out, and all texts."""
    result = editor.request("victor/context/preview", params)
    pieces = {(each["kind"], each["path"]) for each in result["pieces"]}
    texts = "".join(each["text"] for each in result["pieces"])
    return pieces, {each["path"]: each["reason"] for each in result["left_out"]}, texts


def test_a_question_brings_what_it_is_about(editor: Editor, root: Path) -> None:
    """Hits, the map of what is leaned on, and instructions once the folder is trusted; never the private file."""
    editor.wait_until_indexed()
    pieces, out, texts = preview(editor, prompt="how is a price formatted with PRICE_KEY?")
    assert ("index_hit", "shop/money.py") in pieces
    assert ("repo_map", "") in pieces
    assert "shop/money.py: function format_price" in texts
    assert out["AGENTS.md"].startswith("the folder is not trusted")
    assert "private" not in texts
    editor.request("victor/trust/set", {"root": str(root), "trusted": True})
    until(lambda: ("instructions", "AGENTS.md") in preview(editor, prompt="price")[0])


def test_a_review_is_shown_the_changes_but_for_private_files(editor: Editor, root: Path) -> None:
    """By its command; mentions bring files and definitions."""
    editor.wait_until_indexed()
    pieces, out, texts = preview(editor, prompt="/review")
    assert ("diff", "shop/money.py") in pieces
    assert "+# changed" in texts
    assert ".env" in out
    assert "PRICE_KEY" not in texts
    pieces, _, texts = preview(editor, prompt="compare @till.py with @total_text")
    assert {("file", "shop/till.py"), ("symbol", "shop/cart.py")} <= pieces
    assert "def total_text" in texts


def test_mentions_are_completed_by_the_index(editor: Editor) -> None:
    """Files and definitions, while they are typed."""
    editor.wait_until_indexed()
    found = editor.request("victor/chat/queryContext", {"text": "why is @mon"})["items"]
    assert "@shop/money.py" in [each["text"] for each in found]
    found = editor.request("victor/chat/queryContext", {"text": "why is @total_t"})["items"]
    assert [each["text"] for each in found] == ["@symbol:Cart.total_text"]


def test_the_first_question_waits_for_an_index_that_is_just_being_built(editor: Editor) -> None:
    """Asked at once after the start, it is shown what a later one is."""
    pieces, out, _ = preview(editor, prompt="how is a price formatted?")
    assert {("index_hit", "shop/money.py"), ("repo_map", "")} <= pieces
    assert "" not in out
