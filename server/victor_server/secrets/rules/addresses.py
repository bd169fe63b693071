"""Credentials inside addresses: `scheme://user:password@host`, connection strings, tokens in front of a host."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from victor_server.secrets.finding import Tier
from victor_server.secrets.judge.classify import is_placeholder, is_reference, is_sequential, looks_random
from victor_server.secrets.judge.people import is_usual
from victor_server.secrets.rule import Candidate, Rule, Span, compiled, format_rule
from victor_server.secrets.words import words

_STAND_INS = words(
    "password pass passwd pwd pw p secret token key apikey api_key xxx xxxx foo bar baz null none true false string value "
    "user username name credentials mypassword mypass mypwd <password> port host changeme change_me passw0rd example"
)
"""What stands at a password's place in texts about addresses."""
_WEAK = words(
    "test testing guest admin root postgres mysql redis rabbit rabbitmq mongo mongodb default dev local docker demo abc "
    "letmein qwerty hunter2 secret s3cret"
)
_NAMES_OF_USERS = words("user username name foo usr login u me myuser youruser someuser uname dbuser")
_DATABASE_SCHEME = re.compile(
    r"postgres|mysql|mariadb|mongo|redis|amqp|mssql|sqlserver|oracle|cassandra|clickhouse|couchdb|neo4j|bolt|db2|cockroach|snowflake|ldap|smtp|nats|mqtt|kafka"
)
_LOCAL_HOST = re.compile(
    r"@(?:localhost|127\.|0\.0\.0\.0|\[::1|example\.|[\w-]+\.example\b|"
    r"(?:host|hostname|server|db|database|postgres|mysql|redis|rabbitmq|mongo)(?![\w.-]))"
)
_URL = (
    r"://(?P<user>[^\s:/?#\"'<>\[\]{}()`|\\,]{0,80}+):(?P<value>[^\s/\"'<>`|\\]{2,160})@"
    r"(?P<host>[\w.\-\[:$%{<]{1,80})"
)


def judge_placed(value: str) -> Tier | None:
    """A password whose place is proven: real unless it is a stand-in."""
    if is_placeholder(value) or is_reference(value) or "{" in value or value[:1] in "$%":
        return None
    lowered = value.lower()
    if lowered in _STAND_INS:
        return None
    is_weak = lowered in _WEAK or value.isalpha() or value.isdigit() or len(value) < 6
    return "possible" if is_weak or is_sequential(value) else "certain"


def _find_url_password(candidate: Candidate) -> Iterator[Span]:
    text = candidate.text
    for match in compiled(_URL).finditer(text, candidate.start, candidate.end):
        start, end = match.span("value")
        tier = _judge_in_url(match)
        if not tier:
            continue
        scheme = text[max(candidate.start, match.start() - 20) : match.start()]
        is_local = bool(_LOCAL_HOST.match(text, match.start("host") - 1))
        is_short = not _DATABASE_SCHEME.search(scheme) and end - start < 6
        yield Span(start, end, "possible" if is_local or is_short else tier)


def _judge_in_url(match: re.Match[str]) -> Tier | None:
    value, user, host = match["value"], match["user"].lower(), match["host"]
    if is_placeholder(host) and not looks_random(value):
        return None
    if host[:1] in "$%{<" and not looks_random(value):
        return None
    if "@" in value and "://" in value:
        return None
    if value.lower() == user and not (is_usual(value) or value in _WEAK):
        return None
    if user in _NAMES_OF_USERS and value.lower() in _STAND_INS | _WEAK - {"secret"}:
        return None
    return judge_placed(value)


_USER_OF_URL = r"://(?P<value>[A-Za-z0-9_.-]{20,255}+)(?::x-oauth-basic)?@(?P<host>[\w.-]{3,80})"


def _find_url_token(candidate: Candidate) -> Iterator[Span]:
    """A token in front of the host, as git takes it; the public half of a Sentry address is none."""
    for match in compiled(_USER_OF_URL).finditer(candidate.text, candidate.start, candidate.end):
        value = match["value"]
        if "sentry" in match["host"] or "ingest" in match["host"] or "." in value:
            continue
        if looks_random(value) and not is_placeholder(value):
            yield Span(*match.span("value"), "possible" if is_sequential(value) else "certain")


_CONNECTION = (
    r"(?i:(?<![\w$.-])(?:password|pwd))\s{0,3}=\s{0,3}(?P<value>'[^';\"\r\n]{2,128}'|[^;\"'\s<>()]{3,128}+)"
)
_OTHER_PARTS = re.compile(
    r"(?i:(?<![\w.])(?:server|data source|host|hostaddr|driver|initial catalog|database|dbname|dbq|uid|user ?id|user|"
    r"provider|dsn|endpoint|addr|address|port)\s?=)"
)
_NEAR = 400
_MIN_PARTS = 2


def _find_connection_password(candidate: Candidate) -> Iterator[Span]:
    """`Server=…;User Id=…;Password=…`: the other parts prove what this one is."""
    text = candidate.text
    parts = [part.start() for part in _OTHER_PARTS.finditer(text, candidate.start, candidate.end)]
    if len(parts) < _MIN_PARTS:
        return
    for match in compiled(_CONNECTION).finditer(text, candidate.start, candidate.end):
        near = bisect_left(parts, match.end() + _NEAR) - bisect_left(parts, match.start() - _NEAR)
        is_argument = text[max(0, match.start() - 4) : match.start()].rstrip().endswith((",", "("))
        if near < _MIN_PARTS or is_argument:
            continue
        start, end = match.span("value")
        if text[start] == "'":
            start, end = start + 1, end - 1
        value = text[start:end].rstrip(",&\\")
        tier = None if value.endswith("=") else judge_placed(value)
        if tier:
            yield Span(start, start + len(value), tier)


RULES = (
    Rule("url-password", "Basic Auth Credentials", ("://",), _URL, _find_url_password),
    Rule("url-token", "Basic Auth Credentials", ("://",), _USER_OF_URL, _find_url_token),
    Rule(
        "connection-string-password",
        "Database Connection String",
        ("password", "pwd"),
        _CONNECTION,
        _find_connection_password,
    ),
    format_rule(
        "connection-string-password",
        "Database Connection String",
        "oracle:thin:",
        r"oracle:thin:[\w$#-]{1,60}/(?P<value>[^@\s\"'/]{2,100}+)@",
        judge=judge_placed,
        bounded=False,
    ),
)
