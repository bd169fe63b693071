"""Looks at what a person has of their team's backend: whether it answers, what it holds them to, and what it is not told yet."""

import asyncio
import time
from collections.abc import Iterator, Mapping

from victor_server.compose.team_client import open_client
from victor_server.features.doctor import Check
from victor_server.protocol import Empty, WhoAmI
from victor_server.remote.membership import Membership, read_membership
from victor_server.remote.outbox import MAX_BYTES, read_backlog
from victor_server.remote.policy import read_policy_document
from victor_server.settings.resolved import Settings

_NEARLY_FULL = 0.8


def look_at_team(settings: Settings, environment: Mapping[str, str]) -> Iterator[Check]:
    """Each thing about the backend; where nobody logged in, that. Blocks. Raises VictorError where it does not answer."""
    member = read_membership(settings.home)
    if member is None:
        yield Check("team", True, "not logged in to a team's backend")
        return
    yield _policy(settings, member)
    yield _outbox(settings)
    who = asyncio.run(_who(environment))
    yield Check("team", True, f"{member.url} answers; you are {who.subject} ({who.role}) of {who.tenant}")


async def _who(environment: Mapping[str, str]) -> WhoAmI:
    client = open_client(environment, None, None)
    try:
        who: WhoAmI = await client.ask("team/whoami", Empty())
        return who
    finally:
        await client.close()


def _policy(settings: Settings, member: Membership) -> Check:
    name = "team policy"
    document = read_policy_document(settings.home, member)
    if document is None:
        detail = "it is not known what holds: nothing but this machine is reached"
        return Check(name, False, detail, f"Log in again: victor login {member.url}.")
    now_us = time.time_ns() // 1_000
    age_h = max(0, now_us - document.issued_us) // 3_600_000_000
    told = f"version {document.version}, signed {age_h} hours ago"
    if document.expires_us <= now_us:
        return Check(name, False, f"{told}, ran out: no model outside is asked", "Connect to the backend.")
    return Check(name, True, f"{told}; models outside: {document.cloud}")


def _outbox(settings: Settings) -> Check:
    backlog = read_backlog(settings.home)
    told = f"{backlog.n_events} records wait for the backend, {backlog.n_bytes:,} bytes"
    if backlog.n_aside:
        told += f"; {backlog.n_aside} were not taken, the last because: {backlog.reasons[0]}"
    is_full = backlog.n_bytes > MAX_BYTES * _NEARLY_FULL
    fix = "Connect to the backend: once it is full, nothing that must be recorded happens." if is_full else ""
    if backlog.n_aside and not fix:
        fix = "Tell whoever runs the backend; `victor status` shows the reasons."
    return Check("team outbox", not is_full and not backlog.n_aside, told, fix)
