"""Names the environment variable that a secret moves to: after the name it is assigned to, else after its vendor."""

import re

from victor_server.secrets.finding import Finding
from victor_server.secrets.judge.classify import looks_random
from victor_server.secrets.words import words

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ASSIGNED = re.compile(
    r"(?P<name>[A-Za-z_$@][\w$-]{0,80}+)[\"'`\]]{0,2}+\s{0,9}+(?::\s{0,3}[&\w][\w<>\[\]|?.' ]{0,40}?)?"
    r"\s{0,9}+(?::=|=>|=|:|\()\s{0,40}+[(&]?\s{0,9}+$"
)
_TOO_PLAIN = words(
    "key token secret password passwd pwd pass auth value credential credentials string s k v p a data id lambda"
)
_OF_ANYBODY = (
    words("access api app account client private admin user service master live prod production") | _TOO_PLAIN
)
"""Words that do not say whose the secret is."""
_FIRST = words("set get with my the this self const static default")
_ADDRESS = words("url uri dsn connection string conn endpoint address")
_PASSWORDS = words("url-password connection-string-password curl-user basic-auth-header")
_BY_NAME_ALONE = words("secret-assignment generic-secret bearer-token jwt private-key")
_URL_START = re.compile(r"(?:[A-Za-z][\w+.-]{0,20}+:){1,3}//\S*$")
_MAX_LENGTH = 60


def variable_name(before: str, finding: Finding, is_whole: bool) -> str:
    """An upper-case name. `before` is what stands on the line before the literal, or before the secret if there is none.

    `is_whole`: the secret is all of the literal; else the name is that of something which holds more than the secret.
    """
    assigned = _assigned_words(_URL_START.sub("", before))
    if all(len(word) <= 2 or word in _TOO_PLAIN for word in assigned) and len(assigned) <= 1:
        assigned = [word for word in assigned if finding.rule in _BY_NAME_ALONE and len(word) > 2]
    if finding.rule in _PASSWORDS or not is_whole:
        return _joined([*(word for word in assigned if word not in _ADDRESS), *_kind(finding)])
    return _joined(_with_vendor(assigned, finding) or _kind(finding))


def _with_vendor(assigned: list[str], finding: Finding) -> list[str]:
    """`api_key` could be anybody's: where the rule knows whose, the name says it."""
    if not assigned or finding.rule in _BY_NAME_ALONE or not _OF_ANYBODY.issuperset(assigned):
        return assigned
    return [finding.rule.partition("-")[0], *assigned]


def unique_name(name: str, taken: frozenset[str]) -> str:
    """`name`, with a number behind it if it is taken."""
    number = 2
    candidate = name
    while candidate in taken:
        candidate = f"{name}_{number}"
        number += 1
    return candidate


def _assigned_words(before: str) -> list[str]:
    found = _ASSIGNED.search(before[-200:])
    if (
        not found
        or looks_random(found["name"])
        or (before.rstrip().endswith("(") and not _names_a_secret(found["name"]))
    ):
        return []
    split = [word.lower() for word in _WORDS.findall(found["name"])]
    while len(split) > 1 and split[0] in _FIRST:
        del split[0]
    return split


def _names_a_secret(name: str) -> bool:
    """Whether a call's name says what its argument is, as in `setToken(…)`."""
    return any(word.lower() in _TOO_PLAIN for word in _WORDS.findall(name) if len(word) > 2)


def _kind(finding: Finding) -> list[str]:
    if finding.rule in _PASSWORDS:
        return ["password"]
    if finding.rule in {"secret-assignment", "generic-secret"}:
        return ["secret"]
    return finding.rule.split("-")


def _joined(parts: list[str]) -> str:
    """Upper case, without a word twice in a row, and no digit first."""
    kept = [part for place, part in enumerate(parts) if place == 0 or part != parts[place - 1]]
    name = re.sub(r"[^A-Z0-9_]", "", "_".join(kept).upper())[:_MAX_LENGTH].strip("_")
    return name if name[:1].isalpha() else f"SECRET_{name}".strip("_")
