"""`victor models` and `victor route`: what a person and a script are told of the models."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from raw_server import RawRequest, raw_server, response

from victor_server.agent.router.found_here import found_here
from victor_server.cli.doctor import problems_of
from victor_server.cli.main import run
from victor_server.compose.models import open_models
from victor_server.settings.load import resolve
from victor_server.settings.profiles_file import read_profiles

PROFILES = """\
profiles:
  default: {provider: scripted, script: default.jsonl, context_tokens: 8000}
  gone: {provider: scripted, script: gone.jsonl}
  production: {provider: anthropic, model: claude-sonnet-4-5, api_key: "${SOME_KEY}"}
  broken: {provider: nobody, model: m}
routing:
  local_tasks: [code_review]
  cloud_tasks: [security_analysis]
"""


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A VICTOR_HOME of the test's own, in which `default` answers and `gone` does not."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "default.jsonl").write_text('{"text": "yes"}\n', encoding="utf-8")
    monkeypatch.setenv("VICTOR_HOME", str(home))
    for name in ("ANTHROPIC_API_KEY", "SOME_KEY"):
        monkeypatch.delenv(name, raising=False)
    return home


def write(home: Path, text: str) -> None:
    """Write profiles.yaml."""
    (home / "profiles.yaml").write_text(text, encoding="utf-8")


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    """The one JSON document that a command printed, and nothing else on stdout."""
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    return json.loads(printed)


def test_nothing_set_up(capsys: pytest.CaptureFixture[str]) -> None:
    """Listing is no failure, deciding is; both say what to install and what to write where."""
    assert run(["models", "--no-check"]) == 0
    assert "ollama pull" in capsys.readouterr().out
    assert run(["models", "--no-check", "--json"]) == 0
    listed = document(capsys)
    assert (listed["profiles"], "profiles.yaml" in listed["fix"]) == ([], True)
    assert run(["route", "--task", "chat", "--json"]) == 2
    error = document(capsys)["error"]
    assert (error["kind"], error["message"]) == ("no_model", "No model is set up.")
    assert error["fix"] == listed["fix"]


async def test_what_could_be_used(home: Path) -> None:
    """With nothing set up, a key that is there and models that Ollama holds are named, with the line to write."""

    async def answer(request: RawRequest, writer: asyncio.StreamWriter) -> None:
        held = [{"model": name, "name": name} for name in ("qwen:7b", "llama:8b")]
        writer.write(response(200, {"models": held}))
        await writer.drain()

    environment = {"VICTOR_HOME": str(home), "ANTHROPIC_API_KEY": "kept-quiet", "OPENAI_API_KEY": " "}
    router = open_models(environment).router
    async with raw_server(answer) as server:
        found = await found_here(router, environment, ollama=server.url)
        await router.close()
    ollama, key = found
    assert ollama.startswith(
        "Ollama is running here and has qwen:7b, llama:8b. To use one, write: profiles: "
    )
    assert key.startswith("ANTHROPIC_API_KEY is set. To use it, write: profiles: ")
    for line in found:
        (home / "profiles.yaml").write_text(line.partition("write: ")[2], encoding="utf-8")
        assert read_profiles(home, environment).problems == ()


def test_a_key_that_is_there(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The command names it, and does not show it."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "kept-quiet")
    assert run(["models", "--json"]) == 0
    fix = document(capsys)["fix"]
    assert "ANTHROPIC_API_KEY is set." in fix
    assert "kept-quiet" not in fix


def test_every_profile_with_its_state(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who answers, who does not and why, who cannot be used, and what is written wrongly; keys stand nowhere."""
    write(home, PROFILES)
    assert run(["models", "--json"]) == 0
    found = document(capsys)
    states = {each["profile"]: (each["state"], each["detail"]) for each in found["profiles"]}
    assert states["default"] == ("ready", "ready")
    assert states["gone"][0] == "down"
    assert "gone.jsonl cannot be read" in states["gone"][1]
    assert states["production"] == ("unusable", "SOME_KEY is not set")
    assert states["broken"][0] == "unusable"
    first, _, cloud, _ = found["profiles"]
    assert (first["default"], first["local"], first["leaves_machine"]) == (True, True, False)
    assert (first["context_tokens"], first["price"]) == (8000, {"input_usd": 0.0, "output_usd": 0.0})
    assert (cloud["local"], cloud["leaves_machine"]) == (False, True)
    assert cloud["price"]["input_usd"] > 0
    assert found["tasks"]["code_review"] == "default"
    assert [problem["line"] for problem in found["problems"]] == [4, 5]


def test_in_words(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The same for a person: offline mode rules out what leaves the machine, by name and reason."""
    monkeypatch.setenv("SOME_KEY", "kept-quiet")
    write(home, PROFILES + "offline_mode: true\n")
    assert run(["models", "--no-check"]) == 0
    printed = capsys.readouterr()
    assert "default: scripted (scripted), stays on this machine, 8,000 tokens of context" in printed.out
    assert "production: claude-sonnet-4-5 (anthropic), leaves this machine" in printed.out
    assert "is out of reach, as offline mode is on (profiles.yaml)" in printed.out
    assert "default does chat, " in printed.out
    assert "profiles.yaml:5: profiles.broken.provider must be" in printed.err
    assert "kept-quiet" not in printed.out + printed.err


def test_a_route(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The documented fields; without --assume-healthy a server that does not answer is passed over."""
    write(home, PROFILES.replace("default.jsonl", "none.jsonl").replace("gone.jsonl", "default.jsonl"))
    words = ["route", "--task", "code_review", "--json"]
    assert run([*words, "--assume-healthy"]) == 0
    assumed = document(capsys)
    assert {"task", "profile", "provider", "model", "reason", "ruled_out"} <= assumed.keys()
    assert (assumed["task"], assumed["profile"], assumed["provider"]) == (
        "code_review",
        "default",
        "scripted",
    )
    assert run(words) == 0
    asked = document(capsys)
    assert asked["profile"] == "gone"
    assert asked["ruled_out"][0]["profile"] == "default"
    assert "none.jsonl cannot be read" in asked["reason"]
    assert run(["route", "--task", "code_review"]) == 0
    assert capsys.readouterr().out == f"{asked['reason']}\n"


def test_a_route_that_is_blocked(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cloud profile in offline mode is refused before anything is asked, with the reason and the way out."""
    monkeypatch.setenv("SOME_KEY", "kept-quiet")
    write(home, PROFILES + "offline_mode: true\n")
    assert run(["route", "--profile", "production", "--json"]) == 2
    error = document(capsys)["error"]
    assert error["kind"] == "offline_blocked"
    assert "offline mode is on (profiles.yaml)" in error["message"]
    assert "offline_mode: false" in error["fix"]


def test_an_unknown_task(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It goes to the default profile, as documented, and a person is told that no command has it."""
    write(home, PROFILES)
    assert run(["route", "--task", "tea_making", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["profile"] == "default"
    assert "No command has the task tea_making" in printed.err


def test_a_file_that_cannot_be_read(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Then nothing may leave the machine, and the place of the mistake is named."""
    write(home, "profiles: {")
    assert run(["models", "--json"]) == 0
    found = document(capsys)
    assert found["offline"] is True
    assert found["problems"][0]["line"] == 1


async def test_pulling_a_model(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ollama is asked for it, progress goes to standard error, and the log says what was fetched."""

    async def answer(request: RawRequest, writer: asyncio.StreamWriter) -> None:
        lines = [
            {"status": "pulling manifest"},
            {"status": "pulling 1f2e", "completed": 1, "total": 10},
            {"status": "pulling 1f2e", "completed": 10, "total": 10},
            {"status": "success"},
        ]
        writer.write(response(200, "".join(json.dumps(line) + "\n" for line in lines)))
        await writer.drain()

    async with raw_server(answer) as server:
        write(home, f"profiles: {{mine: {{provider: ollama, model: qwen, base_url: '{server.url}'}}}}\n")
        assert await asyncio.to_thread(run, ["models", "pull", "mine", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"model": "qwen", "provider": "ollama", "bytes": 10}
    assert printed.err == "pulling manifest\npulling 1f2e\nsuccess\n"
    assert server.requests[0].data["model"] == "qwen"
    record = json.loads((home / "audit.log").read_text(encoding="utf-8").splitlines()[-1])
    assert (record["action"], record["model"], record["success"]) == ("model_pulled", "qwen", True)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("mine", "offline_blocked"), ("other:7b", "offline_blocked"), ("cloud", "usage"), ("\x1b", "usage")],
)
def test_what_is_not_pulled(home: Path, capsys: pytest.CaptureFixture[str], name: str, kind: str) -> None:
    """Offline nothing is fetched by anybody for us; other servers fetch nothing; and a name is a name."""
    write(
        home,
        "profiles:\n  mine: {provider: ollama, model: qwen}\n  cloud: {provider: vllm, model: m}\noffline_mode: true\n",
    )
    assert run(["models", "pull", name, "--json"]) == 2
    assert document(capsys)["error"]["kind"] == kind


def test_config_show_masks_keys(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Profiles stand among the settings, with their file as the source; of a key one sees that it is there."""
    monkeypatch.setenv("SOME_KEY", "kept-quiet")
    write(home, PROFILES + "offline_mode: true\n")
    assert run(["config", "show", "--json"]) == 0
    printed = capsys.readouterr().out
    assert "kept-quiet" not in printed
    found = json.loads(printed)
    source = str(home / "profiles.yaml")
    shown = found["settings"]
    assert shown["profiles.production.api_key"] == {"value": "***", "source": source}
    assert shown["profiles.default.script"] == {"value": str(home / "default.jsonl"), "source": source}
    assert shown["routing.local_tasks"] == {"value": ["code_review"], "source": source}
    assert shown["offline_mode"] == {"value": True, "source": source}
    assert shown["mode"] == {"value": "build", "source": source}
    assert [problem["line"] for problem in found["problems"]] == [5]
    assert run(["config", "show"]) == 0
    assert "kept-quiet" not in capsys.readouterr().out


def test_doctor_tells_of_profiles(home: Path) -> None:
    """A mistake in profiles.yaml is among what the doctor finds, with its line."""
    write(home, PROFILES)
    found = problems_of(resolve(environment={"VICTOR_HOME": str(home)}), {})
    assert [problem.line for problem in found] == [4, 5]
