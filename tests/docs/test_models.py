"""docs/models.md and the reference of profiles.yaml say what the code does."""

import json
import re
from pathlib import Path

import pytest

from victor_server.agent.router.decision import Need
from victor_server.agent.router.facts import Facts
from victor_server.agent.router.route import route
from victor_server.agent.router.servers import OWN_ADDRESSES
from victor_server.agent.router.tasks import TASKS
from victor_server.cli.main import run
from victor_server.features.chat.commands import COMMANDS
from victor_server.ledger.model import Price
from victor_server.policy.policy import Policy
from victor_server.settings import profiles_reference
from victor_server.settings.profile_options import PROVIDERS
from victor_server.settings.profiles_file import read_profiles
from victor_server.settings.tasks import TASK_NAMES

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "models.md").read_text("utf-8")
(EXAMPLE,) = re.findall(r"```yaml\n(.*?)```", TEXT, flags=re.DOTALL)


def test_the_reference_is_up_to_date() -> None:
    """docs/profiles.md and its schema say what the code reads; `make generate` writes them anew."""
    assert (DOCS / "profiles.md").read_text("utf-8") == profiles_reference.reference()
    assert (DOCS / "profiles.schema.json").read_text("utf-8") == profiles_reference.schema()


def test_the_example_is_read(tmp_path: Path) -> None:
    """Without a problem, and it decides as its explanation in the text says."""
    (tmp_path / "profiles.yaml").write_text(EXAMPLE, encoding="utf-8")
    read = read_profiles(tmp_path, {"ANTHROPIC_API_KEY": "none"})
    assert read.problems == ()
    prices = dict.fromkeys(read.profiles.profiles, Price(0, 0))
    decision = route(Need("code_review"), Facts(read.profiles, Policy(), prices=prices))
    assert decision.reason in TEXT


def test_every_task_and_its_command() -> None:
    """The table of tasks is the code's, and each command leads to the task it stands beside."""
    rows = re.findall(
        r"^\| `(\w+)` \| ([^|]+) \| `?(/?[^`|]+)`? \|$", TEXT.partition("## Tasks")[2], flags=re.MULTILINE
    )
    assert [name for name, _, _ in rows] == list(TASKS) == list(TASK_NAMES)
    assert {name: text for name, text, _ in rows} == {task.name: task.text for task in TASKS.values()}
    asked_for = {command.removeprefix("/"): name for name, _, command in rows if command.startswith("/")}
    assert asked_for == {each.name: each.task for each in COMMANDS if not each.is_local}
    assert all(0 < task.max_output_tokens <= 8192 for task in TASKS.values())


def test_every_provider_and_its_address() -> None:
    """The table of providers names all of them, and the addresses that the router goes by."""
    rows = dict(
        re.findall(
            r"^\| `([a-z-]+)` \| ([^|]+) \|", TEXT.partition("## What a mistake")[0], flags=re.MULTILINE
        )
    )
    assert set(rows) == set(PROVIDERS)
    assert {name: text.strip("`") for name, text in rows.items() if "http" in text} == OWN_ADDRESSES


def test_the_documents_for_scripts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each documented field is there, and no other."""
    monkeypatch.setenv("VICTOR_HOME", str(tmp_path))
    (tmp_path / "profiles.yaml").write_text(
        "profiles: {default: {provider: ollama, model: m}}", encoding="utf-8"
    )
    assert run(["route", "--task", "chat", "--assume-healthy", "--json"]) == 0
    decided = json.loads(capsys.readouterr().out)
    assert run(["models", "--no-check", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    documented = TEXT.partition("For scripts")[2]
    models, decision = documented.partition("* `victor route --json`")[::2]
    assert set(re.findall(r'"(\w+)"', models)) == {*listed, *listed["profiles"][0]}
    assert set(re.findall(r'"(\w+)"', decision.partition("Where nobody")[0])) == set(decided)
