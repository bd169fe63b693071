"""Says in Victor's words what PostgreSQL and the way to it say. Values of rows never get into a message."""

import contextlib
import logging
import re
from collections.abc import Iterator

import asyncpg

from victor_server.errors import Conflict, SettingsError, StoreFailed

_LOG = logging.getLogger(__name__)

_SAID = {
    "23505": "",
    "25006": "The database takes no changes now: it is read-only, or a standby.",
    "40001": "Another transaction changed the same rows.",
    "40P01": "Two transactions waited for each other.",
    "55P03": "Another transaction keeps the rows locked.",
    "57014": "The database took too long for a statement.",
    "42501": "The database does not allow this role or this tenant what was tried.",
    "42P01": "A table is missing in the database.",
    "0A000": "The schema of the database has just changed.",
}
_CLASSES = {
    "08": "The connection to the database was lost.",
    "28": "The database does not let this role in.",
    "3D": "The database of this name is not there.",
    "53": "The database has no room, no memory or no connection left.",
    "57": "The database is going down, or coming up.",
    "58": "The database cannot read or write its files.",
}
_FIXES = {
    "25006": "Give the address of the primary.",
    "42501": "Run `victor team migrate` as the owner of the tables.",
    "42P01": "Run `victor team migrate`.",
    "28": "Look at `database.url` and the database's pg_hba.conf.",
    "3D": "Look at `database.url`.",
}
_GONE = re.compile(r"clos|released|terminat")
"""What asyncpg says of a connection or a pool that is there no more; else it was used wrongly, and that is our bug."""

_AGAIN = "Try again; see the database's log."


@contextlib.contextmanager
def translated(*, committing: bool = False) -> Iterator[None]:
    """Raise `Conflict`, `StoreFailed` and `SettingsError` for what asyncpg raises; what is our bug stays one."""
    try:
        yield
    except asyncpg.PostgresError as error:
        raise _of_database(error, committing=committing) from None
    except asyncpg.ClientConfigurationError:
        raise SettingsError("The database's address cannot be read.", "Correct `database.url`.") from None
    except (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        if isinstance(error, asyncpg.InterfaceError) and not _GONE.search(str(error)):
            raise RuntimeError("A statement and what it was given do not fit.") from None
        _LOG.warning("The database: %s", type(error).__name__)
        raise StoreFailed("The database cannot be reached.", _AGAIN, unknown=committing) from None


def is_lost(error: BaseException) -> bool:
    """Whether an error is one of the connection: nothing that was begun through it goes on."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "")[:2] in ("08", "57") and error.sqlstate != "57014"
    return isinstance(error, OSError | TimeoutError | asyncpg.InterfaceError)


def _of_database(error: asyncpg.PostgresError, *, committing: bool) -> Exception:
    state = error.sqlstate or ""
    if state == "23505":
        return Conflict("It is there already.")
    said = _SAID.get(state) or _CLASSES.get(state[:2])
    if said is None:
        where = ".".join(filter(None, (error.table_name, error.column_name, error.constraint_name)))
        return RuntimeError(
            f"PostgreSQL refuses a statement: {type(error).__name__} {state} {where}".rstrip()
        )
    _LOG.warning("The database: %s %s", type(error).__name__, state)
    fix = _FIXES.get(state) or _FIXES.get(state[:2]) or _AGAIN
    return StoreFailed(said, fix, unknown=committing and is_lost(error))
