"""`victor models pull`: has a model server fetch a model, and shows how far it is."""

import asyncio
import json as jsonlib
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing

from victor_server.agent.providers.provider import PullProgress
from victor_server.agent.router.router import Router
from victor_server.agent.router.servers import may_use, servers_of
from victor_server.compose.models import Models, open_models
from victor_server.errors import OfflineBlocked, UsageError
from victor_server.settings.profiles import Profile

ACTION = "model_pulled"


def run_pull(name: str, *, json: bool) -> int:
    """Fetch a model, or the model of a profile, and print the progress to standard error. Raises VictorError."""
    if not name.isprintable() or not name.strip():
        raise UsageError("This is not the name of a model.", "See `victor models`.")
    models = open_models(os.environ)
    profile, model = _wanted(models.router, name)
    _refuse_offline(models.router, profile, model)
    size = asyncio.run(_pull(models, profile, model))
    if json:
        print(jsonlib.dumps({"model": model, "provider": profile.provider, "bytes": size}))
    else:
        print(f"{model} is there.")
    return 0


def _wanted(router: Router, name: str) -> tuple[Profile, str]:
    """The profile whose server is to fetch, and the model: of a profile of this name, else of this name itself."""
    named = router.profiles.profiles.get(name)
    if named is not None:
        if named.provider != "ollama":
            raise UsageError(f"{named.provider} fetches no models.", "Only Ollama does that for Victor.")
        return named, named.model
    own = (
        each for each in router.profiles.profiles.values() if each.provider == "ollama" and not each.unusable
    )
    return next(own, Profile("ollama", "ollama", name)), name


def _refuse_offline(router: Router, profile: Profile, model: str) -> None:
    verdict = may_use(profile, servers_of(profile)[0], router.policy)
    if not verdict.allowed:
        raise OfflineBlocked(f"{model} is not fetched: {verdict.reason}.", verdict.fix)
    if router.policy.offline:
        # Not a connection of ours, but one that we would ask for.
        who = router.policy.decided_by("offline") or "the policy"
        raise OfflineBlocked(
            f"{model} is not fetched: offline mode is on ({who}), and {profile.provider} would load it from elsewhere.",
            "Fetch it on another machine and carry it over, or switch offline mode off for it.",
        )


async def _pull(models: Models, profile: Profile, model: str) -> int:
    done = False
    try:
        provider = models.router.provider(profile, servers_of(profile)[0])
        async with aclosing(provider.pull(model)) as progress:
            size = await _shown(progress)
        done = True
        return size
    finally:
        try:
            await asyncio.to_thread(_record, models, profile, model, success=done)
        finally:
            await models.close()


async def _shown(progress: AsyncGenerator[PullProgress, None]) -> int:
    """A line for each part; in a terminal with its percentage, as it grows. Returns the bytes of all parts."""
    live = sys.stderr.isatty()
    sizes: dict[str, int] = {}
    part = ""
    async for step in progress:
        status = "".join(letter if letter.isprintable() else "?" for letter in step.status)[:200]
        is_new, part = status != part, status
        sizes[status] = step.total_bytes or 0
        if live:
            percent = f" {100 * step.done_bytes // step.total_bytes:3d} %" if step.total_bytes else ""
            before = "\n" if is_new and len(sizes) > 1 else "\r"
            print(f"{before}{status}{percent}", end="", file=sys.stderr, flush=True)
        elif is_new:
            print(status, file=sys.stderr, flush=True)
    if live and part:
        print(file=sys.stderr)
    return sum(sizes.values())


def _record(models: Models, profile: Profile, model: str, *, success: bool) -> None:
    models.journal.record(ACTION, success=success, provider=profile.provider, model=model)
