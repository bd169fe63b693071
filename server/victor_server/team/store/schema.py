"""Which schema this version works with: known without loading what changes schemas."""

from victor_server.errors import StoreFailed

NEWEST = "0001"
"""The last of `migrations/versions`."""

VERSION_TABLE = "create table alembic_version (version_num varchar(32) not null primary key)"


def check_version(found: str | None) -> None:
    """Raise `StoreFailed` unless the database is of this version of Victor."""
    if found == NEWEST:
        return
    if found is None or found < NEWEST:
        state = "has no tables of Victor yet" if found is None else "is of an older version of Victor"
        raise StoreFailed(f"The database {state}.", "Run `victor team migrate`.")
    raise StoreFailed(
        "The database is of a newer version of Victor.", "Update Victor, or use its own database."
    )
