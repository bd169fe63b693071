"""What Prometheus is told."""

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from victor_server.telemetry.metrics import CallMeasured, Metrics

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(metrics: Metrics) -> Samples:
    """Every sample that is exposed, read by Prometheus' own library."""
    text = metrics.render().decode()
    return {
        (each.name, frozenset(each.labels.items())): each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }


def value(metrics: Metrics, name: str, **labels: str) -> float:
    """The sum of the samples with at least these labels."""
    found = [
        number
        for (sample, pairs), number in samples(metrics).items()
        if sample == name and labels.items() <= set(pairs)
    ]
    assert found, name
    return sum(found)


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("victor_requests_total", {}),
        ("victor_request_duration_seconds_bucket", {}),
        ("victor_latency_seconds_bucket", {}),
        ("victor_model_latency_seconds_bucket", {"provider": "anthropic"}),
        ("victor_cache_hit_rate", {}),
        ("victor_api_calls_total", {"provider": "openai"}),
        ("victor_tokens_used_total", {"provider": "ollama"}),
        ("victor_estimated_cost_usd", {"provider": "anthropic"}),
        ("victor_errors_total", {"type": "provider_error"}),
        ("victor_errors_total", {"type": "tool_error"}),
        ("victor_tool_executions_total", {"outcome": "failure"}),
        ("victor_connections", {}),
        ("gen_ai_client_token_usage_count", {"gen_ai_request_model": "small"}),
        ("gen_ai_client_operation_duration_seconds_count", {"gen_ai_request_model": "small"}),
        ("gen_ai_server_time_to_first_token_seconds_count", {"gen_ai_request_model": "small"}),
    ],
)
def test_every_series_begins_at_zero(name: str, labels: dict[str, str]) -> None:
    """A rate can be computed from the first scrape on, and no alert lacks its series."""
    assert value(Metrics(models=[("ollama", "small")]), name, **labels) == 0


def test_uptime_is_from_the_start() -> None:
    """By the clock of the one who made it."""
    now = [100.0]
    metrics = Metrics(clock=lambda: now[0])
    now[0] = 142.5
    assert value(metrics, "victor_uptime_seconds") == 42.5


def test_a_call_is_counted_everywhere() -> None:
    """Tokens, money, latency, the first token: each under its provider, model and team."""
    metrics = Metrics(models=[("openai", "big")])
    metrics.call_begun()
    assert value(metrics, "victor_calls_open") == 1
    metrics.model_call(CallMeasured("openai", "big", "core", "done", 2.0, 0.3, 100, 20, 1_500_000_000))
    assert value(metrics, "victor_calls_open") == 0
    assert value(metrics, "victor_api_calls_total", provider="openai") == 1
    assert value(metrics, "victor_tokens_used_total", provider="openai", direction="input") == 100
    assert value(metrics, "victor_tokens_used_total", provider="openai", direction="output") == 20
    assert value(metrics, "victor_estimated_cost_usd", model="big", team="core") == 1.5
    assert value(metrics, "gen_ai_server_time_to_first_token_seconds_sum", gen_ai_request_model="big") == 0.3
    assert value(metrics, "victor_model_latency_seconds_sum", model="big") == 2.0


def test_the_hit_rate_is_a_share() -> None:
    """Of all looks; 0 before the first."""
    metrics = Metrics()
    for hit in (True, False, False, True):
        metrics.cache(hit=hit)
    assert value(metrics, "victor_cache_hit_rate") == 0.5


def test_operators_labels_stand_everywhere() -> None:
    """Also at what the process and Python say of themselves; `region` and `environment` need nothing special."""
    metrics = Metrics({"environment": "production", "region": "eu"})
    assert all({("environment", "production"), ("region", "eu")} <= pairs for _, pairs in samples(metrics))


def test_no_input_makes_series_without_end() -> None:
    """Models, teams, routes, errors and codes that nobody knows are counted as `other`."""
    metrics = Metrics()
    before = len(samples(metrics))
    words = [f"word-{number}" for number in range(400)]
    for number, word in enumerate(words):
        metrics.model_call(CallMeasured(word, word, word, word, 1.0, 0.1, 1, 1, 1))
        metrics.error(word)
        metrics.budget_refused(word)
        metrics.disconnected(3000 + number)
        metrics.audit_events(1, word)
    after = samples(metrics)
    assert len(after) - before < 200
    seen = {each for _, pairs in after for name, each in pairs if name != "team"}
    assert not seen & set(words)


def test_routes_are_few() -> None:
    """Even if a path came in as a route's name."""
    metrics = Metrics()
    for number in range(500):
        metrics.request(f"/guess/{number}", 404, 0.01)
    routes = {dict(pairs)["route"] for name, pairs in samples(metrics) if name == "victor_requests_total"}
    assert len(routes) <= 100
    assert value(metrics, "victor_requests_total", status="4xx") == 500


def test_names_are_as_prometheus_wants_them() -> None:
    """Help before type, no doubled family, names of letters."""
    text = Metrics().render().decode()
    families = re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)
    assert len(families) == len(set(families))
    assert all(re.fullmatch(r"[a-z_:][a-z0-9_:]*", each) for each in families)
