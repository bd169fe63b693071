"""The manual's page about chats says what the program does."""

import re
from pathlib import Path

from victor_server.features.chat.batches import BATCH_S
from victor_server.features.chat.commands import COMMANDS
from victor_server.features.chat.keeper import KEEP_S
from victor_server.features.chat.views import N_KEPT
from victor_server.lsp.announced import COMMANDS as LSP_COMMANDS

PAGE = (Path(__file__).parents[2] / "docs" / "chat.md").read_text(encoding="utf-8")


def test_every_command_with_its_task() -> None:
    """The table is the program's."""
    rows = re.findall(r"^\| `/(\w+)` \|.*\| (?:`(\w+)` )?\|$", PAGE, re.MULTILINE)
    assert sorted(rows) == sorted((each.name, "" if each.is_local else each.task) for each in COMMANDS)


def test_the_numbers() -> None:
    """What is promised about time and files."""
    assert f"{KEEP_S:g} s after it was shown" in PAGE
    assert f"every {BATCH_S * 1000:.0f} ms" in PAGE
    assert {"fifty": 50}["fifty"] == N_KEPT
    assert "newest fifty" in PAGE


def test_the_editor_commands_exist() -> None:
    """Those that the page names are announced."""
    assert set(re.findall(r"^\| `(victor\.[\w.]+)` \|", PAGE, re.MULTILINE)) <= set(LSP_COMMANDS)
