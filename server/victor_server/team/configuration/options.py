"""The backend's configuration as operators write it: everything that its file may say, all of it optional."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from victor_server.settings.profile_options import Address, Key, PriceOptions, Text
from victor_server.settings.profiles import ProviderName

_PERMISSION = re.compile(r"\*|[a-z_]{1,32}:(\*|[A-Za-z0-9_.:-]{1,128})")
_SLUG = r"^[a-z0-9][a-z0-9-]{0,62}$"


def _permission(text: str) -> str:
    if _PERMISSION.fullmatch(text) is None:
        raise ValueError("must be like chat:read, git:* or *")
    return text


def _path(text: str) -> str:
    if not text.startswith("/") or not text.isprintable() or any(letter in text for letter in " ?#{}"):
        raise ValueError("must be a path such as /metrics")
    return text


def _endpoint(text: str) -> str:
    if re.fullmatch(r"https?://[^\s/@?#]+(/[^\s?#]*)?", text) is None:
        raise ValueError("must be an address such as http://jaeger:4317")
    return text


Permission = Annotated[str, AfterValidator(_permission)]
Place = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
Slug = Annotated[str, StringConstraints(pattern=_SLUG)]
Label = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]{0,63}$")]
Seconds = Annotated[float, Field(gt=0, le=366 * 86_400, allow_inf_nan=False)]


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, protected_namespaces=())


def _said(description: str, **limits: Any) -> Any:
    return Field(default=None, description=description, **limits)


class TlsOptions(_Options):
    """TLS 1.3 that the backend ends itself."""

    certificate: Place | None = _said("File with the certificate and those above it, PEM.")
    key: Place | None = _said("File with its private key, PEM.")


class ListenOptions(_Options):
    """Where the backend listens."""

    host: Text | None = _said("Address; `VICTOR_API_HOST` goes before it. 127.0.0.1 if left out.")
    port: int | None = _said(
        "Port; `VICTOR_API_PORT` goes before it. 8000 if left out, 0 for any.", ge=0, le=65_535
    )
    tls: TlsOptions | None = _said("Needed beyond loopback, unless a proxy ends TLS.")
    proxies: list[Text] | None = _said(
        "Addresses or networks of the proxies that end TLS: only their `X-Forwarded-*` is believed."
    )
    allowed_origins: list[Address] | None = _said("Origins of web pages that may attach; none if left out.")
    public_url: Address | None = _said("How editors reach the backend, where that differs.")
    metrics_host: Text | None = _said(
        "Address of the port for metrics alone. 127.0.0.1 if left out. Plain HTTP: keep it private."
    )
    metrics_port: int | None = _said(
        "Serve `/metrics`, `/health` and `/ready` on a port of their own.", ge=0, le=65_535
    )


class DatabaseOptions(_Options):
    """Where the backend remembers."""

    url: Place | None = _said(
        "`sqlite:///FILE` or `postgresql://…`; `DATABASE_URL` goes before it. Left out, `team.db` in `VICTOR_HOME`.",
        repr=False,
    )
    owner_url: Place | None = _said(
        "PostgreSQL: the role that owns the tables, for `victor team migrate` only.", repr=False
    )
    pool_size: int | None = _said("Connections of one replica; 10 if left out.", ge=1, le=1_000)


class RedisOptions(_Options):
    """What replicas share beside the database: rates and kept answers."""

    url: Place | None = _said("`redis://…` or `rediss://…`; `REDIS_URL` goes before it.", repr=False)


class MasterKeyOptions(_Options):
    """Where the key is that all others are sealed with: one of the three."""

    file: Place | None = _said("A file with 32 bytes in base64 that only the backend's user can read.")
    environment: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")] | None = _said(
        "The name of a variable that holds it."
    )
    command: Annotated[list[Text], Field(min_length=1, max_length=50)] | None = _said(
        "A program and its words that print it, such as a secret store's client. No shell."
    )


class EncryptionOptions(_Options):
    """Where the master key is."""

    master_key: MasterKeyOptions | None = _said("Needed wherever there is a configuration.")


class RoleOptions(_Options):
    """What a role may do."""

    permissions: Annotated[list[Permission], Field(max_length=200)] = Field(
        description="Such as `chat:*`, `file:read`, `*`."
    )


class OidcOptions(_Options):
    """An identity provider of one tenant."""

    issuer: Address = Field(description="Its address, as its tokens name it.")
    client_id: Text = Field(description="How it knows Victor.")
    audience: list[Text] | None = _said("Whom tokens must be meant for; the client if left out.")
    scopes: list[Text] | None = _said("What is asked for; `openid profile email offline_access` if left out.")
    subject_claim: Text | None = _said("The claim that names a person; `sub` if left out.")
    groups_claim: Text | None = _said("The claim with their groups; `groups` if left out.")
    roles: dict[str, Text] | None = _said("Group → role; the first that fits.")
    teams: dict[str, Text] | None = _said("Group → team, for budgets and reports.")
    default_role: Text | None = _said("Of whoever is in none of these groups; left out, they do not get in.")


class ModelOptions(_Options):
    """A model that every tenant is offered."""

    provider: ProviderName = Field(description="Who serves it.")
    model: Text | None = _said("As the provider calls it; the name here if left out.")
    base_url: Address | None = _said("Where the server is, if not at the provider's own address.")
    base_urls: Annotated[list[Address], Field(min_length=1, max_length=32)] | None = _said(
        "Several servers of the same model."
    )
    key: Slug | None = _said("The name of a tenant's own sealed key (`victor team keys set`).")
    api_key: Key | None = _said("One key for all tenants; best written as `${NAME}`.", repr=False)
    region: Text | None = _said("Where it runs, for data residency.")
    context_tokens: int | None = _said("How many tokens it can see.", ge=256, le=100_000_000)
    max_output_tokens: int | None = _said("The most of one answer; 4096 if left out.", ge=1, le=1_000_000)
    price: PriceOptions | None = _said("What it costs you, where that is not what its provider asks for.")
    script: Place | None = _said("For `scripted`: the file with its replies.")


class EgressOptions(_Options):
    """What the backend itself may reach."""

    allowed_hosts: list[Text] | None = _said(
        "Hosts, domains (`.corp.example`), addresses, networks; left out, the models' own."
    )
    ca_file: Place | None = _said("Certificates to believe beside the system's, PEM.")


class LimitsOptions(_Options):
    """What one person, and one tenant, may ask for. 0: no limit."""

    backend: Literal["memory", "redis"] | None = _said("Where rates are counted.")
    requests_per_minute: int | None = _said("Of one person; 120 if left out.", ge=0, le=1_000_000)
    tokens_per_minute: int | None = _said("Of one person; no limit if left out.", ge=0, le=1_000_000_000)
    calls_at_once: int | None = _said("Of one person; 8 if left out.", ge=0, le=10_000)
    tenant_calls_at_once: int | None = _said("Of one tenant; no limit if left out.", ge=0, le=100_000)
    frames_per_second: int | None = _said("Of one connection; 200 if left out.", ge=1, le=100_000)
    max_frame_bytes: int | None = _said("The largest frame; 4,000,000 if left out.", ge=1_024, le=64_000_000)
    max_queued_frames: int | None = _said(
        "What waits for a slow reader; 1,024 if left out.", ge=16, le=100_000
    )


class AuditLoggingOptions(_Options):
    """The audit log."""

    enabled: bool | None = _said("On if left out.")
    retention_days: int | None = _said("How long records are kept; 365 if left out.", ge=1, le=36_500)


class ResidencyOptions(_Options):
    """Where data may go."""

    region: Text | None = _said("Of every tenant without one of its own; only models of it are used.")


class AtRestOptions(_Options):
    """What is encrypted."""

    at_rest: bool | None = _said("Keys and what is personal in the audit log always are; only `true`.")
    in_transit: bool | None = _said(
        "`true`: the connections to database and Redis, too. Beyond loopback, edges never come by plain HTTP."
    )


class ComplianceOptions(_Options):
    """What the organisation must hold to."""

    audit_logging: AuditLoggingOptions | None = _said("The audit log.")
    data_residency: ResidencyOptions | None = _said("Where data may go.")
    encryption: AtRestOptions | None = _said("What is encrypted.")
    consent: list[Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,64}$")]] | None = _said(
        "Purposes that each person must agree to first, such as `model_calls`."
    )


class AuditOptions(_Options):
    """How the audit log is kept."""

    strict: bool | None = _said("On if left out: what cannot be recorded does not happen.")
    heads: Place | None = _said(
        "Folder for signed heads and erasures, apart from the database and its backups."
    )
    head_every_s: Seconds | None = _said("How often a head is signed; 60 if left out.")


class MetricsOptions(_Options):
    """What Prometheus reads."""

    enabled: bool | None = _said("On if left out.")
    endpoint: Annotated[str, AfterValidator(_path)] | None = _said("`/metrics` if left out.")
    labels: dict[Label, Annotated[str, StringConstraints(max_length=200)]] | None = _said(
        "Put at every series, such as `environment` and `region`."
    )


class LoggingOptions(_Options):
    """The log; it never holds prompts, answers or keys."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] | None = _said("`INFO` if left out.")
    format: Literal["json", "text"] | None = _said("`json` if left out: one object a line.")
    output: Place | None = _said("`stdout`, `stderr`, or a file.")


class TracingOptions(_Options):
    """Spans, sent by OTLP."""

    enabled: bool | None = _said("Off if left out.")
    exporter: Literal["otlp"] | None = _said("The one there is.")
    endpoint: Annotated[str, AfterValidator(_endpoint)] | None = _said(
        "Where a collector is; gRPC at port 4317, HTTP elsewhere."
    )


class CachingOptions(_Options):
    """Answers that are kept, of each tenant for itself."""

    enabled: bool | None = _said("Off if left out; `VICTOR_CACHE_ENABLED` goes before it.")
    backend: Literal["in-memory", "redis", "memcached"] | None = _said(
        "`in-memory` if left out; `memcached` is not there yet."
    )
    ttl: Seconds | None = _said("Seconds that an answer is kept; 3600 if left out.")
    max_size: int | None = _said("How many answers; 10,000 if left out.", ge=1, le=10_000_000)


class SessionOptions(_Options):
    """Times of connections and tokens, in seconds."""

    heartbeat_s: Seconds | None = _said("Between signs of life; 20 if left out.")
    resume_s: Seconds | None = _said("How long a lost connection can be taken up; 60 if left out.")
    ring_frames: int | None = _said("Frames that can be sent again; 2,048 if left out.", ge=16, le=1_000_000)
    recheck_s: Annotated[float, Field(gt=0, le=4, allow_inf_nan=False)] | None = _said(
        "How often rights are looked at anew; 2 if left out, 4 at most."
    )
    access_token_s: Annotated[float, Field(ge=30, le=900, allow_inf_nan=False)] | None = _said(
        "How long Victor's own token holds; 900 if left out, which is the most."
    )
    refresh_token_s: Seconds | None = _said("How long a login holds; 30 days if left out.")
    drain_s: Seconds | None = _said("How long running calls are waited for at the end; 20 if left out.")
    policy_s: Seconds | None = _said("How long an edge believes a policy; 7 days if left out.")
    call_lease_s: Seconds | None = _said("After that a call without a replica is closed; 30 if left out.")


class FileOptions(_Options):
    """The whole file."""

    listen: ListenOptions | None = _said("Where the backend listens.")
    database: DatabaseOptions | None = _said("Where it remembers.")
    redis: RedisOptions | None = _said("What replicas share beside the database.")
    encryption: EncryptionOptions | None = _said("Where the master key is.")
    roles: dict[Text, RoleOptions] | None = _said(
        "What each role may do. Where it is written, it has all the roles there are."
    )
    oidc: dict[Slug, OidcOptions] | None = _said("Identity providers, by tenant.")
    models: dict[Text, ModelOptions] | None = _said("Models that are offered, by a name of your choice.")
    default_model: Text | None = _said("The model for whoever names none; the first if left out.")
    routing: dict[Text, Text] | None = _said("Task → model, such as `security_analysis: claude`.")
    egress: EgressOptions | None = _said("What the backend itself may reach.")
    limits: LimitsOptions | None = _said("What one person, and one tenant, may ask for.")
    audit: AuditOptions | None = _said("How the audit log is kept.")
    compliance: ComplianceOptions | None = _said("What the organisation must hold to.")
    metrics: MetricsOptions | None = _said("What Prometheus reads.")
    logging: LoggingOptions | None = _said("The log.")
    tracing: TracingOptions | None = _said("Spans.")
    caching: CachingOptions | None = _said("Answers that are kept.")
    sessions: SessionOptions | None = _said("Times of connections and tokens.")
