"""The chat on a real terminal: keys go in, a person reads what comes out."""

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

if os.name != "posix":
    pytest.skip("only POSIX has such terminals", allow_module_level=True)

from terminal import Terminal, terminal

PROGRAM = str(Path(__file__).with_name("program.py"))
CTRL_C, CTRL_D = "\x03", "\x04"
PROFILES = "profiles: {default: {provider: scripted, model: played, script: script.jsonl}}\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A VICTOR_HOME with one model set up."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "script.jsonl").write_text('{"text": "unused"}\n', encoding="utf-8")
    (home / "profiles.yaml").write_text(PROFILES, encoding="utf-8")
    return home


@contextmanager
def chat(home: Path, *words: str, more: Mapping[str, str] | None = None) -> Iterator[Terminal]:
    """The program in a folder of its own, greeted and ready for a question."""
    folder = home.parent / "workspace"
    folder.mkdir(exist_ok=True)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home.parent),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "VICTOR_HOME": str(home),
        **(more or {}),
    }
    with terminal([sys.executable, "-P", PROGRAM, *words], environment, folder) as opened:
        opened.wait_for("Ctrl-D leaves")
        opened.wait_for("\n>")
        yield opened


@pytest.mark.e2e
def test_a_conversation(home: Path) -> None:
    """Typed, answered rendered, asked again over the history, left with Ctrl-D; the terminal is as it was."""
    with chat(home) as face:
        face.press("why so?\r")
        answered = face.wait_for("receipt receipt-1")
        assert [line.strip() for line in answered.splitlines()][-6:-2] == ["Answer", "", "to why so?", ""]
        assert "**" not in answered
        face.wait_for("\n>")
        face.press("\x1b[A\x1b[D now\r")
        face.wait_for("to why so now?")
        face.wait_for("receipt receipt-1")
        face.wait_for("\n>")
        face.press(CTRL_D)
        assert face.wait_for_end() == 0
        assert face.echoes
        assert face.written.endswith(b"\x1b[?25h") or face.written.count(b"\x1b[?25h") > 0


@pytest.mark.e2e
def test_ctrl_c_stops_the_answer_not_the_program(home: Path) -> None:
    """While an answer comes the keys are not drawn into it; Ctrl-C ends it, and what was typed meanwhile waits."""
    with chat(home) as face:
        face.press("hang\r")
        face.wait_for("Asking small")
        assert not face.echoes
        face.press(CTRL_C)
        face.wait_for("Stopped.")
        face.wait_for("\n>")
        face.press(f"given up{CTRL_C}")
        face.wait_for("Ctrl-D or /quit leaves.")
        face.press("again\r")
        face.wait_for("to again")
        face.wait_for("\n>")
        face.press("/quit\r")
        assert face.wait_for_end() == 0


@pytest.mark.e2e
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_asked_to_end(home: Path, number: signal.Signals) -> None:
    """In the middle of an answer: the process goes, and the terminal draws keys and its cursor again."""
    with chat(home) as face:
        face.press("hang\r")
        face.wait_for("Asking small")
        face.process.send_signal(number)
        assert face.wait_for_end() == 128 + number
        assert face.echoes
        hidden, shown = face.written.rfind(b"\x1b[?25l"), face.written.rfind(b"\x1b[?25h")
        assert shown > hidden


@pytest.mark.e2e
@pytest.mark.parametrize("words", [[], ["--plain"]])
def test_asked_to_end_while_nobody_types(home: Path, words: list[str]) -> None:
    """Between two questions: the process goes at once, nothing waits for a last line."""
    with chat(home, *words) as face:
        face.press("one\r" if not words else "one\n")
        face.wait_for("receipt receipt-1")
        face.wait_for("\n>")
        face.process.send_signal(signal.SIGTERM)
        assert face.wait_for_end() == 128 + signal.SIGTERM
        assert face.echoes


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("words", "more"), [(["--plain"], {}), ([], {"TERM": "dumb"}), (["--plain"], {"TERM": "vt100"})]
)
def test_plain(home: Path, words: list[str], more: Mapping[str, str]) -> None:
    """For screen readers and simple terminals: no sequence at all, each thing said in words, once."""
    with chat(home, *words, more=more) as face:
        face.press("why?\n")
        answered = face.wait_for("receipt receipt-1")
        assert "Asking small (profile default)…\n# Answer\n\nto **why?**\n" in answered
        face.wait_for("\n>")
        face.press("hang\n")
        face.wait_for("Asking small")
        face.press(CTRL_C)
        face.wait_for("Stopped.")
        face.wait_for("\n>")
        face.press("two\\\nlines\n")
        face.wait_for("to **two\nlines**")
        face.wait_for("\n>")
        face.press(CTRL_D)
        assert face.wait_for_end() == 0
        assert b"\x1b" not in face.written


@pytest.mark.e2e
def test_no_colours(home: Path) -> None:
    """NO_COLOR leaves the shape of an answer and takes its colours."""
    with chat(home, more={"NO_COLOR": "1"}) as face:
        start = len(face.written)
        face.press("echo `code` and [a](http://x/)\r")
        face.wait_for("receipt receipt-1")
        assert b"\x1b[36m" not in face.written[start:]


@pytest.mark.e2e
def test_an_answer_cannot_order_the_terminal_about(home: Path) -> None:
    """What a model writes reaches the terminal as text: no title, clipboard, links or cursor of its own."""
    (home / "unused").touch()
    with chat(home) as face:
        start = len(face.written)
        face.press("echo &#8238; <http://x/%1b]52;c;eA==%07> [l](http://y/)\r")
        face.wait_for("receipt receipt-1")
        written = face.written[start:]
        assert b"\x1b]" not in written
        assert "\u202e" not in written.decode()


@pytest.mark.e2e
def test_no_model(home: Path) -> None:
    """Where none is set up the greeting says exactly what to install or to write."""
    (home / "profiles.yaml").unlink()
    folder = home.parent / "workspace"
    folder.mkdir()
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm", "VICTOR_HOME": str(home), "LANG": "C.UTF-8"}
    with terminal([sys.executable, "-P", PROGRAM], environment, folder, (40, 400)) as face:
        greeting = face.wait_for("Ctrl-D leaves")
        assert "No model is set up." in greeting
        assert "ollama pull" in greeting
        assert "ANTHROPIC_API_KEY" in greeting
        assert "Ask about the code here." in greeting
