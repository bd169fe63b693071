"""What redaction masks and what it leaves as it was."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redaction_texts import PASSWORD, PATHS, TEXTS
from secrets_samples import aws_key, pem_key

from victor_server.secrets.redaction.stored import REDACTION_VERSION, redact
from victor_server.secrets.scanner import scan, scan_with_allowed


def test_secret_is_masked_by_its_rule() -> None:
    """The mask names the rule; everything around the secret stays."""
    text = f"aws = '{aws_key()}'  # key\ndb = 'mysql://u:{PASSWORD}@db1.net/x'\n"
    assert (
        redact(text, "a.py")
        == "aws = '[REDACTED:aws-access-key]'  # key\ndb = 'mysql://u:[REDACTED:url-password]@db1.net/x'\n"
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_block_keeps_its_line_ends(newline: str) -> None:
    """A key of several lines leaves as many empty ones, with the same line ends."""
    text = f"a{newline}{pem_key(newline=newline)}{newline}b"
    redacted = redact(text, "a.py")
    assert redacted == f"a{newline}[REDACTED:private-key]{newline * 14}b"


def test_allowed_secret_is_masked_too() -> None:
    """An allow comment says that a secret may be committed, not that a model may see it."""
    text = f"key = '{aws_key()}'  # pragma: allowlist secret\n"
    assert aws_key() not in redact(text, "a.py")


def test_text_without_secrets_is_the_same_object() -> None:
    """Nothing to mask: nothing is copied."""
    text = "def main() -> None:\n    token = next(tokens)\n"
    assert redact(text, "a.py") is text


@settings(deadline=None, max_examples=300)
@given(TEXTS, st.sampled_from(PATHS))
def test_redaction_is_complete_and_stable(text: str, path: str) -> None:
    """No finding survives, line ends are untouched, and redacting twice changes nothing more."""
    redacted = redact(text, path)
    assert scan_with_allowed(redacted, path) == []
    assert redact(redacted, path) is redacted
    assert [c for c in redacted if c in "\r\n"] == [c for c in text if c in "\r\n"]
    for finding in scan(text, path):
        value = text[finding.start : finding.end]
        assert len(value) < 12 or text.count(value) > 1 or value not in redacted


@settings(deadline=None, max_examples=100)
@given(st.text())
def test_any_text_keeps_its_lines(text: str) -> None:
    """Whatever the text, the number of line ends stays."""
    assert redact(text, "x").count("\n") == text.count("\n")


def test_version_names_the_rules() -> None:
    """The version is the same in every process, so that a manifest can hold it."""
    code = "from victor_server.secrets.redaction.stored import REDACTION_VERSION as v; print(v)"
    other = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == REDACTION_VERSION


def test_redaction_loads_little() -> None:
    """Parser children redact every file: detect-secrets waits for a line that needs it, rich and LSP for ever."""
    code = (
        "import sys; from victor_server.secrets.redaction.stored import redact\n"
        "text = 'password = \"' + 'tR7!kw' + 'Q2#zp9\"'\n"
        "assert redact(text, 'a.py') != text\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & set(sys.argv[1:])))"
    )
    heavy = ["detect_secrets", "requests", "rich", "pygls", "lsprotocol", "pydantic", "lancedb"]
    loaded = subprocess.run(
        [sys.executable, "-P", "-c", code, *heavy], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"
