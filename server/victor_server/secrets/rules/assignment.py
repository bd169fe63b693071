"""The one rule for values that only their name gives away: `password = "…"`, `FOO_API_KEY=…`, `setToken("…")`."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from victor_server.secrets.judge.classify import looks_random
from victor_server.secrets.judge.file_kind import FileFacts, FileKind
from victor_server.secrets.judge.names import NameKind, name_kind, takes_secret
from victor_server.secrets.judge.values import Written, written_after
from victor_server.secrets.keywords import fold
from victor_server.secrets.rule import Candidate, Rule, Span, compiled
from victor_server.secrets.rules.judged import Place, judge
from victor_server.secrets.words import words

_KEYWORDS = (
    "pass", "pw", "secret", "token", "credential", "key", "auth", "psk", "salt", "pepper", "senha", "contrase", "wachtwoord",
    "haslo", "parol", "heslo", "kennwort", "sifre", "salasana", "пароль", "密码", "口令", "パスワード",
)  # fmt: skip

_NAME = "(?:" + "|".join(_KEYWORDS) + r")[\w.\-]{0,60}+"
"""Matched on folded text: ignoring case takes the regex five times as long."""
_TERMINATOR_IN_STRING = re.compile(r"[&;,\\)\]}|]")
_TERMINATOR_IN_SHELL = re.compile(r"[;|&()]")
_NEXT_PAIR = re.compile(r",[\w.-]{1,60}=")
_NAMING = re.compile(
    r"(?i:\b(?:name|key|id|property|field|param|entry|path))\s?=\s?[\"'](?:[\w.]{0,40}[.:])?$"
)
_CLOSED = re.compile(r"[^\\]*[\"'`].*")
_COMMENT = re.compile(r"(?:^|\s)(?://|#|\*|--|;|%|rem )\s")
_NOTES = frozenset({FileKind.PROSE, FileKind.CONFIG})
_JOINED = r"(?i:key|token|secret|access|private)[A-Za-z]{0,12}[-_.](?P<value>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[A-Za-z0-9]{20,}+)$"
_MIN_JOINED = 24
_MIN_DIGITS_JOINED = 5
_MAX_LINE_BEFORE = 300
_CALLS_THAT_SET = re.compile(
    r"(?i:put|set|add|append|param|define|property|header|attr|field|data|config|env|env_var|secret|value|of|entry|pair|"
    r"get|getenv|getproperty|environ\.get|env\.get|get_or|default|option|arg|fill|type|send_keys|post|with)\w{0,20}[!?]?\(\s?"
    r"(?:[\w.\"' ]{0,40},\s?)?[\"'@:]{0,2}$"
)
_COMPARISONS = frozenset({"==", "===", "!=", "!==", "eq"})
_DEFAULTS = frozenset({"||", "??", "?:", "or", ":-"})
_METHODS = {"equals": True, "equalsignorecase": True, "eq": True, "isequaltostring": True, "setvalue": False, "set": False,
    "value": False, "val": False, "sendkeys": False, "fill": False, "update": False}  # fmt: skip
"""Whether what a method of a secret is given is its value for sure; others take something else."""
_METHOD_OF_SECRET = re.compile(r"(?i:pass\w*|pwd|secret|token|key)\.(?P<method>[A-Za-z]\w*)$")


class _Name(NamedTuple):
    text: str
    start: int
    end: int


def _find(candidate: Candidate) -> Iterator[Span]:
    if candidate.facts.is_lock:
        return
    text = candidate.text
    for match in compiled(_NAME).finditer(fold(text[candidate.start : candidate.end])):
        name = _whole_name(
            text, candidate.start, candidate.start + match.start(), candidate.start + match.end()
        )
        if candidate.facts.kind in _NOTES and name.end - name.start >= _MIN_JOINED:
            yield from _joined(candidate, name)
        kind = name_kind(name.text)
        if kind is None:
            continue
        written = written_after(text, name.end, candidate.facts.kind)
        if written:
            yield from _judged(candidate, name, kind, written)


def _joined(candidate: Candidate, name: _Name) -> Iterator[Span]:
    """A value that is joined to its name, as in `example-key-0a1b…`, in notes and settings."""
    match = compiled(_JOINED).search(name.text)
    if match and looks_random(match["value"]) and sum(map(str.isdigit, match["value"])) >= _MIN_DIGITS_JOINED:
        yield Span(name.start + match.start("value"), name.start + match.end("value"), "possible")


def _whole_name(text: str, line_start: int, word_start: int, end: int) -> _Name:
    """The name with what stands before the word that gave it away; "" for a type such as `AWS::IAM::AccessKey`."""
    start = word_start
    floor = max(line_start, start - 60)
    while start > floor and (text[start - 1].isalnum() or text[start - 1] in "_-."):
        start -= 1
    is_type = (
        text.endswith("::", floor, start)
        and "." not in text[word_start:end]
        and not text.startswith("::", end)
    )
    return _Name("" if is_type else text[start:end].rstrip("."), start, end)


def _judged(candidate: Candidate, name: _Name, kind: NameKind, written: Written) -> Iterator[Span]:
    text, facts = candidate.text, candidate.facts
    before = text[max(candidate.start, name.start - _MAX_LINE_BEFORE) : name.start]
    place = _place(before, name, written, facts)
    if place is None:
        return
    start, end = written.start, written.end
    if not written.is_quoted and text[start] in "{[(":
        return
    if not written.is_quoted:
        end = _bare_end(text, before, written, place)
    if end > start:
        tier = judge(text[start:end], name.text, kind, place)
        if tier:
            yield Span(start, end, tier)


def _place(before: str, name: _Name, written: Written, facts: FileFacts) -> Place | None:
    """How the value stands there, or None where no value is written so."""
    kind = facts.kind
    sign = written.sign
    is_comment = kind in {FileKind.CODE, FileKind.SHELL} and bool(_COMMENT.search(before))
    is_in_string = (
        kind in {FileKind.CODE, FileKind.MARKUP}
        and _is_in_string(before)
        and not _CLOSED.fullmatch(written.close)
    )
    if is_comment:
        kind = FileKind.PROSE
    is_loose = _is_loose(sign, before, name, written, kind)
    if is_in_string and not written.is_quoted and written.is_spaced:
        is_loose = is_loose if is_loose is None else True
    if is_loose is None or written.is_sum or not _may_be_bare(sign, before, written, kind, is_in_string):
        return None
    return Place(kind, facts, sign in _COMPARISONS or is_loose, written.is_quoted, is_in_string, sign)


def _is_loose(sign: str, before: str, name: _Name, written: Written, kind: FileKind) -> bool | None:
    """Whether what stands there is a value only if it looks like one; None if it is none."""
    if kind is FileKind.PROSE and name.text.lower() == "pass" and sign != "=":
        return None
    method = _METHOD_OF_SECRET.search(name.text)
    if method and sign in {"(", ","}:
        return _METHODS.get(method["method"].lower())
    if sign == "(":
        return False if kind is not FileKind.PROSE and takes_secret(name.text) else None
    if sign == ",":
        return not _CALLS_THAT_SET.search(before) if written.close and ")" not in written.close else None
    if sign == ">":
        is_element = before.endswith("<") or (bool(_NAMING.search(before)) and not written.is_quoted)
        return False if is_element or (before.endswith(":") and not written.is_quoted) else None
    if (sign in {"=>", ":"} and ")" in written.close) or (sign == ":" and "]" in written.close):
        return None
    if before.endswith("!") or before[-40:].lower().rstrip().endswith("public key"):
        return None
    if kind is FileKind.SHELL and sign in {"=", "=="} and '"' in written.close:
        return True
    if sign == ":" and (before.rstrip("\"' ").endswith("?") or before.endswith(("/etc/", ":"))):
        return None
    if sign in {"", "is", "::", "->", "or"}:
        if kind is FileKind.CONFIG and "=" in before and not name.text.startswith("-"):
            return None
        is_path_or_value = before.endswith(("/", "=", ":", '="', "='")) and not written.is_quoted
        return None if is_path_or_value or not takes_secret(name.text) else not _is_option(before, name, kind)
    return False


_SETTERS = words("set setenv env export fastcgi_param ${ set -x requirepass masterauth unset")


def _is_option(before: str, name: _Name, kind: FileKind) -> bool:
    """`--password`, `-Password`, `#define PASSWORD`, or the first word of a line of settings."""
    is_first = (not before.strip() or before.strip().lower() in _SETTERS) and kind in {
        FileKind.CODE,
        FileKind.CONFIG,
    }
    return name.text.startswith("-") or before.endswith("#define ") or is_first


def _may_be_bare(sign: str, before: str, written: Written, kind: FileKind, is_in_string: bool) -> bool:
    """Whether a value may stand there without quotes, in such a file."""
    if written.is_quoted:
        return True
    if before.endswith("${") and sign in {":", ":-", ":="}:
        return True
    if before.endswith(":") and sign == ":":
        return False
    if sign in {",", "(", "==", "===", "!=", "!==", "->", "<-"} or sign in _DEFAULTS:
        return False
    if kind is FileKind.CODE:
        is_robot = before.endswith("${") and written.close == "}" and sign == ""
        return is_robot or (is_in_string and sign in {"=", ":"} and not written.close)
    if kind is FileKind.SHELL:
        return sign in {"=", ""} or (sign == ":" and _is_in_string(before))
    if kind is FileKind.MARKUP:
        return (
            sign in {">", "value"}
            or (sign == "=" and not written.close)
            or (sign == ":" and not is_in_string)
        )
    return sign != "" or kind is FileKind.PROSE or kind is FileKind.CONFIG


def _is_in_string(before: str) -> bool:
    """Whether a string is open at the end of this piece of a line."""
    return before.count('"') % 2 == 1 or before.count("'") % 2 == 1 or before.count("`") % 2 == 1


def _bare_end(text: str, before: str, written: Written, place: Place) -> int:
    start, end = written.start, written.end
    value = _NEXT_PAIR.split(text[start:end])[0]
    if before.endswith("${"):
        return start + len(value.partition("}")[0])
    if before.endswith(("?", "&", ";")) and written.sign == "=":
        return start + len(re.split(r"[&;#]", value)[0])
    if written.sign == ">" or (written.sign == "value" and text[start - 1] == ">"):
        end = text.find("<", start, start + 600)
        content = text[start : max(start, end)].rstrip()
        return start if any(map(str.isspace, content)) else start + len(content)
    if place.is_in_string or place.kind is FileKind.MARKUP:
        return start + len(_TERMINATOR_IN_STRING.split(value)[0])
    if place.kind is FileKind.SHELL:
        return start + len(_TERMINATOR_IN_SHELL.split(value)[0])
    if _is_text(text, start, end, written, place):
        return start
    return start + len(value.rstrip(",;" if place.kind is FileKind.CONFIG else ",;.:)]}?!*_&"))


_MORE_WORDS_OF_TEXT = re.compile(r"[ \t][a-z]{2,20}[ \t][A-Za-z]{2,20}[ \t.,]")
_MORE_WORDS = re.compile(r"[ \t]+(?![#;/|&\\-]|\w+[=:])\S")


def _is_text(text: str, start: int, end: int, written: Written, place: Place) -> bool:
    """Behind `password: ` stand several words: that is a sentence."""
    if place.kind is FileKind.CONFIG and text[start:end].isalpha() and _MORE_WORDS_OF_TEXT.match(text, end):
        return True
    is_spaced = start > 0 and text[start - 1] in " \t"
    is_assigned = written.sign in {":", "=", "=>", "\uff1a"}
    return place.kind is FileKind.CONFIG and is_spaced and is_assigned and bool(_MORE_WORDS.match(text, end))


RULES = (Rule("secret-assignment", "Secret Keyword", _KEYWORDS, _NAME, _find),)
