"""`victor secrets audit` and `victor secrets baseline`, driven as people drive them: over a terminal."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from secrets_samples import aws_key, github_token, pem_key

from victor_server.cli.main import run
from victor_server.features.secret_audit.context import MAX_WIDTH, Masked, masked_lines
from victor_server.features.secret_audit.questions import read_questions
from victor_server.secrets.allow.baseline import add_to_baseline
from victor_server.secrets.lines import line_starts
from victor_server.secrets.scanner import scan

PROMPT = b"q = quit: "
FILES = {
    "a.py": f'import os\nkey = "{aws_key()}"\n',
    "b/c.yaml": f"x: 1\ntoken: {github_token()}\n",
    "key.pem": pem_key() + "\n",
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with three secrets; its top is the working directory."""
    monkeypatch.setenv("VICTOR_HOME", str(tmp_path / "home"))
    top = tmp_path / "top"
    (top / "b").mkdir(parents=True)
    for path, text in FILES.items():
        (top / path).write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=top, check=True)
    monkeypatch.chdir(top)
    return top


class Terminal:
    """A program at a terminal of its own, which is read up to each question."""

    def __init__(self, *words: str) -> None:
        import pty

        self.seen = b""
        ours, theirs = pty.openpty()
        start = "from victor_server.cli.main import main; main()"
        self.program = subprocess.Popen(
            [sys.executable, "-P", "-c", start, *words], stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        self._terminal = ours

    def asked(self) -> str:
        """What was printed up to the next question, or to the end."""
        printed = b""
        while not printed.endswith(PROMPT):
            try:
                read = os.read(self._terminal, 4096)
            except OSError:  # on Linux, how a terminal says that nobody is at its other end
                read = b""
            if not read:
                break
            printed += read
        self.seen += printed
        return printed.decode()

    def type(self, text: str) -> None:
        """Type something; it counts when the line is ended."""
        os.write(self._terminal, text.encode())

    def answer(self, *answers: str) -> str:
        """Give answers, each when asked, and return what was printed after the last."""
        printed = ""
        for each in answers:
            self.type(f"{each}\n")
            printed = self.asked()
        return printed

    def interrupt(self) -> None:
        """Press Ctrl-C; once more, as people do, where it came just before the program began to wait for a line."""
        while self.program.poll() is None:
            self.program.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.program.wait(1)

    def end(self) -> int:
        """The exit code."""
        code = self.program.wait()
        os.close(self._terminal)
        return code


@pytest.fixture
def terminal() -> Iterator[Any]:
    """Starts `victor secrets audit`; whatever is left of it is ended."""
    pytest.importorskip("pty", reason="this system has no such terminals")
    started: list[Terminal] = []

    def start(*words: str) -> Terminal:
        started.append(Terminal("secrets", "audit", *words))
        return started[-1]

    yield start
    for each in started:
        each.program.kill()
        each.program.wait()


def labels(root: Path) -> dict[str, bool | None]:
    """What the baseline says of each file; every entry of a file says the same."""
    results = json.loads((root / ".secrets.baseline").read_text())["results"]
    said = {path: {item.get("is_secret") for item in items} for path, items in results.items()}
    assert all(len(each) == 1 for each in said.values())
    return {path: each.pop() for path, each in said.items()}


def document(capsys: pytest.CaptureFixture[str], *words: str, code: int) -> dict[str, Any]:
    """The one JSON document that a command printed."""
    assert run([*words, "--json"]) == code
    read: dict[str, Any] = json.loads(capsys.readouterr().out)
    return read


def test_walk_from_the_beginning(root: Path, terminal: Any) -> None:
    """Without a baseline one is made; each secret is asked about once, masked, with its lines; all answered is 0."""
    audit = terminal()
    first = audit.asked()
    assert "scanned for one" in first
    assert "1 of 3: a.py, line 2" in first
    assert '> 2 | key = "AKIA…6K"' in first
    assert "2 of 3: b/c.yaml, line 2" in audit.answer("n")
    third = audit.answer("Y")
    assert "3 of 3: key.pem, line 1" in third
    assert "\n  2 | …" in third.replace("\r", "")
    end = audit.answer("n")
    assert "secrets: 1; no secrets: 2; not yet judged: 0;" in end
    assert "b/c.yaml:2  GitHub Token  ghp_…5m  https://github.com/" in end
    assert audit.end() == 0
    assert labels(root) == {"a.py": False, "b/c.yaml": True, "key.pem": False}
    assert not [
        value for value in (aws_key(), github_token(), pem_key()[40:80]) if value.encode() in audit.seen
    ]
    assert b"\x1b" not in audit.seen


def test_back_skip_quit_and_go_on(root: Path, terminal: Any) -> None:
    """Back corrects an answer, skip leaves one open, quit keeps what was said; the next time asks for the rest."""
    audit = terminal()
    audit.asked()
    assert "This is the first one" in audit.answer("b")
    assert "Please answer" in audit.answer("what?")
    audit.answer("y")
    assert "a.py, line 2" in (again := audit.answer("b"))
    assert "judged before: secret" in again
    audit.answer("n", "s")
    assert "no secrets: 1; not yet judged: 2;" in audit.answer("q")
    assert audit.end() == 1
    assert labels(root) == {"a.py": False, "b/c.yaml": None, "key.pem": None}
    rest = terminal()
    assert "1 of 2: b/c.yaml" in rest.asked()
    rest.answer("n", "n")
    assert rest.end() == 0
    everything = terminal("--all")
    assert "1 of 3: a.py" in everything.asked()
    everything.type("\x04")
    everything.asked()
    assert everything.end() == 0


def test_kill_loses_only_the_answer_being_given(root: Path, terminal: Any) -> None:
    """Every answer is on disk when the next question is asked."""
    audit = terminal()
    audit.asked()
    audit.answer("n", "y")
    audit.type("y")
    audit.program.send_signal(signal.SIGKILL)
    audit.end()
    assert labels(root) == {"a.py": False, "b/c.yaml": True, "key.pem": None}


def test_ctrl_c_keeps_what_was_said(root: Path, terminal: Any) -> None:
    """An interrupt is no answer."""
    audit = terminal()
    audit.asked()
    audit.answer("n")
    audit.interrupt()
    assert audit.end() == 130
    assert labels(root)["a.py"] is False


@pytest.mark.skipif(os.name == "nt", reason="Windows allows no such names")
def test_nothing_in_a_repository_drives_the_terminal(root: Path, terminal: Any) -> None:
    """Names and lines may hold anything: it is shown, not carried out, and no line is endless."""
    (root / "a.py").unlink()
    (root / "b\x1b[2J.py").write_text('x = "\x1b[31m\x07" * 9; ' + "y" * 900 + f'; key = "{aws_key()}"\n')
    audit = terminal()
    assert "b\\x1b[2J.py, line 1" in (asked := audit.asked())
    assert "AKIA…6K" in asked
    assert max(map(len, asked.splitlines())) < 220
    audit.answer("q")
    assert b"\x1b" not in audit.seen
    assert audit.end() == 1


def test_nobody_to_answer(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a terminal nothing is asked and nothing written; the message says what to do."""
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert run(["secrets", "audit"]) == 2
    assert "--json" in capsys.readouterr().err
    assert not (root / ".secrets.baseline").exists()


def test_summary_for_scripts(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` counts secrets, not entries, and says 1 while some are not judged."""
    assert "secrets baseline" in document(capsys, "secrets", "audit", code=2)["error"]["fix"]
    assert document(capsys, "secrets", "baseline", code=0)["new"] >= 3
    read = document(capsys, "secrets", "audit", code=1)
    assert [read[key] for key in ("total", "secrets", "false_positives", "unanswered", "gone")] == [
        3,
        0,
        0,
        3,
        0,
    ]
    assert read["entries"][0] == {
        "path": "a.py", "line": 2, "title": "AWS Access Key", "rule": "aws-access-key", "masked": "AKIA…6K", "is_secret": None
    }  # fmt: skip
    found = [(path, finding, text) for path, text in FILES.items() for finding in scan(text, path)]
    add_to_baseline(root / ".secrets.baseline", found, is_secret=True)
    (root / "key.pem").unlink()
    read = document(capsys, "secrets", "audit", code=0)
    assert [read[key] for key in ("total", "secrets", "unanswered", "gone")] == [2, 2, 0, 1]


def test_baseline_follows_the_files(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is gone goes and labels stay; only the named paths are looked at, from wherever one stands."""
    monkeypatch.chdir(root / "b")
    document(capsys, "secrets", "baseline", code=0)
    assert set(labels(root)) == set(FILES)
    add_to_baseline(
        root / ".secrets.baseline",
        [("a.py", f, FILES["a.py"]) for f in scan(FILES["a.py"], "a.py")],
        is_secret=False,
    )
    (root / "a.py").write_text("\n" + FILES["a.py"])
    (root / "b" / "c.yaml").write_text("x: 1\n")
    (root / "key.pem").unlink()
    assert document(capsys, "secrets", "baseline", "c.yaml", code=0)["dropped"] >= 1
    assert set(labels(root)) == {"a.py", "key.pem"}
    assert document(capsys, "secrets", "baseline", "..", code=0)["unlabelled"] == 0
    assert labels(root) == {"a.py": False}
    assert json.loads((root / ".secrets.baseline").read_text())["results"]["a.py"][0]["line_number"] == 3
    assert run(["scan-secrets", ".."]) == 0


def test_baseline_of_another_name(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--baseline` names the file; `audit` takes it as its argument."""
    (root / "ci").mkdir()
    document(capsys, "secrets", "baseline", "--baseline", "ci/known.json", code=0)
    assert document(capsys, "secrets", "audit", "ci/known.json", code=1)["total"] == 3
    (root / "ci" / "known.json").write_text("[]")
    assert (
        document(capsys, "secrets", "baseline", "--baseline", "ci/known.json", code=2)["error"]["kind"]
        == "usage"
    )


def test_plugin_path(capsys: pytest.CaptureFixture[str]) -> None:
    """It prints a file that is there."""
    assert run(["secrets", "plugin-path"]) == 0
    assert Path(capsys.readouterr().out.strip()).is_file()


def test_entries_of_others_are_asked_about_too(tmp_path: Path) -> None:
    """What only detect-secrets found is a question as well; overlapping entries are one; outside is not opened."""
    text = f'a = "{github_token()}"  # {"0123456789abcdef" * 2}\n'
    (tmp_path / "top").mkdir()
    (tmp_path / "top" / "a.py").write_text(text)
    (tmp_path / "out.py").write_text(text)
    items = [
        {"type": "GitHub Token", "hashed_secret": _sha1("ghp"), "line_number": 1},
        {"type": "Base64 High Entropy String", "hashed_secret": _sha1(github_token()), "line_number": 1},
        {"type": "Hex High Entropy String", "hashed_secret": _sha1("0123456789abcdef" * 2), "line_number": 9},
        {"type": "Hex High Entropy String", "hashed_secret": _sha1("gone"), "line_number": 1},
    ]
    read = read_questions(json.dumps({"results": {"a.py": items, "../out.py": items[:1]}}), tmp_path / "top")
    assert [(each.title, each.rule, each.line, len(each.keys)) for each in read.questions] == [
        ("GitHub Token", "github-token", 0, 2),
        ("Hex High Entropy String", "", 0, 1),
    ]
    assert read.n_gone == 2
    assert read.questions[0].context[0].text == 'a = "ghp_…5m"  # 0123…ef'


def _sha1(value: str) -> str:
    from victor_server.secrets.finding import fingerprint

    return fingerprint(value)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_context_is_masked_and_short(newline: str) -> None:
    """Every mask stands in its place, whatever overlaps; long lines are cut around it."""
    text = newline.join(["one", "x" * 500 + "SECRET" + "y" * 500, "SEC", "RET two", "end"])
    first, block = text.index("SECRET"), text.index(f"SEC{newline}RET")
    masks = [
        Masked(first, first + 6, "S…T"),
        Masked(first + 2, first + 9, "C…y"),
        Masked(block, block + 6 + len(newline), "M…"),
    ]
    lines = masked_lines(text, line_starts(text), masks, 1)
    assert [line.number for line in lines] == [1, 2, 3, 4, 5]
    assert [line.is_here for line in lines] == [False, True, False, False, False]
    assert "S…T" in lines[1].text
    assert "SECRET" not in lines[1].text
    assert len(lines[1].text) <= MAX_WIDTH + 2
    assert [line.text for line in lines[2:]] == ["M…", "… two", "end"]
