"""Tells whether a line end lies inside something that spans lines: a string, a comment, a tag, a block."""

import re
from bisect import bisect_right
from collections.abc import Callable
from functools import cache

from victor_server.secrets.lines import line_span, line_starts

IsInside = Callable[[str, int], bool]
"""(text, offset of a line's end) → whether a literal goes on there, so that a comment would become part of it."""

_DOUBLE = r'"(?:[^"\\\r\n]|\\.)*+"'
_SINGLE = r"'(?:[^'\\\r\n]|\\.)*+'"
_LONG_DOUBLE = r'"(?:[^"\\]|\\[\s\S])*+"'
_LONG_SINGLE = r"'(?:[^'\\]|\\[\s\S])*+'"
_TICK = r"`(?:[^`\\]|\\[\s\S])*+`"
_TRIPLE_DOUBLE = r'"""(?:[^"\\]|\\[\s\S]|"(?!""))*+"""'
_TRIPLE_SINGLE = r"'''(?:[^'\\]|\\[\s\S]|'(?!''))*+'''"
_VERBATIM = r'@"(?:[^"]|"")*+"'
_HASH = r"#[^\r\n]*+"
_SLASHES = r"//[^\r\n]*+"
_STARS = r"/\*(?:[^*]|\*(?!/))*+\*/"
_PARENTHESES = r"\(\*(?!\))(?:[^*]|\*(?!\)))*+\*\)"
_DASHES = r"--[^\r\n]*+"
_SEMICOLON = r";[^\r\n]*+"
_PERCENT = r"%[^\r\n]*+"
_HEREDOC_START = r"(?<![<\w(])<<(?:[-~]?[ ]?[\"']?|<[\"']?)(?P<word>[A-Z_][A-Z0-9_]*)\b"
_HEREDOC = _HEREDOC_START + r"[\s\S]*?[\r\n][ \t]*(?P=word)\b"
_HEREDOC_OPEN = _HEREDOC_START.replace("?P<word>", "?:")
_TAG = r"<[A-Za-z/!?](?:[^<>\"']|\"[^\"]*\"|'[^']*')*+>"
_BRACKETS = r"\[(=*)\[[\s\S]*?\]\1\]"
_SHELL_HASH = r"(?<![\w$])" + _HASH


def _literals(*closed: str, opened: str = r"(?!)") -> IsInside:
    """From the patterns of whole literals and comments, and of what opens one that never closes.

    Each pattern takes linear time, and an opening without its end is the last thing looked at: so the whole does.
    """
    pattern = "|".join([*closed, f"(?P<open>{opened})"])

    def is_inside(text: str, offset: int) -> bool:
        if text[:offset].endswith("\\"):
            return True  # in most languages the next line belongs to this one
        for match in _compiled(pattern).finditer(text):
            if match.start() >= offset:
                return False
            if match.lastgroup == "open" or match.end() > offset:
                return True
        return False

    return is_inside


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.MULTILINE)


def plain(text: str, offset: int) -> bool:
    """Where nothing spans lines, but for a backslash at a line's end."""
    return text[:offset].endswith("\\")


def _continued_by(ending: str, is_inside: IsInside) -> IsInside:
    """For a language in which something else than a backslash continues a line."""

    def is_continued(text: str, offset: int) -> bool:
        return text[:offset].endswith(ending) or is_inside(text, offset)

    return is_continued


def _line_has(pattern: str, is_inside: IsInside) -> IsInside:
    """For a language in which the whole line is content if it looks like this."""

    def is_content(text: str, offset: int) -> bool:
        start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
        return bool(_compiled(pattern).match(text, start, offset)) or is_inside(text, offset)

    return is_content


python = _literals(_TRIPLE_DOUBLE, _TRIPLE_SINGLE, _DOUBLE, _SINGLE, _HASH, opened='"""|' + "'''")
shell = _literals(r"\\.", _SHELL_HASH, _HEREDOC, _LONG_DOUBLE, _LONG_SINGLE, opened=f"[\"']|{_HEREDOC_OPEN}")
perl = _literals(
    r"\\.",
    r"^=(?!cut\b)[a-z]\w*[\s\S]*?^=cut\b",
    _SHELL_HASH,
    _HEREDOC,
    _LONG_DOUBLE,
    _LONG_SINGLE,
    opened=rf"^=[a-z]|^__(?:END|DATA)__|[\"']|{_HEREDOC_OPEN}",
)
ruby = _literals(
    r"\\.",
    r"^=begin\b[\s\S]*?^=end\b",
    _SHELL_HASH,
    _HEREDOC,
    _LONG_DOUBLE,
    _LONG_SINGLE,
    opened=rf"^=begin\b|^__END__|[\"']|{_HEREDOC_OPEN}",
)
elixir = _literals(
    r"\\.", _SHELL_HASH, _TRIPLE_DOUBLE, _TRIPLE_SINGLE, _LONG_DOUBLE, _LONG_SINGLE, opened="[\"']"
)
r = _literals(_HASH, _LONG_DOUBLE, _LONG_SINGLE, _TICK, opened="[\"'`]")
julia = _literals(r"#=[\s\S]*?=#", _HASH, _TRIPLE_DOUBLE, _LONG_DOUBLE, r"'(?:[^'\\]|\\.)'", opened='#=|"')
coffee = _literals(
    r"###[\s\S]*?###", _TRIPLE_DOUBLE, _TRIPLE_SINGLE, _HASH, _LONG_DOUBLE, _LONG_SINGLE, opened="###|[\"']"
)
nim = _literals(r"#\[[\s\S]*?\]#", _TRIPLE_DOUBLE, _HASH, _DOUBLE, opened=r'#\[|"""')
nix = _literals(_STARS, _HASH, r"''(?:[^']|'(?!')|''(?=['$\\]))*+''", _LONG_DOUBLE, opened=r"/\*|''|" + '"')
hash_and_quotes = _literals(r"\\.", r"(?<!\S)" + _HASH, _LONG_DOUBLE, _LONG_SINGLE, opened="[\"']")
cmake = _literals(r"#" + _BRACKETS, _BRACKETS.replace("1", "2"), _HASH, _LONG_DOUBLE, opened=r'#?\[=*\[|"')
tcl = _literals(r"\\.", r"(?<![^\s;])" + _HASH, _LONG_DOUBLE, opened='"')
hcl = _literals(_STARS, _SLASHES, _HASH, _HEREDOC, _DOUBLE, opened=rf"/\*|{_HEREDOC_OPEN}")
graphql = _literals(_TRIPLE_DOUBLE, _HASH, _DOUBLE, opened='"""')
powershell = _continued_by(
    "`",
    _literals(
        r"<#[\s\S]*?#>",
        r"`.",
        r'@"[ \t]*$[\s\S]*?^"@',
        r"@'[ \t]*$[\s\S]*?^'@",
        _HASH,
        r'"(?:[^"`]|`[\s\S]|"")*+"',
        r"'(?:[^']|'')*+'",
        opened="<#|@?[\"']",
    ),
)
dotenv = _literals(r"(?<==)" + _LONG_DOUBLE, r"(?<==)" + _LONG_SINGLE, opened="(?<==)[\"']")
dockerfile = _literals(r"^[ \t]*" + _HASH, _HEREDOC, opened=_HEREDOC_OPEN)
batch = _continued_by("^", lambda text, offset: False)
visual_basic = _continued_by(" _", plain)
c_like = _literals(
    _STARS,
    _SLASHES,
    r"(?<=R)\"\((?:[^)]|\)(?!\"))*+\)\"",
    _TRIPLE_DOUBLE,
    _TRIPLE_SINGLE,
    _VERBATIM,
    _DOUBLE,
    _SINGLE,
    opened=r'/\*|"""|@"|(?<=R)"\(|' + "'''",
)
d = _literals(
    _STARS, r"/\+[\s\S]*?\+/", _SLASHES, _TICK, _LONG_DOUBLE, r"'(?:[^'\\]|\\.)+'", opened=r'/[*+]|[`"]'
)
zig = _line_has(r"[ \t]*\\\\", _literals(_SLASHES, _DOUBLE, _SINGLE))
fsharp = _literals(_PARENTHESES, _SLASHES, _TRIPLE_DOUBLE, _VERBATIM, _LONG_DOUBLE, opened=r'\(\*(?!\))|"')
pascal = _literals(_PARENTHESES, r"\{[^}]*+\}", _SLASHES, r"'[^'\r\n]*+'", opened=r"\(\*|\{")
ocaml = _literals(_PARENTHESES, _LONG_DOUBLE, r"\{(\w*)\|[\s\S]*?\|\1\}", opened=r'\(\*|"|\{\w*\|')
script = _literals(_STARS, _SLASHES, _DOUBLE, _SINGLE, _TICK, opened=r"/\*|`")
rust = _literals(
    _STARS, _SLASHES, r'r#+"[\s\S]*?"#+', _LONG_DOUBLE, r"'(?:[^'\\\r\n]|\\.)'", opened=r'/\*|r?#*"'
)
php = _literals(
    _STARS, _SLASHES, _HASH, _HEREDOC, _LONG_DOUBLE, _LONG_SINGLE, opened=rf"/\*|[\"']|{_HEREDOC_OPEN}"
)
sql = _literals(_STARS, _DASHES, _LONG_DOUBLE, _LONG_SINGLE, opened=r"/\*|[\"']")
ada = _literals(_DASHES, _DOUBLE)
lua = _literals(r"(?:--)?" + _BRACKETS, _DASHES, _DOUBLE, _SINGLE, opened=r"\[=*\[")
haskell = _literals(r"\{-[\s\S]*?-\}", _DASHES, _TRIPLE_DOUBLE, _DOUBLE, opened=r'\{-|"""')
lisp = _literals(r"\\.", r"#\|[\s\S]*?\|#", _SEMICOLON, _LONG_DOUBLE, opened=r'#\||"')
erlang = _literals(r"\$.", _PERCENT, _LONG_DOUBLE, opened='"')
_VERBATIM_BLOCK = r"\\begin\{(?:verbatim|Verbatim|lstlisting|minted)\*?\}"
tex = _literals(
    _VERBATIM_BLOCK + r"[\s\S]*?\\end\{(?:verbatim|Verbatim|lstlisting|minted)\*?\}",
    r"\\.",
    _PERCENT,
    opened=_VERBATIM_BLOCK,
)
markup = _literals(
    r"<!--[\s\S]*?-->", r"<!\[CDATA\[[\s\S]*?\]\]>", r"<%[\s\S]*?%>", _TAG, opened=r"<[A-Za-z/?!%]"
)


def vim(text: str, offset: int) -> bool:
    """Before a line that goes on with the one before it."""
    return bool(_compiled(r"[\r\n]+[ \t]*\\").match(text, offset))


_BLOCK_SCALAR = re.compile(r"(?:^|[:\-][ \t]+)(?:![\w!]*[ \t]+)?[|>][+-]?\d?[+-]?(?:[ \t]+#.*)?$")
_YAML_QUOTED = re.compile(r"#[^\r\n]*+|(?<![^\s\[{,(])(?:\"(?:[^\"\\]|\\[\s\S])*+\"|'(?:[^']|'')*+')")


# A key, an item, a comment, the end of a collection or of a document: anything else goes on with a plain scalar.
_YAML_STRUCTURE = re.compile(
    r"[ \t]*(?:[-?](?:[ \t]|$)|#|[}\]]|---|\.\.\.|(?:\"[^\"]*+\"|'[^']*+'|[^\s:#][^:#]*+):(?:[ \t]|$)|$)"
)


def yaml(text: str, offset: int) -> bool:
    """In a block scalar (`key: |`) or a plain or quoted scalar that goes on in the next line."""
    starts = line_starts(text)
    line = bisect_right(starts, offset) - 1
    if not all(
        _YAML_STRUCTURE.match(text, *line_span(text, starts, at))
        for at in (line, line + 1)
        if at < len(starts)
    ):
        return True
    return _is_in_block_scalar(text, starts, offset) or any(
        match.start() < offset < match.end() for match in _YAML_QUOTED.finditer(text)
    )


def _is_in_block_scalar(text: str, starts: list[int], offset: int) -> bool:
    """Whether the line that ends at `offset` opens a block scalar or belongs to one."""
    scalar_depth: int | None = None
    for line, start in enumerate(starts):
        if start > offset:
            break
        content = text[slice(*line_span(text, starts, line))].rstrip()
        depth = len(content) - len(content.lstrip(" "))
        if scalar_depth is not None and content and depth <= scalar_depth:
            scalar_depth = None
        if scalar_depth is None and _BLOCK_SCALAR.search(content):
            scalar_depth = depth
    return scalar_depth is not None
