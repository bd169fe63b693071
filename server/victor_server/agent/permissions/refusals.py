"""Why something that was asked for does not happen, in sentences that a model and a person read."""

from collections.abc import Sequence
from dataclasses import replace

from victor_server.agent.permissions.model import Answer, Rule, Verdict
from victor_server.agent.permissions.question_words import how_to_allow

RESTRICTED = Verdict(
    "deny",
    "The editor restricts this folder: nothing is changed and nothing is run here until the person trusts it in the"
    " editor.",
    "the editor's trust",
)
"""In a folder that the editor does not trust."""


def nobody_there(verdict: Verdict) -> str:
    """Where a person's yes would be needed, and no person is."""
    said = f"{verdict.reason} It takes a person's yes, and nobody can be asked here."
    if not verdict.remembers:
        return said
    return f"{said} {how_to_allow(verdict.remembers)} would let it happen without a question."


def why_not(answer: Answer) -> str:
    """What a person said to it, or why none did."""
    if answer.kind == "cancelled":
        return answer.reason or "The person was asked and did not answer."
    said = "never to do that" if answer.kind == "never" else "no"
    return f"The person said {said}: {ended(answer.reason)}" if answer.reason else f"The person said {said}."


def denying(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules that deny what these allow."""
    return tuple(replace(rule, decision="deny") for rule in rules)


def ended(text: str) -> str:
    """A text with something at its end that ends a sentence."""
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
