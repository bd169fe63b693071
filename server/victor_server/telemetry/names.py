"""Every name under which the backend measures: one list for metrics, spans and log lines.

The `gen_ai.*` names are OpenTelemetry's semantic conventions for generative AI; in Prometheus their dots are underscores.
"""

OPERATION = "gen_ai.operation.name"
PROVIDER = "gen_ai.provider.name"
REQUEST_MODEL = "gen_ai.request.model"
RESPONSE_MODEL = "gen_ai.response.model"
TOKEN_TYPE = "gen_ai.token.type"  # noqa: S105 - a kind of token that models count
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
ERROR_TYPE = "error.type"
TENANT = "victor.tenant"
CALL = "victor.call_id"
STATE = "victor.call.state"

CLIENT_TOKEN_USAGE = "gen_ai.client.token.usage"  # noqa: S105
CLIENT_OPERATION_DURATION = "gen_ai.client.operation.duration"
SERVER_TIME_TO_FIRST_TOKEN = "gen_ai.server.time_to_first_token"  # noqa: S105

CHAT = "chat"
"""The one operation: text in, text out."""

REQUESTS = "victor_requests"
REQUEST_DURATION = "victor_request_duration_seconds"
LATENCY = "victor_latency_seconds"
MODEL_LATENCY = "victor_model_latency_seconds"
CACHE_HIT_RATE = "victor_cache_hit_rate"
CACHE_LOOKUPS = "victor_cache_lookups"
API_CALLS = "victor_api_calls"
TOKENS_USED = "victor_tokens_used"
ESTIMATED_COST = "victor_estimated_cost_usd"
UPTIME = "victor_uptime_seconds"
ERRORS = "victor_errors"
TOOL_EXECUTIONS = "victor_tool_executions"
TOOL_DURATION = "victor_tool_duration_seconds"
CONNECTIONS = "victor_connections"
CLOSED_CONNECTIONS = "victor_connections_closed"
OPEN_CALLS = "victor_calls_open"
CALLS = "victor_calls"
BUDGET_REFUSALS = "victor_budget_refusals"
AUDIT_EVENTS = "victor_audit_events"
EDGE_EVENTS = "victor_edge_events"
BUILD_INFO = "victor_build_info"
"""Counters are exposed with the suffix `_total`."""


def in_prometheus(name: str, unit: str = "") -> str:
    """A convention's name as Prometheus spells it, its unit behind it."""
    return "_".join([name.replace(".", "_"), *([unit] if unit else [])])
