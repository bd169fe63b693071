"""Writes a whole audit log down as a backend tells it, page by page, so that it can be verified without the backend."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import Any, Literal

from victor_server.audit.encoding import canonical
from victor_server.audit.export import HeadLine, RecordLine, header_line, to_line
from victor_server.audit.leaf import FIRST_CHAIN
from victor_server.audit.merkle import Frontier
from victor_server.audit.ocsf import to_ocsf
from victor_server.errors import BadResponse
from victor_server.protocol import AuditAsked, AuditPage, Empty, Shape, SignedHead

Ask = Callable[[str, Shape], Awaitable[Any]]
"""Asks the backend for a method; see `remote.rpc`."""

Format = Literal["jsonl", "ocsf"]
PAGE = 1_000


async def export_lines(ask: Ask, format_: Format, *, decrypt: bool) -> AsyncGenerator[bytes, None]:
    """The lines: a header, every record up to the head of this moment, and that head; OCSF: the events alone."""
    head: SignedHead = await ask("audit/head", Empty())
    if format_ == "jsonl":
        yield header_line(head.log, FIRST_CHAIN, Frontier())
    async for record, names in _records(ask, head, decrypt=decrypt):
        if format_ == "jsonl":
            yield to_line(record)
            continue
        event = to_ocsf(record, names)
        if event is not None:
            yield json.dumps(event).encode("ascii") + b"\n"
    if format_ == "jsonl":
        yield to_line(HeadLine(head=head))


def head_line(head: SignedHead) -> bytes:
    """A head as a file of its own."""
    return canonical(head.model_dump()) + b"\n"


async def _records(
    ask: Ask, head: SignedHead, *, decrypt: bool
) -> AsyncGenerator[tuple[RecordLine, Mapping[str, str]], None]:
    after = 0
    while after < head.size:
        page: AuditPage = await ask("audit/search", AuditAsked(after=after, limit=PAGE, decrypt=decrypt))
        for document in page.records:
            record = RecordLine.model_validate(document)
            if record.seq != after + 1:
                raise _gap(after + 1)
            if record.seq > head.size:
                return
            after = record.seq
            yield record, page.names
        if page.next is None:
            break
    if after < head.size:
        raise _gap(after + 1)


def _gap(seq: int) -> BadResponse:
    return BadResponse(
        f"The backend did not tell record {seq} of the audit log.", "Run `victor audit verify`."
    )
