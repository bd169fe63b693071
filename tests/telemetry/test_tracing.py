"""Spans: where they go, what they are below, and what they never hold."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from gateways import add_tenant, asked, principal, running_gateway, scripted_model
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from victor_server.errors import BudgetExceeded
from victor_server.team.configuration.resolved import DatabaseSettings
from victor_server.team.store.open import open_database
from victor_server.telemetry.tracing import span, trace_id, traceparent
from victor_server.telemetry.tracing_start import start_tracing

PARENT = f"00-{'a' * 31}1-{'b' * 15}2-01"


class Collector:
    """An OTLP receiver on loopback."""

    def __init__(self) -> None:
        self.requests: list[ExportTraceServiceRequest] = []
        received = self.requests

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    import gzip

                    body = gzip.decompress(body)
                assert self.path == "/v1/traces"
                received.append(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def spans(self) -> dict[str, Span]:
        """All that came, by name."""
        return {
            each.name: each
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for each in scope.spans
        }


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A receiver that ends with the test."""
    made = Collector()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_spans_reach_a_collector_below_their_parent(collector: Collector) -> None:
    """The edge's trace goes on in the backend and at the provider."""
    end = start_tracing(collector.url, version="1", replica="r", labels={"region": "eu"})
    with span("gateway", {"gen_ai.request.model": "small"}, parent=PARENT):
        assert trace_id() == PARENT.split("-")[1]
        with span("provider"):
            told = traceparent()
    end()
    spans = collector.spans()
    assert spans["gateway"].parent_span_id.hex() == PARENT.split("-")[2]
    assert spans["provider"].parent_span_id == spans["gateway"].span_id
    assert told == f"00-{PARENT.split('-')[1]}-{spans['provider'].span_id.hex()}-01"
    about = {
        each.key: each.value.string_value
        for each in collector.requests[0].resource_spans[0].resource.attributes
    }
    assert (about["service.name"], about["region"]) == ("victor", "eu")


def test_an_error_is_a_kind_and_no_words(collector: Collector) -> None:
    """Messages may quote what somebody asked."""
    end = start_tracing(collector.url, version="1", replica="r")
    with pytest.raises(BudgetExceeded), span("call"):
        raise BudgetExceeded("the words of somebody")
    end()
    failed = collector.spans()["call"]
    assert failed.status.code == Status.STATUS_CODE_ERROR
    assert {each.key: each.value.string_value for each in failed.attributes} == {
        "error.type": "budget_exceeded"
    }
    assert b"words of somebody" not in b"".join(each.SerializeToString() for each in collector.requests)


def test_without_a_collector_the_trace_still_passes_on() -> None:
    """The backend of a team that traces nothing does not break the traces of its edges."""
    with span("gateway", parent=PARENT):
        assert trace_id() == PARENT.split("-")[1]
    assert traceparent() == ""


@pytest.mark.parametrize(
    "wrong", ["", "x", "00-zz-yy-01", "00-" + "0" * 32 + "-" + "0" * 16 + "-01", "0" * 5000]
)
def test_a_traceparent_that_is_wrong_says_nothing(wrong: str) -> None:
    """It comes from outside."""
    with span("gateway", parent=wrong):
        assert trace_id() == ""


async def test_a_call_is_one_span_over_all_that_it_takes(collector: Collector, tmp_path: Path) -> None:
    """Below who asked; admission and the provider are below the call, and what the provider is told is below those."""
    end = start_tracing(collector.url, version="1", replica="r", labels={})
    database = await open_database(DatabaseSettings(url=f"sqlite:///{tmp_path / 'team.db'}"), tmp_path)
    await add_tenant(database)
    async with running_gateway(database, tmp_path, scripted_model(tmp_path, "hello", "again")) as it:
        await it.told(principal(), asked().model_copy(update={"traceparent": PARENT}))
        await it.told(principal(), asked(call_id="call-0002"))
    await database.close()
    end()
    spans = [
        each
        for request in collector.requests
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for each in scope.spans
    ]
    traces: dict[bytes, list[Span]] = {each.trace_id: [] for each in spans}
    for each in spans:
        traces[each.trace_id].append(each)
    assert len(traces) == 2
    for trace, of_one in traces.items():
        named = {each.name: each for each in of_one}
        assert sorted(named) == ["chat script", "gateway admit", "gateway call"]
        call = named["gateway call"]
        is_asked = trace.hex() == PARENT.split("-")[1]
        assert call.parent_span_id.hex() == (PARENT.split("-")[2] if is_asked else "")
        assert named["chat script"].parent_span_id == named["gateway admit"].parent_span_id == call.span_id
