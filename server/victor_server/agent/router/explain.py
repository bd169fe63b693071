"""Says in a sentence why a model answers, or why none does."""

from collections.abc import Mapping, Sequence

from victor_server.agent.router.candidates import upper_cost_usd
from victor_server.agent.router.decision import Need
from victor_server.agent.router.fitness import Cause, Fit, Out
from victor_server.agent.router.servers import OLLAMA_CLOUD, host_of, is_sent_on, leaves_machine
from victor_server.errors import ContextTooLong, NoModel, OfflineBlocked, RateLimited, VictorError
from victor_server.ledger.model import Price
from victor_server.settings.profiles import DEMO_MODEL


def explain(need: Need, chosen: Fit, why: str, price: Price | None, outs: Sequence[Out]) -> str:
    """One sentence: who, why, at which cost. `outs` are those that come before, and what the policy keeps from answering."""
    profile, url = chosen.profile, chosen.server.base_url
    host = OLLAMA_CLOUD if is_sent_on(profile) else host_of(profile, url)
    where = f"at {host}" if leaves_machine(profile, url) else "on this machine"
    parts = [
        f"{profile.name} answers with {profile.model} ({profile.provider}, {where}) because {why}",
        _cost(need, price),
    ]
    if (profile.provider, profile.model) == ("embedded", DEMO_MODEL):
        parts.append("it is a demo model, to try things with and not to rely on")
    if chosen.server.state != "ready":
        parts.append(f"it is tried although {chosen.server.why}, as nothing else can answer")
    parts += (f"{_and(names)} cannot: {reason}" for reason, names in _grouped(outs).items())
    return "; ".join(parts) + "."


def refusal(need: Need, outs: Sequence[Out], wanted: Mapping[str, str]) -> VictorError:
    """The error that says why nobody answers. What keeps the profiles that were wanted counts, all are named."""
    reasons = "; ".join(f"{_and(names)}: {reason}" for reason, names in _grouped(outs).items())
    message = f"No model can answer {need.task}{': ' if reasons else ''}{reasons}."
    first = [out for out in outs if out.profile in wanted]
    blocked = [out for out in first if out.cause == "policy"]
    if blocked:
        return OfflineBlocked(message, blocked[0].fix)
    if any(out.cause == "size" for out in first):
        return ContextTooLong(
            message, "Ask about less, or add a profile with a larger model to profiles.yaml."
        )
    waits = [out.wait_s for out in first if out.wait_s is not None]
    if waits:
        return RateLimited(message, _FIXES["health"], retry_after_s=min(waits))
    if not first:
        return NoModel(
            message, f"Add a profile with a model on this machine, or let {need.task} go elsewhere."
        )
    return NoModel(message, first[0].fix or _FIXES[first[0].cause])


_FIXES: Mapping[Cause, str] = {
    "setup": "Correct profiles.yaml.",
    "failed": "See to it that its server answers, or name another profile in `routing.fallback` of profiles.yaml.",
    "health": "Wait, or name another profile in `routing.fallback` of profiles.yaml.",
    "fit": "Add a profile with a model that can to profiles.yaml.",
}


def _cost(need: Need, price: Price | None) -> str:
    cost = upper_cost_usd(need, price)
    if cost is None or price is None:
        return "what it costs is not known"
    if not price.input_usd and not price.output_usd:
        return "it costs nothing"
    if need.input_tokens or need.max_output_tokens:
        return f"it costs at most ${cost:.2g}" if cost < 1 else f"it costs at most ${cost:,.2f}"
    return f"it costs ${price.input_usd:g} for a million tokens in and ${price.output_usd:g} out"


def _grouped(outs: Sequence[Out]) -> dict[str, list[str]]:
    """Names by reason."""
    groups: dict[str, list[str]] = {}
    for out in outs:
        groups.setdefault(out.reason.rstrip("."), []).append(out.profile)
    return groups


def _and(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
