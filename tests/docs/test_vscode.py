"""docs/vscode.md names commands, keys, settings and pictures that are there."""

import json
import re
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[2]
MANUAL = CHECKOUT / "docs" / "vscode.md"
TEXT = MANUAL.read_text(encoding="utf-8")
PACKAGE: dict[str, Any] = json.loads((CHECKOUT / "clients/vscode/package.json").read_text(encoding="utf-8"))
OFFERS: dict[str, Any] = PACKAGE["contributes"]
MAX_PICTURE_BYTES = 150_000


def test_the_commands() -> None:
    """Each that is named is in the palette under that title."""
    named = {" ".join(title.split()) for title in re.findall(r"\*Victor: ([^*]+?)\*", TEXT)}
    titles = {each["title"] for each in OFFERS["commands"] if each["category"] == "Victor"}
    assert named - {"not running"} <= titles
    assert len(named) > 8


def test_the_keys() -> None:
    """The table says what is bound, and leaves nothing out but Esc."""
    bound = {each["key"] for each in OFFERS["keybindings"]} - {"escape"}
    rows = re.findall(r"^\| (`Ctrl.*?) \|", TEXT, re.MULTILINE)
    keys = {key.lower() for row in rows for key in re.findall(r"`([^`]+)`", row)}
    assert keys == bound


def test_the_settings() -> None:
    """All of the extension's own."""
    named = set(re.findall(r"^\| `(victor\.editor\.\w+)`", TEXT, re.MULTILINE))
    groups = OFFERS["configuration"]
    assert named == {name for group in groups for name in group["properties"] if ".editor." in name}


def test_the_pictures() -> None:
    """Each is there, small enough for a repository, and says in words what it shows."""
    shown = re.findall(r"!\[(.*?)\]\((.*?)\)", TEXT)
    assert len(shown) >= 5
    for words, path in shown:
        assert words
        assert 0 < (MANUAL.parent / path).stat().st_size <= MAX_PICTURE_BYTES
    kept = {f"images/{file.name}" for file in (CHECKOUT / "docs" / "images").glob("vscode-*.png")}
    assert kept == {path for _, path in shown}
