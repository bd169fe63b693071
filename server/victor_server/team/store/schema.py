"""Which schema this version works with: known without loading what changes schemas."""

from victor_server.errors import StoreFailed
from victor_server.team.store import tables

FIRST = "0001"
"""That of version 0.1.0, of which `tables` tells."""

NEWEST = "0001"
"""The last of `migrations/versions`."""

TENANT_TABLES = (*tables.TENANT_TABLES,)
"""The tables of tenants as they are now: a step that adds one adds its name here."""


def check_version(found: str | None) -> None:
    """Raise `StoreFailed` unless the database is of this version of Victor."""
    check_known(found)
    if found != NEWEST:
        state = "has no tables of Victor yet" if found is None else "is of an older version of Victor"
        raise StoreFailed(f"The database {state}.", "Run `victor team migrate`.")


def check_known(found: str | None) -> None:
    """Raise `StoreFailed` for a version that comes after this one."""
    if found is not None and found > NEWEST:
        raise StoreFailed(
            "The database is of a newer version of Victor.",
            "Update Victor, or give it a database of its own.",
        )
