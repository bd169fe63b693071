"""The truth about files and symbols: one SQLite file per workspace, written after the table it describes.

A file's row and its symbols go in together, last of all. A process that dies in between leaves a file that is
"not done", and such a file is simply looked at again. WAL with `synchronous=NORMAL` keeps the database whole
through any kill of the process; a power cut may undo the last commits, which again only means "not done".
"""

import contextlib
import os
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from victor_indexer.errors import StoreUnreadable
from victor_indexer.manifest.database import check_format, connect, translated
from victor_indexer.manifest.names import NO_MATCH, match_class, name_parts, symbol_filters, symbol_order
from victor_indexer.manifest.paths import match_paths
from victor_indexer.model import FileStatus, FoundFile, LocatedSymbol, ParsedFile, SkippedFile, Symbol

_MAX_SKIPPED_PER_REASON = 10_000
"""Enough to explain a file; a tree with a million ignored files keeps exact counts, not a million rows."""

_SYMBOL_COLUMNS = "name, kind, container, start_line, start_column, end_line, end_column, name_line, name_column, name_end_column"
_FILE_COLUMNS = (
    "path, status, size, mtime_ns, ctime_ns, content_hash, language, lines, chunks, symbols, versions, reason, rule,"
    " error, indexed_at"
)


@dataclass(frozen=True, slots=True)
class Versions:
    """What made a file's rows; a file made by other versions is made anew."""

    parser: str
    chunker: str
    redaction: str


class Stamp(NamedTuple):
    """How a file looked when it was last read, and whether today's versions read it (`current`)."""

    size: int
    mtime_ns: int
    ctime_ns: int
    current: bool


@dataclass(frozen=True, slots=True)
class FileRecord:
    """All that is known of one file; `indexed_at` in seconds since the epoch."""

    path: str
    status: FileStatus
    size: int
    mtime_ns: int
    ctime_ns: int
    content_hash: str
    language: str
    lines: int
    chunks: int
    symbols: int
    versions: Versions
    reason: str
    rule: str
    error: str
    indexed_at: float


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the workspace: `files`, `lines`, `bytes`, `chunks` and `symbols` of indexed files only.

    `skipped` counts left-out files by reason; `errors` are (path, error) of files that lost something.
    """

    files: int
    lines: int
    bytes: int
    chunks: int
    symbols: int
    skipped: dict[str, int]
    errors: tuple[tuple[str, str], ...]


def open_manifest(path: Path) -> "Manifest":
    """Open the manifest at `path`, making it if it is not there. Raises StoreUnreadable for anything foreign."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with translated():
        # Made here so that SQLite's own files (-wal, -shm) inherit the narrow mode.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        writer = connect(path)
        try:
            check_format(writer, path)
            reader = connect(path)
        except BaseException:
            writer.close()
            raise
    return Manifest(writer, reader)


class Manifest:
    """One open manifest. Safe to share between threads: one writer, one reader, each behind its lock."""

    def __init__(self, writer: sqlite3.Connection, reader: sqlite3.Connection) -> None:
        self._writer = writer
        self._reader = reader
        self._write_lock = threading.Lock()
        self._read_lock = threading.Lock()
        self._closed = False

    def close(self) -> None:
        """Close both connections; the last one folds the log into the file."""
        with self._read_lock, self._write_lock:
            self._closed = True
            self._reader.close()
            self._writer.close()

    # -- writing ---------------------------------------------------------------------------------------------

    def record(self, parsed: Sequence[ParsedFile], removed: Sequence[str], versions: Versions) -> None:
        """Note what became of `parsed` and forget `removed`, in one transaction. Call it after the table's commit."""
        latest = {file.path: file for file in parsed}
        gone = [path for path in removed if path not in latest]
        now = time.time()
        with self._transaction() as db:
            db.executemany(
                "delete from symbols where file = (select id from files where path = ?)", _each(latest)
            )
            _forget(db, gone)
            made_by = _versions_id(db, versions)
            for file in latest.values():
                _write_file(db, file, made_by, now)

    def restamp(self, files: Sequence[FoundFile]) -> None:
        """Note new times for files whose contents turned out to be unchanged."""
        rows = [(file.size, file.mtime_ns, file.ctime_ns, file.path) for file in files]
        with self._transaction() as db:
            db.executemany("update files set size = ?, mtime_ns = ?, ctime_ns = ? where path = ?", rows)

    def record_skipped(self, skipped: Iterable[SkippedFile]) -> None:
        """Make `skipped` the whole set of what the walk left out; writes only what differs."""
        counts, rows = _bounded(skipped)
        with self._transaction() as db:
            known = {row[0]: row for row in db.execute("select path, reason, rule from skipped")}
            changed = [row for path, row in rows.items() if known.get(path) != row]
            db.executemany("delete from skipped where path = ?", _each(known.keys() - rows.keys()))
            db.executemany("insert or replace into skipped values (?, ?, ?)", changed)
            if dict(db.execute("select reason, files from skipped_counts")) != counts:
                db.execute("delete from skipped_counts")
                db.executemany("insert into skipped_counts values (?, ?)", counts.items())

    def clear(self) -> None:
        """Forget everything, so that every file is looked at again."""
        with self._transaction() as db:
            for table in ("symbols", "files", "skipped", "skipped_counts"):
                db.execute(f"delete from {table}")  # noqa: S608 -- a name from the line above

    # -- reading ---------------------------------------------------------------------------------------------

    def stamps(self, versions: Versions) -> dict[str, Stamp]:
        """Return path → stamp of every file ever looked at, skipped and failed ones included."""
        rows = self._rows(
            "select path, size, mtime_ns, ctime_ns, versions = ifnull((select id from versions where parser = ?"
            " and chunker = ? and redaction = ?), -1) from files",
            (versions.parser, versions.chunker, versions.redaction),
        )
        return {path: Stamp(size, mtime, ctime, bool(now)) for path, size, mtime, ctime, now in rows}

    def file(self, path: str) -> FileRecord | None:
        """Return what is known of one file, None if it was never looked at."""
        rows = self._rows(
            "select path, status, size, mtime_ns, ctime_ns, content_hash, language, lines, chunks, symbols, parser,"
            " chunker, redaction, reason, rule, error, indexed_at from files f join versions v on v.id = f.versions"
            " where path = ?",
            (path,),
        )
        return _file_record(rows[0]) if rows else None

    def skipped(self) -> list[SkippedFile]:
        """Return what was left out, by the walk and by a look inside, in order of path."""
        rows = self._rows(
            "select path, reason, rule from skipped union all"
            " select path, reason, rule from files where status = 'skipped' order by path"
        )
        return [SkippedFile(*row) for row in rows]

    def why_skipped(self, path: str) -> SkippedFile | None:
        """Return why the walk left out `path` or a folder above it, None if it did not."""
        parts = path.split("/")
        candidates = ["/".join(parts[: n + 1]) for n in range(len(parts))]
        wanted = [name for stem in candidates for name in (stem, stem + "/")]
        marks = ", ".join("?" * len(wanted))
        rows = self._rows(
            f"select path, reason, rule from skipped where path in ({marks}) order by length(path) limit 1",  # noqa: S608 -- question marks only
            wanted,
        )
        return SkippedFile(*rows[0]) if rows else None

    def counts(self) -> dict[FileStatus, int]:
        """Return how many looked-at files stand in each status."""
        rows = self._rows("select status, count(*) from files group by status")
        return {FileStatus(status): number for status, number in rows}

    def chunk_counts(self) -> dict[str, int]:
        """Return path → number of chunks, for every file that has any."""
        return dict(self._rows("select path, chunks from files where chunks > 0"))

    def totals(self) -> Totals:
        """Return the sums that `victor index` prints."""
        rows = self._rows(
            "select count(*), ifnull(sum(lines), 0), ifnull(sum(size), 0), ifnull(sum(chunks), 0),"
            " ifnull(sum(symbols), 0) from files where status = 'indexed'"
        )
        skipped = Counter(dict(self._rows("select reason, files from skipped_counts")))
        skipped.update(
            dict(self._rows("select reason, count(*) from files where status = 'skipped' group by reason"))
        )
        errors = self._rows("select path, error from files where error != '' order by path")
        files, lines, size, chunks, symbols = rows[0]
        return Totals(files, lines, size, chunks, symbols, dict(sorted(skipped.items())), tuple(errors))

    def paths(self) -> list[str]:
        """Return the paths of all indexed files, in order."""
        return [
            path for (path,) in self._rows("select path from files where status = 'indexed' order by path")
        ]

    def paths_below(self, folder: str) -> list[str]:
        """Return the paths of all files below a folder that were ever looked at, in order."""
        after = folder + chr(ord("/") + 1)  # the first path that would stand behind all of `folder/…`
        rows = self._rows(
            "select path from files where path > ? and path < ? order by path", (f"{folder}/", after)
        )
        return [path for (path,) in rows]

    def symbols_of(self, path: str) -> list[Symbol]:
        """Return a file's symbols in the order in which they stand there."""
        rows = self._rows(
            f"select {_SYMBOL_COLUMNS} from symbols where file = (select id from files where path = ?) order by ord",  # noqa: S608 -- constant columns
            (path,),
        )
        return [Symbol(*row) for row in rows]

    def definitions(self, names: Iterable[str], limit: int) -> list[LocatedSymbol]:
        """Return the symbols whose name is one of `names`, letter case apart."""
        lowered = sorted({name.lower() for name in names})[:100]
        marks = ", ".join("?" * len(lowered))
        return self._located(f"lower in ({marks})", lowered, limit)

    def find_symbols(self, query: str, limit: int) -> list[LocatedSymbol]:
        """Return symbols for a name being typed, best first: exact, prefix, word start, inside, scattered letters.

        Letter case is ignored except to break ties; `Foo.bar` asks for `bar` inside `Foo`.
        """
        container, name = name_parts(query)
        if not name or limit <= 0:
            return []
        return match_symbols(query, self._matching(name.lower(), container, 4 * limit + 50), limit)

    def find_paths(self, query: str, limit: int) -> list[str]:
        """Return indexed files for a path being typed, best first."""
        return match_paths(query, self.paths(), limit)

    def names(self, kinds: Collection[str]) -> list[tuple[str, str]]:
        """Return (path, name) of every definition of these kinds, in order of path."""
        marks = ", ".join("?" * len(kinds))
        return self._rows(
            "select path, name from symbols join files on files.id = symbols.file"  # noqa: S608 -- question marks only
            f" where kind in ({marks}) order by path, ord",
            sorted(kinds),
        )

    def stamp(self) -> tuple[object, ...]:
        """Return a value that changes whenever a file's rows do."""
        return self._rows("select count(*), max(indexed_at), sum(symbols) from files")[0]

    # -- inside ----------------------------------------------------------------------------------------------

    def _matching(self, wanted: str, container: str, limit: int) -> list[LocatedSymbol]:
        """Collect matches from strict to loose, and go on only while there are too few."""
        found: dict[tuple[str, int, int, str], LocatedSymbol] = {}
        for where, values in symbol_filters(wanted):
            for located in self._located(where, values, limit):
                symbol = located.symbol
                if container in symbol.container.lower():
                    found[located.path, symbol.name_line, symbol.name_column, symbol.name] = located
            if len(found) >= limit:
                break
        return list(found.values())

    def _located(self, where: str, values: Sequence[object], limit: int) -> list[LocatedSymbol]:
        rows = self._rows(
            f"select path, {_SYMBOL_COLUMNS_OF_S} from (select * from symbols where {where}"  # noqa: S608 -- built from constants and question marks
            " order by length(lower), lower limit ?) s join files on files.id = s.file",
            (*values, limit),
        )
        return [LocatedSymbol(row[0], Symbol(*row[1:])) for row in rows]

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnreadable("The index was closed or replaced meanwhile.", "Ask again.")

    def _rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._read_lock, translated():
            self._check_open()
            return self._reader.execute(sql, values).fetchall()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._write_lock, translated():
            self._check_open()
            self._writer.execute("begin immediate")
            try:
                yield self._writer
                self._writer.execute("commit")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._writer.execute("rollback")
                raise


def match_symbols(query: str, located: Iterable[LocatedSymbol], limit: int) -> list[LocatedSymbol]:
    """Return those of `located` that answer a name being typed, best first, as `Manifest.find_symbols` does."""
    container, name = name_parts(query)
    ranked = [
        (*symbol_order(name, each), number, each)
        for number, each in enumerate(located)
        if name
        and container in each.symbol.container.lower()
        and match_class(name, each.symbol.name) < NO_MATCH
    ]
    return [entry[-1] for entry in sorted(ranked, key=lambda entry: entry[:-1])[: max(limit, 0)]]


def _versions_id(db: sqlite3.Connection, versions: Versions) -> int:
    values = (versions.parser, versions.chunker, versions.redaction)
    db.execute("insert or ignore into versions (parser, chunker, redaction) values (?, ?, ?)", values)
    row = db.execute(
        "select id from versions where parser = ? and chunker = ? and redaction = ?", values
    ).fetchone()
    return int(row[0])


def _write_file(db: sqlite3.Connection, file: ParsedFile, versions: int, now: float) -> None:
    values = (
        *(
            file.path,
            file.status.value,
            file.size,
            file.mtime_ns,
            file.ctime_ns,
            file.content_hash,
            file.language,
        ),
        *(file.lines, len(file.chunks), len(file.symbols), versions, file.reason, file.rule, file.error, now),
    )
    db.execute(_UPSERT_FILE, values)
    if file.symbols:
        (number,) = db.execute("select id from files where path = ?", (file.path,)).fetchone()
        db.executemany(_INSERT_SYMBOL, (_symbol_row(number, n, s) for n, s in enumerate(file.symbols)))


_UPSERT_FILE = (
    f"insert into files ({_FILE_COLUMNS}) values ({', '.join('?' * 15)}) on conflict (path) do update set "  # noqa: S608 -- constants
    + ", ".join(f"{name.strip()} = excluded.{name.strip()}" for name in _FILE_COLUMNS.split(",")[1:])
)
_INSERT_SYMBOL = f"insert into symbols (file, ord, lower, {_SYMBOL_COLUMNS}) values ({', '.join('?' * 13)})"  # noqa: S608 -- constants
_SYMBOL_COLUMNS_OF_S = ", ".join(f"s.{column}" for column in _SYMBOL_COLUMNS.split(", "))


def _symbol_row(file: int, number: int, symbol: Symbol) -> tuple[object, ...]:
    return (
        *(file, number, symbol.name.lower(), symbol.name, symbol.kind, symbol.container),
        *(symbol.start_line, symbol.start_column, symbol.end_line, symbol.end_column),
        *(symbol.name_line, symbol.name_column, symbol.name_end_column),
    )


def _forget(db: sqlite3.Connection, paths: Sequence[str]) -> None:
    db.executemany("delete from symbols where file = (select id from files where path = ?)", _each(paths))
    db.executemany("delete from files where path = ?", _each(paths))


def _each(values: Iterable[str]) -> list[tuple[str]]:
    return [(value,) for value in values]


def _bounded(skipped: Iterable[SkippedFile]) -> tuple[dict[str, int], dict[str, tuple[str, str, str]]]:
    counts: Counter[str] = Counter()
    rows: dict[str, tuple[str, str, str]] = {}
    for file in skipped:
        counts[file.reason] += 1
        if counts[file.reason] <= _MAX_SKIPPED_PER_REASON:
            rows[file.path] = (file.path, file.reason, file.rule)
    return dict(counts), rows


def _file_record(row: Sequence[Any]) -> FileRecord:
    values: list[Any] = [row[0], FileStatus(row[1]), *row[2:10], Versions(*row[10:13]), *row[13:]]
    return FileRecord(*values)
