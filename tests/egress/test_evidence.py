"""What the whole program connects to, seen from outside of Python: by the kernel's trace, and without a route."""

import ipaddress
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from editor import SERVER, Editor, LspError
from traced import places_in, strace_words, trace, without_route

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="the trace and the namespaces are Linux'"),
]

VICTOR = list(SERVER[:-1])
PROFILES = """
profiles:
  default: {{provider: anthropic, model: claude-sonnet-4-5, api_key: ${{ANTHROPIC_API_KEY}}}}
  other: {{provider: openai, model: gpt-5, api_key: ${{ANTHROPIC_API_KEY}}, base_url: "https://203.0.113.7/v1"}}
  local: {{provider: ollama, model: small, base_url: "http://127.0.0.1:9"}}
offline_mode: {offline}
"""


class Person:
    """A person with a workspace, profiles of every kind, and a company's proxy in the environment."""

    def __init__(self, folder: Path, *, offline: bool = True) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.workspace = folder / "workspace"
        self.home.mkdir(mode=0o700)
        self.workspace.mkdir()
        profiles = PROFILES.format(offline=str(offline).lower())
        (self.home / "profiles.yaml").write_text(profiles, encoding="utf-8")
        (self.workspace / "shop.py").write_text("def price_of_order():\n    return 3\n", encoding="utf-8")
        self.environment = {
            **os.environ,
            "VICTOR_HOME": str(self.home),
            "ANTHROPIC_API_KEY": "-".join(("sk", "ant", "0" * 24)),
            "HTTPS_PROXY": "http://203.0.113.9:3128",
            "HTTP_PROXY": "http://203.0.113.9:3128",
            "VICTOR_WORKER_LEAVE_AFTER_S": "0.5",
        }


@pytest.fixture
def person(tmp_path: Path) -> Person:
    """Somebody who is offline."""
    return Person(tmp_path)


COMMANDS: dict[str, Sequence[str]] = {
    "index": ("index", ".", "--json"),
    "search": ("search", "price of order", "--json"),
    "scan-secrets": ("scan-secrets", "--json", "."),
    "doctor": ("doctor", "--json"),
    "route": ("route", "--task", "code_review", "--json"),
    "models": ("models", "--json"),
    "chat": ("chat", "-p", "What is the price of an order?", "--json"),
    "chat with a cloud profile": ("chat", "-p", "What?", "--profile", "default", "--json"),
    "chat with a local profile": ("chat", "-p", "What?", "--profile", "local", "--json"),
}


WORKS_OFFLINE = {"index", "search", "scan-secrets", "doctor", "models"}


@pytest.mark.parametrize("name", COMMANDS)
def test_offline_no_command_connects_elsewhere(name: str, person: Person, tmp_path: Path) -> None:
    """Not the command, not the index worker and its parsers, not git; not even a name is asked for."""
    seen = trace([*VICTOR, *COMMANDS[name]], person.workspace, person.environment, tmp_path / "strace.log")
    assert seen.elsewhere == [], seen.done.stdout + seen.done.stderr
    assert "Traceback" not in seen.done.stderr
    document = json.loads(seen.done.stdout)
    if name in WORKS_OFFLINE:
        assert seen.done.returncode == 0, seen.done.stdout
    else:
        assert document["error"]["kind"] in ("offline_blocked", "no_model", "provider_unavailable"), document


def test_offline_the_language_server_connects_nowhere(person: Person, tmp_path: Path) -> None:
    """An editor's session: open, save, search, leave."""
    log = tmp_path / "strace.log"
    file = person.workspace / "shop.py"
    environment = {name: value for name, value in person.environment.items() if name not in os.environ}
    command = (*strace_words(log), *SERVER)
    with Editor(person.workspace, home=person.home, environment=environment, command=command) as editor:
        editor.open(file, file.read_text("utf-8"))
        editor.save(file, file.read_text("utf-8"))
        editor.wait_until(lambda: editor.received("textDocument/publishDiagnostics"))
    assert places_in(log) == ()


def test_an_open_editor_obeys_the_switch_from_then_on(tmp_path: Path) -> None:
    """Online when it was opened, offline when it asks: nothing goes out, and nothing that the editor sends changes it."""
    person = Person(tmp_path, offline=False)
    log = tmp_path / "strace.log"
    environment = {name: value for name, value in person.environment.items() if name not in os.environ}
    with Editor(
        person.workspace,
        home=person.home,
        environment=environment,
        settings={"network": {"allowed_hosts": ["203.0.113.7"]}, "offline_mode": False},
        command=(*strace_words(log), *SERVER),
    ) as editor:
        session_id = editor.request("victor/chat/new", {})["sessionId"]
        while editor.request("victor/status", {})["offline"]:
            pass  # it is, until the policy was read
        (person.home / "profiles.yaml").write_text(PROFILES.format(offline="true"), encoding="utf-8")
        assert editor.request("victor/status", {})["offline"]
        for profile in ("default", "other"):
            editor.request("victor/profile/set", {"sessionId": session_id, "profile": profile})
            blocks = [{"type": "text", "text": "What?"}]
            with pytest.raises(LspError) as caught:
                editor.request("victor/chat/prompt", {"sessionId": session_id, "prompt": blocks})
            assert (caught.value.data or {})["kind"] == "offline_blocked"
    assert [place for place in places_in(log) if not ipaddress.ip_address(place[0]).is_loopback] == []


def test_the_trace_sees_connections(tmp_path: Path) -> None:
    """What would leave is seen: of the program itself, of its children, by TCP and by UDP, IPv4 and IPv6."""
    code = """
import socket, subprocess, sys
for family, kind, place in (
    (socket.AF_INET, socket.SOCK_DGRAM, ("192.0.2.1", 53)),
    (socket.AF_INET6, socket.SOCK_DGRAM, ("2001:db8::1", 53)),
):
    try:
        socket.socket(family, kind).connect(place)
    except OSError:
        pass
try:
    socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.2", 9))
except OSError:
    pass
again = "import socket; s = socket.socket(); s.setblocking(False); s.connect_ex(('192.0.2.3', 80))"
subprocess.run([sys.executable, "-c", again])
"""
    seen = trace([sys.executable, "-c", code], tmp_path, os.environ, tmp_path / "strace.log")
    assert set(seen.elsewhere) == {
        ("192.0.2.1", 53),
        ("2001:db8::1", 53),
        ("192.0.2.2", 9),
        ("192.0.2.3", 80),
    }


def test_online_a_cloud_profile_does_connect(tmp_path: Path) -> None:
    """The same question with the switch off goes out, to the proxy that the environment names, and nowhere else."""
    person = Person(tmp_path, offline=False)
    words = [*VICTOR, "chat", "-p", "What?", "--profile", "other", "--json"]
    seen = trace(words, person.workspace, person.environment, tmp_path / "strace.log")
    assert set(seen.elsewhere) == {("203.0.113.9", 3128)}, seen.done.stdout + seen.done.stderr


@pytest.mark.parametrize("name", ["index", "search", "scan-secrets", "doctor"])
def test_everything_without_models_works_without_a_route(name: str, person: Person) -> None:
    """In a network namespace with nothing but loopback, the commands that need no model do their work."""
    done = without_route([*VICTOR, *COMMANDS[name]], person.workspace, person.environment)
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads(done.stdout)
    assert document.get("files", 1)
    assert document.get("hits", [1])


ASK_EMBEDDED = (*VICTOR, "chat", "-p", "Say hello.", "--json")
EMBEDDED = (
    "profiles: {default: {provider: embedded, model: demo, max_output_tokens: 8}}\noffline_mode: true\n"
)


def test_a_model_on_this_machine_answers_without_a_route(person: Person) -> None:
    """In the namespace too: question, embedded model, answer, receipt."""
    (person.home / "profiles.yaml").write_text(EMBEDDED, encoding="utf-8")
    done = without_route(ASK_EMBEDDED, person.workspace, person.environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["text"]


def test_a_model_on_this_machine_answers_and_nothing_else_is_asked(person: Person, tmp_path: Path) -> None:
    """The same with the kernel looking on, in spite of the proxy: one place on this machine is connected to."""
    (person.home / "profiles.yaml").write_text(EMBEDDED, encoding="utf-8")
    seen = trace(ASK_EMBEDDED, person.workspace, person.environment, tmp_path / "strace.log")
    assert json.loads(seen.done.stdout)["route"]["leaves_machine"] is False
    assert {address for address, _ in seen.reached} == {"127.0.0.1"}
    assert len({port for _, port in seen.reached}) == 1


def test_what_is_blocked_stands_in_the_audit_log(person: Person, tmp_path: Path) -> None:
    """A listed server behind a proxy that is not listed: refused, explained, recorded, and nothing was connected to."""
    (person.home / "settings.yaml").write_text(
        "network: {allowed_hosts: [llm.corp.example]}", encoding="utf-8"
    )
    profile = 'profiles: {corp: {provider: vllm, model: m, base_url: "http://llm.corp.example/v1"}}\n'
    (person.home / "profiles.yaml").write_text(f"{profile}offline_mode: true\n", encoding="utf-8")
    words = [*VICTOR, "chat", "-p", "What?", "--profile", "corp", "--json"]
    seen = trace(words, person.workspace, person.environment, tmp_path / "strace.log")
    assert seen.elsewhere == []
    assert json.loads(seen.done.stdout)["error"]["kind"] == "offline_blocked", seen.done.stdout
    records = [json.loads(line) for line in (person.home / "audit.log").read_text("ascii").splitlines()]
    blocked = [record for record in records if record["action"] == "egress_blocked"]
    assert {record["destination"] for record in blocked} == {"203.0.113.9:3128"}
    assert not any(record["success"] for record in blocked)


def test_the_index_worker_is_held_by_the_kernel(person: Person) -> None:
    """The worker that a command started runs behind the filter, and so does all that it starts."""
    person.environment["VICTOR_WORKER_LEAVE_AFTER_S"] = "60"
    words = [*VICTOR, "doctor", "--json"]
    done = subprocess.run(
        words, cwd=person.workspace, env=person.environment, capture_output=True, text=True, check=False
    )
    checks = {check["name"]: check["detail"] for check in json.loads(done.stdout)["checks"]}
    found = re.search(r"process (\d+)", checks["index worker"])
    assert found, checks
    worker = int(found.group(1))
    try:
        assert "\nSeccomp:\t2\n" in Path(f"/proc/{worker}/status").read_text("ascii")
    finally:
        os.kill(worker, signal.SIGTERM)
