"""docs/permissions.md says what permissions do."""

import re
from pathlib import Path
from typing import get_args

import pytest
from permissions_judged import NOTHING, of_command, rules_of

from victor_server.agent.permissions import permissions
from victor_server.agent.permissions.answers import FILE_NAME
from victor_server.agent.permissions.command_verdict import HARMLESS_VARIABLES
from victor_server.agent.permissions.patterns import command_pattern
from victor_server.agent.tools.tool import ToolKind
from victor_server.settings.profiles import Mode

TEXT = (Path(__file__).parents[2] / "docs" / "permissions.md").read_text("utf-8")
RULES = re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)[0]
ROWS = re.findall(r"^\| (`.*`) \| (`.*`) \| (`.*`) \|$", TEXT, flags=re.MULTILINE)


def test_the_example_is_read(tmp_path: Path) -> None:
    """Without a problem, and with the effect that the page promises."""
    rules = rules_of(tmp_path, RULES)
    assert of_command("git status -s", rules).decision == "allow"
    assert of_command("git push --force", rules).decision == "deny"
    assert of_command("cat vault/key", rules).decision == "deny"


@pytest.mark.parametrize(("patterns", "allowed", "not_allowed"), ROWS)
def test_the_table_of_patterns(patterns: str, allowed: str, not_allowed: str, tmp_path: Path) -> None:
    """Row by row."""
    for pattern in re.findall(r"`([^`]+)`", patterns):
        quoted = pattern.replace("'", "''")
        rules = rules_of(tmp_path, f"rules: [{{tool: run_command, command: '{quoted}', decision: allow}}]")
        assert command_pattern(pattern) is not None
        for line in re.findall(r"`([^`]+)`", allowed):
            assert of_command(line, rules).decision == "allow", line
        for line in re.findall(r"`([^`]+)`", not_allowed):
            assert of_command(line, rules).decision == "ask", line


def test_the_names_are_those_of_the_code() -> None:
    """Kinds of tools, modes, the file of answers, what is on record."""
    assert len(ROWS) == 6
    assert set(re.findall(r"`@(\w+)`", TEXT)) == {*get_args(ToolKind)} - {"think"}
    assert all(f"| `{mode}` |" in TEXT for mode in get_args(Mode))
    assert f"VICTOR_HOME/{FILE_NAME}" in TEXT
    for action in (permissions.DECIDED, permissions.REMEMBERED, permissions.FORGOTTEN):
        assert f"`{action}`" in TEXT
    assert {"CI", "NO_COLOR"} <= HARMLESS_VARIABLES


def test_the_examples_of_what_is_asked_for() -> None:
    """And of what would be remembered."""
    assert [rule.command for rule in of_command("git log -3", NOTHING).remembers] == ["git log *"]
    for line in ("sudo ls", "rm x", "curl x", "ssh x"):
        assert not of_command(line, NOTHING).remembers
