"""All models at a glance: which there are, whether they answer, and who does which task."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from victor_server.agent.router.decision import Need
from victor_server.agent.router.facts import Facts
from victor_server.agent.router.fitness import Out, allowed_servers
from victor_server.agent.router.route import route
from victor_server.agent.router.router import ASK_TIME_LIMIT_S, Router
from victor_server.agent.router.servers import is_local, leaves_machine, servers_of
from victor_server.agent.router.tasks import TASKS
from victor_server.errors import VictorError
from victor_server.ledger.model import Price
from victor_server.settings.profiles import Profile, default_name

State = Literal["ready", "down", "blocked", "unusable", "unasked"]


@dataclass(frozen=True, slots=True)
class ListedModel:
    """One profile. `detail` says what the state is; `local`: as the lists of tasks mean it; tokens None: not known.

    `unasked`: it may be used, and nobody has asked whether it answers.
    """

    profile: str
    provider: str
    model: str
    addresses: tuple[str, ...]
    is_default: bool
    local: bool
    leaves_machine: bool
    state: State
    detail: str
    fix: str = ""
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    price: Price | None = None


async def list_models(router: Router, *, ask: bool) -> tuple[ListedModel, ...]:
    """Every profile, as it stands in `profiles.yaml`. `ask` has each server say whether it answers, all at once, and a
    team's backend what it offers.
    """
    if ask:
        await router.meet()
    prices = await router.prices()
    listed = [
        _listed(router, profile, prices.get(name)) for name, profile in router.profiles.profiles.items()
    ]
    if ask:
        listed = list(await asyncio.gather(*(_asked(router, each) for each in listed)))
    broken = (_unreadable(router, name, why) for name, why in router.profiles.unreadable.items())
    return (*listed, *broken)


async def who_does_what(router: Router) -> Mapping[str, str]:
    """The profile that does each task while all servers are well; "" where none may."""
    facts = Facts(router.profiles, router.policy, prices=await router.prices())
    return {task: _first(task, facts) for task in TASKS}


def _first(task: str, facts: Facts) -> str:
    try:
        return route(Need(task), facts).profile
    except VictorError:
        return ""


def _listed(router: Router, profile: Profile, price: Price | None) -> ListedModel:
    allowed = allowed_servers(Need("chat"), profile, Facts(router.profiles, router.policy))
    state: State = "unasked"
    detail, fix = "may be used", ""
    if isinstance(allowed, Out):
        state = "unusable" if allowed.cause == "setup" else "blocked"
        detail, fix = allowed.reason, allowed.fix
    return ListedModel(
        profile=profile.name,
        provider=profile.provider,
        model=profile.model,
        addresses=profile.base_urls,
        is_default=profile.name == default_name(router.profiles),
        local=is_local(profile, router.policy),
        leaves_machine=any(leaves_machine(profile, url) for url in servers_of(profile)),
        state=state,
        detail=detail,
        fix=fix,
        context_tokens=profile.context_tokens,
        max_output_tokens=profile.max_output_tokens,
        price=price,
    )


async def _asked(router: Router, listed: ListedModel) -> ListedModel:
    if listed.state != "unasked":
        return listed
    profile = router.profiles.profiles[listed.profile]
    allowed = allowed_servers(Need("chat"), profile, Facts(router.profiles, router.policy))
    urls = () if isinstance(allowed, Out) else allowed
    found = await asyncio.gather(*(_trouble(router, (profile.name, url)) for url in urls))
    wrong = [error for error in found if error is not None]
    if len(wrong) == len(urls):
        return replace(listed, state="down", detail=wrong[0].message, fix=wrong[0].fix)
    detail = "ready" if not wrong else f"{len(urls) - len(wrong)} of {len(urls)} servers are ready"
    well = next(url for url, error in zip(urls, found, strict=True) if error is None)
    context = await _context_tokens(router, profile, well)
    return replace(listed, state="ready", detail=detail, context_tokens=context)


async def _trouble(router: Router, server: tuple[str, str]) -> VictorError | None:
    try:
        await router.check(server)
    except VictorError as error:
        return error
    return None


async def _context_tokens(router: Router, profile: Profile, base_url: str) -> int | None:
    try:
        async with asyncio.timeout(ASK_TIME_LIMIT_S):
            known = (await router.provider(profile, base_url).capabilities(profile.model)).context_tokens
    except (VictorError, TimeoutError):
        known = None
    return min((size for size in (profile.context_tokens, known) if size is not None), default=None)


def _unreadable(router: Router, name: str, why: str) -> ListedModel:
    is_default = name == default_name(router.profiles)
    fix = "Correct it in profiles.yaml."
    return ListedModel(name, "", "", (), is_default, False, False, "unusable", why, fix)
