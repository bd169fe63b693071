"""`victor receipts`: what left this machine, call by call."""

import json
from pathlib import Path
from typing import Any

import pytest

from victor_server.agent.receipt import Attempt, Receipt, ShownFile, to_data
from victor_server.cli.main import run
from victor_server.history.history import History
from victor_server.history.model import StoredReceipt

ATTEMPT = Attempt("cloud", "anthropic", "big", "https://api.example.org", leaves_machine=True, was_sent=True)
ASKED = Receipt(
    id="abc1",
    session_id="",
    turn_id="t1",
    created=1_800_000_000.0,
    task="code_review",
    outcome="done",
    profile="cloud",
    provider="anthropic",
    model="big\x1b[A",
    files=(ShownFile("src/app.py", 2, 9, "file", "mentioned", 40),),
    redacted={"aws-access-key": 2},
    input_tokens=1234,
    output_tokens=56,
    cost_usd=0.0123,
    attempts=(ATTEMPT,),
)
REFUSED = Receipt("abd2", "", "t2", 1_800_000_100.0, "chat", "not_sent", error="offline_blocked")


@pytest.fixture
def history(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> History:
    """The history of a person who was answered once and refused once."""
    monkeypatch.setenv("VICTOR_HOME", str(tmp_path))
    history = History(tmp_path / "sessions.db")
    session = history.create("/workspace", "a chat")
    for receipt in (ASKED, REFUSED):
        history.begin_turn(session.id, receipt.turn_id, {"text": "?"})
        stored = StoredReceipt(receipt.id, session.id, receipt.turn_id, receipt.created, to_data(receipt))
        history.put_receipt(stored)
    return history


def test_a_line_for_each(history: History, capsys: pytest.CaptureFixture[str]) -> None:
    """The youngest first: when, what for, who, whether it left, tokens, cost, or why it was not sent; nothing in it orders the terminal."""
    history.close()
    assert run(["receipts"]) == 0
    refused, asked = capsys.readouterr().out.splitlines()
    assert refused.startswith("abd2  ")
    assert refused.endswith("chat, not sent: offline_blocked")
    assert asked.endswith(
        "code_review, done: big␛[A (cloud), left this machine, 1,234 tokens in, 56 out, $0.0123"
    )
    assert run(["receipts", "-n", "1"]) == 0
    assert capsys.readouterr().out.splitlines() == [refused]


def test_one(history: History, capsys: pytest.CaptureFixture[str]) -> None:
    """By the first letters of its name: all of it, for people and for scripts."""
    history.close()
    assert run(["receipts", "abc"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("# Receipt abc1\n")
    assert "src/app.py | 3-9 | 40 | mentioned" in printed
    assert run(["receipts", "abc", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == to_data(ASKED)


def test_documents(history: History, capsys: pytest.CaptureFixture[str]) -> None:
    """All of them, or those of one chat, in one document."""
    (session,) = history.sessions()
    history.close()
    for words in (["receipts", "--json"], ["receipts", "--session", session.id[:6], "--json"]):
        assert run(words) == 0
        document: dict[str, Any] = json.loads(capsys.readouterr().out)
        assert document == {"receipts": [to_data(REFUSED), to_data(ASKED)]}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["ab"], "2 receipts begin with ab."),
        (["zz"], "There is no receipt zz."),
        (["--session", "zz"], "There is no chat zz."),
    ],
)
def test_what_is_not_there(
    history: History, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    """A name that fits none, or several, is refused."""
    history.close()
    assert run(["receipts", *words]) == 2
    assert capsys.readouterr().err.startswith(f"victor: {message}")


def test_another_versions_receipt_hides_no_other(
    history: History, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be read is named; the others are listed."""
    (session,) = history.sessions()
    history.put_receipt(StoredReceipt("new3", session.id, "t2", 1_800_000_200.0, {"version": 99}))
    history.close()
    assert run(["receipts"]) == 0
    captured = capsys.readouterr()
    assert captured.err.startswith("new3: This receipt was written by another version")
    assert len(captured.out.splitlines()) == 2


def test_nobody_was_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Without a history there are none, and looking for them makes no file."""
    monkeypatch.setenv("VICTOR_HOME", str(tmp_path / "home"))
    assert run(["receipts"]) == 0
    assert capsys.readouterr().out == "No model was asked yet.\n"
    assert run(["receipts", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"receipts": []}
    assert run(["receipts", "x"]) == 2
    assert not (tmp_path / "home").exists()
