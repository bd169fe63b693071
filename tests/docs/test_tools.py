"""docs/tools.md says what the code does."""

import json
import re
from pathlib import Path

import pytest

from victor_server.agent.context import git_history, git_program
from victor_server.agent.providers.estimate import tokens_of_text
from victor_server.agent.tools import (
    diagnostics,
    fetch_url,
    file_text,
    git,
    glob,
    grep,
    list_dir,
    read_file,
    search_code,
    symbols,
    telling,
)
from victor_server.agent.tools.run_command import Shell
from victor_server.agent.tools.table import builtin_tools
from victor_server.agent.tools.tool import Tool
from victor_server.egress import page
from victor_server.egress.page import Moved, Page

TEXT = (Path(__file__).parents[2] / "docs" / "tools.md").read_text("utf-8")


async def _no_page(url: str) -> Page | Moved:
    return Moved(url)


TOOLS: tuple[Tool, ...] = builtin_tools((), Shell(), _no_page)


def test_every_tool_with_its_kind_and_arguments() -> None:
    """In the order in which a model is told of them."""
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ((?:`\w+`(?:, )?)*) ?\|", TEXT, re.MULTILINE)
    told = [(name, kind, re.findall(r"\w+", arguments)) for name, kind, arguments in rows]
    assert told == [(tool.spec.name, tool.kind, list(tool.spec.schema["properties"])) for tool in TOOLS]


def test_what_tools_cost_a_call() -> None:
    """They are paid for in every call of a model, so they are few words."""
    written = [json.dumps([tool.spec.name, tool.spec.description, tool.spec.schema]) for tool in TOOLS]
    tokens = sum(map(tokens_of_text, written))
    assert "about 3,500 tokens" in TEXT
    assert 3_000 < tokens < 3_700
    assert max(map(tokens_of_text, written)) < 360


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.spec.name)
def test_a_tool_is_told_so_that_every_server_understands(tool: Tool) -> None:
    """Plain schemas: no references, no alternatives; a description for whatever its name does not say."""
    text = json.dumps(tool.spec.schema)
    assert not re.search(r'"(\$ref|\$defs|anyOf|allOf|oneOf|title)"', text)
    assert tool.spec.schema["type"] == "object"
    assert re.fullmatch(r"[a-z_]{3,20}", tool.spec.name)
    assert tool.spec.description.endswith(".")


def test_the_limits_are_those_of_the_code() -> None:
    """As the table has them."""
    assert (read_file.MAX_LINES, read_file.MAX_CHARACTERS, telling.MAX_LINE_CHARACTERS) == (500, 30_000, 600)
    assert (list_dir.MAX_ENTRIES, glob.MAX_PATHS, file_text.MAX_FILE_BYTES) == (300, 200, 4_000_000)
    assert (grep.MAX_LINES, grep.MAX_LINES_OF_FILE, grep.TIME_LIMIT_S) == (100, 30, 20)
    assert (search_code.MAX_HITS, search_code.MAX_LINES_OF_HIT) == (15, 60)
    assert (symbols.MAX_SYMBOLS, symbols.MAX_OUTLINE, diagnostics.MAX_NOTES) == (50, 400, 100)
    assert (git.MAX_CHANGED, git_history.MAX_COMMITS, git.MAX_BLAMED, git.MAX_CHARACTERS) == (
        200,
        100,
        400,
        30_000,
    )
    assert git_program.TIME_LIMIT_S == 20
    assert (page.MAX_BYTES, page.TIME_LIMIT_S, page.MAX_HOPS) == (2_000_000, 30, 5)
    assert fetch_url.MAX_CHARACTERS == 30_000
