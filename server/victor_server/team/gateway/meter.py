"""Counts what comes of an answer, and ends it once it is longer than what was set aside for it."""

from dataclasses import replace

from victor_server.agent.calls.leg import (
    CHARACTERS_IN_A_TOKEN,
    MOST_CHARACTERS_IN_A_TOKEN,
    SLACK_CHARACTERS,
)
from victor_server.agent.events import ModelEvent, Stopped, TextDelta, ThinkingDelta, ToolCallDelta, Usage
from victor_server.ledger.cost import bounded
from victor_server.ledger.model import Outcome, Spent


class Meter:
    """One attempt at a provider. `n_input` is about how many tokens its input has, `most_input` what they cannot exceed.

    Nothing is charged beyond what was set aside: numbers come from servers, and one that no tokenizer can reach for
    this input, or that is more than the server was allowed to write, is not believed.
    """

    def __init__(self, n_input: int, max_output: int, most_input: int) -> None:
        self.n_events = 0
        self.has_said = self.is_complete = False
        self._usage: Usage | None = None
        self._n_input = n_input
        self._max_output = max_output
        self._most_input = most_input
        self._most_characters = max_output * MOST_CHARACTERS_IN_A_TOKEN + SLACK_CHARACTERS
        self._n_characters = 0

    def saw(self, event: ModelEvent) -> bool:
        """Count one event; whether the answer may go on."""
        self.n_events += 1
        match event:
            case Usage():
                self._usage = event
                return event.output_tokens <= self._max_output
            case TextDelta() | ThinkingDelta():
                self._n_characters += len(event.text)
            case ToolCallDelta():
                self._n_characters += len(event.arguments)
            case Stopped():
                self.is_complete = True
        self.has_said = True
        return self._n_characters <= self._most_characters

    def spent(self, outcome: Outcome) -> Spent:
        """What is known of the tokens: the provider's own numbers; where an answer broke off also what came of it."""
        came = -(-self._n_characters // CHARACTERS_IN_A_TOKEN)
        usage = self._usage
        if usage is None:
            return self._held(Spent(outcome, self._n_input, came, counted=False))
        has_no_output = self._n_characters > 0 and usage.output_tokens <= 0
        is_counted = usage.counted and usage.input_tokens > 0 and not has_no_output
        is_whole = is_counted and (outcome == "done" or usage.output_tokens >= came)
        told = Spent(
            outcome,
            usage.input_tokens if usage.input_tokens > 0 else self._n_input,
            usage.output_tokens if is_whole else max(usage.output_tokens, came),
            usage.cache_read_tokens,
            usage.cache_write_tokens,
            is_whole,
        )
        return self._held(told)

    def _held(self, spent: Spent) -> Spent:
        n_input, n_output = (
            min(spent.input_tokens, self._most_input),
            min(spent.output_tokens, self._max_output),
        )
        is_believed = (n_input, n_output) == (spent.input_tokens, spent.output_tokens)
        return bounded(
            replace(
                spent, input_tokens=n_input, output_tokens=n_output, counted=spent.counted and is_believed
            )
        )
