"""The lines of an exported log: a header, the records in order, and a head."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from victor_server.audit.encoding import canonical, to_base64
from victor_server.audit.merkle import Frontier
from victor_server.protocol import SignedHead

EXPORT_FORMAT = 1


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Header(_Line):
    """The first line. `after`: how many records of the log come before; `chain` and `frontier` are theirs."""

    victor_audit: int
    log: str
    after: int
    chain: str
    frontier: str


class LeafShape(_Line):
    """An entry of the chain; see `leaf.Leaf`."""

    log: str
    seq: int
    time: int
    pseudonym: str
    action: str
    provider: str
    model: str
    success: bool
    source: str
    commitment: str
    v: int


class RecordLine(_Line):
    """One record. `leaf` None: retention dropped it, and only its hash is left.

    What is personal stands as ciphertext (`sealed`, with `inner`), decrypted (`record` with `salt` and `sealed_hash`),
    or not at all.
    """

    seq: int
    leaf_hash: str
    chain: str
    leaf: LeafShape | None = None
    inner: str | None = None
    sealed: str | None = None
    sealed_hash: str | None = None
    salt: str | None = None
    record: Mapping[str, Any] | None = None


class HeadLine(_Line):
    """The last line."""

    head: SignedHead


def header_line(log: str, chain: bytes, before: Frontier) -> bytes:
    """The first line of an export that begins after `before`."""
    return to_line(
        Header(
            victor_audit=EXPORT_FORMAT,
            log=log,
            after=before.size,
            chain=to_base64(chain),
            frontier=to_base64(before.to_bytes()),
        )
    )


def to_line(line: BaseModel) -> bytes:
    """A line as it must stand in the file, to the byte."""
    return canonical(line.model_dump(mode="json", exclude_none=True)) + b"\n"
