"""The last head of the team's audit log that this edge has seen: a log that shrinks or forks is told of."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from victor_server.audit.encoding import from_base64
from victor_server.audit.head import is_signed
from victor_server.audit.merkle import check_consistency
from victor_server.errors import VictorError
from victor_server.protocol import Consistency, Proof, Shape, SignedHead
from victor_server.remote.membership import Membership
from victor_server.settings.own_file import locked, read_own, replace_own

FILE_NAME = "team-head.json"
_MAX_BYTES = 100_000

Ask = Callable[[str, Shape], Awaitable[Any]]


class LogChanged(VictorError):
    """The backend's audit log is not what it was: records were taken out, put in before others, or changed."""

    kind = "audit_log_changed"


async def follow(home: Path, head: SignedHead, member: Membership, ask: Ask) -> None:
    """Keep `head` if the log that was seen before is the beginning of its log. Blocks shortly.

    Raises LogChanged where it is not; then what was seen before is kept, for whoever looks into it. Raises what `ask`
    raises where the backend cannot be asked.
    """
    if not is_signed(head, member.audit_keys):
        raise _changed("its head is not signed with a key that was there at login")
    with locked(home / FILE_NAME):
        seen = read_head(home)
    if seen is None or seen.log != head.log:
        if seen is not None and is_signed(seen, member.audit_keys):
            raise _changed("it is another log than before")
        _keep(home, head)
        return
    await _compare(seen, head, ask)
    if head.size > seen.size:
        _keep(home, head)


def read_head(home: Path) -> SignedHead | None:
    """The last head that was seen, None for none."""
    try:
        return SignedHead.model_validate_json(read_own(home / FILE_NAME, _MAX_BYTES))
    except (OSError, ValueError, ValidationError):
        return None


async def _compare(seen: SignedHead, head: SignedHead, ask: Ask) -> None:
    older, newer = sorted((seen, head), key=lambda each: each.size)
    if head.size < seen.size and head.at_us > seen.at_us:
        raise _changed(f"it had {seen.size} records, and has {head.size}")
    if older.size == newer.size:
        if (older.root, older.chain) != (newer.root, newer.chain):
            raise _changed(f"its {older.size} records are others than before")
        return
    proof: Proof = await ask("audit/consistency", Consistency(first=older.size, second=newer.size))
    hashes = [from_base64(each) for each in proof.hashes]
    if not check_consistency(
        older.size, newer.size, from_base64(older.root), from_base64(newer.root), hashes
    ):
        raise _changed(f"its first {older.size} records are others than before")


def _keep(home: Path, head: SignedHead) -> None:
    """Unless a newer one was kept meanwhile."""
    with locked(home / FILE_NAME):
        seen = read_head(home)
        if seen is None or seen.log != head.log or seen.size < head.size:
            replace_own(home / FILE_NAME, head.model_dump_json())


def _changed(why: str) -> LogChanged:
    return LogChanged(
        f"The audit log of the team's backend is not what it was: {why}.",
        "Tell whoever looks after security in your team, and keep the file team-head.json.",
    )
