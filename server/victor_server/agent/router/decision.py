"""What the router says: which profile answers, why, and what was ruled out."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuledOut:
    """A profile that does not answer, and the reason in a few words."""

    profile: str
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Who answers. `reason` is one sentence for a person: who, why, what it costs, what was ruled out and why.

    `base_url` is the server of several that was picked, "" for the provider's own. `fallbacks` are the profiles that
    come next, in order, as long as nothing was answered. `leaves_machine`: whether what is sent goes elsewhere.
    `max_output_tokens`: how long the answer may be, so that it fits the model with the question; 0 if nobody knows.
    """

    task: str
    profile: str
    provider: str
    model: str
    base_url: str
    reason: str
    leaves_machine: bool
    ruled_out: Sequence[RuledOut] = ()
    fallbacks: Sequence[str] = ()
    cost_usd: float | None = None
    max_output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Need:
    """What is to be answered, as far as it matters for the choice.

    `profile`: asked for by name, "" otherwise (the policy still counts). `private`: holds something that must not
    leave this machine. Tokens are upper bounds.
    """

    task: str
    profile: str = ""
    input_tokens: int = 0
    max_output_tokens: int = 0
    tools: bool = False
    json_schema: bool = False
    fim: bool = False
    private: bool = False
