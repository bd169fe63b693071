"""The table of hard command lines: each row's decision is what Victor comes to."""

import re
from pathlib import Path

import pytest
from permissions_judged import of_command, rules_of

from victor_server.agent.permissions.ruleset import Ruleset

HERE = Path(__file__).parent


def rows() -> list[tuple[str, str]]:
    """Decision and line of every row."""
    found = []
    for row in (HERE / "table.txt").read_text("utf-8").splitlines()[4:]:
        if row and not row.startswith("# "):
            decision, line = row.split(maxsplit=1)
            line = line.replace("⏎", "\n")
            found.append((decision, re.sub(r"\{U\+([0-9A-F]{4,5})\}", lambda m: chr(int(m[1], 16)), line)))
    return found


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Ruleset:
    """Those of rules.yaml."""
    return rules_of(tmp_path_factory.mktemp("home"), (HERE / "rules.yaml").read_text("utf-8"))


@pytest.mark.parametrize(("decision", "line"), rows())
def test_a_row(rules: Ruleset, decision: str, line: str) -> None:
    """The decision is that of the table, and a person is told why."""
    verdict = of_command(line, rules)
    assert verdict.decision == decision, verdict
    assert verdict.reason.endswith(".")


def test_the_table_is_long_and_has_all_decisions() -> None:
    """So that a mistake in reading it cannot pass for a table without rows."""
    decisions = [decision for decision, _ in rows()]
    assert len(decisions) > 300
    assert all(decisions.count(each) > 60 for each in ("allow", "ask", "deny"))
    assert len(set(rows())) == len(rows())


@pytest.mark.parametrize(
    "line", ["printf -v 'a[$(lx y)]' z; ls", "[[ 'a[$(lx y)]' -eq 1 ]]", "x='$(lx y)'; echo ${x@P}"]
)
def test_what_is_computed_is_read_once(rules: Ruleset, line: str) -> None:
    """Where it is found in the line itself, nobody is told that there was too much to read."""
    verdict = of_command(line, rules)
    assert verdict.decision == "ask"
    assert "more in it than can be read" not in verdict.reason
