"""Keys of Amazon Web Services."""

import re
from collections.abc import Iterator

from victor_server.secrets.finding import Tier
from victor_server.secrets.judge.classify import judge_token, looks_random
from victor_server.secrets.rule import Candidate, Rule, Span, compiled, format_rule
from victor_server.secrets.rules.named import named_rule

_KEY_ID = r"(?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[0-9A-Z]{16}"
_BASE64_40 = r"[A-Za-z0-9/+]{40}"
_PAIR = (
    rf"(?<![A-Za-z0-9]){_KEY_ID}(?![A-Za-z0-9])[^A-Za-z0-9/+]{{1,16}}+"
    rf"(?:[A-Za-z_][\w .-]{{0,40}}+[^A-Za-z0-9/+]{{1,16}}+)?(?P<value>{_BASE64_40})(?![A-Za-z0-9/+=])"
)
_ACCESS_KEY_TITLE = "AWS Access Key"


def _judge_access_key(value: str) -> Tier | None:
    """The digits are base 32, which has no 0, 1, 8 and 9: with one of those it was made up."""
    if value.endswith("EXAMPLE"):
        return None
    tier = judge_token(value)
    return "possible" if tier and re.search(r"[0189]", value[4:]) else tier


def _judge_secret(value: str) -> Tier | None:
    """40 characters of base64: both cases and digits, else it is a SHA-1 or a path."""
    if not (re.search(r"[a-z]", value) and re.search(r"[A-Z]", value) and re.search(r"\d", value)):
        return None
    return judge_token(value) if looks_random(value) else None


def _judge_session_token(value: str) -> Tier | None:
    """Most hold a run of slashes, which says nothing."""
    return judge_token(re.sub(r"(?:/|%2F){4,}+", "/", value))


def _find_pair(candidate: Candidate) -> Iterator[Span]:
    """The secret key that stands behind its id, whatever it is called: `("AKIA…", "…")`, or a line of a table."""
    stop = min(len(candidate.text), candidate.end + 200)
    for match in compiled(_PAIR).finditer(candidate.text, candidate.start, stop):
        tier = _judge_secret(match["value"]) if match.start() < candidate.end else None
        if tier:
            yield Span(*match.span("value"), tier)


RULES = (
    format_rule(
        "aws-access-key", _ACCESS_KEY_TITLE, "akia asia abia acca a3t", _KEY_ID, judge=_judge_access_key
    ),
    Rule("aws-secret-key", _ACCESS_KEY_TITLE, ("akia", "asia"), _PAIR, _find_pair),
    named_rule(
        "aws-secret-key",
        _ACCESS_KEY_TITLE,
        "aws amazon s3_ s3. secret_access_key secretaccesskey secret-access-key secret_key secretkey secret-key",
        _BASE64_40,
        judge=_judge_secret,
    ),
    format_rule(
        "aws-session-token",
        "AWS Session Token",
        "iqojb3jpz2lu fwogzxivyxdz fqogzxivyxdz",
        r"(?:IQoJb3JpZ2lu|F[Qw]oGZXIvYXdz)[A-Za-z0-9+/%]{100,4000}+={0,2}",
        judge=_judge_session_token,
    ),
    format_rule(
        "aws-bedrock-key", "AWS Bedrock API Key", "absk", r"ABSKQmVkcm9ja0FQSUtleS[A-Za-z0-9+/]{80,269}={0,2}"
    ),
    format_rule(
        "aws-bedrock-key",
        "AWS Bedrock API Key",
        "bedrock-api-key-",
        r"bedrock-api-key-[A-Za-z0-9+/]{40,4000}+={0,2}",
    ),
    format_rule(
        "aws-mws-key",
        "AWS MWS Auth Token",
        "amzn.mws.",
        r"amzn\.mws\.[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}",
    ),
    format_rule(
        "amazon-oauth-secret",
        "Amazon OAuth Client Secret",
        "amzn1.oa2-cs.v1.",
        r"amzn1\.oa2-cs\.v1\.[0-9a-f]{64}",
    ),
    format_rule(
        "amazon-oauth-token",
        "Amazon OAuth Token",
        "atza| atzr|",
        r"Atz[ar]\|[A-Za-z0-9_/+-]{60,4000}+={0,2}",
    ),
    named_rule(
        "amazon-associates-tag-secret", "Amazon Product Advertising Secret", "paapi pa_api", _BASE64_40,
        judge=_judge_secret,
    ),
)  # fmt: skip
