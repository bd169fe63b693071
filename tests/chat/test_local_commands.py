"""`/models`, as a person reads it: each answer once, and what to do where there is none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from victor_server.compose.models import open_models
from victor_server.features.chat.local_commands import local_commands
from victor_server.features.chat.model import Asked
from victor_server.ledger.ledger import Ledger

ASKED = Asked("/models", "", "", "", "chat", None)
BROKEN_OFFLINE = """\
profiles:
  cloud: {provider: anthropic, model: claude-sonnet-4-5, api_key: made-up}
  broken: {provider: nobody, model: m}
offline_mode: true
"""


def write(home: Path, profiles: str) -> None:
    """A VICTOR_HOME with these profiles."""
    home.mkdir(mode=0o700)
    (home / "profiles.yaml").write_text(profiles, encoding="utf-8")


@asynccontextmanager
async def models_of(home: Path, profiles: str) -> AsyncIterator[str]:
    """What `/models` says with these profiles."""
    write(home, profiles)
    models = open_models({"VICTOR_HOME": str(home)})
    ledger = Ledger(home / "ledger.db", models.settings.budget)
    try:
        yield await local_commands(models.router, ledger, None)["models"](ASKED)
    finally:
        await models.router.close()


async def test_tasks_with_the_same_answer_stand_together(tmp_path: Path) -> None:
    """A long reason is told once, and names no single task; what keeps a profile from being read is in the table."""
    async with models_of(tmp_path / "home", BROKEN_OFFLINE) as said:
        assert said.count("offline mode is on") == 1
        (line,) = [each for each in said.splitlines() if each.startswith("* ")]
        assert line.startswith("* `chat`, `explanation`, ")
        assert "`security_analysis`: nobody. No model can answer this: cloud: " in line
        assert "| broken | | | profiles.broken.provider must be" in said


async def test_tasks_of_a_list_have_a_line_of_their_own(tmp_path: Path) -> None:
    """What is answered for another reason is told apart."""
    written = "profiles: {default: {provider: ollama, model: answer}}\nrouting: {local_tasks: [code_review, summary]}"
    async with models_of(tmp_path / "home", written) as said:
        assert "* `code_review`, `summary`: default answers with answer" in said
        assert said.count("\n* ") == 2


async def test_what_to_do_keeps_its_lines(tmp_path: Path) -> None:
    """What is to be written is code that can be copied, what is to be done is prose, and the file is named."""
    async with models_of(tmp_path / "home", "") as said:
        assert f"Write one of these into `{tmp_path / 'home' / 'profiles.yaml'}`" in said
        assert "\n**A model on this machine**: install Ollama" in said
        assert "\n```yaml\nprofiles:\n  default: {provider: embedded}\n```\n" in said


async def test_a_file_that_names_no_profile_says_why(tmp_path: Path) -> None:
    """A slip in the file is told in the place of how to begin."""
    async with models_of(tmp_path / "home", "profile:\n  default: {}\n") as said:
        assert "profiles.yaml, line 1: profile is not a setting (did you mean profiles?)." in said
        assert "Write one of these" not in said
        assert "\n```yaml\nprofiles:\n" in said
