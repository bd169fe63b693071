"""What operators write becomes settings, or problems with their places."""

import re
from pathlib import Path

import pytest
from certificates import make_certificate
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st
from tools.generate import ROOT

from victor_server.errors import SettingsError
from victor_server.team.configuration.read import Configuration, load_configuration, read_configuration
from victor_server.team.configuration.resolved import TeamSettings

GUIDE = """\
roles:                        # RBAC
  admin:     {permissions: ["*"]}
  developer: {permissions: ["chat:*", "file:read", "file:write", "git:*"]}
  readonly:  {permissions: ["chat:read", "file:read"]}
compliance:
  audit_logging:  {enabled: true, retention_days: 365}
  data_residency: {region: eu-central-1}
  encryption:     {at_rest: true, in_transit: true}
metrics: {enabled: true, endpoint: /metrics, labels: {environment: production, region: us-east-1}}
logging: {level: INFO, format: json, output: stdout}
tracing: {enabled: true, exporter: otlp, endpoint: "http://jaeger:4317"}
caching: {enabled: true, backend: redis, ttl: 3600, max_size: 10000}      # in-memory, redis, memcached
"""
KEY = "encryption: {master_key: {environment: KEY_OF_ALL}}\n"


def read(tmp_path: Path, text: str, **environment: str) -> Configuration:
    """What a file and the environment say."""
    file = tmp_path / "team.yaml"
    file.write_text(text, encoding="utf-8")
    return read_configuration(file, {"VICTOR_HOME": str(tmp_path / "home"), **environment})


def good(tmp_path: Path, text: str, **environment: str) -> TeamSettings:
    """The settings of a file that is right."""
    found = read(tmp_path, text, **environment)
    assert found.settings is not None, [each.told for each in found.problems]
    return found.settings


def told(tmp_path: Path, text: str, **environment: str) -> list[str]:
    """All problems, without the file's folder."""
    found = read(tmp_path, text, **environment)
    assert found.settings is None or not found.problems
    return [each.told.replace(f"{tmp_path}/", "") for each in found.problems]


def test_the_file_of_the_guide_is_understood(tmp_path: Path) -> None:
    """Every name of the enterprise guide counts as it is written there."""
    settings = good(tmp_path, GUIDE + KEY, REDIS_URL="rediss://cache:6379/0")
    assert settings.roles["developer"] == ("chat:*", "file:read", "file:write", "git:*")
    assert (settings.audit.enabled, settings.audit.retention_days) == (True, 365)
    assert settings.compliance.region == "eu-central-1"
    assert settings.metrics.labels == {"environment": "production", "region": "us-east-1"}
    assert (settings.logging.level, settings.logging.format, settings.logging.output) == (
        "INFO",
        "json",
        "stdout",
    )
    assert settings.tracing.endpoint == "http://jaeger:4317"
    assert (settings.caching.backend, settings.caching.ttl_s, settings.caching.max_size) == (
        "redis",
        3600,
        10000,
    )


def test_a_bare_machine_needs_no_word(tmp_path: Path) -> None:
    """Without file and environment: SQLite and a master key in VICTOR_HOME, on loopback."""
    settings = load_configuration(None, {"VICTOR_HOME": str(tmp_path)})
    assert settings.database.url == f"sqlite:///{tmp_path / 'team.db'}"
    assert settings.master_key.file == tmp_path / "master.key"
    assert settings.master_key.make
    assert (settings.listen.host, settings.listen.port) == ("127.0.0.1", 8000)
    assert not settings.configured


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("metrcs: {}\n", 1, "metrcs is not a setting. Did you mean metrics?"),
        ("limits:\n  calls_at_onc: 3\n", 2, "limits.calls_at_onc is not a setting. Did you mean calls_at_once?"),
        ("models:\n  a: {provider: ollama, modl: x}\n", 2, "models.a.modl is not a setting. Did you mean model?"),
        ("listen:\n  port: '8000'\n", 2, "listen.port must be a whole number"),
        ("listen:\n  port: 80000\n", 2, "listen.port must be at most 65535"),
        ("roles:\n  x: {permissions: [chat]}\n", 2, "roles.x.permissions must be a list of permissions"),
        ("listen: {}\nlisten: {}\n", 1, "listen stands here twice"),
        ("listen:\n  tls: {certificate: team.yaml}\n", 2, "listen.tls needs both certificate and key"),
        ("caching:\n  backend: memcached\n", 2, "caching.backend is memcached, which this version cannot use"),
        ("caching: {enabled: true,\n  backend: redis}\n", 2, "caching.backend is redis, and no address of one is set"),
        ("tracing: {enabled: true}\n", 1, "tracing.endpoint is missing"),
        ("default_model: x\n", 1, "default_model names a model that is not in models"),
        ("routing: {chat: x}\n", 1, "routing.chat names a model that is not in models"),
        ("compliance:\n  encryption:\n    at_rest: false\n", 3, "compliance.encryption.at_rest can only be true"),
        ("database:\n  url: mysql://x/y\n", 2, "database.url is neither sqlite:///FILE nor postgresql://"),
        ("models:\n  a: {provider: openai,\n    api_key: '${NOT_SET}'}\n", 3, "needs the variable NOT_SET, which is not set"),
        ("oidc:\n  other: {issuer: 'https://id.example', client_id: v}\n", 2, "SQLite holds one"),
        ("oidc:\n  default: {issuer: 'https://id.example', client_id: v,\n    default_role: boss}\n", 3, "names the role boss, which is not there"),
        ("a: [\n", 2, "this is not YAML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    """Each problem names file and line, and nothing of a file that is wrong is used."""
    problems = told(tmp_path, text + ("" if "[\n" in text else KEY))
    assert len(problems) == 1, problems
    assert problems[0].startswith(f"team.yaml:{line}: ")
    assert said in problems[0]


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    """Whoever mends a file does not learn of its faults one by one."""
    problems = told(tmp_path, "listen: {port: x}\nlimits: {nothing: 1}\n", VICTOR_EVENT_BUS_BACKEND="kafka")
    assert len(problems) == 3
    assert any(
        "VICTOR_EVENT_BUS_BACKEND is kafka, which this version cannot use" in each for each in problems
    )


def test_problems_are_told_from_the_top_of_the_file(tmp_path: Path) -> None:
    """Whatever they are: names, values, or what parts say of each other."""
    text = "default_model: x\nlisten: {host: 0.0.0.0, tls: {key: nowhere}}\ncaching: {backend: redis, enabled: true}\n"
    problems = told(tmp_path, text, VICTOR_MASTER_KEY="k")
    lines = [int(each.split(":")[1]) for each in problems]
    assert set(lines) == {1, 2, 3}, problems
    assert lines == sorted(lines)


def test_a_certificate_is_held_to_its_key(tmp_path: Path) -> None:
    """What could not be served is told before anybody starts it: another's key, no PEM, a key behind a passphrase."""
    certificate, key = make_certificate(tmp_path)
    (tmp_path / "other").mkdir()
    _, other = make_certificate(tmp_path / "other")
    locked = tmp_path / "locked.key"
    loaded = serialization.load_pem_private_key(key.read_bytes(), None)
    secretly = serialization.BestAvailableEncryption(b"xyzzy-passphrase")
    locked.write_bytes(
        loaded.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secretly)
    )

    def text(certificate: Path, key: Path) -> str:
        return f"{KEY}listen:\n  tls: {{certificate: {certificate}, key: {key}}}\n"

    assert good(tmp_path, text(certificate, key), KEY_OF_ALL="k").listen.tls_key == key
    for names in ((certificate, other), (certificate, locked), (tmp_path / "team.yaml", key)):
        (problem,) = told(tmp_path, text(*names), KEY_OF_ALL="k")
        assert problem.startswith("team.yaml:3: listen.tls names a certificate and a key that do not belong")


def test_a_configured_backend_makes_up_no_key(tmp_path: Path) -> None:
    """A file, or a database of its own, means a deployment: without its master key it does not start."""
    assert "encryption.master_key is missing" in told(tmp_path, "limits: {calls_at_once: 2}\n")[0]
    environment = {"VICTOR_HOME": str(tmp_path), "DATABASE_URL": "postgresql://app@127.0.0.1/x"}
    with pytest.raises(SettingsError, match="master_key is missing"):
        load_configuration(None, environment)
    assert (
        load_configuration(None, {**environment, "VICTOR_MASTER_KEY": "k"}).master_key.source == "environment"
    )


def test_plain_http_stays_on_this_machine(tmp_path: Path) -> None:
    """Beyond loopback there is TLS, or a proxy that is named."""
    assert "listen.host is not loopback" in told(tmp_path, KEY + "listen: {host: 0.0.0.0}\n")[0]
    by_variable = told(tmp_path, KEY, VICTOR_API_HOST="0.0.0.0")
    assert by_variable[0].startswith("environment: VICTOR_API_HOST is not loopback")
    settings = good(tmp_path, KEY + "listen: {host: 0.0.0.0, proxies: [10.0.0.0/8]}\n")
    assert settings.listen.proxy_headers_from == ("10.0.0.0/8",)


@pytest.mark.parametrize(
    "url", ["postgresql://victor:changeme@db/victor", "postgresql://postgres:postgres@db/victor"]
)
def test_passwords_of_examples_start_nothing(tmp_path: Path, url: str) -> None:
    """What everybody knows protects nothing; the message does not repeat it."""
    (problem,) = told(tmp_path, KEY, DATABASE_URL=url)
    assert "password that stands in examples" in problem
    assert "changeme" not in problem


def test_encryption_in_transit_holds_for_the_stores(tmp_path: Path) -> None:
    """Where the organisation asks for it, database and Redis are reached by TLS or on this machine."""
    strict = KEY + "compliance: {encryption: {in_transit: true}}\n"
    problems = told(tmp_path, strict, DATABASE_URL="postgresql://app@db/x", REDIS_URL="redis://cache")
    assert len(problems) == 2
    assert all("without TLS" in each for each in problems)
    assert good(tmp_path, strict, DATABASE_URL="postgresql://app@db/x?sslmode=verify-full").database.url


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    """As containers expect it."""
    text = KEY + "listen: {port: 1}\ncaching: {enabled: false}\n"
    settings = good(
        tmp_path,
        text,
        VICTOR_API_PORT="9000",
        VICTOR_CACHE_ENABLED="true",
        VICTOR_EVENT_BUS_BACKEND="in-memory",
    )
    assert settings.listen.port == 9000
    assert settings.caching.enabled


def test_redis_as_event_bus_is_what_replicas_share(tmp_path: Path) -> None:
    """Rates and kept answers go there unless the file says otherwise."""
    settings = good(tmp_path, KEY, VICTOR_EVENT_BUS_BACKEND="redis", REDIS_URL="redis://127.0.0.1")
    assert (settings.limits.backend, settings.caching.backend) == ("redis", "redis")


def test_residency_refuses_models_elsewhere(tmp_path: Path) -> None:
    """A region for all tenants is no wish: a model of another one is a mistake."""
    text = KEY + "compliance: {data_residency: {region: eu}}\nmodels:\n  a: {provider: ollama, region: us}\n"
    assert told(tmp_path, text)[0].startswith("team.yaml:4: models.a.region is not eu")


def test_nothing_secret_is_shown(tmp_path: Path) -> None:
    """Neither by the settings' repr nor by any message."""
    secret = "sk-" + "q" * 30
    text = KEY + "models:\n  a: {provider: openai, api_key: '${K}'}\n"
    assert secret not in repr(
        good(tmp_path, text, K=secret, DATABASE_URL=f"postgresql://a:{secret}@127.0.0.1/x")
    )
    assert secret not in "".join(
        told(tmp_path, KEY + f"models: {{a: {{provider: {secret}, api_key: {secret} x}}}}\n")
    )
    assert secret not in "".join(told(tmp_path, KEY, DATABASE_URL=f"mysql://a:{secret}@db/x"))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["listen", "roles", "models", "oidc", "tls", "a", "url"]), inner, max_size=3
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_a_file_holds_is_read_or_told(value: object) -> None:
    """No document makes it fail, and what is not told is used."""
    from victor_server.settings.yaml_text import Document
    from victor_server.team.configuration.written import filled, to_options

    document = Document(value if isinstance(value, dict) else {}, {}, ())
    values, wrong = filled(document, {})
    options, misfits = to_options(values)
    assert not wrong
    assert (options is None) == bool(misfits)


def test_the_documented_names_are_all_there_are() -> None:
    """The reference has every section of the file."""
    text = (ROOT / "docs/team-config.md").read_text(encoding="utf-8")
    assert all(
        f"### `{name}" in text for name in ("listen.tls", "oidc.NAME", "models.NAME", "compliance.encryption")
    )


@pytest.mark.parametrize("guide", ["team", "identity", "gateway", "audit", "attach", "database"])
def test_the_guides_speak_of_settings_that_are_there(guide: str) -> None:
    """Each `section.name` of a guide stands in the reference: what is copied from it into a file is understood."""
    reference = (ROOT / "docs/team-config.md").read_text(encoding="utf-8")
    known: set[str] = set()
    section = ""
    for line in reference.splitlines():
        if line.startswith("### `"):
            section = line.split("`")[1]
        elif section and line.startswith("| `"):
            known.add(f"{section}.{line.split('`')[1]}")
    sections = {name.partition(".")[0] for name in known}
    text = (ROOT / f"docs/{guide}.md").read_text(encoding="utf-8")
    actions = {"audit.erase", "audit.erased", "audit.restored"}
    named = {
        each for each in re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)[`:]", text) if each.split(".")[0] in sections
    }
    assert named - actions <= known, sorted(named - actions - known)
