"""`victor usage`: sums and budgets, for people and for scripts."""

import json
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from ledger.asks import ask, opener

from victor_server.cli.main import run
from victor_server.ledger.model import DIMENSIONS, Spent

NOTHING = {
    "calls": 0,
    "input_tokens": 0,
    "output_tokens": 0,
    "cache_read_tokens": 0,
    "cache_write_tokens": 0,
    "cost_usd": 0.0,
    "unpriced_calls": 0,
    "estimated_calls": 0,
}


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A VICTOR_HOME of the test's own."""
    monkeypatch.setenv("VICTOR_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def spent(home: Path) -> None:
    """Today two calls have ended and one runs."""
    with closing(opener(home, time.time)) as ledger:
        ledger.reserve(ask("a", model="large", session_id="s1"))
        ledger.settle("a", Spent("done", 1_500_000, 20_000))
        ledger.reserve(ask("b", model="\x1b[31msmall", session_id="", price=None))
        ledger.settle("b", Spent("done", 7, 3, counted=False))
        ledger.reserve(ask("c", model="large"))


def document(capsys: pytest.CaptureFixture[str], words: Sequence[str]) -> Any:
    """What `victor usage … --json` prints."""
    assert run(["usage", *words, "--json"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("\n") == 1
    return json.loads(printed)


def lines(capsys: pytest.CaptureFixture[str], words: Sequence[str]) -> list[str]:
    """What `victor usage …` prints."""
    assert run(["usage", *words]) == 0
    return capsys.readouterr().out.splitlines()


def test_nothing_was_used(capsys: pytest.CaptureFixture[str]) -> None:
    """A new installation has nothing to tell, and says so."""
    assert lines(capsys, []) == ["No model was called."]
    assert document(capsys, []) == {**NOTHING, "by": {name: {} for name in DIMENSIONS}, "budgets": []}


@pytest.mark.usefixtures("spent")
def test_sums_in_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    """Dearest first; a name that would colour the screen is spelled out; what is not known is said."""
    assert lines(capsys, ["--by", "model"]) == [
        "               calls  tokens in  tokens out     cost",
        "large              1  1,500,000      20,000  $1.5200",
        "\\x1b[31msmall      1          7           3  $0.0000",
        "in all             2  1,500,007      20,003  $1.5200",
        "The cost is without 1 call of models whose price nobody knows.",
        "The tokens of 1 call are estimated: no provider has counted them.",
    ]


@pytest.mark.usefixtures("spent")
def test_calls_without_a_session_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """As what they are."""
    assert [line.split()[0] for line in lines(capsys, ["--by", "session"])][1:4] == ["s1", "(none)", "in"]


@pytest.mark.usefixtures("spent")
def test_sums_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    """In all, and by the one dimension that is asked for, or by each."""
    told = document(capsys, ["--by", "model"])
    assert (told["calls"], told["input_tokens"], told["output_tokens"]) == (2, 1_500_007, 20_003)
    assert told["cost_usd"] == pytest.approx(1.52)
    assert list(told["by"]) == ["model"]
    assert told["by"]["model"]["large"] == {
        **NOTHING,
        "calls": 1,
        "input_tokens": 1_500_000,
        "output_tokens": 20_000,
        "cost_usd": 1.52,
    }
    assert list(document(capsys, [])["by"]) == list(DIMENSIONS)


@pytest.mark.usefixtures("spent")
def test_only_a_session_or_some_days(capsys: pytest.CaptureFixture[str]) -> None:
    """Calls of others, and before, are left out."""
    assert document(capsys, ["--session", "s1"])["calls"] == 1
    assert document(capsys, ["--session", "s"])["calls"] == 1, "the first letters are enough"
    assert document(capsys, ["--session", "x"])["calls"] == 0
    assert document(capsys, ["--since", "2999-01-01"])["calls"] == 0
    assert document(capsys, ["--since", "2020-01-01"])["calls"] == 2


@pytest.mark.usefixtures("spent")
def test_what_budgets_still_allow(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each that is set, with what calls that run have set aside, and when it renews."""
    monkeypatch.setenv("VICTOR_BUDGET_MONTH_USD", "5")
    monkeypatch.setenv("VICTOR_BUDGET_SESSION_TOKENS", "2000000")
    (month,) = document(capsys, [])["budgets"]
    renews_at = month.pop("renews_at")
    assert renews_at.endswith("-01T00:00:00+00:00")
    assert month == {
        "name": "budget.month_usd",
        "period": "month",
        "unit": "usd",
        "limit": 5.0,
        "used": 1.52,
        "reserved": 0.001,
        "left": 3.479,
    }
    of_session, of_month = reversed(lines(capsys, ["--session", "s1"])[-2:])
    assert of_session == "budget.session_tokens: 480,000 tokens left of 2,000,000 tokens"
    when = f"{renews_at[:10]} at 00:00 UTC"
    assert of_month == f"budget.month_usd: $3.4790 left of $5.0000, $0.0010 set aside; renews on {when}"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--by", "moon"], "Invalid value for '--by'"),
        (["--since", "yesterday"], "Invalid value for '--since'"),
    ],
)
def test_wrong_words(capsys: pytest.CaptureFixture[str], words: list[str], message: str) -> None:
    """Exit code 2, and a sentence that says what is possible."""
    assert run(["usage", *words]) == 2
    assert message in capsys.readouterr().err


def test_a_ledger_that_cannot_be_read(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    """Is told as a document, not as a traceback."""
    home.mkdir()
    (home / "ledger.db").write_bytes(b"garbage" * 1_000)
    assert run(["usage", "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["kind"] == "history_failed"
    assert error["fix"] == "Move the file away: a new one is begun."
