"""Nothing that looks for secrets, hides them or keeps a list of them opens a socket."""

import json
import subprocess
from pathlib import Path

import pytest
from no_socket import NoSocket
from secrets_samples import aws_key, github_token, pem_key

TEXT = f"key = '{aws_key()}'\ntoken = '{github_token()}'\n{pem_key()}\npassword = '{'tR7!kw' + 'Q2#zp9'}'\n"


@pytest.fixture
def guarded(tmp_path: Path) -> NoSocket:
    """A place to run programs from."""
    return NoSocket(tmp_path / "guard")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit, and a file with secrets that is staged."""
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "a.py").write_text("x = 1\n", encoding="utf-8")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Begin")
    (folder / "b.py").write_text(TEXT, encoding="utf-8")
    git(folder, "add", ".")
    return folder


def git(folder: Path, *words: str) -> None:
    """Run git as nobody in particular."""
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "core.fsmonitor=false")
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def test_the_guard_guards(guarded: NoSocket, tmp_path: Path) -> None:
    """It would be noticed: also where the program swallows the error."""
    code = "import socket\nfor use in (socket.socket, lambda: socket.getaddrinfo('example.org', 80)):\n    try: use()\n    except OSError: pass"
    assert guarded.python(code, tmp_path).returncode == 0
    assert [line.split()[0] for line in guarded.opened.splitlines()] == [
        "socket.__new__",
        "socket.getaddrinfo",
    ]


def test_scan_and_redaction(guarded: NoSocket, repository: Path) -> None:
    """As the editor, the index and the agent call them."""
    code = (
        "from pathlib import Path\n"
        "from victor_server.secrets.redaction.session import RedactionSession\n"
        "from victor_server.secrets.redaction.stored import redact\n"
        "from victor_server.secrets.scanner import scan\n"
        "text = Path('b.py').read_text('utf-8')\n"
        "assert len(scan(text, 'b.py')) == 4\n"
        "assert redact(text, 'b.py').count('[REDACTED:') == 4\n"
        "with RedactionSession() as session:\n"
        "    stream = session.redact_stream('b.py')\n"
        "    shown = stream.feed(text) + stream.finish()\n"
        "    assert session.restore(shown) == text != shown\n"
    )
    done = guarded.python(code, repository)
    assert (done.returncode, done.stderr, guarded.opened) == (0, "", "")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("scan-secrets", "--json"), 1),
        (("scan-secrets", "--format", "sarif", "b.py"), 1),
        (("scan-secrets", "--staged"), 1),
        (("scan-secrets", "--staged", "--bypass", "false-positive"), 0),
        (("scan-secrets", "--history"), 0),
        (("scan-secrets", "--since", "HEAD"), 0),
        (("secrets", "baseline"), 0),
        (("secrets", "plugin-path"), 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_command(guarded: NoSocket, repository: Path, words: tuple[str, ...], code: int) -> None:
    """Each does its work, and none of its processes asks for a socket."""
    done = guarded.victor(repository, *words)
    assert (done.returncode, guarded.opened) == (code, ""), done.stderr


def test_scan_finds_the_same_without_a_network(guarded: NoSocket, repository: Path) -> None:
    """No rule needs to ask anybody."""
    document = json.loads(guarded.victor(repository, "scan-secrets", "--json").stdout)
    assert [finding["line"] for finding in document["findings"]] == [1, 2, 3, 17]


def test_hook(guarded: NoSocket, repository: Path) -> None:
    """The commit is stopped by what git starts, and that opens nothing either."""
    assert guarded.victor(repository, "scan-secrets", "--install-hook").returncode == 0
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    commit = guarded.run(["git", *who, "commit", "-q", "-m", "Add"], repository)
    assert commit.returncode == 1
    assert "aws-access-key" in commit.stdout + commit.stderr
    assert guarded.opened == ""
