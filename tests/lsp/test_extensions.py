"""The messages beyond LSP and their document."""

from pathlib import Path

from lsprotocol import types

from victor_server.lsp.announced import ANNOUNCED, COMMANDS
from victor_server.lsp.dispatch import REQUESTS, Later
from victor_server.lsp.extensions import ACTION_COMMANDS, EXTENSIONS
from victor_server.lsp.extensions_doc import to_markdown
from victor_server.lsp.handlers import commands

DOCUMENT = Path(__file__).parents[2] / "docs" / "lsp-extensions.md"


def test_document_is_up_to_date() -> None:
    """docs/lsp-extensions.md is what the shapes say: run `python -m victor_server.lsp.extensions_doc` after a change."""
    assert DOCUMENT.read_text(encoding="utf-8") == to_markdown()


def test_every_extension_is_served() -> None:
    """What the document promises stands in the table with just these params, and nothing else of ours does."""
    promised = {each.method: each.params for each in EXTENSIONS if each.direction == "client → server"}
    entries = {
        method: entry.load(method) if isinstance(entry, Later) else entry
        for method, entry in REQUESTS.items()
    }
    served = {
        method: getattr(entry, "params", None) for method, entry in entries.items() if "victor/" in method
    }
    assert served == promised
    named = {each.command for each in EXTENSIONS if each.command} | {name for name, _ in ACTION_COMMANDS}
    assert set(COMMANDS) == named == {*commands.COMMANDS, *commands.LATER}
    assert {each.announced for each in EXTENSIONS} <= set(ANNOUNCED)


async def test_commands_that_are_loaded_later() -> None:
    """Each is where the table says."""
    for name in commands.LATER:
        assert await commands._later(name) is not None
    assert await commands._later("victor.none") is None


def test_methods_are_no_standard_ones() -> None:
    """Custom only where LSP has nothing."""
    assert not {each.method for each in EXTENSIONS} & set(types.METHOD_TO_TYPES)
