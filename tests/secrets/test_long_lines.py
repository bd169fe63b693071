"""In a line of a megabyte, secrets are found as in a short one, and as fast."""

import time

import pytest
from redaction_texts import PASSWORD
from secrets_samples import aws_key, github_token, pem_key

from victor_server.secrets.scanner import scan

FILLER = 'f(e,t){return e.key==t&&"auth",n.token=e.pass};'


@pytest.mark.parametrize(
    "secret",
    [
        f'{{key:"{aws_key()}"}}',
        f"a('{github_token()}')",
        f'n.password="{PASSWORD}";',
        f'"postgres://app:{PASSWORD}@db1.acme.net/x"',
        pem_key().replace("\n", "\\n"),
    ],
    ids=["aws", "github", "password", "url", "pem"],
)
def test_found_anywhere_in_a_long_line(secret: str) -> None:
    """At its start, in its middle, at its end, between keywords of the same rule; the place is right."""
    (short,) = scan(FILLER + secret + FILLER, "a.js")
    value = (FILLER + secret + FILLER)[short.start : short.end]
    for before, after in ((1, 3_000), (1_500, 1_500), (3_000, 1)):
        text = FILLER * before + secret + FILLER * after
        (found,) = scan(text, "a.js")
        assert (found.rule, found.tier, text[found.start : found.end]) == (short.rule, short.tier, value)


def test_many_secrets_in_a_long_line() -> None:
    """Each once, although the parts of the line that rules look at join."""
    text = f'{{k:"{aws_key()}"}}'.ljust(700) * 500
    assert len(scan(text, "a.js")) == 500


def test_rare_keywords_cost_little_in_a_long_line() -> None:
    """A rule looks around its keywords, not at the whole line."""
    names = [
        f"{word}_x"
        for word in ("stripe", "datadog", "mysql", "heroku", "ldapsearch", "vault", "twilio", "sentry")
    ]
    text = "".join(name + FILLER * 2_000 for name in names)
    before = time.process_time()
    scan(text, "a.js")
    assert time.process_time() - before < 1.5
