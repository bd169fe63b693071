"""`victor audit verify`: checks an exported log, without the backend and without the network."""

import json as jsonlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import ValidationError

from victor_server.audit.encoding import from_base64
from victor_server.audit.verify import MAX_LINE_BYTES, Verified, verify_lines
from victor_server.errors import UsageError
from victor_server.protocol import SignedHead

WHOLE, NOT_WHOLE = 0, 1
_MAX_SMALL_BYTES = 100_000_000
_SAID = {
    "none": "Nothing is missing at its end, as far as the head goes.",
    "detected": "Records are missing at its end.",
    "unknown": "Whether records are missing at its end is not known: give --head and --key.",
}


def run_verify(file: Path, *, head: Path | None, key: Path | None, json: bool) -> int:
    """Say whether the log is whole: 0 it is, 1 it is not. Raises `UsageError` for a head or a key that is none."""
    kept = read_head(head) if head else None
    keys = read_keys(key, kept) if key else {}
    if not file.is_file():
        raise UsageError(f"There is no file {file}.", "Name what `victor audit export -o FILE` wrote.")
    with file.open("rb") as opened:
        found = verify_lines(_lines(opened), head=kept, keys=keys)
    print(jsonlib.dumps(_document(found)) if json else "\n".join(_told(found)))
    return WHOLE if found.ok else NOT_WHOLE


def read_head(file: Path) -> SignedHead:
    """A head as `victor audit head` prints it, or the last one of a backend's `heads.jsonl`."""
    try:
        document = jsonlib.loads(_small(file).split(b"\n")[-1])
        return SignedHead.model_validate(document.get("head", document))
    except (ValueError, AttributeError, ValidationError):
        raise UsageError(f"{file} holds no signed head.", "`victor audit head` prints one.") from None


def read_keys(file: Path, head: SignedHead | None = None) -> Mapping[str, bytes]:
    """Keys as `victor audit head --keys` prints them; a single one in base64 is that of the given head."""
    text = _small(file).decode("utf-8", "replace")
    try:
        document = jsonlib.loads(text) if text.startswith("{") else {head.key_id if head else "": text}
        keys = {str(name): from_base64(value) for name, value in document.items()}
    except (ValueError, TypeError, AttributeError):
        keys = {}
    if not keys or any(len(value) != 32 for value in keys.values()):
        raise UsageError(f"{file} holds no public keys.", "`victor audit head --keys` prints them.")
    return keys


def _small(file: Path) -> bytes:
    if not file.is_file():
        raise UsageError(f"There is no file {file}.", "Look at its name.")
    with file.open("rb") as opened:
        return opened.read(_MAX_SMALL_BYTES).strip()


def _lines(opened: BinaryIO) -> Iterator[bytes]:
    """One line at a time, never more of one than could be right."""
    while line := opened.readline(MAX_LINE_BYTES + 1):
        yield line


def _document(found: Verified) -> dict[str, Any]:
    return {
        "ok": found.ok,
        "records": found.records,
        "pruned": found.pruned,
        "first_bad": found.first_bad,
        "head": None if found.head is None else found.head.model_dump(),
        "truncation": found.truncation,
        "reason": found.reason,
    }


def _told(found: Verified) -> Iterator[str]:
    dropped = f", {found.pruned:,} of them without their contents" if found.pruned else ""
    if found.ok:
        yield f"The log is whole: {found.records:,} records{dropped}."
    elif found.first_bad is not None:
        yield f"The log was changed: record {found.first_bad} is wrong ({found.reason})."
    else:
        yield f"The log is not whole: {found.reason}."
    yield _SAID[found.truncation]
