"""`victor report`, attacked: secrets and names are planted wherever it looks, and where things are broken it is made all the same."""

import json
import os
import random
import string
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from secrets_samples import aws_key, github_token
from vendor_secrets import SECRETS, Kind

from victor_server.errors import UsageError
from victor_server.features.report.report import make_report
from victor_server.features.report.scrub import Known, scrub
from victor_server.features.report.tail import last_lines
from victor_server.settings.load import Resolved
from victor_server.settings.trust import TrustStore

PROGRAM = (sys.executable, "-P", "-c", "from victor_server.cli.main import main; main()", "report")
PERSON, MACHINE, CUSTOMER = "jadwiga", "falcon-17", "acme-merger"


def password() -> str:
    """One that no rule knows, and that is no word."""
    return "".join(random.Random(5).choices(string.ascii_letters + string.digits, k=14))


def worker(_: Resolved) -> str:
    """None is started."""
    return "is running"


def report_of(home: Path, folder: Path | None = None, **environment: str) -> str:
    """The report of somebody with this home."""
    given = {"VICTOR_HOME": str(home), "PATH": os.environ["PATH"], **environment}
    return make_report(given, folder or home.parent, worker)


def planted(folder: Path) -> tuple[Path, Path, Mapping[str, str]]:
    """A home and a workspace full of what must not come out, and the environment."""
    person = folder / "people" / PERSON
    home, root = person / ".victor", person / "src" / CUSTOMER / github_token()
    home.mkdir(parents=True, mode=0o700)
    root.mkdir(parents=True)
    TrustStore(home).set(root, True)
    (home / "settings.yaml").write_text(
        f"network: {{allowed_hosts: [llm.{CUSTOMER}.example]}}\n"
        f"index: {{exclude: ['{CUSTOMER}/**'], workers: 1, folder: /data/{CUSTOMER}}}\n"
        f"sandbox: {{image: 'registry.{CUSTOMER}.example/tools'}}\n"
        f"log: {{level: info}}\npasswort: {password()}\n"
    )
    (home / "profiles.yaml").write_text(
        f"profiles:\n  {CUSTOMER}:\n    provider: openai-compatible\n    model: small\n"
        f"    base_url: https://llm.{CUSTOMER}.example/v1\n    api_key: {password()}-key\n"
    )
    (home / "lsp.log").write_text(
        "\n".join(
            [
                f"WARNING x: {root}/billing.py: could not be read",
                f"WARNING x: '/srv/{CUSTOMER}/two words/billing.py' is gone",
                f"WARNING x: no /srv/{CUSTOMER}/two words/billing.py there",
                f"WARNING x: no {root}/two words/billing.py there",
                f"WARNING x: C:\\Users\\{PERSON}\\{CUSTOMER}\\billing.py is gone",
                f"WARNING x: https://{PERSON}:{password()}@git.{CUSTOMER}.example/x?token={github_token()}",
                f"WARNING x: no answer from llm.{CUSTOMER}.example",
                f"WARNING x: {PERSON.upper()}@{MACHINE} 10.1.2.3 fe80::1ff:fe23:4567:890a {PERSON}@mail.example",
                f"WARNING x: key {aws_key()} {password()}-key {password()}",
                f"ERROR x: file://{root}/billing.py",
                "```",
                "# Not a heading",
                "\x1b[31mred\x07",
                "x" * 290 + github_token(),
            ]
        )
    )
    (home / "errors.log").write_text(f"2026 {PERSON} {github_token()}\n")
    (home / "worker").mkdir()
    (home / "worker" / "worker.log").write_text(f"WARNING {root}/billing.py\n")
    environment = {
        "HOME": str(person),
        "USER": PERSON,
        "HOSTNAME": MACHINE,
        "DATABASE_PASSWORD": password(),
        "HTTPS_PROXY": f"http://{PERSON}:{password()}@proxy.{CUSTOMER}.example:3128",
        "VICTOR_TOOLS_MAX_STEPS": "7",
    }
    return home, root, environment


def test_nothing_private_comes_out(tmp_path: Path) -> None:
    """Whatever was planted in settings, logs, environment, paths and names; and what helps is there."""
    home, root, environment = planted(tmp_path)
    report = report_of(home, root, **environment)
    private = [PERSON, MACHINE, CUSTOMER, password(), github_token(), github_token()[:14], aws_key()]
    private += ["billing", "10.1.2.3", "fe23", str(tmp_path), "two words", "passwort", "\x1b", "mail.example"]
    assert [each for each in private if each.lower() in report.lower()] == []
    wanted = [
        "index.workers = 1 (VICTOR_HOME/settings.yaml)",
        "tools.max_steps = 7 (environment)",
        "log.level = info (VICTOR_HOME/settings.yaml)",
        "network.allowed_hosts = 1 of them (VICTOR_HOME/settings.yaml)",
        "index.folder = a path",
        "wrong: VICTOR_HOME/settings.yaml, line 5",
        "profile 1: openai-compatible small, 1 address(es), with a key",
        "wrong settings",
        "could not be read",
        "--- lsp.log",
        "--- errors.log",
        "--- worker/worker.log",
        "HTTPS_PROXY, VICTOR_HOME",
    ]
    assert [each for each in wanted if each not in report] == []
    assert report.startswith("# Report about Victor\n\n**Read it before you send it.**")
    assert report.count("```") == 10, "no line of a log ends its block"


def test_no_kind_of_key_comes_out_of_a_log(tmp_path: Path) -> None:
    """As it would stand in a message of somebody's library."""
    rng = random.Random(3)
    kinds: list[tuple[Kind, str]] = [(kind, kind.make(rng)) for each in SECRETS.values() for kind in each]
    lines = [f"WARNING openai: {kind.words} = {json.dumps(secret)}" for kind, secret in kinds]
    out = []
    for n in range(0, len(lines), 40):  # as many as a report holds
        (tmp_path / "errors.log").write_text("\n".join(lines[n : n + 40]) + "\n")
        report = report_of(tmp_path)
        out += [kind.words for kind, secret in kinds[n : n + 40] if json.dumps(secret)[1:-1] in report]
    assert out == []


def test_a_key_that_is_cut_in_the_middle(tmp_path: Path) -> None:
    """Neither the head nor the tail of a log's window gives a part of one away."""
    for n_before in range(0, 40, 7):
        (tmp_path / "lsp.log").write_text("y" * n_before + github_token() + "\n" + "z" * 63_990 + "\n")
        report = report_of(tmp_path)
        assert github_token()[-12:] not in report
    (tmp_path / "lsp.log").write_text("word " * 59 + github_token() + " more" * 20)
    assert github_token()[:8] not in report_of(tmp_path)


@pytest.mark.parametrize(
    "settings", ["{", "index: [", "\x00\xff", "- 1", "network: {allowed_hosts: 5}", "a: &a [*a, *a]"]
)
def test_broken_settings(tmp_path: Path, settings: str) -> None:
    """That is what it is for."""
    for name in ("settings.yaml", "profiles.yaml", "permissions.yaml", "trust.json"):
        (tmp_path / name).write_bytes(settings.encode("latin-1"))
    report = report_of(tmp_path)
    assert "wrong: VICTOR_HOME/" in report
    assert "wrong settings" in report
    assert "## Logs" in report


def test_no_home(tmp_path: Path) -> None:
    """None that is there, none that can be, and none at all."""
    assert "is not there yet" in report_of(tmp_path / "home")
    (tmp_path / "file").write_text("")
    assert "## Logs" in report_of(tmp_path / "file")
    assert "## Logs" in report_of(tmp_path / "file" / "below")
    assert "Your home folder could not be found." in make_report(
        {"VICTOR_HOME": "~nobody-of-that-name/x"}, tmp_path, worker
    )


def test_logs_that_cannot_be_read(tmp_path: Path) -> None:
    """A folder, a link, a pipe that nobody writes to: said, and not waited for."""
    (tmp_path / "lsp.log").mkdir()
    (tmp_path / "errors.log").symlink_to("/etc/passwd")
    (tmp_path / "worker").mkdir()
    os.mkfifo(tmp_path / "worker" / "worker.log")
    report = report_of(tmp_path)
    assert report.count("could not be read") == 3
    assert "/bin/" not in report
    assert "nologin" not in report


def test_a_very_large_log(tmp_path: Path) -> None:
    """Only its end is read."""
    with (tmp_path / "lsp.log").open("w") as log:
        log.writelines(f"line {number}\n" for number in range(500_000))
    lines = last_lines(tmp_path / "lsp.log", 80)
    assert (len(lines), lines[-1]) == (80, "line 499999")
    with (tmp_path / "errors.log").open("wb") as log:
        log.truncate(10_000_000_000)
    assert last_lines(tmp_path / "errors.log", 80) == []


def test_hostile_lines_take_no_time(tmp_path: Path) -> None:
    """Every pattern is linear: the processor's time, not the clock's, for the longest logs that are read."""
    known = Known(("secret-of-mine",), {"/home/me": "~"}, ("me",), ("host",))
    for unit in (
        "/",
        "a@",
        "a.",
        "::",
        "'/",
        "https://",
        "1.",
        "C:\\",
        "//",
        "[REDACTED:",
        "a:",
        "\\\\",
        "/a ",
        "/a b/",
        " b/",
    ):
        begun = time.process_time()
        scrub(unit * (60_000 // len(unit)), known)
        assert time.process_time() - begun < 20, unit


def test_twice_is_as_once(tmp_path: Path) -> None:
    """What stands for something private is not taken for something private."""
    home, root, environment = planted(tmp_path)
    report = report_of(home, root, **environment)
    assert scrub(report, Known(people=(PERSON,), hosts=(MACHINE,))) == report


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("see http://localhost:11434/api", "see http://localhost:11434"),
        ("see http://127.0.0.1:8000/x?key=1", "see http://127.0.0.1:8000"),
        ("see http://127.0.0.1.evil.example/", "see http://<host>"),
        ("ws://a.example and victor:receipt", "ws://<host> and victor:receipt"),
        ("bound to 127.0.0.1 and ::1", "bound to 127.0.0.1 and ::1"),
        ("from 192.168.0.17 to 2001:db8::7", "from <address> to <address>"),
        ("victor 0.1.0, Python 3.11.7", "victor 0.1.0, Python 3.11.7"),
        ("2026-11-22 18:42:14,118 INFO x", "2026-11-22 18:42:14,118 INFO x"),
        ("guard.py:12 receive", "guard.py:12 receive"),
        ("a/b and 3/4 and and/or", "a/b and 3/4 and and/or"),
        ("victor/chat/prompt failed", "victor/chat/prompt failed"),
        ("at /usr/lib/x.so(+0x12)", "at <path>(+0x12)"),
        ("~/work/x is gone", "<path> is gone"),
        ("/home/me/work/x is gone", "~ is gone"),
        ("meet me, ME; some men", "meet <user>, <user>; some men"),
    ],
)
def test_what_is_taken_for_what(line: str, shown: str) -> None:
    """So much that nobody is known by it, so little that it can be read."""
    assert scrub(line, Known(people=("me",), folders={"/home/me": "~"})) == shown


def run(home: Path, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """The program."""
    given = {**os.environ, "VICTOR_HOME": str(home), "VICTOR_WORKER_LEAVE_AFTER_S": "1", **environment}
    return subprocess.run(
        [*PROGRAM, *words],
        env=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=home.parent,
    )


@pytest.mark.e2e
def test_the_program(tmp_path: Path) -> None:
    """Printed, or into a file for its owner alone, which may be there already."""
    home, file = tmp_path / "home", tmp_path / "report.md"
    printed = run(home)
    assert (printed.returncode, printed.stderr) == (0, "")
    assert printed.stdout.startswith("# Report about Victor")
    assert "ok    index worker: was started" in printed.stdout
    for _ in range(2):
        written = run(home, "-o", str(file))
        assert (written.returncode, written.stderr) == (0, "")
        assert written.stdout == f"{file} is written. Read it before you send it.\n"
        assert file.read_text().startswith("# Report about Victor")
        assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.e2e
@pytest.mark.parametrize("output", ["/dev/full", "/nowhere/report.md", "."])
def test_nowhere_to_write(tmp_path: Path, output: str) -> None:
    """A full disk, no folder, a folder: said in words, with the way out."""
    failed = run(tmp_path / "home", "-o", output)
    assert failed.returncode == 2
    assert "leave it out" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert run(tmp_path / "home", str(tmp_path / "no")).returncode == 2


def test_errors_are_ours() -> None:
    """A folder that is not there is told as such."""
    from victor_server.cli.report import run_report

    with pytest.raises(UsageError, match="There is no folder"):
        run_report(Path("/nowhere/at/all"), output=None)
