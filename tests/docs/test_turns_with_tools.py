"""docs/tools.md says what a turn with tools does."""

import re
from pathlib import Path

from victor_server.agent.offering import TOOLS_SHARE
from victor_server.agent.prompts import tools_text
from victor_server.agent.tool_step import AT_ONCE
from victor_server.agent.tools.hidden_files import OF_OTHERS
from victor_server.agent.tools.limits import DEFAULT_LIMITS
from victor_server.agent.tools.repeats import MAX_REFUSED, MAX_SAME
from victor_server.agent.tools.run_command import MAX_CHARACTERS
from victor_server.features.chat.stored import MAX_RESULT_CHARACTERS
from victor_server.settings.names import all_settings
from victor_server.settings.resolved import ToolsSettings

TEXT = (Path(__file__).parents[2] / "docs" / "tools.md").read_text("utf-8")


def test_the_limits_are_the_defaults() -> None:
    """As the table has them, under the names of settings that there are."""
    rows = re.findall(r"^\| ([\d,]+) \w.* \| `(tools\.\w+)` \|", TEXT, re.MULTILINE)
    known = {each.name for each in all_settings()}
    told = {name: int(number.replace(",", "")) for number, name in rows}
    assert told.keys() <= known
    assert told == {
        "tools.max_steps": DEFAULT_LIMITS.max_steps,
        "tools.max_seconds": DEFAULT_LIMITS.max_tool_s,
        "tools.max_tokens": DEFAULT_LIMITS.max_tokens,
        "tools.max_result_characters": DEFAULT_LIMITS.max_result_characters,
    }


def test_settings_and_limits_are_the_same() -> None:
    """Who sets nothing has what the code has without settings."""
    settings = ToolsSettings()
    assert (settings.max_steps, settings.max_seconds) == (DEFAULT_LIMITS.max_steps, DEFAULT_LIMITS.max_tool_s)
    assert (settings.max_tokens, settings.max_result_characters) == (
        DEFAULT_LIMITS.max_tokens,
        DEFAULT_LIMITS.max_result_characters,
    )


def test_the_other_numbers() -> None:
    """In its sentences."""
    assert f"the same call with the same result, {MAX_SAME} times" in TEXT
    assert f"after {MAX_REFUSED} refusals" in TEXT
    assert AT_ONCE == 4
    assert "four at once" in TEXT
    assert TOOLS_SHARE == 3
    assert "at most a third" in TEXT
    assert f"at most {MAX_RESULT_CHARACTERS:,} characters" in TEXT
    assert f"it is told {MAX_CHARACTERS:,} characters" in TEXT
    assert all(f"`{each}`" in TEXT for each in OF_OTHERS - {"__pycache__"})


def test_every_mode() -> None:
    """The table has all, and what the model is told of each says the same."""
    assert re.findall(r"^\| `(plan|ask|build)` \|", TEXT, re.MULTILINE) == ["plan", "ask", "build"]
    assert "Answer with a plan" in tools_text("plan")
    assert "every change and every command" in tools_text("ask")
