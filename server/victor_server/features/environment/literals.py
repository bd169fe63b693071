"""Finds the string literal in which a secret stands, without a parser: comments and literals are all that is read."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache, lru_cache

from victor_server.secrets.lines import line_around

_MAX_LINE = 10_000

_BODY = {
    '"': r"(?:[^\"\\\r\n]|\\.)*+",
    "'": r"(?:[^'\\\r\n]|\\.)*+",
    "`": r"(?:[^`\\]|\\[\s\S])*+",
    '"""': r"(?:[^\"\\]|\\[\s\S]|\"(?!\"\"))*+",
    "'''": r"(?:[^'\\]|\\[\s\S]|'(?!''))*+",
    '@"': r'(?:[^"]|"")*+',
    'long"': r"(?:[^\"\\]|\\[\s\S])*+",
    "long'": r"(?:[^'\\]|\\[\s\S])*+",
    "shell'": r"[^']*+",
    "raw`": r"[^`]*+",
}
_COMMENTS = {
    "#": r"#[^\r\n]*+",
    "#word": r"(?<![\w$'\"\\{])#[^\r\n]*+",
    "//": r"//[^\r\n]*+",
    "/*": r"/\*(?:[^*]|\*(?!/))*+\*/",
    "--": r"--(?!\[)[^\r\n]*+",
    "<#": r"<#(?:[^#]|#(?!>))*+#>",
    "char": r"'(?:[^'\\\r\n]|\\[^\r\n]{1,8})'",  # a character, or in Rust what would else be taken for a lifetime
    "escape": r"\\.",
    "html": r"(?:\?>|\A(?!<\?))(?:[^<]|<(?!\?(?:php|=)))*+",
    "heredoc": r"<<[-~]?[ ]?[\"']?(?P<word>[A-Z_][A-Z0-9_]*)\b[\s\S]*?[\r\n][ \t]*(?P=word)\b",
    "lua": r"(?:--)?\[(?P<level>=*)\[[\s\S]*?\](?P=level)\]",
}


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal `text[start:end]`, whose content is `text[body_start:body_end]`; `prefix` are letters before the quote."""

    start: int
    end: int
    body_start: int
    body_end: int
    quote: str
    prefix: str


Token = tuple[int, int, Literal | None]
"""(start, end, the literal or None for a comment)"""


@dataclass(frozen=True, slots=True)
class Lexer:
    """`quotes` and `comments` are what the language has, by the names above; `prefixes` what may precede a quote."""

    quotes: str
    comments: str
    prefixes: re.Pattern[str] = re.compile(r"(?!)")

    def tokens(
        self, text: str, start: int = 0, end: int | None = None
    ) -> list[tuple[int, int, Literal | None]]:
        """(start, end, literal or None for a comment) of all that is neither code nor space, in order."""
        stop = len(text) if end is None else end
        return [
            (match.start(), match.end(), self._literal(text, match))
            for match in _pattern(self.quotes, self.comments).finditer(text, start, stop)
        ]

    def _literal(self, text: str, match: re.Match[str]) -> Literal | None:
        if not (match.lastgroup or "").startswith("q"):
            return None
        name = self.quotes.split()[int(str(match.lastgroup)[1:])]
        quote = name.removeprefix("long").removeprefix("shell").removeprefix("raw")
        found = self.prefixes.search(text, max(0, match.start() - 8), match.start())
        prefix = found.group() if found else ""
        return Literal(
            match.start() - len(prefix),
            match.end(),
            match.start() + len(quote),
            match.end() - len(quote.lstrip("@")),
            quote.lstrip("@"),
            prefix + "@" * quote.startswith("@"),
        )


def literal_around(lexer: Lexer, text: str, start: int, end: int) -> Literal | None:
    """The literal that holds `text[start:end]`; None where that is code or comment, or where it is not sure.

    A literal of one line must be one too when only its line is read: else it may be part of something longer, such as
    a string of many lines, of which this reader knows the common kinds only.
    """
    tokens = _all_tokens(lexer, text)
    place = bisect_right(tokens, start, key=lambda token: token[0]) - 1
    literal = tokens[place][2] if place >= 0 else None
    if literal is None or not _holds(literal, start, end):
        return None
    line_start, line_end, _ = line_around(text, literal.start)
    if literal.end > line_end:
        return literal
    if line_end - line_start > _MAX_LINE:
        return None  # written by a program, and not meant to be edited
    alone = [token[2] for token in lexer.tokens(text, line_start, line_end)]
    return literal if literal in alone else None


@lru_cache(maxsize=1)
def code_only(lexer: Lexer, text: str) -> str:
    """The text with blanks for comments and for what is in literals, every other character where it was."""
    parts: list[str] = []
    done = 0
    for start, end, literal in _all_tokens(lexer, text):
        parts += text[done:start], blanked(text[start:end]) if literal is None else _hollow(text, literal)
        done = end
    return "".join([*parts, text[done:]])


@lru_cache(maxsize=1)
def _all_tokens(lexer: Lexer, text: str) -> list[Token]:
    """Kept for the last text: each secret of a document asks for them several times."""
    return lexer.tokens(text)


def blanked(text: str) -> str:
    """As many blanks, with the line ends where they were."""
    return re.sub(r"[^\r\n]", " ", text) if "\n" in text or "\r" in text else " " * len(text)


def _hollow(text: str, literal: Literal) -> str:
    quote = literal.quote[0]
    n_before = literal.body_start - literal.start - len(literal.prefix.rstrip("@"))
    inner = blanked(text[literal.body_start : literal.body_end])
    return quote * n_before + inner + quote * (literal.end - literal.body_end)


def _holds(literal: Literal, start: int, end: int) -> bool:
    """Whether what stands at `start` is in the literal; a block such as a key may begin and end with its quotes."""
    return literal.body_start <= start and end <= literal.body_end


@cache
def _pattern(quotes: str, comments: str) -> re.Pattern[str]:
    parts = [f"(?P<c{number}>{_COMMENTS[name]})" for number, name in enumerate(comments.split())]
    parts += [f"(?P<q{number}>{_quoted(name)})" for number, name in enumerate(quotes.split())]
    return re.compile("|".join(parts))


def _quoted(name: str) -> str:
    quote = re.escape(name.removeprefix("long").removeprefix("shell").removeprefix("raw"))
    return f"{quote}{_BODY[name]}{quote.removeprefix('@')}"
