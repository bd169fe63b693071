"""The one rule for values that only their name gives away: `password = "…"`, `FOO_API_KEY=…`, `setToken("…")`."""

import re
from collections.abc import Iterator

from victor_server.secrets.classify import (
    entropy,
    is_address,
    is_hash,
    is_placeholder,
    is_reference,
    is_sequential,
    is_uuid,
    is_version_or_date,
    is_wordy,
    looks_random,
)
from victor_server.secrets.file_kind import FileFacts, FileKind
from victor_server.secrets.finding import Tier
from victor_server.secrets.names import NameKind, name_kind
from victor_server.secrets.rule import Candidate, Rule, Span, compiled
from victor_server.secrets.words import words

_KEYWORDS = (
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "token",
    "credential",
    "key",
    "pass",
    "auth",
)

_PATTERN = (
    r"(?P<name>(?i:passwords?|passwd|passphrase|passcode|pwd|secret|token|credentials?|key|pass|auth)[\w.\-]{0,60}+)"
    r"[\"'`\])]{0,3}+\s{0,12}+"
    r"(?::\s{0,3}[A-Za-z_][\w.<>\[\]|?]{0,40}+\s{0,3}+(?==))?"  # the type in `password: str = …`
    r"(?P<sign>=>|:=|::=|::|\?=|\+=|\.=|===?|!==?|=|:|,|\(|>|[\"']?\s{1,3}value\s?=|(?<=[ \t]))"
    r"\s{0,12}+"
    r"(?:[A-Za-z@]{0,2}+\"(?P<double>[^\"\\]{0,500}+(?:\\.[^\"\\]{0,200}+){0,20}+)\""
    r"|[A-Za-z@]{0,2}+'(?P<single>[^'\\]{0,500}+(?:\\.[^'\\]{0,200}+){0,20}+)'"
    r"|`(?P<tick>[^`\\]{0,500}+)`"
    r"|(?P<bare>[^\s\"'`<>]{3,500}+))"
)
_NOTHING = words(
    "password passwd pass secret token key apikey api_key null none true false undefined nil string str "
    "bool boolean int integer required optional hidden text default username email yes no on off empty "
    "files compat systemd md5 scram-sha-256 unset disabled enabled basic bearer oauth oauth2 jwt plain select object any void"
)
_MIN_PASSWORD = 5
_MIN_TOKEN = 10
_MIN_KEY = 20
_CONSTANT = re.compile(r"(?=[^_]*_)(?:[a-z0-9_]+|[A-Z0-9_]+)")

_LOOSE_SIGNS = frozenset({",", "(", "", "::"})
"""What may stand between a name and its value, and stands between much else."""
_COMPARISONS = frozenset({"==", "===", "!=", "!=="})


def _find(candidate: Candidate) -> Iterator[Span]:
    text, facts = candidate.text, candidate.facts
    if facts.is_lock:
        return
    for match in compiled(_PATTERN).finditer(text, candidate.start, candidate.end):
        group = match.lastgroup or ""
        start, end = match.span(group)
        if group == "bare":
            end = _bare_end(text, match, facts)
        name = _whole_name(text, candidate.start, match)
        tier = _judge(name, match["sign"], text[start:end], group != "bare", facts)
        if tier:
            yield Span(start, end, tier)


def _whole_name(text: str, line_start: int, match: re.Match[str]) -> str:
    """The name with what stands before the word that gave it away; "" for a type such as `AWS::IAM::AccessKey`."""
    start = match.start("name")
    floor = max(line_start, start - 60)
    while start > floor and (text[start - 1].isalnum() or text[start - 1] in "_-."):
        start -= 1
    return "" if text.endswith("::", floor, start) else text[start : match.end("name")]


def _bare_end(text: str, match: re.Match[str], facts: FileFacts) -> int:
    start, end = match.span("bare")
    return (
        start + len(text[start:end].rstrip(",;"))
        if facts.kind is not FileKind.SHELL
        else start + len(re.split(r"[;|&)]", text[start:end])[0])
    )


def _judge(name: str, sign: str, value: str, is_quoted: bool, facts: FileFacts) -> Tier | None:
    kind_of_name = name_kind(name)
    if kind_of_name is None or not _may_hold(sign, is_quoted, facts.kind):
        return None
    if _is_no_secret(value) or (facts.is_translation and not looks_random(value)):
        return None
    if kind_of_name == "password" and sign not in _LOOSE_SIGNS:
        return _judge_password(value, is_quoted, facts.kind)
    return _judge_token(value, kind_of_name, is_quoted, sign, facts.kind)


def _may_hold(sign: str, is_quoted: bool, kind: FileKind) -> bool:
    """Whether a value is written so in such a file."""
    if sign == "":
        return is_quoted or kind in {FileKind.PROSE, FileKind.SHELL, FileKind.CONFIG}
    if sign == ">":
        return kind in {FileKind.MARKUP, FileKind.CONFIG, FileKind.PROSE} and not is_quoted
    if is_quoted:
        return True
    if kind is FileKind.SHELL:
        return sign == "="
    return kind in {FileKind.CONFIG, FileKind.PROSE} and sign not in {",", "("}


def _is_no_secret(value: str) -> bool:
    return (
        len(value) < _MIN_PASSWORD
        or len(value) > 400
        or value.lower() in _NOTHING
        or is_placeholder(value)
        or is_reference(value)
        or is_hash(value)
        or is_address(value)
        or is_version_or_date(value)
    )


def _judge_password(value: str, is_quoted: bool, kind: FileKind) -> Tier | None:
    """People's passwords: a word with a digit or a sign in it is one, a word alone only in configuration."""
    if " " in value or "(" in value or ("|" in value and not is_quoted):
        return None
    if value.isalpha() or (is_wordy(value) and not any(c.isdigit() or c in "!@#$%^&*?+" for c in value)):
        return "possible" if kind is FileKind.CONFIG and not is_quoted and value.islower() else None
    if is_uuid(value):
        return "possible"
    if kind is FileKind.PROSE and not is_quoted and not looks_random(value):
        return None
    return "certain" if _is_strong(value) else "possible"


def _judge_token(
    value: str, kind_of_name: NameKind, is_quoted: bool, sign: str, kind: FileKind
) -> Tier | None:
    """Machines' secrets: they look random."""
    if (
        len(value) < _MIN_TOKEN
        or not value.isascii()
        or not looks_random(value)
        or "(" in value
        or "[" in value
    ):
        return None
    if is_uuid(value):
        return "possible" if kind_of_name == "token" and sign not in {",", "("} else None
    if kind_of_name == "key" and (len(value) < _MIN_KEY or "." in value or "/" in value):
        return None
    if sign == "," and _CONSTANT.fullmatch(value):
        return None
    is_strong = _is_strong(value)
    if kind is FileKind.PROSE and not is_quoted:
        return "possible" if is_strong or sign != "" else None
    is_certain = is_strong and kind_of_name == "token" and sign not in _LOOSE_SIGNS | _COMPARISONS
    return "certain" if is_certain else "possible"


def _is_strong(value: str) -> bool:
    return len(value) >= 16 and looks_random(value) and entropy(value) >= 3.3 and not is_sequential(value)


RULES = (Rule("secret-assignment", "Secret Keyword", _KEYWORDS, _PATTERN, _find),)
