"""Brings a database to the newest schema, step by step, as the owner of its tables."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Migrated:
    """The schema's version before (None: there was none) and after."""

    before: str | None
    after: str


async def migrate(owner_url: str, app_url: str = "") -> Migrated:
    """PostgreSQL: all steps in one transaction, alone among all replicas, and the rights of `app_url`'s role anew.

    Raises `StoreFailed`; then nothing has changed.
    """
    raise NotImplementedError


def migrate_sqlite(file: Path) -> Migrated:
    """The same for a SQLite file, which no process may have open."""
    raise NotImplementedError
