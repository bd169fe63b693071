"""The commands of a chat that no model is asked for."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from victor_indexer.model import SearchResult
from victor_server.agent.context.sources import IndexSource
from victor_server.agent.router.decision import Decision, Need
from victor_server.agent.router.router import Router
from victor_server.agent.router.setup import in_markdown
from victor_server.agent.router.tasks import TASKS
from victor_server.errors import UsageError, VictorError
from victor_server.features.chat.model import Asked
from victor_server.ledger.ledger import Ledger
from victor_server.ledger.model import BudgetState, Summary

N_HITS = 10


def local_commands(
    router: Router, ledger: Ledger, index: IndexSource | None
) -> Mapping[str, Callable[[Asked], Awaitable[str]]]:
    """Each command by its name: what was asked → markdown."""
    return {
        "search": lambda asked: _search(asked, index),
        "models": lambda asked: _models(router),
        "usage": lambda asked: _usage(ledger),
    }


async def _search(asked: Asked, index: IndexSource | None) -> str:
    if not asked.words:
        raise UsageError("/search needs words, or names in the code.", "Write them behind it.")
    if index is None or asked.root is None:
        raise UsageError("There is no index to search.", "Open a folder, and leave `index.enabled` on.")
    return _hits(await index.search(asked.root, asked.words, N_HITS), asked.root)


def _hits(found: SearchResult, root: Path) -> str:
    """Links lead to the file in editors and terminals that follow them."""
    lines = [
        f"* [{hit.path}:{hit.start_line + 1}]({(root / hit.path).as_uri()}#L{hit.start_line + 1})"
        + (f" `{hit.symbol}`" if hit.symbol else "")
        for hit in found.hits
    ]
    if found.partial:
        lines.append("\nThe index is still being built: there may be more.")
    return "\n".join(lines or ["Nothing was found."]) + "\n"


async def _models(router: Router) -> str:
    profiles = router.profiles
    rows = [
        f"| {name} | {each.provider} | {each.model or '(its own)'} | {each.unusable or 'set up'} |"
        for name, each in profiles.profiles.items()
    ]
    rows += [f"| {name} | | | {_cell(why)} |" for name, why in profiles.unreadable.items()]
    if not rows:
        return in_markdown(profiles)
    listed = "\n".join(["| profile | provider | model | |", "|---|---|---|---|", *rows])
    return f"{listed}\n\nWho answers what:\n\n{await _who_answers(router)}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


async def _who_answers(router: Router) -> str:
    """A line for each answer, with the tasks that have it."""
    tasks: dict[str, list[str]] = {}
    for task in TASKS:
        said = re.sub(rf"\b(because|answer) {task}\b", r"\1 this", await _who(router, task))
        tasks.setdefault(said, []).append(f"`{task}`")
    return "".join(f"* {', '.join(names)}: {said}\n" for said, names in tasks.items())


async def _who(router: Router, task: str) -> str:
    try:
        decision: Decision = await router.decide(Need(task))
    except VictorError as error:
        return f"nobody. {error.message} {error.fix}".rstrip()
    return decision.reason


async def _usage(ledger: Ledger) -> str:
    today = datetime.now(UTC).date()
    months, days, budgets = await asyncio.to_thread(
        lambda: (ledger.usage(since=today.replace(day=1)), ledger.usage(since=today), ledger.left())
    )
    lines = [_used("Today", days), _used("This month", months), *map(_budget, budgets)]
    return "\n".join(f"* {line}" for line in lines) + "\n"


def _used(when: str, summary: Summary) -> str:
    total = summary.total
    unpriced = f" and {total.unpriced_calls} calls without a known price" if total.unpriced_calls else ""
    return (
        f"{when}: {total.calls} calls, {total.input_tokens:,} tokens in, {total.output_tokens:,} out,"
        f" ${total.cost_usd:.4f}{unpriced}"
    )


def _budget(budget: BudgetState) -> str:
    def amount(value: float) -> str:
        return f"${value:.4f}" if budget.unit == "usd" else f"{value:,.0f} tokens"

    return f"`{budget.name}`: {amount(budget.left)} left of {amount(budget.limit)}"
