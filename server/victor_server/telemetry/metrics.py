"""What the backend counts and times, as Prometheus reads it: the one door to its library."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from victor_server.telemetry import names
from victor_server.telemetry.known import (
    CALL_STATES,
    ERROR_TYPES,
    MAX_MODELS,
    MAX_ROUTES,
    MAX_TEAMS,
    OTHER,
    PROVIDERS,
    Known,
    error_type,
)
from victor_server.telemetry.labelled import Exposed

CONTENT_TYPE = CONTENT_TYPE_LATEST
_NANO = 1e9
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80)
_CONVENTION_SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_FIRST_TOKEN_SECONDS = (
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
)  # fmt: skip
_TOKENS = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864)
"""Bounds of the buckets as OpenTelemetry's conventions advise."""

_GEN_AI = tuple(map(names.in_prometheus, (names.OPERATION, names.PROVIDER, names.REQUEST_MODEL)))


@dataclass(frozen=True, slots=True)
class CallMeasured:
    """One call of a model that ended. `state` as in `CallStatus`; `first_token_s` None: nothing came; `cost_nano`
    None: nobody knows the price. `reached`: the provider was asked, it is no answer from the cache.
    """

    provider: str
    model: str
    team: str
    state: str
    seconds: float
    first_token_s: float | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost_nano: int | None = None
    reached: bool = True


class Metrics:
    """One registry for each backend. `labels` stand at every series; `models` are those that are offered.

    No method raises, whatever it is given: what is not known counts as `other`.
    """

    def __init__(
        self,
        labels: Mapping[str, str] | None = None,
        models: Iterable[tuple[str, str]] = (),
        *,
        version: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._exposed = Exposed(self._registry, dict(labels or {}))
        self._models = Known(most=MAX_MODELS)
        self._teams = Known(most=MAX_TEAMS)
        self._routes = Known(most=MAX_ROUTES)
        self._providers = Known(PROVIDERS)
        self._clock = clock
        self._begun = clock()
        self._hits = self._lookups = 0
        self._make_requests()
        self._make_calls()
        self._make_rest(version)
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._begin_at_zero()
        self.offer(models)

    def offer(self, models: Iterable[tuple[str, str]]) -> None:
        """Models (provider, name) that calls may name; their series begin at zero."""
        for provider, model in models:
            provider, model = self._providers.of(provider), self._models.taken(model)
            self._model_latency.labels(provider, model)
            self._cost.labels(provider, model, "")
            self._duration.labels(names.CHAT, provider, model, "")
            self._first_token.labels(names.CHAT, provider, model)
            for kind in ("input", "output"):
                self._token_usage.labels(names.CHAT, provider, model, kind)

    def request(self, route: str, status: int, seconds: float) -> None:
        """A request over HTTP, or one of a method over a connection. `route`: the pattern or the method, never a path as it came."""
        route = self._routes.taken(route)
        self._requests.labels(route, _status(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def call_begun(self) -> None:
        """A call of a model runs from now on."""
        self._open_calls.inc()

    def model_call(self, call: CallMeasured) -> None:
        """A call that had begun runs no more."""
        self._open_calls.dec()
        provider, model = self._providers.of(call.provider), self._models.of(call.model)
        state = call.state if call.state in CALL_STATES else OTHER
        self._calls.labels(state).inc()
        if call.reached:
            self._reached(call, provider, model, state)

    def cache(self, *, hit: bool) -> None:
        """An answer was looked for among those that are kept."""
        self._cache.labels("hit" if hit else "miss").inc()
        self._lookups += 1
        self._hits += hit
        self._hit_rate.set(self._hits / self._lookups)

    def error(self, kind: str) -> None:
        """Somebody was told of an error; `kind` as in `VictorError`, `bug` for what is none of ours, `tool_error`."""
        self._errors.labels(error_type(kind)).inc()

    def tool(self, *, success: bool, seconds: float | None = None) -> None:
        """A tool was used at an edge, which said so later."""
        self._tools.labels("success" if success else "failure").inc()
        if seconds is not None:
            self._tool_seconds.observe(seconds)
        if not success:
            self.error("tool_error")

    def connected(self) -> None:
        """An edge attached."""
        self._connections.inc()

    def disconnected(self, code: int) -> None:
        """It is gone; `code` is what the connection was closed with."""
        self._connections.dec()
        self._closed.labels(str(code) if code in _CLOSE_CODES else OTHER).inc()

    def budget_refused(self, scope: str) -> None:
        """A budget of this scope stopped a call."""
        self._refusals.labels(scope if scope in _SCOPES else OTHER).inc()

    def audit_events(self, n_events: int, source: str = "gateway") -> None:
        """So many records are durable in the audit log."""
        self._audit.labels(source if source in _SOURCES else OTHER).inc(n_events)

    def edge_events(self, accepted: int, quarantined: int = 0, repeated: int = 0) -> None:
        """What an edge's outbox delivered."""
        for outcome, amount in (("accepted", accepted), ("quarantined", quarantined), ("repeated", repeated)):
            self._edge.labels(outcome).inc(amount)

    def render(self) -> bytes:
        """All of it in Prometheus' text format, of the media type CONTENT_TYPE."""
        self._uptime.set(self._clock() - self._begun)
        return generate_latest(self._exposed)

    def _reached(self, call: CallMeasured, provider: str, model: str, state: str) -> None:
        self._api_calls.labels(provider).inc()
        self._model_latency.labels(provider, model).observe(call.seconds)
        failed = "" if state == "done" else state
        self._duration.labels(names.CHAT, provider, model, failed).observe(call.seconds)
        if call.first_token_s is not None:
            self._first_token.labels(names.CHAT, provider, model).observe(call.first_token_s)
        for kind, amount in (("input", call.input_tokens), ("output", call.output_tokens)):
            self._tokens.labels(provider, kind).inc(max(0, amount))
            self._token_usage.labels(names.CHAT, provider, model, kind).observe(max(0, amount))
        if call.cost_nano:
            team = self._teams.taken(call.team) if call.team else ""
            self._cost.labels(provider, model, team).inc(call.cost_nano / _NANO)

    def _make_requests(self) -> None:
        self._requests = self._counter(names.REQUESTS, "Requests, by route and status.", "route", "status")
        self._request_seconds = self._histogram(
            names.REQUEST_DURATION, "How long requests took.", _SECONDS, "route"
        )
        self._exposed.also_as(names.REQUEST_DURATION, names.LATENCY)
        self._errors = self._counter(names.ERRORS, "Errors that somebody was told of, by type.", "type")

    def _make_calls(self) -> None:
        self._open_calls = self._gauge(names.OPEN_CALLS, "Calls of models that run now.")
        self._calls = self._counter(names.CALLS, "Calls of models that ended, by state.", "state")
        self._api_calls = self._counter(names.API_CALLS, "Requests to providers.", "provider")
        self._tokens = self._counter(names.TOKENS_USED, "Tokens of models.", "provider", "direction")
        self._cost = self._gauge(
            names.ESTIMATED_COST, "What calls have cost since the start.", "provider", "model", "team"
        )
        self._model_latency = self._histogram(
            names.MODEL_LATENCY, "How long providers took to answer.", _SECONDS, "provider", "model"
        )
        self._token_usage = self._histogram(
            names.in_prometheus(names.CLIENT_TOKEN_USAGE), "Tokens of one call.", _TOKENS,
            *_GEN_AI, names.in_prometheus(names.TOKEN_TYPE),
        )  # fmt: skip
        self._duration = self._histogram(
            names.in_prometheus(names.CLIENT_OPERATION_DURATION, "seconds"), "How long calls took.",
            _CONVENTION_SECONDS, *_GEN_AI, names.in_prometheus(names.ERROR_TYPE),
        )  # fmt: skip
        self._first_token = self._histogram(
            names.in_prometheus(names.SERVER_TIME_TO_FIRST_TOKEN, "seconds"),
            "Until the first piece of an answer.", _FIRST_TOKEN_SECONDS, *_GEN_AI,
        )  # fmt: skip

    def _make_rest(self, version: str) -> None:
        self._cache = self._counter(names.CACHE_LOOKUPS, "Looks into the kept answers.", "outcome")
        self._hit_rate = self._gauge(names.CACHE_HIT_RATE, "Share of looks that found an answer.")
        self._uptime = self._gauge(names.UPTIME, "Since this replica began.")
        self._tools = self._counter(names.TOOL_EXECUTIONS, "Uses of tools at the edges.", "outcome")
        self._tool_seconds = self._histogram(names.TOOL_DURATION, "How long tools took.", _SECONDS)
        self._connections = self._gauge(names.CONNECTIONS, "Edges that are attached.")
        self._closed = self._counter(names.CLOSED_CONNECTIONS, "Connections that ended, by code.", "code")
        self._refusals = self._counter(names.BUDGET_REFUSALS, "Calls that a budget stopped.", "scope")
        self._audit = self._counter(names.AUDIT_EVENTS, "Records in the audit log.", "source")
        self._edge = self._counter(names.EDGE_EVENTS, "Events that edges delivered.", "outcome")
        self._gauge(names.BUILD_INFO, "Which version this is.", "version").labels(version).set(1)

    def _begin_at_zero(self) -> None:
        self._requests.labels(OTHER, "2xx")
        self._request_seconds.labels(OTHER)
        for counter, values in (
            (self._errors, ERROR_TYPES),
            (self._calls, CALL_STATES),
            (self._api_calls, PROVIDERS),
            (self._cache, ("hit", "miss")),
            (self._tools, ("success", "failure")),
            (self._closed, sorted(map(str, _CLOSE_CODES))),
            (self._refusals, _SCOPES),
            (self._audit, _SOURCES),
            (self._edge, ("accepted", "quarantined", "repeated")),
        ):
            for value in values:
                counter.labels(value)
        for provider in PROVIDERS:
            self._cost.labels(provider, OTHER, "")
            self._model_latency.labels(provider, OTHER)
            for kind in ("input", "output"):
                self._tokens.labels(provider, kind)
        self.offer([(OTHER, OTHER)])

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(name, about, labels, registry=self._registry)

    def _gauge(self, name: str, about: str, *labels: str) -> Gauge:
        return Gauge(name, about, labels, registry=self._registry)

    def _histogram(self, name: str, about: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(name, about, labels, buckets=buckets, registry=self._registry)


_CLOSE_CODES = frozenset((1000, 1001, 1006, 1009, 1012, 4400, 4401, 4403, 4408, 4409, 4429))
_SCOPES = ("tenant", "team", "user")
_SOURCES = ("gateway", "edge")


def _status(status: int) -> str:
    """Of a status its class, so that a series holds all of it: `5xx`."""
    return f"{status // 100}xx" if 100 <= status < 600 else OTHER
