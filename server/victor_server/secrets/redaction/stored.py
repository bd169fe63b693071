"""Masks the secrets in a text, so that it can be stored or shown to a model."""

import hashlib
import re

from victor_server.secrets.finding import Finding
from victor_server.secrets.rules.table import RULES
from victor_server.secrets.scanner import scan_with_allowed

_ENGINE = "4"
"""Raised by hand when the same rules find something else: filters, overlaps, file kinds."""

_MAX_ROUNDS = 16
"""Enough for real text; a file made of secrets glued to each other must not cost a round for each of them."""

_LINE_ENDS = re.compile(r"\r\n|\r|\n")


def redact(text: str, path: str) -> str:
    """`text` with every finding, allowed ones included, replaced by `[REDACTED:<rule>]`.

    The line ends inside a secret stay, so the number of lines is unchanged; redacting twice changes nothing more;
    a text without secrets comes back as the same object.
    """
    # A mask ends the word that hid a neighbour, so one round may uncover what the next one masks.
    for _ in range(_MAX_ROUNDS):
        findings = scan_with_allowed(text, path)
        if not findings:
            break
        text = _replace(text, findings)
    return text


def _replace(text: str, findings: list[Finding]) -> str:
    parts: list[str] = []
    done = 0
    for finding in findings:
        line_ends = _LINE_ENDS.findall(text, finding.start, finding.end)
        parts += text[done : finding.start], f"[REDACTED:{finding.rule}]", *line_ends
        done = finding.end
    return "".join([*parts, text[done:]])


def _version() -> str:
    rules = "\n".join(f"{rule.id}\t{' '.join(rule.keywords)}\t{rule.source}" for rule in RULES)
    return hashlib.sha256(f"{_ENGINE}\n{rules}".encode()).hexdigest()[:16]


REDACTION_VERSION: str = _version()
"""Changes when redaction may give another result; stands in the index's manifest."""
