"""The manual of what a model is shown says what the program does."""

import re
from pathlib import Path

from victor_server.agent.redaction.places import MAX_PARAGRAPH

ROOT = Path(__file__).parents[2]
MANUAL = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")


def test_the_audit_actions_are_those_of_the_code() -> None:
    """Each action that a call records stands in the table, and no other."""
    sources = (ROOT / "server" / "victor_server" / "agent").rglob("*.py")
    recorded = {
        action
        for file in sources
        for action in re.findall(r'"(model_call\.[a-z_]+)"', file.read_text(encoding="utf-8"))
    }
    assert recorded == set(re.findall(r"`(model_call\.[a-z_]+)`", MANUAL))


def test_the_numbers_are_those_of_the_code() -> None:
    """A paragraph that is too long to look at is as long as the code says."""
    assert f"more than {MAX_PARAGRAPH:,} characters" in MANUAL
