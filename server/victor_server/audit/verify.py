"""Verifies an exported audit log without the backend, line by line, in constant memory."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, TypeVar

from pydantic import BaseModel, ValidationError

from victor_server.audit.encoding import canonical, from_base64, to_base64
from victor_server.audit.export import EXPORT_FORMAT, Header, HeadLine, RecordLine, to_line
from victor_server.audit.head import is_signed
from victor_server.audit.leaf import FIRST_CHAIN, commitment_of_hash, inner_commitment, next_chain
from victor_server.audit.merkle import HASH_BYTES, Frontier, leaf_hash
from victor_server.protocol import SignedHead

Truncation = Literal["none", "detected", "unknown"]

MAX_LINE_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found. `first_bad`: the number of the first record that is wrong, None if none is; `reason` says how.

    `truncation`: whether records are missing at the end, as far as a signed head tells.
    """

    ok: bool
    records: int
    pruned: int
    first_bad: int | None
    reason: str
    head: SignedHead | None
    truncation: Truncation


class _Bad(Exception):
    """A record that is not what it must be."""


class _BadHead(_Bad):
    """A head that is not what it must be: no record is at fault."""


def verify_lines(
    lines: Iterable[bytes], *, head: SignedHead | None = None, keys: Mapping[str, bytes] | None = None
) -> Verified:
    """Verify an export. `head` was kept elsewhere; `keys` are public keys by id, without which no head is believed.

    Every byte of every line counts: what is not written exactly as an export is written is wrong.
    """
    walk = _Walk(head, keys or {})
    try:
        for line in lines:
            walk.take(line)
        walk.end()
    except _Bad as error:
        return walk.result(ok=False, reason=str(error), is_record=not isinstance(error, _BadHead))
    return walk.result(ok=walk.truncation() != "detected", reason="")


class _Walk:
    def __init__(self, head: SignedHead | None, keys: Mapping[str, bytes]) -> None:
        self._kept, self._keys = head, keys
        self._own: SignedHead | None = None
        self._log: str | None = None
        self._frontier, self._chain = Frontier(), b""
        self._n = self._n_pruned = 0
        self._seen_kept = False

    def take(self, line: bytes) -> None:
        if self._own is not None:
            raise _Bad("something follows the head at the end")
        if self._log is None:
            self._begin(_parsed(line, Header))
        elif line.startswith(b'{"head":'):
            self._own = _parsed(line, HeadLine).head
            self._compare(self._own, "the head at the end")
        else:
            self._record(_parsed(line, RecordLine))

    def end(self) -> None:
        if self._log is None:
            raise _Bad("the file is empty: not even the header is there")
        if self._own is not None and self._keys and not is_signed(self._own, self._keys):
            raise _BadHead("the head at the end is not signed by the given key")

    def result(self, *, ok: bool, reason: str, is_record: bool = False) -> Verified:
        truncation = self.truncation() if ok or not reason else self._doubtful()
        bad = self._frontier.size + 1 if is_record else None
        if not reason and not ok:
            reason = "records are missing at the end"
        return Verified(ok, self._n, self._n_pruned, bad, reason, self._kept or self._own, truncation)

    def truncation(self) -> Truncation:
        """Only a signed head says where a log ended."""
        trusted = [
            head for head in (self._kept, self._own) if head is not None and is_signed(head, self._keys)
        ]
        if any(head.size > self._frontier.size for head in trusted):
            return "detected"
        return "none" if trusted else "unknown"

    def _doubtful(self) -> Truncation:
        return "detected" if self.truncation() == "detected" else "unknown"

    def _begin(self, header: Header) -> None:
        if header.victor_audit != EXPORT_FORMAT:
            raise _Bad(f"the export has format {header.victor_audit}, and this Victor knows {EXPORT_FORMAT}")
        self._log = header.log
        self._frontier, self._chain = Frontier(), FIRST_CHAIN
        if header.after or header.frontier or _hash(header.chain) != FIRST_CHAIN:
            raise _Bad("the export does not begin with the log's first record")
        kept = self._kept
        if kept is not None:
            if self._keys and not is_signed(kept, self._keys):
                raise _BadHead("the given head is not signed by the given key")
            if kept.log != header.log:
                raise _BadHead("the given head is of another log")
        self._compare_kept()

    def _record(self, line: RecordLine) -> None:
        if line.seq != self._frontier.size + 1:
            raise _Bad(f"record {self._frontier.size + 1} was to come, and {line.seq} is there")
        hashed = _hash(line.leaf_hash)
        if line.leaf is None:
            _check_pruned(line)
            if self._n > self._n_pruned:
                raise _Bad("retention drops the oldest records, and one before it is there")
        else:
            _check_leaf(line, hashed, self._log)
        chain = next_chain(self._chain, hashed)
        if _hash(line.chain) != chain:
            raise _Bad("its link does not follow from the record before")
        self._chain, self._frontier = chain, self._frontier.add(hashed)
        self._n += 1
        self._n_pruned += line.leaf is None
        self._compare_kept()

    def _compare_kept(self) -> None:
        if self._kept is not None and self._frontier.size == self._kept.size:
            self._compare(self._kept, "the given head")

    def _compare(self, head: SignedHead, name: str) -> None:
        if head.log != self._log:
            raise _BadHead(f"{name} is of another log")
        if head.size == self._frontier.size and (head.root, head.chain) != (
            to_base64(self._frontier.root),
            to_base64(self._chain),
        ):
            raise _BadHead(f"the records until here are others than those that {name} was made of")
        if head.size < self._frontier.size and head is self._own:
            raise _BadHead(f"{name} is older than the last record")


_Line = TypeVar("_Line", bound=BaseModel)


def _parsed(line: bytes, shape: type[_Line]) -> _Line:
    if len(line) > MAX_LINE_BYTES:
        raise _Bad("its line is too long")
    try:
        parsed = shape.model_validate_json(line)
    except ValidationError:
        raise _Bad("its line is not what an export holds there") from None
    if to_line(parsed) != line:
        raise _Bad("its line is not written as an export writes it")
    return parsed


def _check_pruned(line: RecordLine) -> None:
    if any((line.inner, line.sealed, line.sealed_hash, line.salt, line.record)):
        raise _Bad("retention dropped it, and yet something of it is there")


def _check_leaf(line: RecordLine, hashed: bytes, log: str | None) -> None:
    leaf = line.leaf
    if leaf is None:
        return
    if leaf_hash(canonical(leaf.model_dump())) != hashed:
        raise _Bad("its hash is not that of its entry")
    if (leaf.log, leaf.seq) != (log, line.seq):
        raise _Bad("its entry belongs elsewhere")
    if _commitment(line) != leaf.commitment:
        raise _Bad("what is personal of it is not what the entry was made of")


def _commitment(line: RecordLine) -> str:
    """The commitment that follows from the personal part."""
    if line.record is not None:
        if line.salt is None or line.sealed_hash is None or line.sealed is not None or line.inner is not None:
            raise _Bad("its personal part lacks what it is checked by")
        inner = inner_commitment(_bytes(line.salt), canonical(dict(line.record)))
        return commitment_of_hash(inner, _hash(line.sealed_hash))
    if line.sealed is not None and line.inner is not None and line.salt is None and line.sealed_hash is None:
        return commitment_of_hash(_hash(line.inner), sha256(_bytes(line.sealed)).digest())
    raise _Bad("its personal part is not there, or only half of it")


def _bytes(text: str) -> bytes:
    try:
        return from_base64(text)
    except ValueError as error:
        raise _Bad(f"{error}") from None


def _hash(text: str) -> bytes:
    data = _bytes(text)
    if len(data) != HASH_BYTES:
        raise _Bad("this is no hash")
    return data
