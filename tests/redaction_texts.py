"""Texts to redact, made of secrets, what stands around them, and what looks like a placeholder."""

import random
import re
from base64 import b64encode
from urllib.parse import quote

from hypothesis import strategies as st
from secrets_samples import aws_key, github_token, pem_key, sample

from victor_server.secrets.rules.table import RULES

PASSWORD = "tR7!kw" + "Q2#zp9"  # pragma: allowlist secret
RANDOM = "vN4xLq8Z" + "rT1mWc6KpY3hBd9S"
PATHS = ["a.py", "prod.env", "deploy.yaml", "config.json", "notes.txt", "tests/x.js", "pom.xml", "run.sh", ""]
GLUE = [
    "\n",
    "\r\n",
    "\r",
    " ",
    "'",
    '"',
    "=",
    ":",
    "_",
    "password = ",
    "key: ",
    "token",
    "x",
    "[REDACTED:",
    "]",
    "\\n",
    "é",
    "@",
    "://a:",
]
LOOK_ALIKES = [
    "[REDACTED:aws-access-key]",
    "[REDACTED:aws-access-key:1]",
    "[REDACTED:aws-access-key:1:abcdefghij]",
    "[REDACTED:x:",
]
SECRETS = [sample(rule.source, random.Random(3)) for rule in RULES if "Detector" not in rule.source]

TEXTS = st.lists(
    st.sampled_from([*SECRETS, aws_key(), github_token(), pem_key(n_lines=3), PASSWORD, *GLUE]), max_size=10
).map("".join)
"""Rules' own samples between what may stand around them."""

ODD_TEXTS = st.lists(
    st.one_of(
        st.sampled_from([*GLUE, *LOOK_ALIKES, "\ud83d", "\udc00", "\x85", "\u2028", "\0", "\f", "İ"]),
        st.sampled_from(
            [aws_key(), github_token(), pem_key(n_lines=2), pem_key(n_lines=2, newline="\r\n"), RANDOM]
        ),
        st.sampled_from(
            [f'password = "{PASSWORD}"\n', quote(PASSWORD, safe=""), b64encode(PASSWORD.encode()).decode()]
        ),
        st.text(st.characters(), max_size=5),
    ),
    max_size=12,
).map("".join)
"""The same with lone surrogates, odd line ends, look-alikes and encoded values."""

_NUMBERED = re.compile(r"\[REDACTED:([a-z0-9-]+:\d+):[a-z0-9]+\]")


def without_nonces(shown: str) -> str:
    """What every session shows alike."""
    return _NUMBERED.sub(r"[REDACTED:\1]", shown)
