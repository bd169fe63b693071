"""`victor models`: which models there are, whether they answer, and how one is fetched."""

import asyncio
import json as jsonlib
import os
import sys
from collections.abc import Mapping, Sequence

from victor_server.agent.router.found_here import found_here
from victor_server.agent.router.overview import ListedModel, list_models, who_does_what
from victor_server.agent.router.setup import nothing_set_up
from victor_server.cli.chat.neutral import neutral
from victor_server.compose.models import Models, open_models
from victor_server.policy.team_policy import TEAM_PROVIDER
from victor_server.settings.layer import Problem
from victor_server.settings.profiles import DEFAULT_PROFILE


def run_models(*, ask: bool, json: bool) -> int:
    """Print every profile, its state and the tasks that are its."""
    models = open_models(os.environ)
    listed, tasks, here = asyncio.run(_looked_at(models, ask=ask))
    if json:
        print(jsonlib.dumps(_document(models, listed, tasks, here)))
        return 0
    if not listed:
        nothing = nothing_set_up(models.router.profiles)
        print("\n".join([nothing.message, nothing.fix, *here]))
    for each in listed:
        print(_line(each))
    if listed:
        _print_tasks(tasks)
    _print_problems(models.problems)
    return 0


async def _looked_at(
    models: Models, *, ask: bool
) -> tuple[Sequence[ListedModel], Mapping[str, str], Sequence[str]]:
    """The models, the tasks, and, where there are none, what could be used."""
    try:
        listed = await list_models(models.router, ask=ask)
        here = await found_here(models.router, os.environ) if ask and not listed else ()
        return listed, await who_does_what(models.router), here
    finally:
        await models.close()


def _line(listed: ListedModel) -> str:
    is_marked = listed.is_default and listed.profile != DEFAULT_PROFILE
    name = f"{listed.profile} (the default)" if is_marked else listed.profile
    if not listed.provider:
        return f"{name}: {listed.detail}"
    where = "leaves this machine" if listed.leaves_machine else "stays on this machine"
    context = "" if listed.context_tokens is None else f", {listed.context_tokens:,} tokens of context"
    state = {"ready": "", "unasked": "", "down": "does not answer: ", "blocked": "may not be used: "}
    fix = f"\n    {listed.fix}" if listed.fix else ""
    shown = state.get(listed.state, "cannot be used: ") + listed.detail
    what = f"{listed.model} ({listed.provider}), {where}{context}, {_price(listed)}"
    return f"{name}: {what}\n    {shown}{fix}"


def _price(listed: ListedModel) -> str:
    if listed.provider == TEAM_PROVIDER:
        return "charged to the team"
    if listed.price is None:
        return "price not known"
    if not listed.price.input_usd and not listed.price.output_usd:
        return "costs nothing"
    return f"${listed.price.input_usd:g} in and ${listed.price.output_usd:g} out for a million tokens"


def _print_tasks(tasks: Mapping[str, str]) -> None:
    by_profile: dict[str, list[str]] = {}
    for task, profile in tasks.items():
        by_profile.setdefault(profile, []).append(task)
    print()
    for profile, names in by_profile.items():
        print(f"{profile or 'nobody'} does {', '.join(names)}")


def _print_problems(problems: Sequence[Problem]) -> None:
    for problem in problems:
        print(neutral(problem.told), file=sys.stderr)


def _document(
    models: Models, listed: Sequence[ListedModel], tasks: Mapping[str, str], here: Sequence[str]
) -> dict[str, object]:
    return {
        "offline": models.router.policy.offline,
        "profiles": [_row(each) for each in listed],
        "tasks": {task: profile or None for task, profile in tasks.items()},
        "fix": "" if listed else "\n".join([nothing_set_up(models.router.profiles).fix, *here]),
        "problems": [
            {"source": each.source, "line": each.line, "message": each.message} for each in models.problems
        ],
    }


def _row(listed: ListedModel) -> dict[str, object]:
    price = listed.price
    return {
        "profile": listed.profile,
        "default": listed.is_default,
        "provider": listed.provider,
        "model": listed.model,
        "base_urls": list(listed.addresses),
        "local": listed.local,
        "leaves_machine": listed.leaves_machine,
        "state": listed.state,
        "detail": listed.detail,
        "fix": listed.fix,
        "context_tokens": listed.context_tokens,
        "max_output_tokens": listed.max_output_tokens,
        "price": price and {"input_usd": price.input_usd, "output_usd": price.output_usd},
    }
