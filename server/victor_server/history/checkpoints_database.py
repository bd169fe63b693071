"""The file of checkpoints: its tables and its format."""

import sqlite3
from pathlib import Path

from victor_server.settings.database import Format, open_database

CHECKPOINTS = Format(
    name="The store of checkpoints",
    application_id=0x5643434B,
    version=1,
    schema="""
create table objects (hash blob primary key, n_bytes integer not null, packed blob not null);
create table checkpoints (number integer primary key autoincrement, id text not null unique, workspace blob not null,
    title text not null, created real not null, origin text not null, owner text not null, running integer not null);
create table files (number integer not null, ord integer not null, path blob not null, before blob, after blob,
    before_bytes integer, after_bytes integer, mode integer, state text not null, primary key (number, ord))
    without rowid;
create index checkpoints_by_workspace on checkpoints (workspace, number);
create index files_by_path on files (path, number)
""",
)


def open_checkpoints(file: Path) -> sqlite3.Connection:
    """Open the file, making it if it is missing. What is committed outlives a power cut; what is deleted is
    overwritten. Raises HistoryFailed."""
    db = open_database(file, CHECKPOINTS)
    db.execute("pragma synchronous = full")
    db.execute("pragma secure_delete = on")
    return db
