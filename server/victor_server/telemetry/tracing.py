"""Spans from the edge to the provider. Without a place to send them to nothing is recorded, and trace ids still pass on."""

import contextlib
from collections.abc import Callable, Iterator, Mapping

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

Attribute = str | int | float | bool
_HEADER = "traceparent"
_propagator = TraceContextTextMapPropagator()
_tracers: list[trace.Tracer] = []
"""The one in use, if any: `start` puts it here."""


def use(tracer: trace.Tracer) -> Callable[[], None]:
    """Record spans with `tracer` from now on; call what is returned to end that."""
    _tracers.append(tracer)
    return lambda: _tracers.remove(tracer)


@contextlib.contextmanager
def span(
    name: str, attributes: Mapping[str, Attribute] | None = None, *, parent: str = ""
) -> Iterator[trace.Span]:
    """A span around the block, below `parent` (a `traceparent` that came from outside) or the span that runs now.

    Never put contents into its attributes. An exception marks it as failed by its kind; its message is not kept.
    """
    tracer = _tracers[-1] if _tracers else trace.NoOpTracer()
    with tracer.start_as_current_span(
        name, _context(parent), attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield current
        except GeneratorExit:
            raise
        except BaseException as error:
            current.set_attribute("error.type", getattr(error, "kind", type(error).__name__))
            current.set_status(trace.StatusCode.ERROR)
            raise


class OpenSpan:
    """A span for work that is done in turns with others', such as a generator's: it is the current one `within` only."""

    def __init__(self, name: str, attributes: Mapping[str, Attribute], *, parent: str = "") -> None:
        tracer = _tracers[-1] if _tracers else trace.NoOpTracer()
        self._span = tracer.start_span(name, _context(parent), attributes=attributes)

    def within(self) -> contextlib.AbstractContextManager[trace.Span]:
        """For a turn of the work."""
        return trace.use_span(self._span, record_exception=False, set_status_on_exception=False)

    def traceparent(self) -> str:
        """It, as W3C trace context, for work that is below it; "" where there is no trace."""
        carrier: dict[str, str] = {}
        _propagator.inject(carrier, trace.set_span_in_context(self._span, Context()))
        return carrier.get(_HEADER, "")

    def end(self, attributes: Mapping[str, Attribute], error: str = "") -> None:
        """It is over; `error` is the kind of what went wrong."""
        self._span.set_attributes(dict(attributes))
        if error:
            self._span.set_attribute("error.type", error)
            self._span.set_status(trace.StatusCode.ERROR)
        self._span.end()


def traceparent() -> str:
    """The span that runs now, as W3C trace context; "" where there is none."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get(_HEADER, "")


def trace_id() -> str:
    """The trace that runs now, in hexadecimal; "" where there is none."""
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else ""


def trace_of(parent: str) -> str:
    """The trace that a `traceparent` from outside names, in hexadecimal; "" where it is none."""
    context = trace.get_current_span(_context(parent) or Context()).get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else ""


def _context(parent: str) -> Context | None:
    """What a `traceparent` says; one that is wrong says nothing."""
    if not parent or len(parent) > 128:
        return None
    return _propagator.extract({_HEADER: parent})
