"""Secrets that their surroundings prove: private keys, tokens that decode, credentials in addresses and headers."""

import base64
import binascii
import json
from collections.abc import Iterator

from victor_server.secrets.finding import Tier
from victor_server.secrets.judge.classify import is_placeholder, is_reference, is_sequential, looks_random
from victor_server.secrets.rule import MAX_BLOCK, Candidate, Rule, Span, compiled, format_rule

_BEGIN = (
    r"(?P<dashes>-----|---- )BEGIN (?P<label>(?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?)(?:-----| ----)"
)
_PUTTY = r"PuTTY-User-Key-File-[123]: "
_PUTTY_END = "Private-MAC: "
_PUTTY_MAC = r"Private-MAC: [0-9a-f]{40,64}"
_BODY = r"[A-Za-z0-9+/=]{40,}"
_SHORTEST_RSA_KEY = 160
"""Characters between the markers; even 512 bits take 420, so that what is shorter was shortened to be shown."""


def _find_private_key(candidate: Candidate) -> Iterator[Span]:
    for begin in compiled(_BEGIN).finditer(candidate.text, candidate.start, candidate.end):
        dashes = begin["dashes"]
        marker = f"{dashes}END {begin['label']}{dashes[::-1]}"
        body_end = candidate.text.find(marker, begin.end(), begin.end() + MAX_BLOCK)
        end = body_end + len(marker) if body_end >= 0 else _end_of_cut_key(candidate.text, begin.end())
        yield from _judged_key(candidate.text, begin.start(), begin.end(), end)


def _end_of_cut_key(text: str, start: int) -> int:
    """Where a key without an END marker stops: after the last line of base64."""
    body = compiled(r"(?:[\s\"',+]|\\[nr])*+(?:[A-Za-z0-9+/=]{16,}(?:[\s\"',+]|\\[nr])*+)*+").match(
        text, start, start + MAX_BLOCK
    )
    return start + len(body.group().rstrip(" \t\r\n\"',+")) if body else start


def _judged_key(text: str, start: int, body_start: int, end: int) -> Iterator[Span]:
    body = text[body_start:end]
    longest = max(compiled(r"[A-Za-z0-9+/=]{24,}").findall(body), key=len, default="")
    if len(longest) < 40 and sum(map(len, compiled(r"[A-Za-z0-9+/=]{16,}").findall(body))) < 40:
        return
    if len(set(longest)) < 10 or "..." in body or "xxxx" in body.lower():
        return
    is_sealed = "ENCRYPTED" in text[start:body_start] or "ENCRYPTED" in body[:60]
    is_cut = "RSA " in text[start:body_start] and len(body) < _SHORTEST_RSA_KEY
    yield Span(start, end, "possible" if is_sealed or is_cut else "certain")


def _find_putty_key(candidate: Candidate) -> Iterator[Span]:
    for begin in compiled(_PUTTY).finditer(candidate.text, candidate.start, candidate.end):
        place = candidate.text.find(_PUTTY_END, begin.end(), begin.end() + MAX_BLOCK)
        end = compiled(_PUTTY_MAC).match(candidate.text, place) if place >= 0 else None
        if end:
            yield Span(begin.start(), end.end(), "certain")


def _judge_jwt(value: str) -> Tier | None:
    """Its first part decodes to a JSON object that names an algorithm."""
    header = _decoded(value.partition(".")[0])
    try:
        fields = json.loads(header)
    except ValueError:
        return None
    except RecursionError:
        return None
    if not isinstance(fields, dict) or not ("alg" in fields or "typ" in fields):
        return None
    # The token that jwt.io shows first, and half of all documentation after it.
    is_shown_everywhere = '"1234567890"' in _decoded(value.split(".")[1]) or value.endswith(".")
    return "possible" if is_shown_everywhere else "certain"


def _decoded(part: str) -> str:
    """Base64 of either alphabet as text, "" if it is none."""
    try:
        padded = part.replace("-", "+").replace("_", "/").rstrip("=") + "=" * (-len(part.rstrip("=")) % 4)
        return base64.b64decode(padded, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


def _judge_encoded_key(value: str) -> Tier | None:
    return "certain" if "PRIVATE KEY" in _decoded(value[: len(value) // 4 * 4][:120]) else None


def _judge_basic(value: str) -> Tier | None:
    """Decodes to `user:password`."""
    user, colon, password = _decoded(value).partition(":")
    if not colon or not (user + password).isprintable() or len(password) < 3 or is_placeholder(password):
        return None
    return "possible" if len(password) < 6 or password.isalpha() or is_sequential(password) else "certain"


def _judge_salt(value: str) -> Tier | None:
    """Not the phrase that stands there until someone fills it in."""
    return None if "unique phrase" in value or len(set(value)) < 20 else "certain"


def _judge_bearer(value: str) -> Tier | None:
    if is_placeholder(value) or is_reference(value) or not looks_random(value):
        return None
    return "certain" if len(value) >= 20 and not is_sequential(value) else "possible"


def _judge_authorization(value: str) -> Tier | None:
    """What stands behind `Authorization:` and a word for the scheme."""
    return _judge_bearer(value) if len(value) >= 16 and not value.startswith("AWS4-") else None


def _judge_session(value: str) -> Tier | None:
    """A session belongs to somebody, but not for long."""
    return (
        "possible" if looks_random(value) and not is_placeholder(value) and not is_reference(value) else None
    )


_JWK_PART = r"\"(?:d|k)\"\s{0,3}:\s{0,3}\"(?P<value>[A-Za-z0-9_-]{16,1400}+)\""
_JWK_NEAR = 3_000


def _find_jwk(candidate: Candidate) -> Iterator[Span]:
    """The private member of a JSON web key: `d`, or `k` of a symmetric one."""
    text = candidate.text
    for match in compiled(_JWK_PART).finditer(text, candidate.start, candidate.end):
        near = text[max(0, match.start() - _JWK_NEAR) : match.end() + _JWK_NEAR]
        if '"kty"' in near and looks_random(match["value"]):
            yield Span(*match.span("value"), "certain")


RULES = (
    Rule("private-key", "Private Key", ("private key",), _BEGIN + _BODY, _find_private_key),
    Rule("private-key", "Private Key", ("putty-user-key-file-",), _PUTTY + _PUTTY_MAC, _find_putty_key),
    format_rule(
        "private-key",
        "Private Key",
        "ls0tls1crudjti",
        r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{60,}={0,2}",
        judge=_judge_encoded_key,
    ),
    format_rule(
        "private-key",
        "Private Key",
        "private_key privatekey private-key rsa_key rsakey priv_key privkey",
        r"(?i:private_?key|rsa_?key|priv_?key|private-key)\w{0,20}[\"']?\s{0,4}[:=,(>]\s{0,4}[\"']?(?P<value>MII[A-Za-z0-9+/]{100,8000}+={0,2})",
        judge=lambda value: "certain" if looks_random(value) else None,
        bounded=False,
    ),
    format_rule(
        "jwt",
        "JSON Web Token",
        "eyj",
        r"eyJ[A-Za-z0-9_-]{8,4000}={0,2}\.(?:eyJ)?[A-Za-z0-9_-]{8,8000}={0,2}(?:\.[A-Za-z0-9_=-]{0,8000}){1,3}+",
        judge=_judge_jwt,
    ),
    format_rule(
        "basic-auth-header",
        "Basic Auth Credentials",
        "basic",
        r"(?i:\bbasic)\s{1,3}(?P<value>[A-Za-z0-9+/]{10,400}={0,2})(?![A-Za-z0-9+/=_-])",
        judge=_judge_basic,
    ),
    format_rule(
        "bearer-token",
        "Bearer Token",
        "bearer",
        r"(?i:\bbearer)[ \t]{1,3}(?P<value>[A-Za-z0-9_~+/.-]{16,4000}+={0,2})",
        judge=_judge_bearer,
    ),
    format_rule(
        "wordpress-key",
        "WordPress Key or Salt",
        "auth_key auth_salt logged_in_ nonce_key nonce_salt",
        r"[\"'](?:SECURE_AUTH|AUTH|LOGGED_IN|NONCE)_(?:KEY|SALT)[\"']\s{0,3},\s{0,12}(?:'(?P<value>[^'\r\n]{50,80}+)')",
        judge=_judge_salt,
    ),
    format_rule(
        "authorization-header",
        "Authorization Header",
        "authorization",
        r"(?i:\bauthorization)[\"'\]]{0,3}\s{0,3}[:=,(]>?\s{0,3}[\"'`]?(?:(?!(?i:basic|bearer|digest|aws4)\b)[A-Za-z][\w-]{1,20}[ \t]{1,3})?"
        r"(?:token=|key=|apikey=|auth=)?[\"']?(?P<value>[A-Za-z0-9_~+/.=:-]{16,1000}+)",
        judge=_judge_authorization,
        bounded=False,
    ),
    format_rule(
        "session-cookie",
        "Session Cookie",
        "sessid sessionid session_id connect.sid _session",
        r"(?:PHPSESSID|JSESSIONID|ASP\.NET_SessionId|connect\.sid|ASPSESSIONID[A-Z]{8}|sessionid|[\w-]{1,30}_session)=(?P<value>[A-Za-z0-9%._~+/-]{20,1000}+)",
        judge=_judge_session,
    ),
    Rule("json-web-key", "Private Key", ('"d"', '"k"'), _JWK_PART, _find_jwk),
    format_rule(
        "registry-auth",
        "Basic Auth Credentials",
        '"auth" _auth',
        r"(?:\"auth\"\s{0,3}:\s{0,3}\"|\b_auth\s{0,3}=\s{0,3}\"?|:_auth\s{0,3}=\s{0,3}\"?)(?P<value>[A-Za-z0-9+/]{8,400}={0,2})(?![A-Za-z0-9+/=_-])",
        judge=_judge_basic,
        bounded=False,
    ),
)
