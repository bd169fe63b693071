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
    "/*": r"/\*(?:[^*]|\*(?!/))*+(?:\*/)?",
    "--": r"--(?!\[)[^\r\n]*+",
    "<#": r"<#(?:[^#]|#(?!>))*+(?:#>)?",
    "char": r"'(?:[^'\\\r\n]|\\[^\r\n]{1,8})'",  # a character, or in Rust what would else be taken for a lifetime
    "escape": r"\\.",
    "html": r"(?:\?>|\A(?!<\?))(?:[^<]|<(?!\?(?:php|=)))*+",
    "=begin": r"(?<![^\r\n])=begin\b[\s\S]*?(?:[\r\n]=end\b|\Z)",
    "=pod": r"(?<![^\r\n])=[a-z][\s\S]*?(?:[\r\n]=cut\b|\Z)",
    "__END__": r"(?<![^\r\n])__(?:END|DATA)__(?![^\r\n])[\s\S]*+",
}

_BLOCKS = {
    "heredoc": r"<<[-~]?[ ]?[\"']?[A-Z_][A-Z0-9_]*\b",
    "heredoc-any": r"<<[-~<][\"'`]?[A-Za-z_]\w*",
    "heredoc-shell": r"(?<!<)<<(?!<)-?[ \t]*[\\\"']?[A-Za-z_!][\w!.-]*",
    "lua": r"(?:--)?\[=*\[",
}
"""How those begin whose end depends on how they begin."""

_MAX_BLOCK = 100_000
_MAX_TRIES = 50
_MAX_UNENDED = 100
"""Such blocks in a text: there are more only where the signs mean something else."""


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
        pattern = _pattern(self.quotes, self.comments)
        found: list[Token] = []
        at = start
        n_unended = 0
        while match := pattern.search(text, at, stop):
            at = max(match.end(), match.start() + 1)
            if (match.lastgroup or "").startswith("b"):
                at = _end_of_block(text, match, stop) if n_unended < _MAX_UNENDED else at
                if at == match.end():
                    n_unended += 1
                    continue
            found.append((match.start(), at, self._literal(text, match)))
        return found

    def _literal(self, text: str, match: re.Match[str]) -> Literal | None:
        if not (match.lastgroup or "").startswith("q"):
            return None
        name = self.quotes.split()[int(str(match.lastgroup)[1:])]
        quote = name.removeprefix("long").removeprefix("shell").removeprefix("raw")
        if match.end() - match.start() < 2 * len(quote.lstrip("@")) or not match.group().endswith(
            quote.lstrip("@")
        ):
            return None  # nothing ends it
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
    if "\n" not in text and "\r" not in text:
        return " " * len(text)
    return re.sub(r"[^\r\n]+", lambda match: " " * len(match.group()), text)


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
    parts = [
        f"(?P<b{number}>{_BLOCKS[name]})" if name in _BLOCKS else f"(?P<c{number}>{_COMMENTS[name]})"
        for number, name in enumerate(comments.split())
    ]
    parts += [f"(?P<q{number}>{_quoted(name)})" for number, name in enumerate(quotes.split())]
    return re.compile("|".join(parts))


def _quoted(name: str) -> str:
    quote = re.escape(name.removeprefix("long").removeprefix("shell").removeprefix("raw"))
    # What nothing ends goes on to the end of its line or text: to look for its end again and again takes for ever.
    return f"{quote}{_BODY[name]}(?:{quote.removeprefix('@')})?"


def _end_of_block(text: str, match: re.Match[str], stop: int) -> int:
    """Where the block that begins here ends; where it does not, right behind its beginning."""
    opening = match.group()
    if opening.endswith("["):
        closing = opening.removeprefix("--").replace("[", "]")
        place = text.find(closing, match.end(), min(stop, match.end() + _MAX_BLOCK))
        return match.end() if place < 0 else place + len(closing)
    word = opening.lstrip("<-~ \t\\\"'`")
    place = match.end()
    for _ in range(_MAX_TRIES):
        place = text.find(word, place, min(stop, match.end() + _MAX_BLOCK))
        if place < 0:
            break
        behind = place + len(word)
        line_start = max(text.rfind("\n", match.end(), place), text.rfind("\r", match.end(), place))
        if line_start >= 0 and not text[line_start:place].strip() and not _goes_on(text, behind):
            return behind
        place = behind
    return match.end()


def _goes_on(text: str, place: int) -> bool:
    return place < len(text) and (text[place].isalnum() or text[place] == "_")
