"""Decides whether a provider may be used."""

from victor_server.policy.destinations import Verdict
from victor_server.policy.policy import Policy


def decide_provider(policy: Policy, provider: str) -> Verdict:
    """Whether `provider` is among the allowed ones."""
    if policy.allowed_providers is None or provider in policy.allowed_providers:
        return Verdict(True, "its provider is allowed")
    who = policy.decided_by("allowed_providers") or "the policy"
    allowed = ", ".join(sorted(policy.allowed_providers)) or "none"
    return Verdict(
        False, f"{who} allows other providers only: {allowed}", f"Use one of them, or change {who}."
    )
