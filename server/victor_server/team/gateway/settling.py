"""What became of a call: its state, what its attempts have used and cost, and what its client is told."""

from dataclasses import replace

from victor_server.errors import VictorError
from victor_server.ledger.cost import cost
from victor_server.ledger.model import Outcome, Spent
from victor_server.protocol import CallState, CallStatus
from victor_server.secrets.redaction.session import RedactionSession
from victor_server.team.gateway.admission import Admitted
from victor_server.team.gateway.lines import Ending, Opening
from victor_server.team.gateway.run import Run

MOST_CHARACTERS_OF_AN_ERROR = 500


def ending_of(
    admitted: Admitted,
    run: Run,
    failed: VictorError | None,
    session: RedactionSession,
    now_us: int,
    *,
    is_bug: bool,
) -> Ending:
    """How a call has ended. `failed`: what ended it; `is_bug`: something else did."""
    state = _state(run, failed, is_bug=is_bug)
    spents = _spents(run, state)
    # Each by itself: together they could reach a dearer tier, which none of them has.
    nano = None if admitted.price is None else sum(cost(admitted.price, each) for each in spents)
    message = ""
    if failed is not None:
        message = session.redact_again(failed.message)[0][:MOST_CHARACTERS_OF_AN_ERROR]
    return Ending(
        state,
        _together(spents),
        nano,
        run.meter.n_events,
        run.meter.has_said,
        now_us,
        failed.kind if failed is not None else "bug" if is_bug else "",
        message,
    )


def status_of(opening: Opening, ending: Ending) -> CallStatus:
    """What is told of a call whose end could not be written down."""
    return CallStatus(
        call_id=opening.call_id,
        state=ending.state,
        model=opening.model,
        provider=opening.provider,
        region=opening.region,
        input_tokens=ending.spent.input_tokens,
        output_tokens=ending.spent.output_tokens,
        cost_nano=ending.nano,
        n_events=ending.n_events,
        cached=ending.cached,
        redacted=opening.details.get("redacted", {}),
        stripped_tools=tuple(opening.details.get("stripped_tools", ())),
        error=ending.error,
        message=ending.message,
    )


def _state(run: Run, failed: VictorError | None, *, is_bug: bool) -> CallState:
    if run.meter.is_complete and failed is None and not is_bug:
        return "done"
    if failed is not None or is_bug:
        return "interrupted" if run.meter.has_said else "failed"
    if run.is_cancelled or not run.meter.is_complete:
        return "interrupted" if run.is_lost else "cancelled"
    return "done"


def _spents(run: Run, state: CallState) -> list[Spent]:
    """What each attempt has used, the last one last: also what a provider took without a word, but not what it turned
    away or never got.
    """
    outcome: Outcome = "done" if state == "done" else "cancelled" if state == "cancelled" else "failed"
    if not run.was_sent:
        return [Spent("not_sent")]
    has_used = run.meter.n_events or run.is_pending
    last = run.meter.spent(outcome) if has_used else Spent(outcome)
    return [*(each.spent("failed") for each in run.earlier), last]


def _together(spents: list[Spent]) -> Spent:
    *earlier, last = spents
    return replace(
        last,
        input_tokens=sum(each.input_tokens for each in spents),
        output_tokens=sum(each.output_tokens for each in spents),
        counted=last.counted and not earlier,
    )
