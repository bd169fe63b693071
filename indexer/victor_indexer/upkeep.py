"""Brings the full-text index of a workspace up to date while nothing else happens."""

import logging
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from victor_indexer.errors import IndexerError, StoreUnreadable
from victor_indexer.standing import Standing
from victor_indexer.storage import Storage
from victor_indexer.wishes import Wishes

if TYPE_CHECKING:
    from victor_indexer.store import Store

logger = logging.getLogger(__name__)

_LOOK_EVERY_S = 5.0
_RETRY_AFTER_S = 60.0
"""Upkeep that failed has written a good part of the index in vain: it is not tried again at once."""


class Upkeep:
    """One thread. Calls `on_done()` after upkeep, and `on_unreadable(error)` where the table cannot be read.

    An index that was built anew for that, and still cannot be brought up to date, is in trouble and left as it is.
    """

    def __init__(
        self,
        storage: Storage,
        wishes: Wishes,
        standing: Standing,
        *,
        on_done: Callable[[], None],
        on_unreadable: Callable[[StoreUnreadable], None],
    ) -> None:
        self.trouble: IndexerError | None = None
        """What went wrong the last time, None if nothing did."""
        self._storage = storage
        self._wishes = wishes
        self._standing = standing
        self._on_done = on_done
        self._on_unreadable = on_unreadable
        self._busy_at = time.monotonic()
        self._retry_at = 0.0
        self._built_anew = False
        self._wanted = threading.Event()
        self._thread = threading.Thread(target=self._run, name="victor-upkeep", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def look(self) -> None:
        """Look now."""
        self._wanted.set()

    def try_again(self) -> None:
        """Somebody has perhaps mended what went wrong."""
        self.trouble, self._retry_at = None, 0.0
        self._wanted.set()

    def rest(self) -> None:
        """Something was just written: wait for a pause."""
        self._busy_at = time.monotonic()

    def join(self) -> None:
        """Wait until the thread has seen that the wishes are closed."""
        self._wanted.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._wishes.closed:
            self._wanted.wait(_LOOK_EVERY_S)
            self._wanted.clear()
            store = self._storage.opened_store
            try:
                if self._may_work():
                    self._look_after(store)
            except IndexerError as error:
                if self._storage.opened_store is not store:
                    continue  # it was replaced meanwhile
                logger.warning("upkeep failed: %s", error.message)
                if isinstance(error, StoreUnreadable) and not self._built_anew:
                    self._built_anew = True
                    self._on_unreadable(error)
                else:
                    self._be_in_trouble(error)
            except Exception:
                if self._storage.opened_store is not store:
                    continue
                logger.exception("bug: upkeep failed")
                self._be_in_trouble(IndexerError("The search index could not be brought up to date."))

    def _may_work(self) -> bool:
        return self._wishes.at_rest and not self._wishes.interrupted

    def _look_after(self, store: "Store | None") -> None:
        now = time.monotonic()
        if store is None or not store.optimize_due(idle_s=now - self._busy_at):
            self._be_relieved()
        elif now >= self._retry_at:
            self._optimize(store)

    def _optimize(self, store: "Store") -> None:
        self._standing.note("upkeep", "The search index is being brought up to date.")
        try:
            store.optimize()
        finally:
            self._standing.note("upkeep", "")
        self._built_anew = False
        self._be_relieved()
        self._on_done()

    def _be_relieved(self) -> None:
        self.trouble = None
        self._standing.relieved("upkeep")

    def _be_in_trouble(self, error: IndexerError) -> None:
        self._retry_at = time.monotonic() + _RETRY_AFTER_S
        self.trouble = error
        self._standing.trouble("upkeep", error)
        with self._wishes.changed:
            self._wishes.changed.notify_all()  # whoever waits for the index hears of it
