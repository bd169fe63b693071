"""docs/model-servers.md tells what is there: every provider, every event of a script, every kind of failure."""

import re
from pathlib import Path
from typing import get_args

from victor_server.agent.providers.ollama_context import MOST_CHOSEN, MOST_CHOSEN_ELSEWHERE
from victor_server.agent.providers.script import ERRORS, Step
from victor_server.agent.providers.wire_guard import MAX_EVENT_BYTES
from victor_server.settings.profiles import ProviderName

TEXT = Path(__file__).parents[2].joinpath("docs/model-servers.md").read_text("utf-8")


def section(title: str) -> str:
    """The text below a heading."""
    return TEXT.split(f"## {title}\n")[1].split("\n## ")[0]


def first_cells(title: str) -> list[str]:
    """What stands first in the rows of a section's table."""
    return re.findall(r"^\| `(.+?)` \|", section(title), re.MULTILINE)


def test_every_provider_is_there() -> None:
    """In the table of what is spoken, or with a section of its own."""
    told = set(re.findall(r"`([a-z-]+)`", section("What is spoken"))) | {"scripted"}
    assert set(get_args(ProviderName)) <= told


def test_every_event_of_a_script_is_there() -> None:
    """And nothing that a script may not say."""
    events = {re.findall(r"\w+", cell)[0] for cell in first_cells("Scripts")}
    assert events | {"retry_after_s"} == set(Step.__dataclass_fields__)


def test_every_kind_of_failure_is_there() -> None:
    """By the name that scripts and clients see."""
    assert sorted(first_cells("What can go wrong")) == sorted(ERRORS)


def test_the_numbers_are_those_of_the_code() -> None:
    """Contexts that are chosen, and the bound of an event."""
    assert f"{MOST_CHOSEN:,}" in section("Ollama")
    assert f"{MOST_CHOSEN_ELSEWHERE:,}" in section("Ollama")
    assert f"{MAX_EVENT_BYTES >> 20} MB" in section("What can go wrong")
