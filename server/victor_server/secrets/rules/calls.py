"""Credentials that calls take by their place: `login("user", "…")`, `auth=("user", "…")`, `jwt.sign(payload, "…")`."""

import re
from collections.abc import Iterator

from victor_server.secrets.finding import Tier
from victor_server.secrets.judge.classify import is_hexadecimal, is_placeholder, is_reference
from victor_server.secrets.judge.file_kind import FileFacts, FileKind
from victor_server.secrets.judge.names import name_kind
from victor_server.secrets.judge.people import could_be_chosen, is_strong, is_usual, is_word
from victor_server.secrets.rule import Candidate, Rule, Span, compiled
from victor_server.secrets.rules.judged import Place, judge

_STRING = r"(?:[bBuUrRfF@]?\"[^\"\\\r\n]{0,200}+\"|[bBuUrRfF]?'[^'\\\r\n]{0,200}+')"
_ARGUMENT = rf"(?:{_STRING}|[\w$.>:\[\]\"'-]{{1,80}}+(?:\([^()\r\n]{{0,80}}\))?|\{{[^{{}}\r\n]{{0,120}}\}})"
_NEXT = r"\s{0,4},\s{0,4}"
_LITERAL = r"[bBuUrR@]?(?:\"(?P<double>[^\"\\\r\n]{3,100}+)\"|'(?P<single>[^'\\\r\n]{3,100}+)')"


def _call(names: str, n_before: int, *, is_named_last: bool = False) -> str:
    """A call by one of these names, whose argument after the first `n_before` is the secret."""
    before = rf"(?:{_ARGUMENT}{_NEXT}){{{n_before}}}"
    last = _STRING + _NEXT if is_named_last else ""
    return rf"(?:{names})\s{{0,2}}\(\s{{0,4}}{before}{last}{_LITERAL}"


_PAIR = (  # (user, password)
    _call(r"\.login|\blogin_user|_login|->login|\.logIn|\.signIn|\.authenticate", 0, is_named_last=True),
    _call(
        r"\bauth\s{0,2}=\s{0,2}|HTTPBasicAuth|HTTPDigestAuth|\.auth|basic_auth|[bB]asicAuth|Credentials\.basic",
        0,
        is_named_last=True,
    ),
    _call(
        r"NetworkCredential|PasswordAuthentication|UsernamePassword\w{0,24}|PlainCredentials|SetBasicAuth|BasicAuthentication",
        0,
        is_named_last=True,
    ),
    _call(
        r"mysqli?_p?connect|mysqli|ftp_login|imap_open|ldap_bind|new\sPDO|mysql_real_connect|oci_p?connect|odbc_p?connect",
        2,
    ),
    _call(r"DriverManager\.getConnection|DBI->connect|new\sSequelize|PlainAuth|ssh2_auth_password", 2),
)
_KEYED = (  # what signs or seals takes its key last
    _call(
        r"jwt\.(?:sign|verify|encode|decode)|jsonwebtoken\.sign|JWT::(?:encode|decode)|JWT\.(?:encode|decode)",
        1,
    ),
    _call(
        r"createHmac|hash_hmac|HmacUtils|CryptoJS\.\w{3,10}\.(?:encrypt|decrypt)|CryptoJS\.Hmac\w{3,8}|(?:en|de)crypt",
        1,
    ),
    _call(r"cookieParser|createCipher|SecretKeySpec|Algorithm\.HMAC\d{3}", 0),
)
_CALLS = "|".join(f"(?:{re.sub(r'[?]P<(?:double|single)>', '', call)})" for call in _PAIR + _KEYED)


def _find(candidate: Candidate) -> Iterator[Span]:
    if candidate.facts.kind not in {FileKind.CODE, FileKind.MARKUP, FileKind.PROSE}:
        return
    for patterns, is_pair in ((_PAIR, True), (_KEYED, False)):
        for pattern in patterns:
            yield from _calls(candidate, pattern, is_pair)


def _calls(candidate: Candidate, pattern: str, is_pair: bool) -> Iterator[Span]:
    for match in compiled(pattern).finditer(candidate.text, candidate.start, candidate.end):
        group = "double" if match["double"] is not None else "single"
        tier = _judge(match[group], is_pair)
        if tier:
            yield Span(*match.span(group), tier)


_ALGORITHM = re.compile(
    r"(?i:aes|des|rc\d|sha|md5|[hrep]s|bf|blowfish|camellia|cast|seed)[-_]?\d|(?i:id-)?(?i:aes|des)\b"
)


def _judge(value: str, is_pair: bool) -> Tier | None:
    """A pair holds a password; the key of a call may be the name of something, so it must not be a word."""
    if _ALGORITHM.match(value) or is_placeholder(value) or is_reference(value) or not could_be_chosen(value):
        return None
    if is_word(value) and not is_usual(value) and not (is_pair and value.islower() and value.isalpha()):
        return None
    return "certain" if is_strong(value) else "possible"


_INSERT = (
    r"(?i:insert\s{1,3}(?:ignore\s{1,3})?into|replace\s{1,3}into)\s{1,3}[\w.`\"\[\]]{1,80}\s{0,3}"
    r"\((?P<columns>[^()\r\n]{1,800}+)\)\s{0,3}(?i:values?)\s{0,3}\("
)
_CELL = re.compile(
    r"\s{0,3}(?:N?'(?P<text>(?:[^'\\\r\n]|''|\\.){0,400}+)'|[^,()'\r\n]{0,100}+(?:\([^()\r\n]{0,100}\))?)\s{0,3}(?P<end>[,)])"
)


def _find_inserted(candidate: Candidate) -> Iterator[Span]:
    """A row of a table with a column for passwords, as far as it stands on the line of its columns."""
    for match in compiled(_INSERT).finditer(candidate.text, candidate.start, candidate.end):
        columns = [column.strip('`"[] \t') for column in match["columns"].split(",")]
        at = match.end()
        for column in columns:
            cell = _CELL.match(candidate.text, at, candidate.end)
            if not cell:
                break
            at = cell.end()
            kind = name_kind(column) if cell["text"] and not _is_digest(cell["text"], column) else None
            tier = kind and judge(cell["text"], column, kind, _place(candidate.facts))
            if tier:
                yield Span(*cell.span("text"), tier)


def _is_digest(value: str, column: str) -> bool:
    """What a table holds of a password is mostly its digest."""
    return len(value) in _DIGESTS and is_hexadecimal(value) and name_kind(column) in {"password", "salt"}


_DIGESTS = frozenset({16, 32, 40, 48, 56, 64, 96, 128})


def _place(facts: FileFacts) -> Place:
    return Place(FileKind.CODE, facts, False, True, False, "=")


_GO_DSN = r"[\w.-]{1,60}:(?P<value>[^\s\"'@/:]{2,80}+)@(?:tcp|unix)\("


def _find_in_dsn(candidate: Candidate) -> Iterator[Span]:
    for match in compiled(_GO_DSN).finditer(candidate.text, candidate.start, candidate.end):
        tier = judge(match["value"], "password", "password", _place(candidate.facts))
        if tier:
            yield Span(*match.span("value"), tier)


RULES = (
    Rule(
        "call-password",
        "Password in Call",
        ("login(", "authenticate(", "signin(", "auth=(", "auth = (", "auth(", "credentials.basic(", "credential(", "authentication(",
         "credentials(", "connect(", "mysqli(", "ldap_bind(", "imap_open(", "pdo(", "getconnection(", "sequelize(", "auth_password(",
         "jwt.", "jwt::", "jsonwebtoken.", "hmac", "crypt", "cookieparser(", "createcipher", "secretkeyspec("),
        _CALLS,
        _find,
    ),
    Rule("sql-insert-password", "Password in Statement", ("insert into", "replace into"), _INSERT, _find_inserted),
    Rule("dsn-password", "Database Connection String", ("@tcp(", "@unix("), _GO_DSN, _find_in_dsn),
)  # fmt: skip
