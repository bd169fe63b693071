"""Values of Kubernetes secrets: in base64 below `data:`, as they are below `stringData:`."""

import base64
import binascii
import re
from collections.abc import Iterator

from victor_server.secrets.finding import Tier
from victor_server.secrets.judge.file_kind import FileKind
from victor_server.secrets.judge.names import name_kind
from victor_server.secrets.rule import MAX_BLOCK, Candidate, Rule, Span, compiled
from victor_server.secrets.rules.judged import Place, judge

_DATA = r"(?P<indent>[ \t]{0,20})(?P<kind>data|stringData):[ \t]{0,10}(?:#[^\r\n]{0,200})?$"
_KIND = re.compile(r"^[ \t]{0,20}(?:- )?kind:[ \t]{1,4}[\"']?Secret[\"']?[ \t]{0,20}\r?$", re.MULTILINE)
_SEPARATOR = re.compile(r"^---", re.MULTILINE)
_ENTRY = re.compile(
    r"\r?\n(?P<indent>[ \t]{1,40})[\"']?(?P<key>[\w.-]{1,120})[\"']?:[ \t]{1,10}(?:[|>][+-]?[ \t]{0,4}\r?\n[ \t]{1,40})?"
    r"[\"']?(?P<value>[^\s\"'#][^\r\n\"']{0,8000}?)?[\"']?[ \t]{0,20}(?:#[^\r\n]{0,200})?(?=\r?\n|\Z)"
)
_SKIPPED = re.compile(
    r"(?:\r?\n(?:[ \t]{0,40}#[^\r\n]{0,200}|[ \t]{0,40}|[ \t]{2,60}[^\s:]{1,8000}))(?=\r?\n|\Z)"
)
_NO_SECRETS = re.compile(
    r"(?:^|[._-])(?:crt|cert|ca|pub|public|username|user|host|port|url|name|email|region|endpoint)$"
)
_MAX_ENTRIES = 60


def _find(candidate: Candidate) -> Iterator[Span]:
    header = compiled(_DATA).match(candidate.text, candidate.start, candidate.end)
    if not header or not _is_in_secret(candidate):
        return
    depth = len(header["indent"])
    at, limit = candidate.end, candidate.end + MAX_BLOCK
    for _ in range(_MAX_ENTRIES):
        entry = _ENTRY.match(candidate.text, at, limit)
        if entry and len(entry["indent"]) > depth:
            yield from _judged(entry, header["kind"] == "data", candidate)
        else:
            entry = _SKIPPED.match(candidate.text, at, limit)
        if not entry:
            return
        at = entry.end()


def _is_in_secret(candidate: Candidate) -> bool:
    """Whether the document around this line is of the kind `Secret`."""
    text = candidate.text
    before = text[max(0, candidate.start - MAX_BLOCK) : candidate.start]
    after = text[candidate.end : candidate.end + MAX_BLOCK]
    first = max((match.end() for match in _SEPARATOR.finditer(before)), default=0)
    last = _SEPARATOR.search(after)
    return bool(_KIND.search(before, first) or _KIND.search(after, 0, last.start() if last else len(after)))


def _judged(entry: re.Match[str], is_encoded: bool, candidate: Candidate) -> Iterator[Span]:
    value = (entry["value"] or "").strip()
    if not value or _NO_SECRETS.search(entry["key"].lower()):
        return
    tier = (
        _judge_encoded(value, entry["key"], candidate)
        if is_encoded
        else _judge_plain(value, entry["key"], candidate)
    )
    if tier:
        start = entry.start("value")
        yield Span(start, start + len(value), tier)


def _judge_encoded(value: str, key: str, candidate: Candidate) -> Tier | None:
    try:
        plain = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
    if b"PRIVATE KEY" in plain:
        return "certain"
    text = plain.decode("utf-8", "replace").strip()
    if not text.isprintable():
        return "possible" if name_kind(key) and "\n" not in text else None
    return _judge_plain(text, key, candidate)


def _judge_plain(value: str, key: str, candidate: Candidate) -> Tier | None:
    """In a secret nearly everything is one; the name of the key says how sure that is."""
    place = Place(FileKind.CONFIG, candidate.facts, False, True, False, "=")
    return judge(value, key, name_kind(key) or "token", place)


RULES = (Rule("kubernetes-secret", "Kubernetes Secret", ("data:",), _DATA, _find),)
