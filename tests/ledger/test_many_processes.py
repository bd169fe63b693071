"""Budgets hold, and the ledger is right, however many processes spend and whenever they are killed."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from ledger.asks import NOON, Clock, ask, opener
from ledger.spending import assert_whole, start_spender, states

from victor_server.errors import BudgetExceeded
from victor_server.ledger.ledger import LEASE_S, Ledger
from victor_server.ledger.model import Used

N_PROCESSES = 4
N_CALLS = 120
LIMITS = {"day_tokens": 30_000, "day_usd": 0.25, "session_tokens": 14_000}
SESSIONS = ("session-0", "session-1", "session-2")


def test_no_budget_is_exceeded_by_many_processes(tmp_path: Path) -> None:
    """While they spend, and when they are done, what is used and set aside fits each budget; most was used."""
    file = tmp_path / "ledger.db"
    with closing(opener(tmp_path, Clock(), **LIMITS)) as ledger:
        spenders = [
            start_spender(file, seed, N_CALLS, day_tokens=30_000, day_usd=0.25, session_tokens=14_000)
            for seed in random.sample(range(10**6), N_PROCESSES)
        ]
        while any(spender.poll() is None for spender in spenders):
            assert_within(ledger)
        assert_within(ledger)
        steps = [line.split()[0] for spender in spenders for line in spender.communicate()[0].splitlines()]
    assert [spender.returncode for spender in spenders] == [0] * N_PROCESSES
    assert len(steps) - steps.count("settled") == N_PROCESSES * N_CALLS
    assert steps.count("refused") > 0
    assert steps.count("settled") > N_CALLS / 2
    assert_whole(file)


def assert_within(ledger: Ledger) -> None:
    """Every budget holds what is used and set aside."""
    for session in SESSIONS:
        for state in ledger.left(session):
            assert state.used + state.reserved <= state.limit, state


def test_all_may_begin_the_file_at_once(tmp_path: Path) -> None:
    """Several windows open with the first session of a new person: none of them fails."""
    n_openers = 8
    for number in range(10):
        folder, barrier = tmp_path / f"{number}", threading.Barrier(n_openers)
        with ThreadPoolExecutor(n_openers) as threads:
            begun = [threads.submit(begin, f"{each}", folder, barrier) for each in range(n_openers)]
        assert [each.result() for each in begun] == [None] * n_openers
        assert len(states(folder / "ledger.db")) == n_openers


def begin(call_id: str, folder: Path, barrier: threading.Barrier) -> None:
    """Open the ledger when all others do, and reserve a call."""
    with closing(opener(folder, Clock(), day_tokens=8_000)) as ledger:
        barrier.wait()
        ledger.reserve(ask(call_id))


def test_a_kill_between_reservation_and_settlement(tmp_path: Path) -> None:
    """What was set aside stays so until its lease is over, and then the input is charged."""
    assert killed_while_spending(tmp_path, 0, n_calls=0, n_steps=1) == {"held": "open"}
    with closing(opener(tmp_path, Clock(), day_tokens=1_500, day_usd=1)) as ledger:
        assert [(state.used, state.reserved) for state in ledger.left()] == [(0, 1_000), (0, 0.001)]
        with pytest.raises(BudgetExceeded, match="500 tokens left"):
            ledger.reserve(ask())
    with closing(opener(tmp_path, Clock(NOON + LEASE_S), day_tokens=1_500, day_usd=1)) as ledger:
        assert [(state.used, state.reserved) for state in ledger.left()] == [(600, 0), (0.0006, 0)]
        assert ledger.usage().total == Used(1, 600, cost_usd=0.0006, estimated_calls=1)
    assert_whole(tmp_path / "ledger.db")


def test_kills_leave_the_ledger_right(tmp_path: Path) -> None:
    """Five kills at random steps, each followed by a process that goes on in the same file."""
    kill_and_verify(tmp_path, n_kills=5, seed=random.randrange(10**6))


@pytest.mark.torture
def test_a_hundred_kills_leave_the_ledger_right(tmp_path: Path) -> None:
    """The same, twenty times as long."""
    kill_and_verify(tmp_path, n_kills=100, seed=random.randrange(10**6))


def kill_and_verify(folder: Path, *, n_kills: int, seed: int) -> None:
    """Kill spenders, and look at every call. The seed stands in the output of a failed run."""
    dice = random.Random(seed)
    told: dict[str, str] = {}
    for number in range(n_kills):
        told |= killed_while_spending(folder, number, n_steps=dice.randrange(1, 60))
        found = states(folder / "ledger.db")
        assert {call_id: found[call_id] for call_id in told} == told | ahead(told, found)
        assert len(found) - len(told) <= number + 1
        assert_whole(folder / "ledger.db")
    with closing(opener(folder, Clock(NOON + LEASE_S), day_tokens=10**12)) as ledger:
        assert ledger.left()[0].reserved == 0
        assert ledger.usage().total.calls == len(states(folder / "ledger.db"))
    assert_whole(folder / "ledger.db")


def ahead(told: dict[str, str], found: dict[str, str]) -> dict[str, str]:
    """Calls that were settled and whose process was killed before it could say so."""
    return {call_id: "settled" for call_id in told if told[call_id] == "open" and found[call_id] == "settled"}


def killed_while_spending(folder: Path, seed: int, *, n_steps: int, n_calls: int = 10_000) -> dict[str, str]:
    """Start a spender, kill it when it has told `n_steps`; returns how the calls stand that it has told of."""
    told: dict[str, str] = {}
    spender = start_spender(folder / "ledger.db", seed, n_calls)
    assert spender.stdin is not None
    assert spender.stdout is not None
    for number, line in enumerate(spender.stdout, start=1):
        step, call_id = line.split()
        told[call_id] = {"reserved": "open", "settled": "settled"}[step]
        if number == n_steps:
            spender.kill()
    spender.stdin.close()
    spender.stdout.close()
    spender.wait()
    return told
