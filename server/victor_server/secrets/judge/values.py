"""Reads what is written behind a name: the sign between the two, and where the value stands, in any language."""

import re
from functools import cache
from typing import NamedTuple

from victor_server.secrets.judge.file_kind import FileKind

_CLOSE = r"(?:\\{0,3}[\"'`]|&(?:quot|\#34|apos);|[\])}]|\*\*){0,4}+"
_TYPE = (
    r"(?:\[\d{0,6}\](?:\[\d{0,6}\])?"  # char password[32] =
    r"|\??\s{0,3}:\s{0,3}[&*A-Za-z_][\w.'<>\[\]|?!*& ]{0,40}?(?=\s{0,3}=(?![=>]))"  # password: &str =
    r"|\s{1,3}(?i:as\s{1,3})?(?i:string|text|char\*?|\*char|n?varchar2?|\*string|\[\]byte|bytes)(?:\s?\(\d{1,5}\))?(?=\s)"
    r"|\s?\{[\s\w;]{1,40}\}(?=\s?=)"  # string Password { get; set; } =
    r"|(?:\s[\w:.-]{1,30}=[\"'][^\"'<>]{0,60}[\"']){1,4}+(?=\s?>)"  # <password type="clear">
    r")?"
)
_ATTRIBUTES = r"(?:\s{1,4}(?!(?i:(?:\w{1,12}:)?value))[\w:.-]{1,24}=[\"'][^\"'<>]{0,60}[\"']){0,3}+"
_NAMED_VALUE = (  # what tells "value" from "name", on the same line or at the start of the next
    rf"(?:{_ATTRIBUTES}\s{{1,4}}(?i:\w{{1,12}}:)?(?i:default_?)?(?i:value)\s?="
    r"|,?\s{0,3}(?:\r?\n[ \t]{0,80}+)?(?:[\"'](?i:value)[\"']|(?i:value))\s{0,2}(?::|=>?)"
    r"|</[\w-]{0,12}(?:key|name)>\s{0,3}(?:\r?\n[ \t]{0,80}+)?<[\w-]{0,12}(?:string|value)>"
    rf"|{_ATTRIBUTES}>\s{{0,3}}(?:\r?\n[ \t]{{0,80}}+)?<value>"
    r"|\s{0,2}\{\s{0,2}\r?\n(?:[^\r\n{}]{0,160}\r?\n){0,4}?[ \t]{0,20}default\s{0,4}=)"
)
_SIGN = (
    r"(?P<sign>=>|:=|:{2,3}=|\?=|\+=|\.=|\|\|=|={1,3}|!={1,2}|->|<-|:-|::|\uff1a|:|,|\(|>"
    r"|\s{0,3}(?:\|\||\?\?|\?:|or\b|\b(?:is|eq)\b)|(?<=[ \t]))"
)
_WRAPPER = (  # what a literal may be wrapped in and still be the secret
    r"(?:(?:new\s{1,2})?[&*]?(?:(?:[\w.]{0,24}+(?<=[._]))?(?i:string|secretstr|secret|secretvalue|securestring|protectedstring|"
    r"buffer\.from|bytes|bytearray|to_bytes|b64decode|text|_t|strdup|sdsnew|qstringliteral|qstring|qlatin1string|"
    r"secretkeyspec|getbytes|parse|encode|some|ok|ptr|string\w{0,3}ptr|quote|char)|String::from|\[\]byte|Some)\(\s{0,3})?"
)
_OPENING = r"[ \t]{0,24}+(?:[\[(]{1,2}+[ \t]{0,4}+)?"
_LITERAL = re.compile(
    r"(?P<quote>(?:[bBuUrRfFLN@$]{0,2}(?:\"\"\"|'''|\\{0,3}[\"']|`|&quot;|&\#34;|&apos;|<!\[CDATA\[)))"
)
_ENDS = {"<![CDATA[": "]]>"}
_PLAIN_NEXT_LINE = re.compile(r"[ \t]{0,4}(?:\\|[|>][+-]?|[\[(])?[ \t]{0,4}\r?\n[ \t]{1,80}")

_QUOTED = {
    quote: re.compile(rf"[^{quote}\\\r\n]{{0,500}}+(?:\\.[^{quote}\\\r\n]{{0,200}}+){{0,20}}+(?={quote})")
    for quote in "\"'`"
}
_BARE = re.compile(r"[^\s\"'`<>]{3,500}+")
_MAX_QUOTED = 600
LINE_SIGNS = frozenset({"=", ":", "=>", ":=", ">", "(", ",", "value"})
"""Signs behind which the value may stand on the next line."""


class Written(NamedTuple):
    """A value as it stands in the text: `text[start:end]`, without its quotes. `sign` is "value" for named values."""

    sign: str
    close: str
    start: int
    end: int
    is_quoted: bool
    is_sum: bool
    """Whether something that is no literal is added to it."""
    is_spaced: bool
    """Whether a space stands before it."""


def written_after(text: str, name_end: int, kind: FileKind) -> Written | None:
    """The value that belongs to the name that ends at `name_end`, or None if nothing like one follows."""
    before = _behind_name().match(text, name_end)
    if not before:
        return None
    sign = "value" if before["sign"] is None else before["sign"].strip()
    at = _value_start(text, before.end(), sign, kind)
    opening = _opening().match(text, at)
    literal_at = opening.end() if opening else at
    quoted = _quoted_at(text, literal_at)
    if quoted:
        start, end, after = quoted
        if sign == "," and _IS_KEY.match(text, after):
            return None
        return Written(
            sign, before["close"], start, end, True, _goes_on(text, after), text[literal_at - 1] == " "
        )
    bare = _BARE.match(text, _skip_blanks(text, at))
    return _bare(text, sign, before["close"], bare) if bare else None


def _bare(text: str, sign: str, close: str, bare: re.Match[str]) -> Written:
    return Written(
        sign, close, *bare.span(), is_quoted=False, is_sum=False, is_spaced=text[bare.start() - 1] == " "
    )


@cache
def _behind_name() -> re.Pattern[str]:
    return re.compile(rf"(?P<close>{_CLOSE})(?:{_NAMED_VALUE}|{_TYPE}[ \t]{{0,12}}+{_SIGN})")


@cache
def _opening() -> re.Pattern[str]:
    return re.compile(_OPENING + _WRAPPER)


def _value_start(text: str, at: int, sign: str, kind: FileKind) -> int:
    """Where the value begins: behind the sign, or on the next line if nothing follows on this one."""
    if sign not in LINE_SIGNS:
        return at
    next_line = _PLAIN_NEXT_LINE.match(text, at)
    if not next_line:
        return at
    is_plain_allowed = sign == ">" or (
        kind is FileKind.CONFIG and "\n" in next_line.group() and _is_folded(next_line)
    )
    return next_line.end() if is_plain_allowed or _LITERAL.match(text, next_line.end()) else at


def _is_folded(next_line: re.Match[str]) -> bool:
    return next_line.group().lstrip()[:1] in {"|", ">"}


def _skip_blanks(text: str, at: int) -> int:
    end = min(len(text), at + 24)
    while at < end and text[at] in " \t":
        at += 1
    return at


def _quoted_at(text: str, at: int) -> tuple[int, int, int] | None:
    """Start and end of a literal's content, and the end of its closing quote."""
    opening = _LITERAL.match(text, at)
    if not opening:
        return None
    quote = opening.group().lstrip("bBuUrRfFLN@$")
    start = opening.end()
    if quote in _QUOTED:
        content = _QUOTED[quote].match(text, start)
        return (start, content.end(), content.end() + 1) if content else None
    closing = _ENDS.get(quote, quote)
    end = text.find(closing, start, start + _MAX_QUOTED)
    if end < 0 or "\n" in text[start:end].strip():
        return None
    content_start, content_end = _stripped(text, start, end) if len(quote) > 2 else (start, end)
    return content_start, content_end, end + len(closing)


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    content = text[start:end]
    return start + len(content) - len(content.lstrip()), start + len(content.rstrip())


_IS_KEY = re.compile(r"\s{0,4}(?::|=>)")
_SUM = re.compile(
    r"\s{0,3}(?:[+&%]|\|\|)\s{0,3}[A-Za-z_$(]|\s{0,3}\.\s?\$|\s{1,3}\.\s{1,3}[A-Za-z]|\.(?:format|replace|join|split|concat)\("
)


def _goes_on(text: str, at: int) -> bool:
    """`"abc" + name`, `"%s" % name`, `'a' . $b`: what stands here is a part of something."""
    return bool(_SUM.match(text, at))
