"""Begins to send spans somewhere: only here are OpenTelemetry's SDK and its exporters loaded."""

import contextlib
import socket
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from victor_server.egress import guard
from victor_server.telemetry import tracing

GRPC_PORT = 4317
_END_TIME_LIMIT_MS = 3_000


def start_tracing(
    endpoint: str, *, version: str, replica: str, labels: Mapping[str, str] | None = None
) -> Callable[[], None]:
    """Send spans by OTLP to `endpoint`: by gRPC where its port is 4317, else over HTTP. Call what is returned to send
    what is left and end. A collector that does not answer costs spans and nothing else.
    """
    about = {"service.name": "victor", "service.version": version, "service.instance.id": replica}
    provider = TracerProvider(resource=Resource.create({**about, **(labels or {})}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(_Announced(_exporter(endpoint), endpoint)))
    stop = tracing.use(provider.get_tracer("victor", version))

    def end() -> None:
        stop()
        provider.force_flush(_END_TIME_LIMIT_MS)
        provider.shutdown()

    return end


class _Announced(SpanExporter):
    """An exporter whose connections the guard of this process lets through, and no others."""

    def __init__(self, inner: SpanExporter, endpoint: str) -> None:
        self._inner = inner
        parts = urlsplit(endpoint)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """See `SpanExporter`."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(guard.announced_name(self._host))
            try:
                found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
            except OSError:
                return SpanExportResult.FAILURE
            for address in {str(each[4][0]) for each in found}:
                stack.enter_context(guard.announced(address, self._port))
            return self._inner.export(spans)

    def shutdown(self) -> None:
        """See `SpanExporter`."""
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """See `SpanExporter`."""
        return self._inner.force_flush(timeout_millis)


def _exporter(endpoint: str) -> SpanExporter:
    parts = urlsplit(endpoint)
    if parts.port == GRPC_PORT:
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as Grpc

        return Grpc(endpoint=endpoint, insecure=parts.scheme != "https", timeout=5)
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as Http

    path = "" if parts.path.rstrip("/") else "/v1/traces"
    return Http(endpoint=endpoint.rstrip("/") + path, timeout=5)
