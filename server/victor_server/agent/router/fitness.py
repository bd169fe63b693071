"""Rules profiles out one by one: by the policy, by how their servers are, by what their models can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from victor_server.agent.providers.provider import Capabilities
from victor_server.agent.router.decision import Need
from victor_server.agent.router.facts import Facts, ServerHealth, ServerState
from victor_server.agent.router.servers import leaves_machine, may_use, servers_of
from victor_server.settings.profiles import Profile

LEAST_ANSWER_TOKENS = 256
"""A model that has no room for an answer of this length is not asked."""

Cause = Literal["setup", "policy", "list", "failed", "health", "fit", "size"]

_RANKS: dict[ServerState, int] = {"ready": 0, "troubled": 1, "closed": 2}


@dataclass(frozen=True, slots=True)
class Out:
    """Why a profile does not answer, for a person, and of which sort that is; `fix` may be empty.

    `wait_s`: seconds after which it may.
    """

    profile: str
    reason: str
    cause: Cause
    fix: str = ""
    wait_s: float | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """A profile that can answer: by this server, which may be in trouble, in so many tokens at most."""

    profile: Profile
    server: ServerHealth
    max_output_tokens: int = 0


def allowed_servers(need: Need, profile: Profile, facts: Facts) -> Out | tuple[str, ...]:
    """The servers that the policy lets this be sent to, or why there are none."""
    if profile.unusable:
        return Out(profile.name, profile.unusable, "setup", "Set it where Victor is started.")
    urls = servers_of(profile)
    verdicts = {url: may_use(profile, url, facts.policy) for url in urls}
    allowed = tuple(url for url in urls if verdicts[url].allowed)
    if not allowed:
        verdict = verdicts[urls[0]]
        return Out(profile.name, verdict.reason, "policy", verdict.fix)
    staying = tuple(url for url in allowed if not leaves_machine(profile, url))
    if need.private and not staying:
        reason = "what is asked about must not leave this machine"
        return Out(profile.name, reason, "policy", "Use a model on this machine for it.")
    return staying if need.private else allowed


def fit(need: Need, profile: Profile, urls: Sequence[str], facts: Facts) -> Out | Fit:
    """The best server of a profile, or why it cannot answer."""
    failed = [each.reason for each in facts.after if each.profile == profile.name]
    if len(failed) >= len(urls):
        return Out(profile.name, failed[-1], "failed")
    known = {each.base_url: each for each in facts.health.get(profile.name, ())}
    servers = [known.get(url, ServerHealth(url)) for url in urls]
    best = min(servers, key=lambda each: (_RANKS[each.state], each.failures, each.load))
    if best.state == "closed":
        return Out(profile.name, best.why, "health", wait_s=best.wait_s)
    lacking = _lacking(need, facts.capabilities.get(profile.name))
    if lacking:
        return Out(profile.name, lacking, "fit")
    return _sized(need, profile, best, facts)


def _sized(need: Need, profile: Profile, server: ServerHealth, facts: Facts) -> Out | Fit:
    """Whether question and answer fit the model; a long answer is made shorter before the model is ruled out."""
    known = facts.capabilities.get(profile.name) or Capabilities()
    bounds = (need.max_output_tokens, known.max_output_tokens)
    longest = min([profile.max_output_tokens, *(bound for bound in bounds if bound)])
    context = _least(profile.context_tokens, known.context_tokens)
    if context is None or not need.input_tokens:
        return Fit(profile, server, longest)
    room = context - need.input_tokens
    if room < min(longest, LEAST_ANSWER_TOKENS):
        reason = f"its context of {context:,} tokens has no room for {need.input_tokens:,} and an answer"
        return Out(profile.name, reason, "size")
    return Fit(profile, server, min(longest, room))


def _least(*sizes: int | None) -> int | None:
    return min((size for size in sizes if size is not None), default=None)


def _lacking(need: Need, known: Capabilities | None) -> str:
    if known is None:
        return ""
    if need.tools and not known.tools:
        return "its model calls no tools"
    if need.json_schema and not known.json_schema:
        return "its model cannot be held to a JSON schema"
    return "its model does not fill in the middle" if need.fim and not known.fim else ""
