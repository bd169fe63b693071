"""The backend's settings as code reads them: everything set, nothing to be parsed any more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

DEFAULT_TENANT = "default"

DEFAULT_ROLES: Mapping[str, tuple[str, ...]] = {
    "admin": ("*",),
    "developer": ("chat:*", "file:read", "file:write", "git:*"),
    "readonly": ("chat:read", "file:read"),
}


@dataclass(frozen=True, slots=True)
class Listen:
    """Where it listens. `metrics_port` None: on the same port. `proxy_headers_from`: proxies that end TLS before us."""

    host: str = "127.0.0.1"
    port: int = 8000
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = None
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    proxy_headers_from: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    public_url: str = ""


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """`url`: `sqlite:///FILE`, or `postgresql://…` of the role that the backend runs as; `owner_url`: of the tables' owner."""

    url: str = field(repr=False)
    owner_url: str = field(default="", repr=False)
    pool_size: int = 10


@dataclass(frozen=True, slots=True)
class MasterKey:
    """Where the key is that all others are sealed with. `make`: a first run may make `file`."""

    source: Literal["file", "environment", "command"]
    file: Path | None = None
    variable: str = ""
    command: tuple[str, ...] = ()
    make: bool = False


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """An identity provider. `roles`: group → role, the first that fits; nobody of these groups gets `default_role`,
    or no entry where that is "".
    """

    tenant: str
    issuer: str
    client_id: str
    audience: tuple[str, ...]
    scopes: tuple[str, ...] = ("openid", "profile", "email", "offline_access")
    subject_claim: str = "sub"
    groups_claim: str = "groups"
    roles: Mapping[str, str] = field(default_factory=dict)
    teams: Mapping[str, str] = field(default_factory=dict)
    default_role: str = ""
    allow_http: bool = False


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """A model that all tenants are offered. `key`: name of a tenant's sealed key; `api_key`: one of the operator's own."""

    name: str
    provider: str
    model: str
    base_urls: tuple[str, ...] = ()
    key: str | None = None
    api_key: str | None = field(default=None, repr=False)
    region: str = ""
    context_tokens: int | None = None
    max_output_tokens: int = 4096
    input_usd: float | None = None
    output_usd: float | None = None
    script: Path | None = None


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """For each person: requests and tokens a minute, calls at once; for each tenant: calls at once. 0: no limit."""

    backend: Literal["memory", "redis"] = "memory"
    requests_per_minute: int = 120
    tokens_per_minute: int = 0
    calls_at_once: int = 8
    tenant_calls_at_once: int = 0
    frames_per_second: int = 200
    max_frame_bytes: int = 4_000_000
    max_queued_frames: int = 1_024


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """`strict`: what cannot be recorded does not happen. `heads`: folder, outside of the database, of heads and erasures."""

    enabled: bool = True
    strict: bool = True
    retention_days: int = 365
    heads: Path | None = None
    head_every_s: float = 60.0


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """Answers that are kept."""

    enabled: bool = False
    backend: Literal["in-memory", "redis", "memcached"] = "in-memory"
    ttl_s: float = 3600.0
    max_size: int = 10_000


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """What Prometheus reads."""

    enabled: bool = True
    endpoint: str = "/metrics"
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoggingSettings:
    """`output`: stdout, stderr, or a file."""

    level: str = "INFO"
    format: Literal["json", "text"] = "json"
    output: str = "stdout"


@dataclass(frozen=True, slots=True)
class TracingSettings:
    """Where spans go, if anywhere."""

    enabled: bool = False
    exporter: Literal["otlp"] = "otlp"
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class EgressSettings:
    """What the backend itself may reach: hosts, domains (`.corp.example`), addresses, networks; () : the providers' own."""

    allowed_hosts: tuple[str, ...] = ()
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class ComplianceSettings:
    """`region`: of every tenant that has none of its own; "" : any. `consent`: purposes that people must agree to."""

    region: str = ""
    consent: tuple[str, ...] = ()
    at_rest: bool = True
    in_transit: bool = True


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """Times of connections and tokens, in seconds. `ring_frames`: what can be sent again to who comes back."""

    heartbeat_s: float = 20.0
    resume_s: float = 60.0
    ring_frames: int = 2_048
    recheck_s: float = 2.0
    access_token_s: float = 900.0
    refresh_token_s: float = 30 * 86_400.0
    drain_s: float = 20.0
    policy_s: float = 7 * 86_400.0
    call_lease_s: float = 30.0


@dataclass(frozen=True, slots=True)
class TeamSettings:
    """All of it. `home` is VICTOR_HOME, `file` the configuration, None where there is none. `configured`: an operator
    said something of how it is deployed, so nothing is made up for a first run.
    """

    home: Path
    database: DatabaseSettings
    master_key: MasterKey
    listen: Listen = Listen()
    redis_url: str = field(default="", repr=False)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(DEFAULT_ROLES))
    oidc: tuple[OidcSettings, ...] = ()
    models: tuple[ModelSettings, ...] = ()
    default_model: str = ""
    routing: Mapping[str, str] = field(default_factory=dict)
    egress: EgressSettings = EgressSettings()
    limits: LimitSettings = LimitSettings()
    audit: AuditSettings = AuditSettings()
    compliance: ComplianceSettings = ComplianceSettings()
    caching: CacheSettings = CacheSettings()
    metrics: MetricsSettings = MetricsSettings()
    logging: LoggingSettings = LoggingSettings()
    tracing: TracingSettings = TracingSettings()
    sessions: SessionSettings = SessionSettings()
    file: Path | None = None
    configured: bool = False
