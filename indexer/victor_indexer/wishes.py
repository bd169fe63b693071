"""What a workspace's writing thread is to do next: asked for from any thread, taken by that one."""

import threading
import time
from collections.abc import Collection
from typing import Literal

Task = Literal["rebuild", "walk", "paths"]

MANY_PATHS = 200
"""From here on a walk is cheaper than to look at changed paths one by one; it also keeps the waiting ones few."""


class Wishes:
    """`changed` is held to read several attributes as one, and notified whenever one of them changes."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.closed = False
        self.paused = False
        self.rebuild = False
        self._walk = 0
        self._walked = 0
        self._walk_at = 0.0
        self._not_before = 0.0
        self._paths: frozenset[str] = frozenset()
        self._taken = False

    # -- asking --------------------------------------------------------------------------------------------------

    def ask_for_walk(self, *, at: float = 0.0) -> int:
        """Wish for a walk through the whole tree, not before `at` (monotonic); returns its number."""
        with self.changed:
            self._walk_at = min(at, self._walk_at) if self._walk > self._walked else at
            self._walk += 1
            self.changed.notify_all()
            return self._walk

    def ask_for_paths(self, paths: Collection[str]) -> None:
        """Wish for a look at single paths; very many of them become a walk."""
        with self.changed:
            self._paths |= frozenset(paths)
            if len(self._paths) > MANY_PATHS:
                self._paths = frozenset()
                self.ask_for_walk()
            self.changed.notify_all()

    def ask_for_rebuild(self) -> None:
        """Wish for an index from nothing; that ends a pause."""
        with self.changed:
            self.rebuild, self.paused = True, False
            self.changed.notify_all()

    def pause(self, paused: bool) -> None:
        """Do nothing, or go on."""
        with self.changed:
            self.paused = paused
            self.changed.notify_all()

    def wait_before_next(self, until: float) -> None:
        """Begin nothing before `until` (monotonic); 0 begins at once."""
        with self.changed:
            self._not_before = until
            self.changed.notify_all()

    def close(self) -> None:
        """Do nothing ever after."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    # -- doing ---------------------------------------------------------------------------------------------------

    def next_task(self) -> Task | None:
        """Wait for something to do; None once this is closed."""
        with self.changed:
            while not self.closed:
                task, at = self._next()
                left = max(at, self._not_before) - time.monotonic()
                if task and left <= 0:
                    return task
                self.changed.wait(left if task else None)
            return None

    def _next(self) -> tuple[Task | None, float]:
        if self.paused:
            return None, 0.0
        if self.rebuild:
            return "rebuild", 0.0
        if self._walk > self._walked and not (self._paths and self._walk_at > time.monotonic()):
            return "walk", self._walk_at
        return ("paths", 0.0) if self._paths else (None, 0.0)

    def take_paths(self) -> frozenset[str]:
        """Return the paths to look at; they count as not done until `paths_done`."""
        with self.changed:
            paths, self._paths = self._paths, frozenset()
            self._taken = True
            return paths

    def paths_done(self) -> None:
        """What was taken is done, or left to a walk."""
        with self.changed:
            self._taken = False
            self.changed.notify_all()

    def walk_done(self, number: int) -> None:
        """The walk of this number, and all before it, are done."""
        with self.changed:
            self._walked = max(self._walked, number)
            self.changed.notify_all()

    def rebuild_done(self) -> None:
        """The index was thrown away."""
        with self.changed:
            self.rebuild = False
            self.changed.notify_all()

    # -- looking -------------------------------------------------------------------------------------------------

    @property
    def newest_walk(self) -> int:
        """The number of the newest walk that was wished for."""
        return self._walk

    def is_walked(self, number: int) -> bool:
        """Whether the walk of this number is done."""
        return self._walked >= number

    @property
    def has_paths(self) -> bool:
        """Whether single paths wait."""
        return bool(self._paths)

    @property
    def interrupted(self) -> bool:
        """Whether what is being done should end at once."""
        return self.closed or self.paused or self.rebuild

    @property
    def at_rest(self) -> bool:
        """Whether nothing is left to do, a pause apart."""
        with self.changed:
            return not (self.rebuild or self._taken or self._paths or self._walk > self._walked)
