"""The command line: what is dispatched where, what is loaded for it, and how failures are told."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from victor_indexer.errors import DiskFull
from victor_server import __version__
from victor_server.cli import failures
from victor_server.cli.app import app
from victor_server.cli.main import run
from victor_server.cli.version import PROTOCOL_VERSION
from victor_server.errors import UsageError
from victor_server.lsp.announced import ANNOUNCED

COMMAND = [sys.executable, "-P", "-c", "from victor_server.cli.main import main; main()"]


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A VICTOR_HOME of the test's own."""
    monkeypatch.setenv("VICTOR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    """The one JSON document that a command printed, and nothing else on stdout."""
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    return json.loads(printed)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` says which Victor, which protocol, which Python, in words and for scripts."""
    python = ".".join(map(str, sys.version_info[:3]))
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"victor {__version__} (protocol 1, Python {python})\n"
    assert run(["--json", "--version"]) == 0
    assert document(capsys) == {"version": __version__, "protocol": 1, "python": python}


def test_the_protocol_is_the_one_that_the_server_announces() -> None:
    """The number is written twice so that `--version` need not load the server."""
    assert ANNOUNCED["version"] == PROTOCOL_VERSION


@pytest.mark.parametrize("words", [[], ["-h"], ["--help"]])
def test_short_help(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    """`victor` alone names every command, and says of each what it does, whole."""
    assert run(words) == 0
    printed = capsys.readouterr().out
    assert "..." not in printed.partition("Commands:")[2]
    assert all(
        command in printed
        for command in ("lsp", "chat", "index", "search", "scan-secrets", "receipts", "doctor", "config")
    )


_NO_QUERY = "Name a word or a definition: `victor search parse`."
_NO_FOLDER = "Name one that exists; put a query of several words in quotes."


@pytest.mark.parametrize(
    ("words", "message", "fix"),
    [
        (["nope"], "No such command 'nope'.", 'See `victor --help`. `victor -p "…"` asks a model.'),
        (["search"], "Missing argument", "See `victor search --help`."),
        (["search", "x", "-k", "many"], "Invalid value for '-k'", "See `victor search --help`."),
        (["index", "--colour"], "No such option", "See `victor index --help`."),
        (["config", "hide"], "No such command 'hide'", "See `victor config --help`."),
        (["team", "users", "set"], "Missing argument 'USER'.", "See `victor team users set --help`."),
        (
            ["team", "usage", "--by", "planet"],
            "Invalid value for '--by': 'planet' is not one of",
            "See `victor team usage --help`.",
        ),
        (
            ["team", "usage", "--since", "yesterday"],
            "--since: 'yesterday' is no day.",
            "Write it like 2026-11-01.",
        ),
        (["index", "missing-folder"], "There is no folder missing-folder.", _NO_FOLDER),
        (["search", " "], "There is nothing to search for.", _NO_QUERY),
        (["index", __file__], f"{__file__} is a file.", "Name the folder that it stands in."),
    ],
)
def test_wrong_words(capsys: pytest.CaptureFixture[str], words: list[str], message: str, fix: str) -> None:
    """What makes no sense is exit code 2 with one sentence on stderr and a way out, or a document with --json."""
    assert run(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"victor: {message}")
    assert captured.err.endswith(f"{fix}\n")
    assert run([*words, "--json"]) == 2
    error = document(capsys)["error"]
    assert error["kind"] == "usage"
    assert error["message"].startswith(message)
    assert error["fix"] == fix


def test_known_errors(capsys: pytest.CaptureFixture[str]) -> None:
    """Both trees, and the system's own errors, become a kind, a message and a fix."""

    def full() -> int:
        raise DiskFull("No space.", "Free some.")

    def missing() -> int:
        raise FileNotFoundError(2, "No such file or directory", "x.yaml")

    assert failures.guarded(full, json=True) == 2
    assert document(capsys) == {"error": {"kind": "disk_full", "message": "No space.", "fix": "Free some."}}
    assert failures.guarded(missing, json=True) == 2
    assert document(capsys)["error"]["message"] == "x.yaml: No such file or directory"


def test_an_error_cannot_order_the_terminal_about(capsys: pytest.CaptureFixture[str]) -> None:
    """What failed may bear any name, and a model server may say anything: it is shown, not obeyed."""
    error = UsageError("There is no \x1b]0;title\x07.", "Name \x9b2J.")
    assert failures.guarded(lambda: _raise(error), json=False) == 2
    assert capsys.readouterr().err == "victor: There is no ␛]0;title␇.\nName \\u{9b}2J.\n"


def test_a_bug_is_told_without_a_traceback(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    """A bug says so and where it is written down; the error's own text, which may quote a file, goes nowhere."""

    def buggy() -> int:
        raise ValueError("contents of a file")

    assert failures.guarded(buggy, json=False) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("victor: This is a bug in Victor: ValueError.\n")
    assert str(home / "errors.log") in captured.err
    written = (home / "errors.log").read_text(encoding="utf-8")
    assert "buggy" in written
    assert "contents of a file" not in written + captured.err
    assert "Traceback" not in written + captured.err
    if os.name == "posix":
        assert (home / "errors.log").stat().st_mode & 0o777 == 0o600


def test_a_bug_without_a_home(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    """Where nothing can be written down the bug is still told."""
    home.write_text("", encoding="utf-8")
    assert failures.guarded(lambda: int("x"), json=True) == 2
    assert document(capsys)["error"]["kind"] == "bug"


def test_interrupted(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C is 130 and silence."""

    def interrupted() -> int:
        raise KeyboardInterrupt

    assert failures.guarded(interrupted, json=True) == 130
    assert capsys.readouterr() == ("", "")


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such pipes")
def test_nobody_reads() -> None:
    """`victor config show | head -0` ends without a word."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*COMMAND, "config", "show"], stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert done.stderr == b""
    assert done.returncode == 128 + signal.SIGPIPE


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
@pytest.mark.parametrize("words", [["config", "show"], ["config", "show", "--json"], ["--version", "--json"]])
def test_nothing_can_be_written(words: list[str]) -> None:
    """Where stdout leads to a full disk the command failed, in whatever format, and says so once."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*COMMAND, *words], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(b"victor: No space left on device")
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


@pytest.mark.parametrize(
    ("words", "absent"),
    [
        (
            ["--version"],
            "typer rich pydantic yaml lancedb pyarrow pygls lsprotocol tree_sitter detect_secrets argparse",
        ),
        (
            ["chat", "--help"],
            "typer rich prompt_toolkit pydantic yaml anthropic openai ollama httpx httpx2 lancedb tree_sitter",
        ),
        (
            ["chat", "-p", "/help"],
            "typer rich prompt_toolkit anthropic openai ollama lancedb pyarrow pygls lsprotocol tree_sitter",
        ),
        (["lsp", "--help"], "typer rich pydantic yaml lancedb pyarrow tree_sitter detect_secrets"),
        (
            ["config", "show"],
            "rich yaml lancedb pyarrow pygls lsprotocol tree_sitter detect_secrets",
        ),
        (
            ["scan-secrets", "--since", "HEAD", "--json"],
            "typer rich pydantic yaml lancedb pyarrow pygls lsprotocol tree_sitter detect_secrets filelock",
        ),
        (["--help"], "rich yaml lancedb pyarrow pygls lsprotocol tree_sitter detect_secrets"),
    ],
)
def test_nothing_is_loaded_that_is_not_needed(words: list[str], absent: str, home: Path) -> None:
    """A command pays for its own libraries only."""
    program = (
        "import sys; from victor_server.cli.main import run\n"
        "try: run(sys.argv[2:])\n"
        "except SystemExit: pass\n"
        "print([name for name in sys.argv[1].split() if name in sys.modules], file=sys.stderr)"
    )
    command = [sys.executable, "-P", "-c", program, absent, *words]
    environment = {"VICTOR_HOME": str(home), "PATH": os.environ["PATH"]}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stderr == "[]\n"


@pytest.mark.parametrize("address", ["7345", "localhost:", ":1", "localhost:port", "localhost:70000", "x:-1"])
def test_no_address(capsys: pytest.CaptureFixture[str], address: str) -> None:
    """`--socket` takes HOST:PORT and says so."""
    assert run(["lsp", "--socket", address]) == 2
    assert "127.0.0.1:7345" in capsys.readouterr().err


def test_only_this_machine(capsys: pytest.CaptureFixture[str]) -> None:
    """The server does not listen where others could connect."""
    assert run(["lsp", "--socket", "0.0.0.0:7345"]) == 2
    assert "not a loopback address" in capsys.readouterr().err


def test_config_show(capsys: pytest.CaptureFixture[str], home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every setting with value and source; problems beside them, not instead of them."""
    home.mkdir()
    (home / "settings.yaml").write_text("index:\n  workers: 3\n  exlude: [a]\n", encoding="utf-8")
    monkeypatch.setenv("VICTOR_INDEX_EXCLUDE", "a,b/")
    assert run(["config", "show", "--json"]) == 0
    shown = document(capsys)
    assert shown["settings"]["index.workers"] == {"value": 3, "source": str(home / "settings.yaml")}
    assert shown["settings"]["index.exclude"] == {"value": ["a", "b/"], "source": "environment"}
    assert shown["settings"]["home"] == {"value": str(home), "source": "environment"}
    assert shown["settings"]["lazy_loading"] == {"value": True, "source": "default"}
    message = "index.exlude is not a setting (did you mean index.exclude?)"
    assert shown["problems"] == [{"source": str(home / "settings.yaml"), "line": 3, "message": message}]
    assert run(["config", "show"]) == 0
    captured = capsys.readouterr()
    assert re.search(r"^index\.workers +3  \(", captured.out, re.MULTILINE)
    assert captured.err == f"{home / 'settings.yaml'}:3: {message}\n"


def test_scan_secrets_is_wired(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The command passes paths and --json on, and its exit code back."""
    clean = tmp_path / "clean.py"
    clean.write_text("x = 1\n", encoding="utf-8")
    assert run(["scan-secrets", str(clean), "--json"]) == 0
    assert document(capsys)["files"] == 1
    found = tmp_path / "found.py"
    found.write_text('token = "' + "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8" + '"\n', encoding="utf-8")
    assert run(["scan-secrets", str(found)]) == 0
    assert run(["scan-secrets", str(found), "--strict"]) == 1
    assert run(["scan-secrets", str(tmp_path / "missing")]) == 2


def test_usage_errors_pass_through() -> None:
    """Errors of our own trees reach the edge unchanged."""
    assert failures.guarded(lambda: _raise(UsageError("a", "b")), json=False) == 2


def _raise(error: Exception) -> int:
    raise error


def test_version_among_other_words(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever stands beside it, `--version` prints the version and does nothing else."""
    assert run(["--version", "index"]) == 0
    assert capsys.readouterr().out.startswith(f"victor {__version__} ")


def test_every_command_has_a_help_line() -> None:
    """The short help would otherwise show an empty line."""
    assert all(command.callback.__doc__ for command in app.registered_commands if command.callback)
