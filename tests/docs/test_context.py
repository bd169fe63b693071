"""docs/context.md says what the code does."""

import re
from pathlib import Path

from victor_server.agent.context import instructions
from victor_server.agent.context.fit import SHARES
from victor_server.agent.context.gather import MAP_TIME_LIMIT_S, PART_TIME_LIMIT_S
from victor_server.agent.context.mentions import parse_mentions
from victor_server.agent.context.patches import MAX_PATCH_BYTES
from victor_server.features.chat import context as chat_context
from victor_server.features.context_index import READY_WAIT_S

TEXT = (Path(__file__).parents[2] / "docs" / "context.md").read_text("utf-8")


def test_the_shares_are_those_of_the_code() -> None:
    """Each kind, and its part of the budget."""
    rows = dict(re.findall(r"^\| `(\w+)` \| (\d+) % \|$", TEXT, re.MULTILINE))
    assert rows == {kind: f"{share * 100:.0f}" for kind, share in SHARES.items() if share < 1}


def test_every_kind_is_told_of() -> None:
    """In the table of what is looked at."""
    table = TEXT.partition("## What is looked at")[2].partition("## What is never shown")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(SHARES)


def test_every_mention_in_the_table_is_one() -> None:
    """As it is written there."""
    table = TEXT.partition("## Mentions")[2].partition("A mention begins")[0]
    written = re.findall(r"`(@[^`]+)`", table)
    assert len(written) == 9
    for each in written:
        (mention,) = parse_mentions(each)
        assert mention.end == len(each)


def test_names_and_limits_are_those_of_the_code() -> None:
    """Which files instruct, how long is waited, how much is shown."""
    assert all(f"`{name}`" in TEXT for name in instructions.NAMES)
    assert f"`{instructions.RULES_FOLDER}/*.md`" in TEXT
    assert (PART_TIME_LIMIT_S, MAP_TIME_LIMIT_S, READY_WAIT_S) == (10.0, 1.5, 6.0)
    assert f"{chat_context.MAX_TOKENS:,} tokens" in TEXT
    assert f"A patch of more than {MAX_PATCH_BYTES // 1000} KB" in TEXT
