"""A process that spends: reserves and settles calls until it has made enough or is killed, telling each step.

`spender.py FILE SEED N_CALLS DAY_TOKENS DAY_USD SESSION_TOKENS`; each line is `reserved ID`, `settled ID`, `refused ID`.
With 0 calls it reserves one and waits to be killed.
"""

import sys
from pathlib import Path
from random import Random

from victor_server.errors import BudgetExceeded
from victor_server.ledger.ledger import Ledger
from victor_server.ledger.model import Ask, Price, Spent
from victor_server.settings.resolved import BudgetSettings

NOON = 1_795_348_800.0
SHARE_LEFT_OPEN = 0.1


def main() -> None:
    """Spend."""
    file, seed, n_calls, day_tokens, day_usd, session_tokens = sys.argv[1:]
    budgets = BudgetSettings(
        day_tokens=int(day_tokens), day_usd=float(day_usd), session_tokens=int(session_tokens)
    )
    ledger = Ledger(Path(file), budgets, clock=lambda: NOON)
    dice = Random(int(seed))
    for number in range(int(n_calls)):
        spend(ledger, f"{seed}-{number}", dice)
    if n_calls == "0":
        ledger.reserve(Ask("held", "s", "/w", "chat", "p", "anthropic", "m", 600, 400, Price(1, 1)))
        tell("reserved", "held")
        sys.stdin.read()


def spend(ledger: Ledger, call_id: str, dice: Random) -> None:
    """One call, which is settled unless its process would have died."""
    n_in, n_out = dice.randrange(200), dice.randrange(200)
    price = Price(dice.randrange(20), dice.randrange(20))
    session = f"session-{dice.randrange(3)}"
    try:
        ledger.reserve(Ask(call_id, session, "/w", "chat", "p", "anthropic", "m", n_in, n_out, price))
    except BudgetExceeded:
        tell("refused", call_id)
        return
    tell("reserved", call_id)
    if dice.random() >= SHARE_LEFT_OPEN:
        ledger.settle(call_id, Spent("done", dice.randrange(n_in + 1), dice.randrange(n_out + 1)))
        tell("settled", call_id)


def tell(step: str, call_id: str) -> None:
    """One line, at once."""
    sys.stdout.write(f"{step} {call_id}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
