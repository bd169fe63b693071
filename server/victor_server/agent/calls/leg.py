"""What one model server was asked, in ledger and audit log: set aside before, recorded before and after, settled."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from victor_server.agent.calls.call import ModelCall
from victor_server.agent.events import ModelEvent, Stopped, TextDelta, ThinkingDelta, ToolCallDelta, Usage
from victor_server.agent.messages import ModelRequest
from victor_server.agent.providers.provider import Provider
from victor_server.agent.receipt import Attempt
from victor_server.agent.router.decision import Decision
from victor_server.agent.services import AgentServices
from victor_server.agent.uninterrupted import uninterrupted
from victor_server.errors import BudgetExceeded, VictorError
from victor_server.ledger.cost import bounded
from victor_server.ledger.ledger import RENEW_EVERY_S
from victor_server.ledger.model import Ask, Outcome, Price, Spent

_log = logging.getLogger(__name__)

CHARACTERS_IN_A_TOKEN = 4
"""Of an answer, on average, where nobody counted."""
MOST_CHARACTERS_IN_A_TOKEN = 16
SLACK_CHARACTERS = 1_000


class Leg:
    """One decision of a call, from its reservation to its settlement. Used by one task of the event loop."""

    def __init__(self, call: ModelCall, services: AgentServices, decision: Decision, ledger_id: str) -> None:
        self.decision = decision
        self.usage: Usage | None = None
        self.has_event = self.has_said = self.is_complete = False
        self.was_sent = False
        self._is_pending = False
        self.cost_usd: float | None = 0.0
        self.error = ""
        self._call = call
        self._services = services
        self._ledger_id = ledger_id
        self._address = self._behind = ""
        self._is_reserved = self._is_recorded = False
        self._n_input = self._max_output = self._n_characters = 0
        self._keeper: asyncio.Task[None] | None = None

    async def begin(
        self, provider: Provider, request: ModelRequest, n_input: int, redacted: Mapping[str, int]
    ) -> None:
        """Set aside what the call may use at most, then record that it is about to be sent.

        `n_input` is an estimate that is never too low. Only where a budget does not hold it is the provider asked to
        count, on record, since that may send it the request. Raises `BudgetExceeded`, `AuditFailed`, `HistoryFailed`:
        then nothing must be sent.
        """
        self._address = provider.address
        self._max_output = request.max_output_tokens
        price = (await self._services.router.prices()).get(self.decision.profile)
        ask = self._ask(n_input, price)
        try:
            await uninterrupted(asyncio.to_thread(self._begin, ask, redacted))
        except BudgetExceeded:
            capabilities = await self._services.router.capabilities(self.decision)
            if not capabilities.counts_tokens:
                raise
            await uninterrupted(asyncio.to_thread(self._record_intent, redacted))
            n_counted = await provider.count_tokens(request)
            if n_counted >= n_input:
                raise
            counted = replace(ask, input_tokens=n_counted)
            await uninterrupted(asyncio.to_thread(self._begin, counted, redacted))

    def _ask(self, n_input: int, price: Price | None) -> Ask:
        decision = self.decision
        return Ask(
            self._ledger_id,
            self._call.session_id,
            self._call.workspace,
            self._call.task,
            decision.profile,
            decision.provider,
            decision.model,
            n_input,
            self._max_output,
            price,
        )

    def _begin(self, ask: Ask, redacted: Mapping[str, int]) -> None:
        self._services.ledger.reserve(ask)
        self._n_input, self._is_reserved = ask.input_tokens, True
        self._record_intent(redacted)

    def _record_intent(self, redacted: Mapping[str, int]) -> None:
        if not self._is_recorded:
            details = {"max_output_tokens": self._max_output, "redacted": dict(redacted)}
            self._record("model_call.begin", success=True, details=details)
            self._is_recorded = True

    def send(self) -> None:
        """From now on the request counts as sent, whatever becomes of it."""
        self.was_sent = self._is_pending = True
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep())

    def answered_by(self, who: str) -> None:
        """The server that was asked says who answers behind it."""
        self._behind = f" ({who})"

    def turned_away(self, *, nothing_left: bool) -> None:
        """The server declined before it said anything, or was never reached: that costs nothing."""
        self._is_pending = False
        if nothing_left:
            self.was_sent = False

    def saw(self, event: ModelEvent) -> bool:
        """Count one event; whether the answer may go on: False once it is longer than what was set aside for it."""
        self.has_event = True
        self.has_said = self.has_said or not isinstance(event, Usage)
        match event:
            case TextDelta() | ThinkingDelta():
                self._n_characters += len(event.text)
            case ToolCallDelta():
                self._n_characters += len(event.arguments)
            case Stopped():
                self.is_complete = True
            case Usage():
                self.usage = event
                return event.output_tokens <= self._max_output
        most = self._max_output * MOST_CHARACTERS_IN_A_TOKEN + SLACK_CHARACTERS
        return self._n_characters <= most

    def spent(self, outcome: Outcome) -> Spent:
        """What is known of the tokens: the provider's own numbers, where an answer broke off also what came of it."""
        if not self.has_event and not self._is_pending:
            return Spent(outcome if self.was_sent else "not_sent")
        came = -(-self._n_characters // CHARACTERS_IN_A_TOKEN)
        if self.usage is None:
            return Spent(outcome, self._n_input, came, counted=False)
        usage = self._sensible(self.usage)
        is_whole = usage.counted and (outcome == "done" or usage.output_tokens >= came)
        told = Spent(
            outcome,
            usage.input_tokens,
            usage.output_tokens if is_whole else max(usage.output_tokens, came),
            usage.cache_read_tokens,
            usage.cache_write_tokens,
            is_whole,
        )
        return bounded(told)

    def _sensible(self, usage: Usage) -> Usage:
        """What the server counted, as far as it counted: some send zeroes instead of nothing."""
        n_input = usage.input_tokens if usage.input_tokens > 0 else self._n_input
        has_no_output = self._n_characters > 0 and usage.output_tokens <= 0
        is_counted = usage.counted and usage.input_tokens > 0 and not has_no_output
        return replace(usage, input_tokens=n_input, counted=is_counted)

    async def close(self, outcome: Outcome, error: str) -> Spent:
        """Settle and record what became of it. Raises nothing: what could not be written is logged."""
        self.error = error
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        spent = self.spent(outcome)
        await asyncio.to_thread(self._close, spent)
        return spent

    @property
    def attempt(self) -> Attempt:
        """The leg as it stands in the receipt."""
        decision = self.decision
        return Attempt(
            decision.profile,
            decision.provider,
            decision.model,
            self._address + self._behind,
            decision.leaves_machine,
            self.was_sent,
            self.error,
        )

    def _close(self, spent: Spent) -> None:
        if self._is_reserved:
            try:
                self.cost_usd = self._services.ledger.settle(self._ledger_id, spent)
            except VictorError as error:
                _log.warning("The ledger could not be written: %s", error.message)
        if not self._is_recorded:
            return
        details = {
            "outcome": spent.outcome,
            "error": self.error,
            "input_tokens": spent.input_tokens,
            "output_tokens": spent.output_tokens,
            "cost_usd": self.cost_usd,
        }
        try:
            self._record("model_call.end", success=spent.outcome == "done", details=details)
        except VictorError as error:
            _log.warning("The audit log could not be written: %s", error.message)

    def _record(self, action: str, *, success: bool, details: Mapping[str, Any]) -> None:
        decision = self.decision
        self._services.journal.record(
            action,
            session_id=self._call.session_id,
            success=success,
            provider=decision.provider,
            model=decision.model,
            files_accessed=sorted({file.path for file in self._call.files if file.path}),
            call_id=self._call.id,
            task=self._call.task,
            profile=decision.profile,
            destination=self._address + self._behind,
            leaves_machine=decision.leaves_machine,
            **details,
        )

    async def _keep(self) -> None:
        """Say now and then that the call still runs; should the process die, what it says is charged."""
        while True:
            try:
                await asyncio.to_thread(self._services.ledger.renew, self._ledger_id, self.spent("cancelled"))
            except VictorError as error:
                _log.warning("The ledger could not be written: %s", error.message)
            await asyncio.sleep(RENEW_EVERY_S)
