"""The decision: policy, then the lists of tasks, then health, context size and abilities, then cost."""

from collections.abc import Mapping, Sequence

from victor_server.agent.router.candidates import Candidates, candidates, upper_cost_usd
from victor_server.agent.router.decision import Decision, Need, RuledOut
from victor_server.agent.router.explain import explain, refusal
from victor_server.agent.router.facts import Facts
from victor_server.agent.router.fitness import Fit, Out, allowed_servers, fit
from victor_server.agent.router.servers import leaves_machine
from victor_server.agent.router.setup import nothing_set_up
from victor_server.errors import UsageError
from victor_server.settings.profiles import Profile


def route(need: Need, facts: Facts) -> Decision:
    """Who answers, and why. Looks at nothing but its arguments.

    Raises UsageError for a profile that does not exist; OfflineBlocked where the policy keeps a model from answering
    that would, ContextTooLong where it is the length of the question, RateLimited where a server asks to wait, else
    NoModel. All of them name every reason.
    """
    written = [*facts.profiles.profiles, *facts.profiles.unreadable]
    if not written:
        raise nothing_set_up(facts.profiles)
    if need.profile and need.profile not in written:
        raise UsageError(f"There is no profile {need.profile}.", f"There are: {', '.join(written)}.")
    wanted = candidates(need, facts)
    outs, fits = _judged(need, facts, wanted)
    ordered = _ordered([fits[name] for name in wanted.reasons if name in fits])
    told = [outs[name] for name in dict.fromkeys((*wanted.reasons, *written)) if name in outs]
    if not ordered:
        raise refusal(need, told, wanted.reasons)
    return _decision(need, facts, ordered, told, wanted.reasons)


def _judged(need: Need, facts: Facts, wanted: Candidates) -> tuple[dict[str, Out], dict[str, Fit]]:
    """Every profile by its name: why it does not answer, or that it can."""
    outs = {
        name: Out(name, why, "setup", "Correct it in profiles.yaml.")
        for name, why in facts.profiles.unreadable.items()
    }
    fits: dict[str, Fit] = {}
    for name, profile in facts.profiles.profiles.items():
        found = _judge(need, profile, facts, wanted)
        if isinstance(found, Out):
            outs[name] = found
        else:
            fits[name] = found
    return outs, fits


def _judge(need: Need, profile: Profile, facts: Facts, wanted: Candidates) -> Out | Fit:
    allowed = allowed_servers(need, profile, facts)
    if isinstance(allowed, Out):
        return allowed
    if profile.name in wanted.others:
        return Out(profile.name, wanted.others[profile.name], "list")
    return fit(need, profile, allowed, facts)


def _ordered(fits: Sequence[Fit]) -> list[Fit]:
    """Those whose server is well first; otherwise as the lists and the prices have them."""
    return sorted(fits, key=lambda each: each.server.state != "ready")


def _decision(
    need: Need, facts: Facts, ordered: Sequence[Fit], outs: Sequence[Out], reasons: Mapping[str, str]
) -> Decision:
    chosen = ordered[0]
    profile, url = chosen.profile, chosen.server.base_url
    price = facts.prices.get(profile.name)
    troubled = [
        Out(each.profile.name, each.server.why, "health")
        for each in ordered[1:]
        if each.server.state != "ready" and chosen.server.state == "ready"
    ]
    told = [*troubled, *outs]
    before = list(reasons)[: list(reasons).index(profile.name)]
    shown = [out for out in told if out.cause == "policy" or out.profile in before]
    return Decision(
        task=need.task,
        profile=profile.name,
        provider=profile.provider,
        model=profile.model,
        base_url=url,
        reason=explain(need, chosen, reasons[profile.name], price, shown),
        leaves_machine=leaves_machine(profile, url),
        ruled_out=tuple(RuledOut(out.profile, out.reason) for out in told),
        fallbacks=tuple(each.profile.name for each in ordered[1:]),
        cost_usd=upper_cost_usd(need, price),
        max_output_tokens=chosen.max_output_tokens,
    )
