"""That teams who use detect-secrets meet the types, fingerprints and comments they know."""

import random

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.potential_secret import PotentialSecret
from detect_secrets.filters.allowlist import is_line_allowlisted
from detect_secrets.util.code_snippet import CodeSnippet
from secrets_samples import aws_key, sample

from victor_server.secrets.allow.write import allow_edit
from victor_server.secrets.rules.table import RULES
from victor_server.secrets.scanner import scan

LEFT_OUT = {
    "Base64 High Entropy String",  # entropy alone proves nothing: most such strings are hashes and data
    "Hex High Entropy String",
    "Public IP (ipv4)",  # no secret
}


def test_every_secret_type_has_a_rule() -> None:
    """Each plugin's type is one of ours, by the same name, but for the three that are noise."""
    types = set(get_mapping_from_secret_type_to_class())
    assert types >= LEFT_OUT
    assert types - LEFT_OUT <= {rule.title for rule in RULES}


def test_fingerprints_are_those_of_a_baseline() -> None:
    """A finding's fingerprint is the hash that detect-secrets writes for the same value."""
    for rule in RULES:
        text = sample(rule.source, random.Random(5)) if "Detector" not in rule.source else aws_key()
        for finding in scan(text, "src/a.env"):
            value = text[finding.start : finding.end]
            assert finding.fingerprint == PotentialSecret(finding.title, "a.env", value).secret_hash


def test_detect_secrets_honours_our_comments() -> None:
    """In the languages whose comments it knows, the comment we write silences detect-secrets as well."""
    for path in ("a.py", "a.yaml", "a.js", "a.go", "a.c", "a.css", "a.sql", "a.html", "a.md", "a.vb", "a.tf"):
        line = f'x: "{aws_key()}"'
        comment = allow_edit(line, path)
        assert comment is not None
        context = CodeSnippet([line + comment], 0, 0)
        assert is_line_allowlisted(path, line + comment, context), path
