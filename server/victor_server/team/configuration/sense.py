"""Looks at a configuration as a whole: what its parts say of each other, and what no deployment may do."""

import re
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit

from victor_server.policy.hosts import is_this_machine
from victor_server.settings.tasks import TASK_NAMES
from victor_server.settings.yaml_text import Way
from victor_server.team.configuration.certificate import load_pair
from victor_server.team.configuration.options import FileOptions
from victor_server.team.configuration.problem import Wrong
from victor_server.team.configuration.resolved import DEFAULT_TENANT, ModelSettings, TeamSettings

_EXAMPLES = frozenset(
    [
        "admin",
        "changeme",
        "change-me",
        "default",
        "demo",
        "example",
        "guest",
        "letmein",
        "pass",
        "passwd",
        "password",
        "postgres",
        "qwerty",
        "redis",
        "root",
        "secret",
        "test",
        "token",
        "user",
        "victor",
        "your-api-key",
        "your_api_key",
        "your-password",
        "123456",
        "12345678",
    ]
)
"""What stands in examples as a password or a key."""

_TLS_MODES = ("require", "verify-ca", "verify-full")


def nonsense(settings: TeamSettings, options: FileOptions) -> Iterator[Wrong]:
    """Everything that is wrong although each value by itself is right."""
    yield from _listening(settings)
    yield from _stores(settings, options)
    yield from _master_key(settings, options)
    yield from _identity(settings)
    yield from _models(settings)
    yield from _rest(settings, options)


def _listening(settings: TeamSettings) -> Iterator[Wrong]:
    listen = settings.listen
    if (listen.tls_certificate is None) != (listen.tls_key is None):
        yield Wrong(("listen", "tls"), "needs both certificate and key", "Name both files.")
    files = (("certificate", listen.tls_certificate), ("key", listen.tls_key))
    unread = [each for name, file in files if file for each in _file(("listen", "tls", name), file)]
    yield from unread
    if listen.tls_certificate and listen.tls_key and not unread:
        yield from _pair(listen.tls_certificate, listen.tls_key)
    for proxy in listen.proxy_headers_from:
        if not _is_network(proxy):
            yield Wrong(("listen", "proxies"), "holds something that is no address and no network")
    if is_this_machine(listen.host) or listen.tls_certificate or listen.proxy_headers_from:
        return
    yield Wrong(
        ("listen", "host"),
        "is not loopback, and there is no TLS",
        "Set listen.tls, or name in listen.proxies the proxies that end TLS before the backend.",
    )


def _pair(certificate: Path, key: Path) -> Iterator[Wrong]:
    try:
        load_pair(certificate, key)
    except OSError:
        yield Wrong(
            ("listen", "tls"),
            "names a certificate and a key that do not belong together, or are not PEM",
            "Name the key that the certificate was made with, without a passphrase.",
        )


def _stores(settings: TeamSettings, options: FileOptions) -> Iterator[Wrong]:
    encryption = options.compliance.encryption if options.compliance else None
    strictly = bool(encryption and encryption.in_transit)
    for name, url in (("url", settings.database.url), ("owner_url", settings.database.owner_url)):
        if url:
            yield from _database(("database", name), url, strictly=strictly)
    if settings.redis_url:
        yield from _redis(settings.redis_url, strictly=strictly)
    if settings.database.url.startswith("sqlite:") and (len(settings.oidc) > 1):
        yield Wrong(("oidc",), "names several tenants, and SQLite holds one", "Use PostgreSQL.")
    if settings.redis_url:
        return
    if settings.limits.backend == "redis":
        yield Wrong(
            ("limits", "backend"), "is redis, and no address of one is set", "Set redis.url or REDIS_URL."
        )
    if settings.caching.enabled and settings.caching.backend == "redis":
        yield Wrong(
            ("caching", "backend"), "is redis, and no address of one is set", "Set redis.url or REDIS_URL."
        )


def _database(way: Way, url: str, *, strictly: bool) -> Iterator[Wrong]:
    if url.startswith("sqlite:///") and len(url) > len("sqlite:///"):
        return
    if not url.startswith(("postgresql://", "postgres://")):
        yield Wrong(way, "is neither sqlite:///FILE nor postgresql://…", "Correct the address.")
        return
    yield from _password(way, url)
    mode = re.search(r"[?&]sslmode=([a-z-]+)", url)
    if strictly and not _is_near(url) and (mode is None or mode[1] not in _TLS_MODES):
        yield Wrong(way, "goes over the network without TLS", "Add ?sslmode=verify-full to it.")


def _redis(url: str, *, strictly: bool) -> Iterator[Wrong]:
    way = ("redis", "url")
    if not url.startswith(("redis://", "rediss://", "unix://")):
        yield Wrong(way, "must begin with redis://, rediss:// or unix://")
        return
    yield from _password(way, url)
    if strictly and url.startswith("redis://") and not _is_near(url):
        yield Wrong(way, "goes over the network without TLS", "Write rediss://….")


def _password(way: Way, url: str) -> Iterator[Wrong]:
    try:
        password = unquote(urlsplit(url).password or "")
    except ValueError:
        yield Wrong(way, "cannot be read as an address")
        return
    if password.lower() in _EXAMPLES:
        yield Wrong(
            way, "holds a password that stands in examples", "Set one of your own, such as a random one."
        )


def _is_near(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return not host or is_this_machine(host)


def _master_key(settings: TeamSettings, options: FileOptions) -> Iterator[Wrong]:
    said = options.encryption.master_key if options.encryption else None
    n_ways = sum(bool(each) for each in (said.file, said.environment, said.command)) if said else 0
    way = ("encryption", "master_key")
    if n_ways > 1:
        yield Wrong(way, "names more than one place", "Keep one of file, environment and command.")
    if settings.configured and not n_ways and settings.master_key.source == "file":
        yield Wrong(
            way,
            "is missing: a configured backend does not make up a key",
            "Make one with `openssl rand -base64 32`, and name its file, a variable or a command here.",
        )
    encryption = options.compliance.encryption if options.compliance else None
    if encryption is not None and encryption.at_rest is False:
        yield Wrong(
            ("compliance", "encryption", "at_rest"),
            "can only be true: keys and what is personal are always sealed",
            "Leave it out.",
        )


def _identity(settings: TeamSettings) -> Iterator[Wrong]:
    for each in settings.oidc:
        way = ("oidc", each.tenant)
        named = {
            "default_role": [each.default_role] if each.default_role else [],
            "roles": list(each.roles.values()),
        }
        for name, roles in named.items():
            if unknown := sorted(set(roles) - set(settings.roles)):
                yield Wrong(
                    (*way, name), f"names the role {unknown[0]}, which is not there", "Add it to roles."
                )
        host = urlsplit(each.issuer).hostname or ""
        if each.allow_http and not is_this_machine(host):
            yield Wrong((*way, "issuer"), "must begin with https://")
    if settings.database.url.startswith("sqlite:"):
        for each in settings.oidc:
            if each.tenant != DEFAULT_TENANT:
                yield Wrong(
                    ("oidc", each.tenant),
                    "is a tenant of its own, and SQLite holds one",
                    f"Call it {DEFAULT_TENANT}.",
                )


def _models(settings: TeamSettings) -> Iterator[Wrong]:
    names = {each.name for each in settings.models}
    if settings.default_model and settings.default_model not in names:
        yield Wrong(("default_model",), "names a model that is not in models")
    for task, model in settings.routing.items():
        if task not in TASK_NAMES and task not in ("chat", "completion"):
            yield Wrong(
                ("routing", task), "is nothing that Victor does", f"Tasks are {', '.join(TASK_NAMES)}."
            )
        if model not in names:
            yield Wrong(("routing", task), "names a model that is not in models")
    for each in settings.models:
        yield from _one_model(each, settings.compliance.region)


def _one_model(model: ModelSettings, region: str) -> Iterator[Wrong]:
    way = ("models", model.name)
    if model.key and model.api_key:
        yield Wrong(way, "has both key and api_key", "Keep one of them.")
    if (model.api_key or "").lower() in _EXAMPLES:
        yield Wrong((*way, "api_key"), "stands in examples", "Set the key that the provider gave you.")
    if model.provider == "scripted":
        if model.script is None:
            yield Wrong(way, "needs script", "Name the file with its replies.")
        else:
            yield from _file((*way, "script"), model.script)
    if model.provider in ("vllm", "lmstudio", "openai-compatible") and not model.base_urls:
        yield Wrong(way, "needs base_url", "Say where its server is.")
    if region and model.region != region:
        yield Wrong(
            (*way, "region"),
            f"is not {region}, which compliance.data_residency asks for",
            "Leave the model out, or correct it.",
        )


def _rest(settings: TeamSettings, options: FileOptions) -> Iterator[Wrong]:
    if settings.caching.backend == "memcached":
        yield Wrong(
            ("caching", "backend"), "is memcached, which this version cannot use", "Write in-memory or redis."
        )
    if settings.tracing.enabled and not settings.tracing.endpoint:
        yield Wrong(
            ("tracing", "endpoint"), "is missing", "Say where the collector is, such as http://jaeger:4317."
        )
    if settings.egress.ca_file is not None:
        yield from _file(("egress", "ca_file"), settings.egress.ca_file)
    if settings.audit.strict and not settings.audit.enabled and options.audit and options.audit.strict:
        yield Wrong(
            ("audit", "strict"), "needs the audit log, which is off", "Set compliance.audit_logging.enabled."
        )


def _file(way: Way, file: Path) -> Iterator[Wrong]:
    try:
        with file.open("rb") as opened:
            opened.read(1)
    except OSError as error:
        yield Wrong(
            way, f"cannot be read: {error.strerror or 'an error of the system'}", "Name a file that is there."
        )


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True
