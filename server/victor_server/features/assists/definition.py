"""Finds the definition around a line by how lines begin: instant, and good enough to say what an assist would be about.

Before a model is asked, the index's parser says it exactly, where it can.
"""

import re
from collections.abc import Sequence

from victor_server.features.assists.comments import comment_text
from victor_server.features.assists.place import Definition, Lines

MAX_LINES = 1_000
"""So far is looked in each direction: nothing that is longer fits a model's answer."""

_MAX_LINE = 1_000
_BY_INDENTATION = frozenset({"python", "gdscript", "nim", "coffeescript", "elixir", "ruby", "lua", "julia"})
_KEYWORD = re.compile(
    r"""\s*(?:@\w+\s+)*
    (?:(?:export|default|public|private|protected|internal|static|final|abstract|async|unsafe|extern|pub(?:\([\w\s]+\))?
        |inline|virtual|override|const|sealed|partial|open|suspend|local|declare|readonly)\s+)*
    (?:def|class|function\*?|func|fn|fun|interface|struct|enum|trait|impl|module|type|object|record|defmodule|defp?)
    \s+(?:\([^)]{0,200}\)\s*)?(?P<name>[^\W\d][\w.:?!]*)?""",
    re.VERBOSE,
)
_ARROW = re.compile(
    r"\s*(?:export\s+)?(?:default\s+)?(?:const|let|var)\s+(?P<name>[\w$]+)[^=]{0,200}=\s*(?:async\s*)?(?:function\b|\(|\w+\s*=>)"
)
_C_LIKE = re.compile(
    r"[ \t]*(?:[\w<>\[\],*&:.?]+[ \t*&]+){0,6}?(?P<name>~?[^\W\d][\w:]*)[ \t]*\([^;]{0,400}(?:\{[ \t]*|[,)]?)$"
)
_NO_NAMES = frozenset(
    [
        "if",
        "for",
        "while",
        "switch",
        "catch",
        "return",
        "else",
        "do",
        "elif",
        "with",
        "try",
        "except",
        "match",
        "case",
        "foreach",
        "using",
        "lock",
        "new",
        "throw",
        "await",
    ]
)
_C_FAMILY = frozenset(
    [
        "c",
        "cpp",
        "csharp",
        "java",
        "javascript",
        "javascriptreact",
        "typescript",
        "typescriptreact",
        "php",
        "dart",
        "groovy",
        "objective-c",
    ]
)


def definition_around(lines: Sequence[str], line: int, language: str) -> Definition | None:
    """The innermost definition that `line` belongs to; None where none can be told. Looks at MAX_LINES each way."""
    if not 0 <= line < len(lines):
        return None
    depth = _depth_at(lines, line)
    for number in range(line, max(-1, line - MAX_LINES), -1):
        text = lines[number]
        if number != line:
            if not text.strip() or _goes_on(text) or _depth(text) >= depth:
                continue
            depth = _depth(text)
        name = _name(text, language)
        if name is not None and (end := _end(lines, number, language)) > line:
            return Definition(Lines(head_of(lines, number, language), end), name)
    return None


def definitions_in(lines: Sequence[str], language: str) -> list[Definition]:
    """All that a text defines, as far as lines tell it, in order, each without its head."""
    named = [(number, _name(line, language)) for number, line in enumerate(lines)]
    return [
        Definition(Lines(number, end), name)
        for number, name in named
        if name and (end := _end(lines, number, language)) > number
    ]


def head_of(lines: Sequence[str], start: int, language: str) -> int:
    """The first line of what stands directly above a definition and belongs to it: decorators, attributes, its comment."""
    while start > 0:
        above = lines[start - 1]
        if not above.lstrip().startswith(("@", "#[", "[")) and comment_text(above, language) is None:
            break
        if _depth(above) != _depth(lines[start]):
            break
        start -= 1
    return start


def _goes_on(line: str) -> bool:
    """Whether a line belongs to the one above it that is as deep as it is: it closes its brackets, or opens its body."""
    return line.lstrip()[:1] in tuple(")]}{")


def _name(line: str, language: str) -> str | None:
    """The name that a line begins to define; None where it defines nothing."""
    if len(line) > _MAX_LINE:
        return None
    found = _KEYWORD.match(line) or _ARROW.match(line)
    if found is not None:
        return (found["name"] or "").rstrip(":.")
    if language not in _C_FAMILY or (found := _C_LIKE.match(line.rstrip())) is None:
        return None
    words = set(re.findall(r"\w+", line[: found.end("name")]))
    return None if words & _NO_NAMES else found["name"]


def _end(lines: Sequence[str], start: int, language: str) -> int:
    if language in _BY_INDENTATION:
        return _end_of_indentation(lines, start)
    return _end_of_braces(lines, start) or _end_of_indentation(lines, start)


def _end_of_indentation(lines: Sequence[str], start: int) -> int:
    """Behind the last line that is deeper than the first, and behind what closes it there."""
    depth, end = _depth(lines[start]), start + 1
    for number in range(start + 1, min(len(lines), start + MAX_LINES)):
        text = lines[number]
        if not text.strip():
            continue
        if _depth(text) > depth:
            end = number + 1
        elif _depth(text) == depth and re.match(r"\s*(?:[)\]}]|end\b)", text):
            end = number + 1
            if text.strip()[0] in "}e":
                break
        else:
            break
    return end


def _end_of_braces(lines: Sequence[str], start: int) -> int:
    """Behind the line that closes the first brace; 0 where none opens soon or none closes."""
    open_braces, has_opened = 0, False
    for number in range(start, min(len(lines), start + MAX_LINES)):
        text = lines[number]
        if len(text) <= _MAX_LINE:
            open_braces += text.count("{") - text.count("}")
            has_opened = has_opened or "{" in text
        if has_opened and open_braces <= 0:
            return number + 1
        if not has_opened and number - start > 20:
            return 0
    return 0


def _depth_at(lines: Sequence[str], line: int) -> int:
    """How deep a line is; a blank one is as deep as what follows it."""
    for number in range(line, min(len(lines), line + MAX_LINES)):
        if lines[number].strip():
            return _depth(lines[number]) + _goes_on(lines[number])
    return 0


def _depth(line: str) -> int:
    """Columns of white space, a tab as far as the next eighth."""
    blank = line[: len(line) - len(line.lstrip(" \t"))]
    return len(blank.expandtabs(8))
