"""`victor status`: whether the team's backend answers, who one is there, and what waits for it."""

import asyncio
import json as jsonlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from victor_server.cli.chat.neutral import neutral
from victor_server.compose.team_client import open_client
from victor_server.errors import VictorError
from victor_server.protocol import Empty, WhoAmI
from victor_server.remote.heads import read_head
from victor_server.remote.membership import Membership, read_membership
from victor_server.remote.outbox import read_backlog
from victor_server.remote.policy import read_policy_document
from victor_server.settings.load import resolve


def run_status(*, json: bool) -> int:
    """Print it; exit code 0 if the backend answers or there is none, 1 if it does not."""
    home = resolve(environment=os.environ).settings.home
    member = read_membership(home)
    told: dict[str, Any] = {"team": None} if member is None else {"team": _team(home, member)}
    if json:
        print(jsonlib.dumps(told))
    else:
        print(neutral("\n".join(_lines(told["team"]))))
    return 0 if told["team"] is None or told["team"]["reachable"] else 1


def _team(home: Path, member: Membership) -> dict[str, Any]:
    who, trouble = asyncio.run(_asked())
    document = read_policy_document(home, member)
    head = read_head(home)
    return {
        "url": member.url,
        "tenant": member.tenant,
        "subject": member.subject,
        "reachable": who is not None,
        "trouble": trouble,
        "role": who.role if who else None,
        "scopes": list(who.scopes) if who else None,
        "policy": {"version": document.version, "expires": _moment(document.expires_us)}
        if document
        else None,
        "outbox": _outbox(home),
        "head": {"size": head.size, "at": _moment(head.at_us)} if head else None,
    }


async def _asked() -> tuple[WhoAmI | None, str]:
    client = open_client(os.environ, None, None)
    try:
        who: WhoAmI = await client.ask("team/whoami", Empty())
        return who, ""
    except VictorError as error:
        return None, " ".join(part for part in (error.message, error.fix) if part)
    finally:
        await client.close()


def _outbox(home: Path) -> dict[str, Any]:
    waits = read_backlog(home)
    return {
        "events": waits.n_events,
        "bytes": waits.n_bytes,
        "aside": waits.n_aside,
        "reasons": list(waits.reasons),
    }


def _lines(team: dict[str, Any] | None) -> Iterator[str]:
    if team is None:
        yield "Not logged in to a team's backend. Log in with: victor login URL."
        return
    yield f"backend   {team['url']} ({'answers' if team['reachable'] else 'does not answer'})"
    if team["trouble"]:
        yield f"          {team['trouble']}"
    yield f"you       {team['subject']}, tenant {team['tenant']}" + (
        f", role {team['role']}: {', '.join(team['scopes'])}" if team["role"] else ""
    )
    policy, head, outbox = team["policy"], team["head"], team["outbox"]
    yield (
        f"policy    version {policy['version']}, holds until {policy['expires']}"
        if policy
        else "policy    none that holds: no model outside is asked"
    )
    aside = f", {outbox['aside']} were not taken" if outbox["aside"] else ""
    yield f"outbox    {outbox['events']} events wait{aside}"
    for reason in dict.fromkeys(outbox["reasons"]):
        yield f"          not taken: {reason}"
    yield f"audit     {head['size']} records, seen {head['at']}" if head else "audit     no head seen yet"


def _moment(us: int) -> str:
    return datetime.fromtimestamp(us / 1_000_000, UTC).isoformat(timespec="seconds")
