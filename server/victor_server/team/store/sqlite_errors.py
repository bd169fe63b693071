"""Says in Victor's words what SQLite says."""

import contextlib
import sqlite3
from collections.abc import Iterator

from victor_server.errors import Conflict, StoreFailed

_UNIQUE = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)

_SAID = {
    sqlite3.SQLITE_FULL: ("There is no room left for the database.", "Free some disk space."),
    sqlite3.SQLITE_IOERR: ("The disk of the database cannot be read or written.", "See to the disk."),
    sqlite3.SQLITE_NOMEM: ("There is no memory left for the database.", "Free some memory."),
    sqlite3.SQLITE_BUSY: ("Another program keeps the database locked.", "End that program."),
    sqlite3.SQLITE_LOCKED: ("Another program keeps the database locked.", "End that program."),
    sqlite3.SQLITE_CANTOPEN: ("The database cannot be opened.", "Let its folder be the backend's own."),
    sqlite3.SQLITE_READONLY: ("The database cannot be written.", "Let its file be the backend's own."),
    sqlite3.SQLITE_CORRUPT: ("The database is damaged.", "Put a backup in its place."),
    sqlite3.SQLITE_NOTADB: ("The file is no database.", "Put it aside, or name another in `database.url`."),
}


@contextlib.contextmanager
def translated(*, committing: bool = False) -> Iterator[None]:
    """Raise `Conflict` and `StoreFailed` for what SQLite raises; what is our bug stays one."""
    try:
        yield
    except sqlite3.Error as error:
        # Errors of the module itself, such as one about a closed connection, have no code.
        code = getattr(error, "sqlite_errorcode", 0)
        if code in _UNIQUE:
            raise Conflict("It is there already.") from None
        said = _SAID.get(code & 0xFF)
        if said is not None:
            raise StoreFailed(*said, unknown=committing and code & 0xFF == sqlite3.SQLITE_IOERR) from error
        if committing:
            raise StoreFailed("The database did not take the transaction.", "Try again.") from error
        raise
