"""What the scanner finds, where, and how sure it is."""

import random

import pytest
from secrets_samples import sample

from victor_server.secrets.finding import Finding
from victor_server.secrets.rule import Rule
from victor_server.secrets.rules.table import RULES
from victor_server.secrets.scanner import scan

RANDOM_40 = "q7Wn2Lx9" + "Vb4Tz8Kd1Rp6Mc3Hs5Gy0Jf2Ae7Ub9Xw4Nq"
PASSWORD = "tR7!kw" + "Q2#zp9"


def check(fixture: str, rule: str = "", tier: str = "certain", path: str = "src/app.py") -> list[Finding]:
    """The text between « and » is found by `rule` and nothing else is; without marks nothing is found."""
    before, mark, rest = fixture.partition("«")
    value, _, after = rest.partition("»")
    text = before + value + after
    findings = scan(text, path)
    expected = [(rule, tier, value)] if mark else []
    assert [(f.rule, f.tier, text[f.start : f.end]) for f in findings] == expected
    return findings


CONTEXTS = {
    "azure-sas-token": "https://a.blob.core.windows.net/c?sv=2022-11-02&{}",
    "discord-bot-token": "discord {}",
    "telegram-bot-token": "telegram {}",
    "twilio-api-key": "twilio {}",
    "mandrill-api-key": "mandrill {}",
    "okta-token": "okta {}",
    "pagerduty-key": "pagerduty {}",
}
OWN_TESTS = {
    "private-key", "jwt", "url-password", "connection-string-password", "basic-auth-header", "bearer-token", "curl-user",
    "secret-assignment", "square-oauth-secret", "pypi-token", "aws-secret-key",
}  # fmt: skip


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.id not in OWN_TESTS], ids=lambda rule: rule.id
)
def test_every_format_is_found(rule: Rule) -> None:
    """A value in a vendor's format is found by that vendor's rule, exactly and on its own."""
    found = 0
    for seed in range(4):
        text = CONTEXTS.get(rule.id, "{}").format(sample(rule.source, random.Random(seed)))
        found += any(finding.rule == rule.id for finding in scan(f"x = 1\n{text}\n", "src/app.py"))
    assert found >= 3  # a made-up value may look made up
