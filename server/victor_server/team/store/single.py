"""Holds a task to one transaction at a time: a second one inside would wait for the first for ever."""

import asyncio
import contextlib
import re
from collections.abc import Iterator

from victor_server.errors import NotFound

_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}|")


@contextlib.contextmanager
def one_at_a_time(tasks: "set[asyncio.Task[object] | None]") -> Iterator[None]:
    """Raise RuntimeError where the task that asks is in `tasks` already."""
    task = asyncio.current_task()
    if task in tasks:
        raise RuntimeError("This task has a transaction open already: leave it first.")
    tasks.add(task)
    try:
        yield
    finally:
        tasks.discard(task)


def check_tenant(tenant: str | None) -> None:
    """Raise `NotFound` for what can be no tenant's name: it may come from a token that nobody has looked at yet."""
    if tenant is not None and not _TENANT.fullmatch(tenant):
        raise NotFound(
            "There is no tenant of that name.", "Look at the token, or ask whoever runs the backend."
        )
