"""Credentials at a fixed place of files with a known name: `.pgpass`, `.htpasswd`, `shadow`."""

import re
from collections.abc import Iterator

from victor_server.secrets.judge.classify import is_placeholder, is_reference
from victor_server.secrets.rule import Candidate, Rule, Span, compiled

_PATTERNS = {
    "pgpass": r"[^\s:#][^:\r\n]{0,200}:[\d*]{1,5}:[^:\r\n]{1,100}:[^:\r\n]{1,100}:(?P<value>[^\s]{2,200})$",
    "htpasswd": r"[^\s:#][^:\r\n]{0,100}:(?P<value>(?:\$apr1\$|\$2[aby]\$|\$[156]\$|\{SHA\})[^\s:]{16,120}|[./A-Za-z0-9]{13})$",
    "shadow": r"[a-z_][\w.-]{0,40}:(?P<value>\$(?:[1567y]|2[aby]|gy|sha1)\$[^\s:]{10,200}):",
    "netrc": r"(?:[^\r\n]{0,300}?\s)?password\s{1,4}(?P<value>\S{2,200})",
}


def _find(role: str, candidate: Candidate) -> Iterator[Span]:
    if candidate.facts.role != role:
        return
    match = compiled(_PATTERNS[role]).match(candidate.text, candidate.start, candidate.end)
    if match and not is_placeholder(match["value"]) and not is_reference(match["value"].strip("$")):
        yield Span(
            *match.span("value"), "certain" if role == "netrc" and _is_mixed(match["value"]) else "possible"
        )


def _is_mixed(value: str) -> bool:
    return len(value) >= 12 and bool(re.search(r"\d", value)) and bool(re.search(r"[A-Za-z]", value))


def _rule(role: str, keyword: str) -> Rule:
    return Rule(
        f"{role}-password",
        "Password in File of Credentials",
        (keyword,),
        _PATTERNS[role],
        lambda candidate: _find(role, candidate),
        role=role,
    )


RULES = (
    _rule("pgpass", ":5432:"),
    _rule("htpasswd", "$apr1$"),
    _rule("shadow", ":$6$"),
    _rule("netrc", "machine "),
)
