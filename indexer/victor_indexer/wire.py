"""How clients, the index worker and its parser children talk: where they meet, and the shape of a message.

Every message is one msgpack map or array, so no message can carry code. Between a client and the worker it
travels over a `multiprocessing.connection` socket that only this user can open; between the worker and a parser
child over the child's stdin and stdout, each message behind its length (4 bytes, big endian).
"""

import errno
import hashlib
import os
import secrets
import socket
import stat
import struct
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Client, Connection
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO

import msgpack

from victor_indexer.errors import WorkerUnavailable
from victor_indexer.model import (
    Chunk,
    Explanation,
    FileStatus,
    Hit,
    LocatedSymbol,
    ParsedFile,
    SearchResult,
    Status,
    Symbol,
)

INDEX_FORMAT = 1
"""Rises when a worker of one version could not serve, or share a folder with, a worker of another."""

MAX_MESSAGE_BYTES = 256 * 1024 * 1024

_MAX_SOCKET_PATH_BYTES = 100  # the system's limit is 104 (macOS) to 108 (Linux), the closing NUL included
_SHORT_FOLDER = "/tmp"  # noqa: S108 - not TMPDIR: every client must come to the same place, whatever its environment


@dataclass(frozen=True, slots=True)
class MeetingPlace:
    """Where the worker of one VICTOR_HOME listens. `authkey` is None where the socket's mode is guard enough."""

    address: str
    family: str
    authkey: bytes | None


def meeting_place(home: Path) -> MeetingPlace:
    """Return where the worker of `home` listens; creates the 0700 folder around it. Raises WorkerUnavailable."""
    home = Path(os.path.realpath(home))  # one folder, one place, by whatever name it is called
    folder = home / "worker"
    _private_folder(folder)
    name = hashlib.sha256(os.fsencode(os.path.normcase(home))).hexdigest()[:24]
    if sys.platform == "win32":
        return MeetingPlace(rf"\\.\pipe\victor-{name}-{INDEX_FORMAT}", "AF_PIPE", _authkey(folder / "key"))
    address = str(folder / f"index-{INDEX_FORMAT}.sock")
    if len(os.fsencode(address)) > _MAX_SOCKET_PATH_BYTES:
        folder = Path(_SHORT_FOLDER) / f"victor-{os.getuid()}"
        _private_folder(folder)
        address = str(folder / f"{name}-{INDEX_FORMAT}.sock")
    return MeetingPlace(address, "AF_UNIX", None)


def connect(place: MeetingPlace, timeout_s: float) -> Connection:
    """Connect to the worker that listens at `place`. Raises OSError or EOFError where none does, or none takes us."""
    if sys.platform == "win32":
        return Client(place.address, place.family, authkey=place.authkey)
    with socket.socket(socket.AF_UNIX) as plain:
        plain.settimeout(timeout_s)  # a frozen worker's queue of callers may be full
        plain.connect(place.address)
        plain.setblocking(True)
        return Connection(plain.detach())


def pack(message: Any) -> bytes:
    """Encode a message; text that is no valid Unicode (an odd file name) survives."""
    packed: bytes = msgpack.packb(message, unicode_errors="surrogatepass")
    return packed


def unpack(data: bytes) -> Any:
    """Decode a message; raises ValueError on anything that is not one whole message."""
    return msgpack.unpackb(data, unicode_errors="surrogatepass", strict_map_key=False)


def write_message(stream: BinaryIO, message: Any) -> None:
    """Write one message behind its length, and flush."""
    body = pack(message)
    stream.write(struct.pack(">I", len(body)) + body)
    stream.flush()


def read_message(stream: BinaryIO) -> Any:
    """Read one message; raises EOFError when the other side is gone."""
    head = stream.read(4)
    if len(head) < 4:
        raise EOFError
    (size,) = struct.unpack(">I", head)
    body = stream.read(size)
    if len(body) < size:
        raise EOFError
    return unpack(body)


def parsed_to_wire(parsed: ParsedFile) -> list[Any]:
    """Turn a parsed file into nested lists, in the order of the fields."""
    plain = [getattr(parsed, name) for name in _PLAIN_FIELDS]
    symbols = [_symbol_fields(symbol) for symbol in parsed.symbols]
    return [*plain, symbols, [_chunk_fields(chunk) for chunk in parsed.chunks]]


def parsed_from_wire(data: Sequence[Any]) -> ParsedFile:
    """Rebuild a parsed file from `parsed_to_wire`'s lists."""
    path, status, *plain, symbols, chunks = data
    symbol_values = tuple(Symbol(*symbol) for symbol in symbols)
    fields = dict(zip(_PLAIN_FIELDS[2:], plain, strict=True))
    return ParsedFile(
        path, FileStatus(status), **fields, symbols=symbol_values, chunks=tuple(map(_chunk_from_wire, chunks))
    )


def result_from_wire(data: Mapping[str, Any]) -> SearchResult:
    """Rebuild a search's result from its fields."""
    return SearchResult(data["query"], data["partial"], tuple(Hit(**hit) for hit in data["hits"]))


def symbols_from_wire(data: Sequence[Sequence[Any]]) -> tuple[Symbol, ...]:
    """Rebuild symbols from their fields in order."""
    return tuple(Symbol(*symbol) for symbol in data)


def located_from_wire(data: Sequence[Sequence[Any]]) -> tuple[LocatedSymbol, ...]:
    """Rebuild located symbols from (path, symbol fields) pairs."""
    return tuple(LocatedSymbol(path, Symbol(*symbol)) for path, symbol in data)


def status_from_wire(data: Mapping[str, Any]) -> Status:
    """Rebuild a status from its fields."""
    return Status(**data)


def explanation_from_wire(data: Mapping[str, Any]) -> Explanation:
    """Rebuild an explanation from its fields."""
    return Explanation(**data)


def hang_up(connection: Connection) -> None:
    """End a connection that another thread may be reading: that thread sees its end at once."""
    try:
        if sys.platform != "win32":
            with socket.socket(fileno=os.dup(connection.fileno())) as other:
                other.shutdown(socket.SHUT_RDWR)
        else:
            connection.close()
    except OSError:
        pass  # it has ended already


_PLAIN_FIELDS = ParsedFile.__slots__[:-2]
_symbol_fields = attrgetter(*Symbol.__slots__)
_chunk_fields = attrgetter(*Chunk.__slots__)


def _chunk_from_wire(data: Sequence[Any]) -> Chunk:
    ord_, start_line, end_line, symbol, kind, defines, text, tokens = data
    return Chunk(ord_, start_line, end_line, symbol, kind, tuple(defines), text, tokens)


def _private_folder(folder: Path) -> None:
    """Make `folder` and what is missing above it for this user alone; refuse one that is somebody else's."""
    try:
        for missing in [place for place in (*reversed(folder.parents), folder) if not place.exists()]:
            missing.mkdir(mode=0o700, exist_ok=True)
        _claim_folder(folder)
    except OSError as error:
        raise WorkerUnavailable(f"{folder} cannot be used: {error.strerror or error}.", FIX_HOME) from error


FIX_HOME = "Set VICTOR_HOME to a folder that you may write to."


def _claim_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if found.st_uid != os.getuid():
        raise WorkerUnavailable(
            f"{folder} does not belong to you, so no index worker is started behind it.",
            "Remove that folder, or set VICTOR_HOME to a folder of your own.",
        )
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)


def _authkey(path: Path) -> bytes:
    """The key that a pipe's two sides must share; written aside first, so that nobody reads half of it."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
        try:
            _put_in_place(draft, path)
        except FileExistsError:
            pass  # another process was first: then its key counts
        finally:
            draft.unlink(missing_ok=True)
    return path.read_bytes()


def _put_in_place(draft: Path, path: Path) -> None:
    """Give `draft` the name `path`, unless there is such a file already."""
    if sys.platform == "win32":
        draft.rename(path)  # on Windows this replaces nothing, and works on disks that know no links
    else:
        os.link(draft, path)
