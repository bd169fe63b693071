"""Several processes' calls in any order: the ledger allows exactly what fits, and charges exactly what was used."""

import tempfile
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from ledger.asks import DOLLAR, Clock, ask, opener
from ledger.spending import assert_whole

from victor_server.errors import BudgetExceeded
from victor_server.ledger.ledger import LEASE_S
from victor_server.ledger.model import Spent
from victor_server.ledger.periods import day_of

N_PROCESSES = 3
LIMITS = {"session_tokens": 2_500, "day_tokens": 4_000, "month_tokens": 9_000, "day_usd": 0.003}
PROCESS = st.integers(0, N_PROCESSES - 1)
SESSION = st.sampled_from(["", "s1", "s2"])
N_TOKENS = st.integers(0, 900)
PART = st.floats(0, 1)


@dataclass
class Call:
    """What the test knows of a call, by itself. `charged` is None while the call's reservation holds."""

    day: str
    session: str
    n_in: int
    n_out: int
    is_paid: bool
    lease_until: float
    charged: int | None = None
    is_over: bool = False

    @property
    def tokens(self) -> int:
        """What it takes of a budget now."""
        return self.n_in + self.n_out if self.charged is None else self.charged


class Spending(RuleBasedStateMachine):
    """Processes share a file; each sees what the others did, as soon as they did it."""

    calls: dict[str, Call]

    @initialize()
    def begin(self) -> None:
        """A new ledger, opened by all processes."""
        self.stack = ExitStack()
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.clock = Clock()
        self.ledgers = [
            self.stack.enter_context(closing(opener(self.folder, self.clock, **LIMITS)))
            for _ in range(N_PROCESSES)
        ]
        self.calls = {}

    def teardown(self) -> None:
        """Close, and look at the file."""
        for ledger in self.ledgers:
            ledger.close()
        assert_whole(self.folder / "ledger.db")
        self.stack.close()

    @rule(process=PROCESS, session=SESSION, n_in=N_TOKENS, n_out=N_TOKENS, is_paid=st.booleans())
    def reserve(self, process: int, session: str, n_in: int, n_out: int, is_paid: bool) -> None:
        """A call is let through if and only if every budget holds it."""
        self.let_go()
        call_id = f"{len(self.calls)}"
        call = Call(self.day, session, n_in, n_out, is_paid, self.clock.now + LEASE_S)
        price = DOLLAR if is_paid else None
        wanted = ask(call_id, session_id=session, input_tokens=n_in, max_output_tokens=n_out, price=price)
        try:
            self.ledgers[process].reserve(wanted)
        except BudgetExceeded:
            assert not self.fits(call)
        else:
            assert self.fits(call)
            self.calls[call_id] = call

    @rule(process=PROCESS, which=PART, part_in=PART, part_out=PART)
    def settle(self, process: int, which: float, part_in: float, part_out: float) -> None:
        """A call that runs is charged with what it used."""
        found = self.running(which)
        if found is None:
            return
        call_id, call = found
        used_in, used_out = int(call.n_in * part_in), int(call.n_out * part_out)
        self.ledgers[process].settle(call_id, Spent("done", used_in, used_out))
        call.charged, call.is_over = used_in + used_out, True

    @rule(process=PROCESS, which=PART)
    def renew(self, process: int, which: float) -> None:
        """A call that runs gets a new lease."""
        if found := self.running(which):
            self.ledgers[process].renew(found[0])
            found[1].lease_until = self.clock.now + LEASE_S

    @rule(seconds=st.sampled_from([1, LEASE_S / 2, LEASE_S, 43_200, 86_400, 31 * 86_400]))
    def wait(self, seconds: float) -> None:
        """Leases and days end. Who was killed never comes back, and who lives has renewed: so nobody is late."""
        self.clock.now += seconds
        self.let_go()

    @invariant()
    def what_is_used_fits(self) -> None:
        """Every budget holds what is used and set aside, and it is what the test has added up."""
        if not hasattr(self, "ledgers"):
            return
        self.let_go()
        for session in ("s1", "s2"):
            for state in self.ledgers[0].left(session):
                assert state.used + state.reserved <= state.limit
                if state.unit == "tokens":
                    assert state.used + state.reserved == self.taken(state.period, self.day, session)

    @property
    def day(self) -> str:
        """Today."""
        return day_of(self.clock.now)

    def running(self, which: float) -> tuple[str, Call] | None:
        """One of the calls that run."""
        running = [item for item in self.calls.items() if not item[1].is_over]
        return running[int(which * (len(running) - 1))] if running else None

    def let_go(self) -> None:
        """Who was not heard of for a lease is dead: the input is charged."""
        for call in self.calls.values():
            if not call.is_over and call.lease_until <= self.clock.now:
                call.charged, call.is_over = call.n_in, True

    def taken(self, period: str, day: str, session: str) -> int:
        """Tokens that are used or set aside."""
        return sum(call.tokens for call in self.calls.values() if is_in(call, period, day, session))

    def fits(self, call: Call) -> bool:
        """Whether every budget holds the call."""
        n_tokens = call.n_in + call.n_out
        paid = sum(each.tokens for each in self.calls.values() if each.is_paid and each.day == call.day)
        return call.is_paid and all(
            [
                n_tokens <= LIMITS["day_tokens"] - self.taken("day", call.day, ""),
                n_tokens <= LIMITS["month_tokens"] - self.taken("month", call.day, ""),
                not call.session
                or n_tokens <= LIMITS["session_tokens"] - self.taken("session", "", call.session),
                n_tokens <= LIMITS["day_usd"] * 1e6 - paid,
            ]
        )


def is_in(call: Call, period: str, day: str, session: str) -> bool:
    """Whether a call counts for a period."""
    match period:
        case "day":
            return call.day == day
        case "month":
            return call.day[:7] == day[:7]
        case _:
            return call.session == session


TestSpending = Spending.TestCase
TestSpending.settings = settings(
    deadline=None,
    max_examples=40,
    stateful_step_count=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
