"""What is accounted for of one call, over all who were asked: its legs, its receipt, what the person is told of it."""

import asyncio
import logging
import time
from collections.abc import Mapping

from victor_server.agent.calls.call import ModelCall
from victor_server.agent.calls.leg import Leg
from victor_server.agent.events import Usage
from victor_server.agent.receipt import Receipt, ReceiptOutcome, to_data
from victor_server.agent.router.decision import Decision
from victor_server.agent.services import AgentServices
from victor_server.errors import VictorError
from victor_server.history.model import StoredReceipt
from victor_server.ledger.model import Outcome, Spent

_log = logging.getLogger(__name__)


class Account:
    """One call's account. Whatever happens to the call, `close` is called once, and writes it down."""

    def __init__(self, call: ModelCall, services: AgentServices) -> None:
        self._call = call
        self._services = services
        self._legs: list[Leg] = []
        self._open: Leg | None = None
        self._spent = Spent("not_sent")
        self._outcome: ReceiptOutcome = "not_sent"
        self._error = self._message = ""
        self.redacted: Mapping[str, int] = {}
        self.receipt_id = ""

    def begin(self, decision: Decision) -> Leg:
        """The leg of a decision; the one before is closed."""
        n_before = len(self._legs)
        ledger_id = f"{self._call.id}.{n_before + 1}" if n_before else self._call.id
        self._open = Leg(self._call, self._services, decision, ledger_id)
        self._legs.append(self._open)
        return self._open

    async def fail_leg(self, error: VictorError) -> None:
        """The open leg came to nothing, and another may follow."""
        if self._open is not None:
            leg, self._open = self._open, None
            self._add(await leg.close("failed", error.kind))

    def done(self) -> None:
        """The answer is complete."""
        self._outcome = "done"

    def cached(self) -> None:
        """The answer was at hand."""
        self._outcome = "cached"

    def stopped(self) -> None:
        """Nobody wants to hear more."""
        if self._outcome == "not_sent" and self._open is not None and self._open.was_sent:
            self._outcome = "done" if self._open.is_complete else "cancelled"

    def broke_off(self, error: BaseException) -> None:
        """The call ended with an error, or because nobody waits for it any more."""
        is_stopped = isinstance(error, asyncio.CancelledError | GeneratorExit)
        if is_stopped:
            self.stopped()
        elif any(leg.was_sent for leg in self._legs):
            self._outcome = "failed"
        if isinstance(error, VictorError):
            self._error, self._message = error.kind, self._clean(error.message)
        elif not is_stopped:
            self._error = "bug"

    async def close(self) -> None:
        """Settle, write the receipt and the end of the record. Raises nothing: what could not be written is logged."""
        if self._open is not None:
            outcome: Outcome = "not_sent" if self._outcome == "cached" else self._outcome
            self._add(await self._open.close(outcome, self._error))
        await asyncio.to_thread(self._close)

    @property
    def usage(self) -> Usage:
        """All that was used."""
        spent = self._spent
        return Usage(
            spent.input_tokens,
            spent.output_tokens,
            spent.cache_read_tokens,
            spent.cache_write_tokens,
            spent.counted,
        )

    @property
    def cost_usd(self) -> float | None:
        """What it cost; None where a price is unknown."""
        costs = [leg.cost_usd for leg in self._legs]
        return None if None in costs else sum(cost or 0.0 for cost in costs)

    def _add(self, spent: Spent) -> None:
        so_far = self._spent
        self._spent = Spent(
            spent.outcome,
            so_far.input_tokens + spent.input_tokens,
            so_far.output_tokens + spent.output_tokens,
            so_far.cache_read_tokens + spent.cache_read_tokens,
            so_far.cache_write_tokens + spent.cache_write_tokens,
            so_far.counted and spent.counted,
        )

    def _close(self) -> None:
        receipt = self._receipt()
        stored = StoredReceipt(
            receipt.id, receipt.session_id, receipt.turn_id, receipt.created, to_data(receipt)
        )
        try:
            self._services.history.put_receipt(stored)
            self.receipt_id = receipt.id
        except VictorError as error:
            _log.warning("The receipt could not be kept: %s", error.message)
        if self._outcome in ("not_sent", "cached"):
            self._record(receipt)

    def _clean(self, text: str) -> str:
        """What people and servers wrote, as it may be kept."""
        try:
            return self._call.redaction.redact_again(text)[0]
        except VictorError:
            return ""  # the conversation was closed meanwhile

    def _record(self, receipt: Receipt) -> None:
        """A call of which no server heard stands in the audit log all the same."""
        refused = receipt.outcome == "not_sent"
        try:
            self._services.journal.record(
                "model_call.not_sent" if refused else "model_call.cached",
                session_id=receipt.session_id,
                success=not refused,
                provider=receipt.provider or None,
                model=receipt.model or None,
                files_accessed=sorted({file.path for file in receipt.files if file.path}),
                call_id=receipt.id,
                task=receipt.task,
                profile=receipt.profile,
                error=receipt.error,
            )
        except VictorError as error:
            _log.warning("The audit log could not be written: %s", error.message)

    def _receipt(self) -> Receipt:
        call, spent = self._call, self._spent
        decision = self._legs[-1].decision if self._legs else None
        return Receipt(
            id=call.id,
            session_id=call.session_id,
            turn_id=call.turn_id,
            created=time.time(),
            task=call.task,
            outcome=self._outcome,
            profile=decision.profile if decision else self._clean(call.profile),
            provider=decision.provider if decision else "",
            model=decision.model if decision else "",
            reason=decision.reason if decision else "",
            leaves_machine=decision.leaves_machine if decision else False,
            files=call.files,
            held_back=call.held_back,
            redacted=dict(self.redacted),
            n_messages=len(call.messages),
            n_tools=len(call.tools),
            input_tokens=spent.input_tokens,
            output_tokens=spent.output_tokens,
            cache_read_tokens=spent.cache_read_tokens,
            cache_write_tokens=spent.cache_write_tokens,
            counted=spent.counted,
            cost_usd=self.cost_usd,
            attempts=tuple(leg.attempt for leg in self._legs),
            error=self._error,
            message=self._message,
        )
