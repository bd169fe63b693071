"""What a turn works with, as the program makes it: real ledger, history, audit log and router, scripted models."""

import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from victor_server.agent.events import ModelEvent
from victor_server.agent.providers.provider import Provider
from victor_server.agent.providers.scripted import ScriptedProvider
from victor_server.agent.receipt import Receipt, from_data
from victor_server.agent.router.router import Router
from victor_server.agent.services import AgentServices
from victor_server.audit.journal import Journal
from victor_server.audit.record import read_records
from victor_server.history.history import History
from victor_server.ledger.answers import AnswerCache
from victor_server.ledger.ledger import Ledger
from victor_server.ledger.model import Price
from victor_server.policy.policy import Policy
from victor_server.policy.private_files import PrivateFiles
from victor_server.settings.profiles import Profile, Profiles
from victor_server.settings.resolved import AuditSettings, BudgetSettings

PRICE = Price(1.0, 10.0)
Open = Callable[[Profile, str], Provider]


def open_script(profile: Profile, _url: str) -> Provider:
    """The scripted provider of a profile."""
    assert profile.script is not None
    return ScriptedProvider(profile.script, context_tokens=profile.context_tokens)


def scripted(folder: Path, *replies: Any, name: str = "default", **more: Any) -> Profile:
    """A profile whose model gives these replies, each as in a line of a script; a text stands for one reply."""
    file = folder / f"{name}.jsonl"
    lines = [{"text": reply} if isinstance(reply, str) else reply for reply in replies]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return Profile(name, "scripted", "script", script=file, **more)


def services_in(
    home: Path,
    *profiles: Profile,
    open_server: Open = open_script,
    policy: Policy | None = None,
    budgets: BudgetSettings | None = None,
    answers: AnswerCache[tuple[ModelEvent, ...]] | None = None,
    price: Price | None = PRICE,
    own_keys: Sequence[str] = (),
) -> AgentServices:
    """Everything, in `home`; every model costs `price`."""
    named = {profile.name: profile for profile in profiles}
    policy = policy or Policy()
    router = Router(
        Profiles(named), policy, open_server, lambda _profile: price, time.monotonic, random.Random(1).random
    )
    return AgentServices(
        router=router,
        ledger=Ledger(home / "ledger.db", budgets or BudgetSettings()),
        history=History(home / "sessions.db"),
        journal=Journal(AuditSettings(home / "audit.log"), "somebody"),
        policy=policy,
        private_files=PrivateFiles(policy.private_paths),
        home=home,
        answers=answers,
        user="somebody",
        own_keys=tuple(own_keys),
    )


def falling_back(services: AgentServices, *names: str) -> AgentServices:
    """The same, with a chain of profiles that come after the first."""
    router = services.router
    profiles = router.profiles
    router.profiles = replace(profiles, routing=replace(profiles.routing, fallback=names))
    return services


async def close(services: AgentServices) -> None:
    """Let go of everything."""
    await services.router.close()
    services.history.close()
    services.ledger.close()


def receipts(services: AgentServices) -> list[Receipt]:
    """All receipts, the oldest first."""
    return [from_data(stored.data) for stored in reversed(services.history.receipts())]


def audited(services: AgentServices) -> list[Mapping[str, Any]]:
    """The audit log."""
    file = services.journal.settings.path
    return list(read_records(file)) if file.exists() else []


def actions(services: AgentServices) -> list[str]:
    """What was done, by the audit log."""
    return [record["action"] for record in audited(services)]


def everything_kept(home: Path) -> bytes:
    """Every byte of every file in `home`."""
    return b"".join(file.read_bytes() for file in sorted(home.rglob("*")) if file.is_file())
