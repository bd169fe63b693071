"""That each vendor's secrets are found wherever they are met, and nothing that resembles them is called certain."""

import random

import pytest
from vendor_samples import NO_VENDOR, false_alarms, misses
from vendor_secrets import SECRETS, draw

from victor_server.secrets.judge.documented import is_documented
from victor_server.secrets.rules.code_hosting import has_checksum, has_routable_checksum
from victor_server.secrets.rules.named import NamedRule
from victor_server.secrets.rules.operations import grafana_checksum
from victor_server.secrets.rules.structure import RULES as STRUCTURE
from victor_server.secrets.rules.table import RULES
from victor_server.secrets.scanner import scan

RECALL = 0.97
N_VENDOR_RULES = 200

HEX_32 = "7d1c94e0b3a85f26" + "c0f4e91a6b83d572"
HEX_40 = HEX_32 + "9b40e6f1"


@pytest.mark.parametrize("vendor", SECRETS)
@pytest.mark.parametrize("seed", [1, 2])
def test_secrets_are_found(vendor: str, seed: int) -> None:
    """At least 97 of 100, in forty surroundings: settings, code of a dozen languages, commands, logs."""
    n_samples, missed = misses(vendor, seed)
    assert len(missed) <= n_samples * (1 - RECALL), missed


@pytest.mark.parametrize("vendor", SECRETS)
@pytest.mark.parametrize("seed", [1, 2])
def test_near_misses_are_not_certain(vendor: str, seed: int) -> None:
    """Placeholders, references, hashes, identifiers, public keys, and values of a wrong length or with a wrong checksum."""
    n_drawn, certain = false_alarms(vendor, seed)
    assert n_drawn > 20
    assert certain == []


def test_there_are_many_vendors() -> None:
    """More than two hundred kinds of keys have a rule of their own."""
    ids = {rule.id for rule in RULES} - {rule.id for rule in STRUCTURE} - {"secret-assignment"}
    assert len(ids) >= N_VENDOR_RULES
    assert len(SECRETS) - len(NO_VENDOR) >= 17


def found(text: str, path: str = "src/app.py") -> list[tuple[str, str, str]]:
    """Rule, tier and value of each finding."""
    return [(finding.rule, finding.tier, text[finding.start : finding.end]) for finding in scan(text, path)]


@pytest.mark.parametrize(
    "text",
    [
        "datadog.initialize(api_key='{}')",
        "curl -H 'DD-API-KEY: {}' https://api.datadoghq.com/api/v1/validate",
        "datadog:\n  enabled: true\n  apiKey: {}\n",
        '"datadog": {{\n  "apiKey": "{}"\n}}',
        "[datadog]\nhost = x\napi_key = {}\n",
        "- name: DD_API_KEY\n  value: {}\n",
        "<datadogApiKey>\n    {}\n</datadogApiKey>",
        'provider "datadog" {{\n  api_key = "{}"\n}}',
        "https://app.datadoghq.com/api?api_key={}",
        "DATADOG_API_KEY={}",
        'setApiKey("{}"); // https://app.datadoghq.eu',
    ],
)
def test_vendors_name_may_stand_anywhere_near(text: str) -> None:
    """In the value's name, in an address on the line, or in the line that opens the block."""
    assert found(text.format(HEX_32), "deploy/values.yaml") == [("datadog-api-key", "certain", HEX_32)]


@pytest.mark.parametrize(
    "text",
    [
        "datadog agent build {}",
        "datadog_md5 = '{}'",
        "datadog:\n  name: {}\n",
        "datadog:\n  enabled: true\nother:\n  name: x\n  ref: {}\n",
        "- name: DD_SITE\n  value: {}\n",
        "# see https://docs.datadoghq.com\nrevision = '{}'",
        "https://github.com/DataDog/dd-agent/commit/{}",
    ],
)
def test_vendors_name_alone_proves_nothing(text: str) -> None:
    """A hash beside a vendor's name is a hash."""
    assert [tier for _, tier, _ in found(text.format(HEX_32), "values.yaml") if tier == "certain"] == []


def test_a_pinned_revision_is_none() -> None:
    """Workflows name the actions they use by their commits."""
    text = f"      - uses: actions/github-script@{HEX_32}{HEX_32[:8]} # v8\n"
    assert found(text, ".github/workflows/ci.yml") == []


def test_the_value_has_the_exact_length() -> None:
    """One character more or less is no key of that vendor."""
    for value in (HEX_32[:-1], HEX_32 + "a", HEX_32 + "-x"):
        assert "datadog-api-key" not in {rule for rule, _, _ in found(f"DD_API_KEY = '{value}'")}


def test_short_names_must_begin_a_word() -> None:
    """`okta` in `rookTable` is no vendor."""
    token = "00" + draw(random.Random(5), "abcXYZ0189_-", 40)
    assert found(f"oktaToken = '{token}'") == [("okta-token", "certain", token)]
    assert "okta-token" not in {rule for rule, _, _ in found(f"rookTableToken = '{token}'")}


def test_each_named_rule_has_its_own_name() -> None:
    """A vendor's word of two letters would wake the rule in every file."""
    for rule in RULES:
        if isinstance(rule, NamedRule):
            assert all(len(keyword) >= 3 for keyword in rule.keywords)


def test_secret_key_beside_its_id() -> None:
    """An AWS secret key needs no name where its id stands before it."""
    rng = random.Random(3)
    access_id = "AKIA" + "Z7QH2MVWX4RTNB6K"
    secret = draw(rng, "abcdXYZW0189/+", 40)
    assert found(f'new Credentials("{access_id}", "{secret}")')[1:] == [("aws-secret-key", "certain", secret)]
    assert found(f"{access_id},{secret}\n", "rootkey.csv")[1:] == [("aws-secret-key", "certain", secret)]
    assert len(found(f"{access_id} {HEX_40}")) == 1


def test_impossible_key_id_is_possible_only() -> None:
    """AWS writes its ids in base 32, which has neither 0, 1, 8 nor 9."""
    assert found("k = 'AKIA" + "Z7QH2MVWX4RTNB61'")[0][1] == "possible"


def test_session_tokens_keep_their_slashes() -> None:
    """A run of one character, which elsewhere means a placeholder, belongs to a session token."""
    token = "IQoJb3JpZ2luX2VjE" + "Jr" + "/" * 10 + draw(random.Random(4), "abcdXYZ0189+/", 200)
    assert found(f"AWS_SESSION_TOKEN={token}", "prod.env") == [("aws-session-token", "certain", token)]


def test_grafanas_checksum() -> None:
    """The value that Grafana's own documentation of the format shows."""
    assert grafana_checksum("glsa_" + "iNValIdinValiDinvalidinvalidinva") == "5b582697"


def test_checksums_need_the_whole_body() -> None:
    """A body of another length has no checksum, and one that is changed has another."""
    assert not has_checksum("abc")
    assert not has_routable_checksum("glpat-abc")


def test_documented_examples_are_none() -> None:
    """What a vendor prints as an example opens nothing: by its hash alone, as here by what everybody types."""
    example = "AKIA" + "IOSFODNN7" + "EXAMPLE"
    assert is_documented(example)
    assert not is_documented(example[:-1])
    emulator = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UV" + "ErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
    assert found(f"AccountName=devstoreaccount1;AccountKey={emulator};", "local.settings.json") == []


def test_an_alphabet_is_none() -> None:
    """Programs that decode a format name its characters, each once."""
    assert found(f"AGE-SECRET-KEY: '{'qpzry9x8gf2tvdw0s3jn' + '54khce6mua7l'}'", "src/age.py") == []


@pytest.mark.parametrize(
    "text",
    [
        "google_auth = 'oauth2_client_credential'",
        "PAGERDUTY_KEY_NAME = load('pagerduty-service-v2')",
        "Cookie: BAIDUID={}:FG=1",
    ],
)
def test_words_beside_a_vendor_are_none(text: str) -> None:
    """Identifiers may have a key's length and alphabet; a visitor's number is no key."""
    assert found(text.format(HEX_32.upper()), "src/app.py") == []


def test_frameworks_keys_are_no_vendors() -> None:
    """Many settings are called `SECRET_KEY`."""
    assert "tencent-secret-key" not in {
        rule for rule, _, _ in found(f"SECRET_KEY = '{HEX_32}'", "settings.py")
    }
