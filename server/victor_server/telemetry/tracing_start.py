"""Begins to send spans somewhere: only here are OpenTelemetry's SDK and its exporters loaded."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

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
    provider.add_span_processor(BatchSpanProcessor(_exporter(endpoint)))
    stop = tracing.use(provider.get_tracer("victor", version))

    def end() -> None:
        stop()
        provider.force_flush(_END_TIME_LIMIT_MS)
        provider.shutdown()

    return end


def _exporter(endpoint: str) -> SpanExporter:
    parts = urlsplit(endpoint)
    # What gRPC connects by itself Python does not see; what goes over HTTP it does, and the guard must know of it.
    guard.announce_service(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
    if parts.port == GRPC_PORT:
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as Grpc

        return Grpc(endpoint=endpoint, insecure=parts.scheme != "https", timeout=5)
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as Http

    path = "" if parts.path.rstrip("/") else "/v1/traces"
    return Http(endpoint=endpoint.rstrip("/") + path, timeout=5)
