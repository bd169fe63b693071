"""`victor audit export|search|erase|retain|head`: what auditors ask of the team's backend."""

import asyncio
import json as jsonlib
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from victor_server.cli.audit_export import Format, export_lines, head_line
from victor_server.cli.chat.neutral import neutral
from victor_server.cli.team.asking import Where, answer, ask, made, table
from victor_server.compose.team_client import open_client
from victor_server.errors import UsageError
from victor_server.protocol import AuditAsked, Empty, Erased, NamedUser, PublicKeys, RetainAsked, SignedHead

PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records; times as people write them."""

    action: str | None
    user: str | None
    since: str | None
    until: str | None
    limit: int
    decrypt: bool


def run_export(where: Where, output: Path | None, format_: Format, *, decrypt: bool) -> int:
    """Write the log to a file that only its owner may read, or to standard output."""
    if output is None:
        asyncio.run(_export(where, sys.stdout.buffer, format_, decrypt=decrypt))
        return 0
    part = output.with_name(f"{output.name}.part")
    part.unlink(missing_ok=True)
    try:
        with open(part, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            asyncio.run(_export(where, file, format_, decrypt=decrypt))
            file.flush()
            os.fsync(file.fileno())
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
    return 0


def run_search(where: Where, wanted: Wanted, *, json: bool) -> int:
    """Print what is found, the oldest first."""
    names: dict[str, str] = {}
    records = list(_found(where, wanted, names))
    if json:
        print(jsonlib.dumps({"records": records, "names": names}))
        return 0
    rows = (_row(record, names) for record in records)
    head = ("record", "time", "who", "action", "whom", "provider", "model", "source", "done")
    print(neutral("\n".join(table(head, rows, "There are no such records."))))
    return 0


def run_erase(where: Where, subject: str, *, yes: bool, json: bool) -> int:
    """Erase somebody, once the person at the terminal has agreed."""
    if not yes:
        _agree(subject)
    return answer(where, "audit/erase", made(NamedUser, subject=subject), _erased, json=json)


def run_retain(where: Where, days: int, *, json: bool) -> int:
    """Drop what is older."""
    return answer(where, "audit/retain", made(RetainAsked, days=days), _dropped, json=json)


def run_head(where: Where, *, keys: bool) -> int:
    """Print the head, or the keys."""
    if keys:
        found: PublicKeys = ask(where, "policy/keys", Empty())
        print(jsonlib.dumps(dict(found.audit)))
        return 0
    head: SignedHead = ask(where, "audit/head", Empty())
    print(head_line(head).decode("ascii"), end="")
    return 0


async def _export(where: Where, file: BinaryIO, format_: Format, *, decrypt: bool) -> None:
    client = open_client(os.environ, where.url, where.token_file)
    try:
        async with aclosing(export_lines(client.ask, format_, decrypt=decrypt)) as lines:
            async for line in lines:
                file.write(line)
    finally:
        await client.close()


def _found(where: Where, wanted: Wanted, names: dict[str, str]) -> Iterator[Mapping[str, Any]]:
    after: int | None = 0
    n_left = wanted.limit
    while after is not None and n_left:
        page = ask(where, "audit/search", _asked(wanted, after, min(n_left, PAGE)))
        names.update(page.names)
        yield from page.records
        n_left -= len(page.records)
        after = page.next


def _asked(wanted: Wanted, after: int, limit: int) -> AuditAsked:
    return made(
        AuditAsked,
        after=after,
        limit=limit,
        action=wanted.action,
        subject=wanted.user,
        since_us=_microseconds(wanted.since),
        until_us=_microseconds(wanted.until),
        decrypt=wanted.decrypt,
    )


def _microseconds(written: str | None) -> int | None:
    if written is None:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise UsageError(
            f"{written!r} is no time.", "Write it like 2026-01-31 or 2026-01-31T12:00."
        ) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1e6)


def _row(record: Mapping[str, Any], names: Mapping[str, str]) -> tuple[object, ...]:
    leaf, personal = record.get("leaf"), record.get("record", {})
    if leaf is None:
        return (record["seq"], "", "(dropped)", "", "", "", "", "", "")
    when = datetime.fromtimestamp(leaf["time"] / 1e6, UTC)
    who = personal.get("user", leaf["pseudonym"])
    done = "yes" if leaf["success"] else "no"
    said = (
        who,
        leaf["action"],
        _whom(personal, names),
        leaf["provider"],
        leaf["model"],
        leaf["source"],
        done,
    )
    return (record["seq"], f"{when:%Y-%m-%d %H:%M:%S}", *said)


def _whom(personal: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """To whom it was done, as far as that was decrypted and nobody erased them."""
    details = personal.get("details")
    whom = details.get("subject") if isinstance(details, Mapping) else None
    if isinstance(whom, Mapping):
        pseudonym = str(whom.get("pseudonym"))
        return names.get(pseudonym, pseudonym)
    return whom if isinstance(whom, str) else ""


def _agree(subject: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError("Nobody is there to agree: the input is no terminal.", "Add --yes.")
    print(neutral(f"All that is personal of {subject} becomes unreadable, and nothing brings it back."))
    if input("Write their name to go on: ") != subject:
        raise UsageError("Nothing was erased.", "")


def _erased(found: Erased) -> Iterator[str]:
    yield f"Done: {found.records:,} records of theirs are unreadable now."


def _dropped(found: Erased) -> Iterator[str]:
    yield f"Done: {found.records:,} records have lost their contents; their hashes stay."
