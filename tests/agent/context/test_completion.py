"""Completion of mentions: what is offered, in which order, and that it is read back."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from context_sources import MemoryEditor, MemoryIndex, Patterns, definition

from victor_server.agent.context.completion import complete_mention
from victor_server.agent.context.mentions import parse_mentions
from victor_server.agent.context.sources import Buffer
from victor_server.errors import Unavailable

ROOT = Path("/srv")
INDEX = MemoryIndex(
    {"src/app.py": "", "src/a b.py": "", ".env": "", "diff/notes.md": ""},
    [definition("src/app.py", "start", 0, 1, "App"), definition(".env", "start_secret", 0, 1)],
)
EDITOR = MemoryEditor(None, [Buffer(ROOT / "lib/open_app.py", ""), Buffer(Path("Untitled"), "")])


async def offered(before: str, index: MemoryIndex | None = INDEX) -> list[str]:
    """What is offered, as it would stand in the text."""
    found = await complete_mention(before, ROOT, index=index, editor=EDITOR, private=Patterns())
    assert all(before[each.start] == "@" for each in found)
    return [each.text for each in found]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("see @", ["@selection", "@diagnostics", "@diff", "@lib/open_app.py"]),
        ("@sel", ["@selection"]),
        ("(@di", ["@diagnostics", "@diff", "@diff/notes.md"]),
        ("@app", ["@lib/open_app.py", "@src/app.py"]),
        ("@star", ["@symbol:App.start"]),
        ("@file:app", ["@lib/open_app.py", "@src/app.py"]),
        ("@symbol:start", ["@symbol:App.start"]),
        ('@"src/a b', ['@"src/a b.py"']),
        ("no mention", []),
        ("me@example", []),
        ("@done ", []),
    ],
)
async def test_what_is_offered(before: str, expected: Sequence[str]) -> None:
    """Words for sources first, then what is open, then files and definitions; nothing private."""
    found = await offered(before)
    assert found[: len(expected)] == list(expected)
    assert expected or not found
    assert not any(".env" in each or "secret" in each for each in found)


async def test_scattered_letters_come_last() -> None:
    """A definition that begins with what was typed stands before a file that merely has its letters somewhere."""

    class Scattered(MemoryIndex):
        async def paths(self, root: Path, query: str, limit: int) -> Sequence[str]:
            return ["src/start.py", "some/target/art.py"]

    index = Scattered({}, definitions=INDEX.definitions)
    assert await offered("@star", index) == ["@src/start.py", "@symbol:App.start", "@some/target/art.py"]


async def test_what_is_offered_is_a_mention() -> None:
    """Each offer is read back as one mention, whatever follows."""
    for text in [
        *await offered("@"),
        *await offered("@start"),
        *await offered("@a b"),
        *await offered('@"a b'),
    ]:
        (mention,) = parse_mentions(f"{text} and so on")
        assert mention.end == len(text)


async def test_an_index_that_fails_offers_nothing() -> None:
    """The rest is offered."""
    broken = MemoryIndex({}, trouble=Unavailable("The index is switched off."))
    assert await offered("@o", broken) == ["@lib/open_app.py"]
    assert await offered("@o", None) == ["@lib/open_app.py"]
