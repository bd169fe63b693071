"""Writes a literal anew of which a secret is a part: the variable is put into it, or joined to what is left."""

import re
from collections.abc import Callable, Mapping

from victor_server.features.environment.literals import Literal

Partial = Callable[[str, Literal, int, int, str, str], str | None]
"""(text, literal, start and end of the secret, how the variable is read, its name) → new literal; None if impossible."""

_OCTAL = re.compile(r"(?<!\\)(?:\\\\)*+\\(?:[1-9]|0\d)")
"""What may be escaped in a JavaScript string, and in a template not."""

_OPEN_BRACES = re.compile(r"[{}]")


def not_at_all(_text: str, _literal: Literal, _start: int, _end: int, _read: str, _name: str) -> str | None:
    """For languages that can do neither."""
    return None


def with_sign(sign: str) -> Partial:
    """Joined by an operator: `"head" + variable + "tail"`."""

    def write(text: str, literal: Literal, start: int, end: int, read: str, _name: str) -> str | None:
        head, tail = text[literal.body_start : start], text[end : literal.body_end]
        if not _may_cut(text, literal, start) or "\n" in head + tail:
            return None
        opening, closing = text[literal.start : literal.body_start], text[literal.body_end : literal.end]
        pieces = [
            f"{opening}{head}{closing}" if head else "",
            read,
            f"{opening}{tail}{closing}" if tail else "",
        ]
        return f" {sign} ".join(filter(None, pieces))

    return write


def in_literal(inserts: Mapping[str, str], otherwise: Partial = not_at_all) -> Partial:
    """Put into the literal as it is, where its quote lets a variable stand inside; `inserts` by quote."""

    def write(text: str, literal: Literal, start: int, end: int, read: str, name: str) -> str | None:
        insert = inserts.get(literal.quote)
        if insert is None:
            return otherwise(text, literal, start, end, read, name)
        if literal.prefix or not _may_cut(text, literal, start):
            return None
        return text[literal.start : start] + insert.format(name=name) + text[end : literal.end]

    return write


def in_shell(text: str, literal: Literal, start: int, end: int, read: str, name: str) -> str | None:
    """Shell: inside double quotes as it is; single quotes end before the variable and begin anew behind it."""
    if literal.prefix or not _may_cut(text, literal, start):
        return None
    if literal.quote == '"':
        return text[literal.start : start] + f"${{{name}}}" + text[end : literal.end]
    head, tail = text[literal.body_start : start], text[end : literal.body_end]
    return (f"'{head}'" if head else "") + read + (f"'{tail}'" if tail else "")


def in_template(text: str, literal: Literal, start: int, end: int, read: str, _name: str) -> str | None:
    """JavaScript: a template, whatever the quotes were."""
    if literal.prefix or not _may_cut(text, literal, start):
        return None
    head, tail = text[literal.body_start : start], text[end : literal.body_end]
    if literal.quote != "`":
        if _OCTAL.search(head) or _OCTAL.search(tail):
            return None
        head, tail = (part.replace("`", "\\`").replace("${", "\\${") for part in (head, tail))
    return f"`{head}${{{read}}}{tail}`"


def in_f_string(text: str, literal: Literal, start: int, end: int, read: str, name: str) -> str | None:
    """Python: an f-string with the same quotes; the braces that stand in it already are doubled."""
    prefix = literal.prefix.lower()
    if "b" in prefix or "t" in prefix or not _may_cut(text, literal, start):
        return None
    head, tail = text[literal.body_start : start], text[end : literal.body_end]
    if "\\N{" in head + tail:
        return None
    if "f" not in prefix:
        head, tail = (part.replace("{", "{{").replace("}", "}}") for part in (head, tail))
    inner = "'" if literal.quote.startswith('"') else '"'
    opening = ("f" + prefix.replace("u", "").replace("f", "")) + literal.quote
    return f"{opening}{head}{{os.environ[{inner}{name}{inner}]}}{tail}{literal.quote}"


def in_format_macro(text: str, literal: Literal, start: int, end: int, read: str, _name: str) -> str | None:
    """Rust: `format!`, with the braces that stand there already doubled."""
    if literal.prefix or not _may_cut(text, literal, start):
        return None
    head, tail = text[literal.body_start : start], text[end : literal.body_end]
    head, tail = (part.replace("{", "{{").replace("}", "}}") for part in (head, tail))
    return f'format!("{head}{{}}{tail}", {read})'


def _may_cut(text: str, literal: Literal, start: int) -> bool:
    """Whether the literal may end at `start`: not behind half an escape sequence, nor inside `{…}`."""
    head = text[literal.body_start : start]
    n_backslashes = len(head) - len(head.rstrip("\\"))
    depth = 0
    for brace in _OPEN_BRACES.findall(head.replace("{{", "").replace("}}", "")):
        depth += 1 if brace == "{" else -1
    return n_backslashes % 2 == 0 and depth == 0
