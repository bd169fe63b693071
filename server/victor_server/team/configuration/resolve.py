"""Makes settings, in which everything is set, of what an operator wrote."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from victor_server.team.configuration import resolved as to
from victor_server.team.configuration.options import (
    FileOptions,
    MasterKeyOptions,
    ModelOptions,
    OidcOptions,
)
from victor_server.team.configuration.surroundings import MASTER_KEY

MASTER_KEY_FILE = "master.key"
DATABASE_FILE = "team.db"


def resolve(
    options: FileOptions,
    *,
    home: Path,
    file: Path | None,
    environment: Mapping[str, str],
    bus: str,
    configured: bool,
) -> to.TeamSettings:
    """The settings. Relative paths of the file begin at its folder."""
    base = file.parent if file is not None else home
    roles = {name: tuple(role.permissions) for name, role in (options.roles or {}).items()}
    models = tuple(_model(name, each, base) for name, each in (options.models or {}).items())
    compliance = _compliance(options)
    return to.TeamSettings(
        home=home,
        database=_database(options, home),
        master_key=_master_key(options, base, home, environment, configured=configured),
        listen=_listen(options, base),
        redis_url=(options.redis.url or "") if options.redis else "",
        roles=roles or dict(to.DEFAULT_ROLES),
        oidc=tuple(_oidc(tenant, each) for tenant, each in (options.oidc or {}).items()),
        models=models,
        default_model=options.default_model or (models[0].name if models else ""),
        routing=options.routing or {},
        egress=_egress(options, base),
        limits=_made(to.LimitSettings, options.limits, backend="redis" if bus == "redis" else None),
        audit=_audit(options, base),
        compliance=compliance,
        caching=_caching(options, bus),
        metrics=_made(to.MetricsSettings, options.metrics),
        logging=_logging(options, base),
        tracing=_made(to.TracingSettings, options.tracing),
        sessions=_made(to.SessionSettings, options.sessions),
        file=file,
        configured=configured,
    )


def _made(shape: Any, options: BaseModel | None, **standing: Any) -> Any:
    """An object of `shape` with what `options` say; `standing` is what holds where they say nothing."""
    names = {each.name for each in fields(shape)}
    given = options.model_dump(exclude_none=True, include=names) if options is not None else {}
    frozen = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    return shape(**{**{name: value for name, value in standing.items() if value is not None}, **frozen})


def _database(options: FileOptions, home: Path) -> to.DatabaseSettings:
    return _made(to.DatabaseSettings, options.database, url=f"sqlite:///{home / DATABASE_FILE}")  # type: ignore[no-any-return]


def _master_key(
    options: FileOptions, base: Path, home: Path, environment: Mapping[str, str], *, configured: bool
) -> to.MasterKey:
    said = (options.encryption.master_key if options.encryption else None) or MasterKeyOptions()
    if said.file:
        return to.MasterKey("file", file=base / said.file)
    if said.environment:
        return to.MasterKey("environment", variable=said.environment)
    if said.command:
        return to.MasterKey("command", command=tuple(said.command))
    if environment.get(MASTER_KEY, "").strip():
        return to.MasterKey("environment", variable=MASTER_KEY)
    return to.MasterKey("file", file=home / MASTER_KEY_FILE, make=not configured)


def _listen(options: FileOptions, base: Path) -> to.Listen:
    said = options.listen
    tls = said.tls if said else None
    return _made(  # type: ignore[no-any-return]
        to.Listen,
        said,
        tls_certificate=base / tls.certificate if tls and tls.certificate else None,
        tls_key=base / tls.key if tls and tls.key else None,
        proxy_headers_from=tuple(said.proxies or ()) if said else (),
    )


def _oidc(tenant: str, options: OidcOptions) -> to.OidcSettings:
    return _made(  # type: ignore[no-any-return]
        to.OidcSettings,
        options,
        tenant=tenant,
        audience=(options.client_id,),
        allow_http=options.issuer.startswith("http://"),
    )


def _model(name: str, options: ModelOptions, base: Path) -> to.ModelSettings:
    one = (options.base_url,) if options.base_url else ()
    return to.ModelSettings(
        name=name,
        provider=options.provider,
        model=options.model or name,
        base_urls=tuple(options.base_urls or one),
        key=options.key,
        api_key=options.api_key,
        region=options.region or "",
        context_tokens=options.context_tokens,
        max_output_tokens=options.max_output_tokens or 4096,
        input_usd=options.price.input_usd if options.price else None,
        output_usd=options.price.output_usd if options.price else None,
        script=base / options.script if options.script else None,
    )


def _egress(options: FileOptions, base: Path) -> to.EgressSettings:
    said = options.egress
    return to.EgressSettings(
        allowed_hosts=tuple((said.allowed_hosts if said else None) or ()),
        ca_file=base / said.ca_file if said and said.ca_file else None,
    )


def _audit(options: FileOptions, base: Path) -> to.AuditSettings:
    said = options.audit
    logging = options.compliance.audit_logging if options.compliance else None
    given: dict[str, Any] = logging.model_dump(exclude_none=True) if logging else {}
    if said is not None:
        given |= said.model_dump(exclude_none=True)
    if "heads" in given:
        given["heads"] = base / given["heads"]
    return to.AuditSettings(**given)


def _compliance(options: FileOptions) -> to.ComplianceSettings:
    said = options.compliance
    if said is None:
        return to.ComplianceSettings()
    return to.ComplianceSettings(
        region=(said.data_residency.region if said.data_residency else None) or "",
        consent=tuple(said.consent or ()),
        in_transit=not (said.encryption and said.encryption.in_transit is False),
    )


def _caching(options: FileOptions, bus: str) -> to.CacheSettings:
    said = options.caching
    ttl = said.ttl if said and said.ttl is not None else None
    return _made(to.CacheSettings, said, backend="redis" if bus == "redis" else None, ttl_s=ttl)  # type: ignore[no-any-return]


def _logging(options: FileOptions, base: Path) -> to.LoggingSettings:
    settings: to.LoggingSettings = _made(to.LoggingSettings, options.logging)
    if settings.output in ("stdout", "stderr"):
        return settings
    return to.LoggingSettings(settings.level, settings.format, str(base / settings.output))
