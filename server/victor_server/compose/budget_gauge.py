"""How far the budgets are used up, for an editor's status line: read in threads, so that whoever asks is told at once."""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from victor_server.errors import VictorError
from victor_server.settings.resolved import BudgetSettings

if TYPE_CHECKING:
    from victor_server.ledger.ledger import Ledger
    from victor_server.ledger.model import BudgetState

logger = logging.getLogger(__name__)


class BudgetGauge:
    """The budget that is nearest to its end, as it was last read. `told` is called, in that thread, when it changed.

    Without a limit nothing is loaded or read. A chat's own budget is that of the chat that was looked at last.
    """

    def __init__(
        self,
        file: Path,
        budgets: BudgetSettings,
        told: Callable[[], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._file = file
        self._budgets = budgets
        self._told = told
        self._clock = clock
        self._is_limited = budgets != BudgetSettings()
        self._lock = threading.Lock()
        self._ledger: Ledger | None = None
        self._session_id = ""
        self._closed = False
        self.nearest: BudgetState | None = None

    def look(self, session_id: str = "") -> None:
        """Read the budgets. Blocks; never raises."""
        if not self._is_limited:
            return
        with self._lock:
            self._session_id = session_id or self._session_id
            before, self.nearest = self.nearest, self._read()
            changed = _seen(before) != _seen(self.nearest)
        if changed:
            self._told()

    def close(self) -> None:
        """Let go of the file. Blocks."""
        with self._lock:
            self._closed = True
            if self._ledger is not None:
                self._ledger.close()

    def _read(self) -> "BudgetState | None":
        if self._closed:
            return self.nearest
        from victor_server.ledger.ledger import Ledger  # loads SQLite, which a start without budgets need not

        self._ledger = self._ledger or Ledger(self._file, self._budgets, self._clock)
        try:
            return max(self._ledger.left(self._session_id), key=_share_used, default=None)
        except VictorError as error:
            logger.info("the budgets could not be read: %s", error.message)
            return self.nearest


def _share_used(budget: "BudgetState") -> float:
    return 1.0 - budget.left / budget.limit if budget.limit else 1.0


def _seen(budget: "BudgetState | None") -> tuple[object, ...]:
    """What a person would notice: whole percents, and whether anything is left."""
    if budget is None:
        return ()
    return budget.name, budget.limit, int(100 * _share_used(budget)), budget.left > 0
