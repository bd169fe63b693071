"""The gateway: every call of a model that the backend makes goes through here, and nothing else reaches a provider."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from datetime import UTC, datetime

from victor_server.agent.events import ModelEvent, Stopped
from victor_server.agent.uninterrupted import uninterrupted
from victor_server.errors import (
    AuditFailed,
    BudgetExceeded,
    Conflict,
    Forbidden,
    NotFound,
    StoreFailed,
    TooMany,
    VictorError,
)
from victor_server.ledger.model import Spent
from victor_server.protocol import CallStart, CallStatus, ModelOffers
from victor_server.secrets.redaction.session import RedactionSession
from victor_server.team.audit.event import AuditEvent
from victor_server.team.audit.log import AuditLog
from victor_server.team.configuration.resolved import TeamSettings
from victor_server.team.gateway import budgets, lines
from victor_server.team.gateway.admission import MODEL_CALLS, Admitted, admit, check_consent
from victor_server.team.gateway.answers import Answers, open_answers
from victor_server.team.gateway.asking import ask
from victor_server.team.gateway.budgets import Amount, BudgetDoesNotHold
from victor_server.team.gateway.events import GatewayEvent, Routed
from victor_server.team.gateway.limiter import Limiter
from victor_server.team.gateway.lines import Ending, Opening
from victor_server.team.gateway.offers import to_offers
from victor_server.team.gateway.prices import to_text
from victor_server.team.gateway.providers import Providers
from victor_server.team.gateway.reaping import reap
from victor_server.team.gateway.records import begin_events, end_event, refused_event
from victor_server.team.gateway.restoring import Restoring
from victor_server.team.gateway.run import Run
from victor_server.team.gateway.servers import Servers
from victor_server.team.gateway.settling import ending_of, status_of
from victor_server.team.gateway.tenancy import Tenancies, decide
from victor_server.team.principal import Principal
from victor_server.team.sealing.vault import Vault
from victor_server.team.store.database import Database, Row, Transaction
from victor_server.telemetry.metrics import CallMeasured, Metrics
from victor_server.telemetry.tracing import OpenSpan, span

_log = logging.getLogger(__name__)

SILENCE_S = 1.0
"""A model that has said nothing for so long is noted to be silent: lost now, the call may be repeated."""

MOST_REAPED = 100
"""Of a tenant at a time: one that has lost thousands must not keep the others waiting."""

NOT_KEPT = "This call was answered before. The text of an answer is not kept: ask anew under another id."


class Gateway:
    """Calls of all tenants at this replica. `settings` is asked each time; `now_us`: microseconds since 1970."""

    def __init__(
        self,
        settings: Callable[[], TeamSettings],
        database: Database,
        vault: Vault,
        audit: AuditLog,
        metrics: Metrics,
        *,
        replica: str,
        environment: Mapping[str, str],
        now_us: Callable[[], int] = lambda: time.time_ns() // 1_000,
        silence_s: float = SILENCE_S,
        servers: Servers | None = None,
    ) -> None:
        made_with = settings()
        self._settings = settings
        self._database = database
        self._audit = audit
        self._metrics = metrics
        self._replica = replica
        self._now_us = now_us
        self._silence_s = silence_s
        self._tenancies = Tenancies(database)
        self._providers = Providers(database, vault, made_with.egress, environment, made_with.home)
        self._servers = servers or Servers()
        self._limiter = Limiter(made_with.limits, made_with.redis_url)
        self._answers: Answers | None = open_answers(made_with.caching, made_with.redis_url, database, vault)
        self._runs: dict[tuple[str, str, str], Run] = {}

    async def call(self, principal: Principal, start: CallStart) -> AsyncGenerator[GatewayEvent, None]:
        """Routed, the answer, then CallStatus. Use it with `contextlib.aclosing`: `aclose` cancels the call.

        Raises before the first event, and nothing was sent: Forbidden, TooMany, BudgetExceeded, NoModel, Conflict,
        SettingsError, StoreFailed. What goes wrong later stands in the CallStatus. A call that ended before under the
        same id tells its CallStatus alone. Whatever happens, the call is charged and on record before this ends.
        """
        principal.require("chat:write")
        traced, kind = OpenSpan("gateway call", {}, parent=start.traceparent), ""
        start = start.model_copy(update={"traceparent": traced.traceparent()})
        try:
            async with aclosing(self._called(principal, start)) as events:
                async for told in events:
                    yield told
                    kind = told.error if isinstance(told, CallStatus) else kind
        except VictorError as error:
            kind = error.kind
            raise
        finally:
            traced.end({}, kind)

    async def _called(self, principal: Principal, start: CallStart) -> AsyncGenerator[GatewayEvent, None]:
        with RedactionSession() as session:
            try:
                with span("gateway admit", parent=start.traceparent):
                    admitted = await self._admitted(principal, start, session)
                    kept = await self._kept(principal, admitted)
                    begun = await self._begun(principal, admitted, session, cached=kept is not None)
            except (BudgetExceeded, Forbidden) as error:
                await self._refused(principal, start, error)
                raise
            if isinstance(begun, CallStatus):
                yield begun
                return
            if kept is not None:
                # Ended before it is told: whoever goes away in the midst leaves nothing open.
                ended = await self._end_cached(begun)
                yield _routed(admitted)
                for event in kept:
                    yield event
                yield ended
                return
            async with aclosing(self._answer(admitted, begun, session)) as events:
                async for told in events:
                    yield told

    async def status(self, principal: Principal, call_id: str) -> CallStatus:
        """What became of a call of one's own. Raises `NotFound`."""
        async with self._database.reading(principal.tenant) as tx:
            sql = "select * from calls where tenant = $1 and subject = $2 and call_id = $3"
            row = await tx.row(sql, principal.tenant, principal.subject, call_id)
        if row is None:
            raise NotFound("There is no such call of yours.")
        return lines.to_status(row)

    async def cancel(self, principal: Principal, call_id: str) -> CallStatus:
        """End a call of one's own; one of another replica ends when that renews its lease. Raises `NotFound`."""
        run = self._runs.get((principal.tenant, principal.subject, call_id))
        if run is not None:
            run.cancel()
        else:
            async with self._database.transaction(principal.tenant) as tx:
                await tx.execute(
                    "update calls set error = 'cancelled' where tenant = $1 and subject = $2 and call_id = $3"
                    " and state = 'open'",
                    principal.tenant,
                    principal.subject,
                    call_id,
                )
        return await self.status(principal, call_id)

    async def offers(self, principal: Principal) -> ModelOffers:
        """The models that `principal` may ask for."""
        settings = self._settings()
        return await to_offers(await self._tenancies.of(principal, settings), settings)

    def changed(self, tenant: str) -> None:
        """Models, keys or policy of the tenant are others by now."""
        self._tenancies.forget(tenant)

    async def reap(self) -> int:
        """Close calls that a replica has lost; charge what was set aside for them. Returns how many."""
        async with self._database.reading(None) as tx:
            tenants = [row["name"] for row in await tx.rows("select name from tenants order by name")]
        n_reaped = 0
        for tenant in tenants:
            try:
                n_reaped += await self._reap_tenant(tenant)
            except VictorError as error:
                _log.warning("Lost calls of a tenant could not be closed yet: %s", error.message)
        return n_reaped

    async def close(self) -> None:
        """Let go of connections and of what is kept."""
        await self._providers.close()
        await self._limiter.close()
        if self._answers is not None:
            await self._answers.close()

    async def _admitted(self, principal: Principal, start: CallStart, session: RedactionSession) -> Admitted:
        settings = self._settings()
        limits = settings.limits
        await self._limiter.request(principal.tenant, principal.subject, limits.requests_per_minute)
        tenancy = await self._tenancies.of(principal, settings)
        if MODEL_CALLS in settings.compliance.consent:
            async with self._database.reading(principal.tenant) as tx:
                await check_consent(tx, principal, settings.compliance.consent)
        offered = decide(tenancy, settings, start.request.model, start.request.task)
        if secret := await self._providers.secret_of(principal.tenant, offered.model):
            session.remember(secret, "api-key")
        admitted = await admit(principal, start, tenancy, offered, session)
        n_tokens = admitted.n_input + admitted.request.max_output_tokens
        await self._limiter.tokens(principal.tenant, principal.subject, n_tokens, limits.tokens_per_minute)
        return admitted

    async def _kept(self, principal: Principal, admitted: Admitted) -> tuple[ModelEvent, ...] | None:
        if self._answers is None or not admitted.cache_key:
            return None
        answer = await self._answers.get(principal.tenant, admitted.cache_key)
        self._metrics.cache(hit=answer is not None)
        return answer

    async def _reap_tenant(self, tenant: str) -> int:
        n_reaped = 0
        while n_reaped < MOST_REAPED and await self._reap_one(
            tenant, lambda tx: lines.lost(tx, tenant, self._now_us())
        ):
            n_reaped += 1
        return n_reaped

    async def _reap_one(self, tenant: str, find: Callable[[Transaction], Awaitable[Row | None]]) -> bool:
        """In a transaction of its own: with another it would lock budgets in an order that no other call keeps."""
        async with self._database.transaction(tenant) as tx:
            row = await find(tx)
            event = None if row is None else await reap(tx, row, self._now_us())
            if event is not None and self._settings().audit.strict:
                await self._audit.append(tx, tenant, [event])
        if event is not None:
            await self._recorded(tenant, [event])
        return event is not None

    async def _begun(
        self, principal: Principal, admitted: Admitted, session: RedactionSession, *, cached: bool
    ) -> Run | CallStatus:
        """A call that somebody gives up while it begins is ended like any other: the reaper would charge all of it."""
        begun: list[Run | CallStatus] = []

        async def begin() -> None:
            begun.append(await self._begin(principal, admitted, cached=cached))

        try:
            await uninterrupted(begin())
        except asyncio.CancelledError:
            if begun and isinstance(run := begun[0], Run):
                await uninterrupted(self._end(admitted, run, None, session, is_bug=False))
            raise
        return begun[0]

    async def _begin(self, principal: Principal, admitted: Admitted, *, cached: bool) -> Run | CallStatus:
        """What was lost under the same id is closed first."""
        opening = self._opening(principal, admitted, cached=cached)
        begun = await self._begin_once(opening, admitted, cached=cached)
        if begun is None:
            await self._reap_one(opening.tenant, lambda tx: lines.lost_of(tx, opening))
            begun = await self._begin_once(opening, admitted, cached=cached)
        if begun is None:
            raise Conflict("This call is being closed.", "Try again.")
        return begun

    async def _begin_once(
        self, opening: Opening, admitted: Admitted, *, cached: bool
    ) -> Run | CallStatus | None:
        """One transaction: the call, what it may cost, the record of it. None: it was lost, and is open still."""
        async with self._database.transaction(opening.tenant) as tx:
            attempt = await lines.insert(tx, opening)
            if attempt is None:
                row = await lines.find(tx, opening.tenant, opening.subject, opening.call_id)
                before = await self._before(tx, opening, row)
                if not isinstance(before, int):
                    return before
                attempt = before
            if not cached:
                is_priced = admitted.price is not None
                await budgets.reserve(tx, opening.holder, admitted.bound, is_priced=is_priced)
            await self._check_room(tx, opening)
            events = begin_events(opening, admitted)
            if self._settings().audit.strict:
                await self._audit.append(tx, opening.tenant, events)
        await self._recorded(opening.tenant, events)
        self._metrics.call_begun()
        return Run(opening, attempt, admitted.meter())

    async def _before(self, tx: Transaction, opening: Opening, row: Row | None) -> int | CallStatus | None:
        """What an id that is taken leads to: another attempt, what became of the call, or None where it was lost."""
        if row is None:
            raise StoreFailed("The call could not be begun.", "Try again.")
        if bytes(row["request_hash"]) != opening.request_hash:
            raise Conflict("This call id was used for another request.", "Use a new id for a new request.")
        if row["state"] == "open" and row["lease_us"] > opening.now_us:
            raise Conflict("This call runs already.", "Wait for it, or ask `call/status`.")
        if row["state"] == "open":
            return None
        attempt = await lines.again(tx, opening)
        if attempt is not None:
            return attempt
        found = await lines.find(tx, opening.tenant, opening.subject, opening.call_id)
        if found is None:
            raise StoreFailed("The call could not be read.", "Try again.")
        status = lines.to_status(found)
        return status.model_copy(update={"message": NOT_KEPT}) if status.state == "done" else status

    async def _check_room(self, tx: Transaction, opening: Opening) -> None:
        """After the budgets' rows are locked, so that no two calls take the last place."""
        limits = self._settings().limits
        if not limits.calls_at_once and not limits.tenant_calls_at_once:
            return
        of_user, of_tenant = await lines.open_calls(tx, opening.tenant, opening.subject, opening.now_us)
        for n_open, most, whose in (
            (of_user, limits.calls_at_once, "you"),
            (of_tenant, limits.tenant_calls_at_once, "your organisation"),
        ):
            if most and n_open > most:
                raise TooMany(
                    f"No more than {most} calls of {whose} may run at once.",
                    "Wait until one of them has ended.",
                    retry_after_s=1.0,
                )

    def _opening(self, principal: Principal, admitted: Admitted, *, cached: bool) -> Opening:
        now_us = self._now_us()
        model = admitted.offered.model
        details = {"redacted": dict(admitted.redacted), "stripped_tools": admitted.stripped}
        return Opening(
            principal.tenant,
            principal.subject,
            admitted.start.call_id,
            admitted.request_hash,
            self._replica,
            now_us + self._lease_us(),
            now_us,
            datetime.fromtimestamp(now_us / 1e6, UTC).date().isoformat(),
            admitted.start.request.task,
            admitted.start.session_id,
            model.name,
            model.provider,
            model.model,
            model.region,
            to_text(admitted.price),
            Amount(0, 0) if cached else admitted.bound,
            principal.teams,
            details,
        )

    async def _answer(
        self, admitted: Admitted, run: Run, session: RedactionSession
    ) -> AsyncGenerator[GatewayEvent, None]:
        opening = run.opening
        key = (opening.tenant, opening.subject, opening.call_id)
        self._runs[key] = run
        lease_s = self._settings().sessions.call_lease_s
        run.keep(self._renew, self._silence_s, lease_s / 3)
        restoring = Restoring(session) if session.n_values else None
        said: list[ModelEvent] | None = [] if self._answers is not None and admitted.cache_key else None
        failed: VictorError | None = None
        is_bug = False
        status: CallStatus | None = None
        try:
            yield _routed(admitted)
            asked = ask(admitted, run, self._providers, self._servers, self._renew, self._reserve_again)
            async with aclosing(asked) as events:
                async for event in events:
                    if said is not None:
                        said.append(event)
                    for told in restoring.feed(event) if restoring else (event,):
                        yield told
        except VictorError as error:
            failed = error
        except Exception as error:  # noqa: BLE001 - a bug fails the call, not the backend, and is no text for a wire
            _log.error("a bug in a call: %s", type(error).__name__)
            is_bug = True
        finally:
            if self._runs.get(key) is run:
                del self._runs[key]
            status = await uninterrupted(self._end(admitted, run, failed, session, is_bug=is_bug))
        if said and status.state == "done" and said[-1] == Stopped("end") and self._answers is not None:
            await self._answers.put(opening.tenant, admitted.cache_key, tuple(said))
        yield status

    async def _reserve_again(self, admitted: Admitted, run: Run) -> None:
        opening = run.opening
        async with self._database.transaction(opening.tenant) as tx:
            if not await lines.reserve_again(tx, opening, run.attempt, admitted.bound):
                raise Conflict("Somebody has closed this call.")
            is_priced = admitted.price is not None
            await budgets.reserve(tx, opening.holder, admitted.bound, is_priced=is_priced)

    async def _renew(self, run: Run) -> bool:
        opening = run.opening
        async with self._database.transaction(opening.tenant) as tx:
            asked = await lines.renew(
                tx,
                opening,
                run.attempt,
                self._now_us() + self._lease_us(),
                has_said=run.said_stored,
                n_events=run.meter.n_events,
            )
        if asked == "cancelled":
            run.cancel()
        return asked is not None

    async def _end(
        self,
        admitted: Admitted,
        run: Run,
        failed: VictorError | None,
        session: RedactionSession,
        *,
        is_bug: bool,
    ) -> CallStatus:
        """One transaction: what became of it, what it cost, the record of it."""
        await run.let_go()
        ending = ending_of(admitted, run, failed, session, self._now_us(), is_bug=is_bug)
        self._measure(run, ending)
        return await self._close(run, ending)

    async def _end_cached(self, run: Run) -> CallStatus:
        ending = Ending("done", Spent("not_sent"), 0, 0, True, self._now_us(), cached=True)
        self._measure(run, ending)
        return await uninterrupted(self._close(run, ending))

    async def _close(self, run: Run, ending: Ending) -> CallStatus:
        """Where it cannot be written, the reaper does it later, and charges all that was set aside."""
        opening = run.opening
        row = {
            "tenant": opening.tenant,
            "subject": opening.subject,
            "call_id": opening.call_id,
            "n_attempts": run.attempt,
        }
        events: list[AuditEvent] = []
        try:
            async with self._database.transaction(opening.tenant) as tx:
                closed = await lines.close(tx, row, ending)
                if closed is not None:
                    events = [end_event(opening, ending)]
                    if self._settings().audit.strict:
                        await self._audit.append(tx, opening.tenant, events)
                else:
                    closed = await lines.find(tx, opening.tenant, opening.subject, opening.call_id)
            await self._recorded(opening.tenant, events)
            if closed is not None:
                return lines.to_status(closed)
        except VictorError as error:
            _log.error("The end of a call could not be recorded yet: %s", error.message)
        return status_of(opening, ending)

    async def _recorded(self, tenant: str, events: list[AuditEvent]) -> None:
        """Counts what was recorded. Where an operator put calls above their record, it is written now, if it can be."""
        audit = self._settings().audit
        try:
            if not audit.strict:
                await self._audit.record(tenant, *events)
        except VictorError as error:
            self._metrics.error(AuditFailed.kind)
            _log.error("A call is not on record: %s", error.message)
            return
        if audit.enabled:
            self._metrics.audit_events(len(events))

    async def _refused(self, principal: Principal, start: CallStart, error: VictorError) -> None:
        """What somebody was not allowed is on record, too."""
        if isinstance(error, BudgetDoesNotHold):
            self._metrics.budget_refused(error.scope)
        event = refused_event(start, principal.subject, error)
        try:
            await self._audit.record(principal.tenant, event)
        except VictorError as failed:
            _log.error("A refusal could not be recorded: %s", failed.message)

    def _measure(self, run: Run, ending: Ending) -> None:
        opening = run.opening
        if ending.error:
            self._metrics.error(ending.error)
        self._metrics.model_call(
            CallMeasured(
                opening.provider,
                opening.model,
                opening.teams[0] if opening.teams else "",
                ending.state,
                time.monotonic() - run.begun,
                run.first_token_s,
                ending.spent.input_tokens,
                ending.spent.output_tokens,
                ending.nano,
                run.was_sent,
            )
        )

    def _lease_us(self) -> int:
        return int(self._settings().sessions.call_lease_s * 1_000_000)


def _routed(admitted: Admitted) -> Routed:
    model = admitted.offered.model
    return Routed(model.name, model.provider, model.model, model.region)
