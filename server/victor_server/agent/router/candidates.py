"""Which profiles may answer a task by the lists of `profiles.yaml`, best first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from victor_server.agent.router.decision import Need
from victor_server.agent.router.facts import Facts
from victor_server.agent.router.servers import is_local
from victor_server.ledger.cost import to_usd, upper_bound
from victor_server.ledger.model import Ask, Price
from victor_server.settings.profiles import default_name


@dataclass(frozen=True, slots=True)
class Candidates:
    """Names of profiles, best first, each with the reason for which it would answer; `others` with why not."""

    reasons: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)


def candidates(need: Need, facts: Facts) -> Candidates:
    """Who may answer. Profiles that the policy rules out stand among them too: that is judged elsewhere."""
    written = [*facts.profiles.profiles, *facts.profiles.unreadable]
    if need.profile:
        others = dict.fromkeys(written, f"{need.profile} was asked for")
        others.pop(need.profile, None)
        return Candidates({need.profile: "it was asked for"}, others)
    routing = facts.profiles.routing
    if need.task in routing.local_tasks:
        return _local(need, facts, written)
    if need.task in routing.cloud_tasks:
        return _cloud(need, facts, written)
    return _default(facts, written)


def upper_cost_usd(need: Need, price: Price | None) -> float | None:
    """What a call may cost at most, in US dollars; None where nobody knows the price."""
    ask = Ask("", "", "", need.task, "", "", "", need.input_tokens, need.max_output_tokens, price)
    nano = upper_bound(ask).nano
    return None if nano is None else to_usd(nano)


def _local(need: Need, facts: Facts, written: Sequence[str]) -> Candidates:
    why = f"{need.task} stays on local models"
    local = [name for name in written if name not in facts.profiles.profiles or _is_local(name, facts)]
    ordered = _by_cost(need, facts, _default_first(facts, local))
    return Candidates(dict.fromkeys(ordered, why), {name: why for name in written if name not in local})


def _cloud(need: Need, facts: Facts, written: Sequence[str]) -> Candidates:
    cloud = [name for name in written if name in facts.profiles.profiles and not _is_local(name, facts)]
    reasons = dict.fromkeys(_by_cost(need, facts, cloud), f"{need.task} goes to cloud models")
    instead = f"{need.task} goes to cloud models and none of them can answer"
    for name in (*facts.profiles.routing.fallback, default_name(facts.profiles)):
        if name:
            reasons.setdefault(name, instead)
    others = {name: f"{need.task} goes to cloud models" for name in written if name not in reasons}
    return Candidates(reasons, others)


def _default(facts: Facts, written: Sequence[str]) -> Candidates:
    first = default_name(facts.profiles)
    reasons = {first: "it is the default"} if first else {}
    for name in facts.profiles.routing.fallback:
        reasons.setdefault(name, f"it stands in for {first}")
    return Candidates(reasons, {name: "it is not the default" for name in written if name not in reasons})


def _is_local(name: str, facts: Facts) -> bool:
    return is_local(facts.profiles.profiles[name], facts.policy)


def _default_first(facts: Facts, names: Sequence[str]) -> list[str]:
    order = (default_name(facts.profiles), *facts.profiles.routing.fallback)
    return sorted(names, key=lambda name: order.index(name) if name in order else len(order))


def _by_cost(need: Need, facts: Facts, names: Sequence[str]) -> list[str]:
    """Cheapest first, unknown prices last; equal ones as they stand."""
    asked = need if need.input_tokens or need.max_output_tokens else Need(need.task, "", 3000, 1000)

    def cost(name: str) -> float:
        known = upper_cost_usd(asked, facts.prices.get(name))
        return float("inf") if known is None else known

    return sorted(names, key=cost)
