"""`victor route`: who would answer, and why."""

import asyncio
import json as jsonlib
import os
import sys

from victor_server.agent.router.decision import Decision, Need, RuledOut
from victor_server.agent.router.tasks import TASKS
from victor_server.compose.models import Models, open_models
from victor_server.errors import OfflineBlocked, ProviderError, SettingsError


def run_route(task: str, *, profile: str, assume_healthy: bool, json: bool) -> int:
    """Print the decision for a task. Raises what `route` raises."""
    if task not in TASKS:
        print(f"No command has the task {task}; those that have one: {', '.join(TASKS)}.", file=sys.stderr)
    models = open_models(os.environ)
    decision = asyncio.run(_decided(models, Need(task, profile), assume_healthy=assume_healthy))
    if json:
        print(jsonlib.dumps(_document(decision)))
    else:
        print(decision.reason)
        if decision.fallbacks:
            print(f"If it does not answer: {', '.join(decision.fallbacks)}.")
    return 0


async def _decided(models: Models, need: Need, *, assume_healthy: bool) -> Decision:
    """The first decision whose server answers; each is asked once, and without a word of anybody's code."""
    router, after = models.router, list[RuledOut]()
    try:
        while True:
            decision = await router.decide(need, after=after)
            if assume_healthy:
                return decision
            try:
                await router.check((decision.profile, decision.base_url))
            except (ProviderError, OfflineBlocked, SettingsError) as error:
                after.append(RuledOut(decision.profile, error.message))
            else:
                return decision
    finally:
        await models.close()


def _document(decision: Decision) -> dict[str, object]:
    return {
        "task": decision.task,
        "profile": decision.profile,
        "provider": decision.provider,
        "model": decision.model,
        "base_url": decision.base_url,
        "reason": decision.reason,
        "leaves_machine": decision.leaves_machine,
        "fallbacks": list(decision.fallbacks),
        "ruled_out": [{"profile": out.profile, "reason": out.reason} for out in decision.ruled_out],
    }
