"""Markdown of a model as rich renders it: nothing of it is left out, obeyed or hidden behind a link."""

from typing import ClassVar

from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown, MarkdownElement
from rich.segment import Segment
from rich.syntax import Syntax
from rich.text import Text

from victor_server.cli.chat.neutral import neutral

_CODE_THEME = "ansi_dark"  # the terminal's own colours: readable on any background
_MAX_COLOURED = 20_000
"""Characters of code: what a model names as its language decides how long the colouring takes."""
_MAX_RENDERED = 100_000


class Answer:
    """One piece of markdown to print, without empty lines around it."""

    def __init__(self, markdown: str) -> None:
        self._markdown = markdown

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.lines(console, options):
            yield from line
            yield Segment.line()

    def lines(self, console: Console, options: ConsoleOptions) -> list[list[Segment]]:
        """The lines as they would be printed."""
        lines = [_shown(line) for line in self._rendered(console, options.update(height=None))]
        filled = [at for at, line in enumerate(lines) if any(part.text.strip() for part in line)]
        return lines[filled[0] : filled[-1] + 1] if filled else []

    def _rendered(self, console: Console, options: ConsoleOptions) -> list[list[Segment]]:
        if len(self._markdown) <= _MAX_RENDERED:
            try:
                return console.render_lines(_Markdown(self._markdown), options, pad=False)
            except Exception:  # noqa: BLE001, S110 - the answer is worth more than its looks
                pass
        return console.render_lines(Text(neutral(self._markdown)), options, pad=False)


def _shown(line: list[Segment]) -> list[Segment]:
    return [Segment(neutral(part.text), part.style) for part in line if not part.control]


class _Code(CodeBlock):
    """Without a frame of blanks, so that it can be copied."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = str(self.text).rstrip()
        if len(code) > _MAX_COLOURED:
            yield Text(code)
        else:
            yield Syntax(code, self.lexer_name, theme=self.theme, word_wrap=True, background_color="default")


class _Heading(Heading):
    """At the margin, as all text."""

    LEVEL_ALIGN: ClassVar[dict[str, JustifyMethod]] = {}


class _Markdown(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "fence": _Code,
        "code_block": _Code,
        "heading_open": _Heading,
    }

    def __init__(self, markup: str) -> None:
        super().__init__("", code_theme=_CODE_THEME, hyperlinks=False)
        self.markup = markup
        self.parsed = [_visible(token) for token in _PARSER.parse(markup)]


def _visible(token: Token) -> Token:
    """Entities and percent signs became characters when the markdown was read: they are looked at now.

    Terminals show no pictures: of one, its name is told and where it would be.
    """
    if token.type == "image":
        name, place = neutral(token.content), neutral(str(token.attrs.get("src", "")))
        return Token("text", "", 0, content=f"[image: {name}] ({place})")
    if "href" in token.attrs:
        token.attrs["href"] = neutral(str(token.attrs["href"]))
    token.content = neutral(token.content)
    token.children = [_visible(child) for child in token.children] if token.children else token.children
    return token


# Without HTML: what looks like it is text of the answer, and rich would leave it out.
_PARSER = MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"])
