"""The manual's page about actions on code says what the program does."""

import re
from pathlib import Path

import yaml

from victor_server.features.assists.add_types import LANGUAGES
from victor_server.features.assists.instruction import comment_instruction
from victor_server.features.assists.own import read_own, reference
from victor_server.features.assists.own_files import PROJECT_FILE, OwnFile
from victor_server.features.assists.run import MAX_AGAIN
from victor_server.features.assists.table import ASSISTS
from victor_server.lsp.announced import COMMANDS

PAGE = (Path(__file__).parents[2] / "docs" / "assists.md").read_text(encoding="utf-8")


def test_the_table() -> None:
    """Every assist in order, with its task, its kind and a section of its own."""
    rows = re.findall(
        r"^\| \[\*.*\*\]\(#([\w-]+)\) \| .* \| (.*) \| `(\w+)` \| `([\w.]+)` \|$", PAGE, re.MULTILINE
    )
    gives = {"edit": "a change", "document": "a document", "commit_message": "a message"}
    assert [row[1:] for row in rows] == [(gives[each.gives], each.task, each.kind) for each in ASSISTS]
    sections = {title.lower().replace(" ", "-") for title in re.findall(r"^## (.*)$", PAGE, re.MULTILINE)}
    assert {row[0] for row in rows} <= sections


def test_the_names() -> None:
    """Those that the command takes."""
    listed = PAGE.partition("The names are ")[2].partition("In Neovim")[0]
    assert set(re.findall(r"`(\w+)`", listed)) == {each.id for each in ASSISTS}
    assert "victor.assist" in COMMANDS


def test_the_example_of_own_actions(tmp_path: Path) -> None:
    """It is read without a complaint; the table of names is the program's."""
    example = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[0]
    (tmp_path / "assists.yaml").write_text(example, encoding="utf-8")
    found = read_own(OwnFile(tmp_path / "assists.yaml"))
    assert found.problems == ()
    assert [each.id for each in found.assists] == [
        f"own.{name}" for name in yaml.safe_load(example)["assists"]
    ]
    assert reference() in PAGE
    assert f"`{PROJECT_FILE}`" in PAGE


def test_the_example_of_an_instruction() -> None:
    """It is one."""
    example = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0]
    found = comment_instruction(example.splitlines(), 1, "python")
    assert found is not None
    assert found.text == "take any number of boxes"


def test_numbers_and_languages() -> None:
    """As often as promised, in as many languages."""
    assert {"twice": 2}["twice"] == MAX_AGAIN
    assert "twice at most" in PAGE
    named = re.findall(r"[A-Z]\w+", PAGE.partition("For languages that run without: ")[2].partition("\n")[0])
    bare = {each.removesuffix("react") for each in LANGUAGES}
    assert {each.lower() for each in named} - {"jsdoc"} == bare
