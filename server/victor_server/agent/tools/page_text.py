"""The text of a web page: `python -m victor_server.agent.tools.page_text`, to be killed when a page draws it out.

What a person would not see is left out: scripts and styles, and what is hidden, which is a favourite place for words
that are meant for models.
"""

import html.parser
import re
import sys
from urllib.parse import urljoin

from victor_server.agent.tools.own_limits import limit_itself

END = b"\0"
"""Stands behind the text: what does not end in it was broken off."""

_CPU_S = 5
_MEMORY_BYTES = 1 << 30

_SKIPPED = frozenset(
    [
        "script",
        "style",
        "template",
        "noscript",
        "svg",
        "math",
        "iframe",
        "object",
        "canvas",
        "select",
        "button",
        "form",
        "dialog",
    ]
)
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "details",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "figcaption",
        "footer",
        "header",
        "hr",
        "main",
        "nav",
        "ol",
        "p",
        "section",
        "summary",
        "table",
        "tbody",
        "thead",
        "tr",
        "ul",
        "body",
        "html",
    ]
)
_HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?:[;\s]|$)", re.IGNORECASE
)
_SPACE = re.compile(r"[ \t\r\n\f\v\u00a0]+")
_UNSEEN = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f\u00ad]"
)


def main() -> None:
    """Convert the page on standard input: its address on the first line, then itself, all UTF-8."""
    limit_itself(_CPU_S, _MEMORY_BYTES)
    address, _, page = sys.stdin.buffer.read().decode("utf-8", "replace").partition("\n")
    sys.stdout.buffer.write(text_of_page(page, address).encode("utf-8", "replace") + END)


def text_of_page(page: str, address: str) -> str:
    """What a page says, with headings, lists, links (relative to `address`) and code as Markdown has them."""
    reader = _Reader(address)
    reader.feed(page)
    reader.close()
    return reader.text()


class _Reader(html.parser.HTMLParser):
    """Holds the text so far. `_hidden` counts open elements below one that is not shown, that one included."""

    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self._address = address
        self._pieces: list[str] = []
        self._hidden: list[str] = []
        self._n_code = 0
        self._links: list[str] = []

    def text(self) -> str:
        lines = [line.rstrip() for line in _UNSEEN.sub("", "".join(self._pieces)).split("\n")]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._hidden:
            if tag == self._hidden[0]:
                self._hidden.append(tag)
            return
        values = {name: value or "" for name, value in attrs}
        if (tag in _SKIPPED or _is_hidden(values)) and tag not in _VOID:
            self._hidden = [tag]
        elif not _is_hidden(values):
            self._open(tag, values)

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            if tag == self._hidden[0]:
                self._hidden.pop()
            return
        self._close(tag)

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if self._n_code:
            self._pieces.append(data)
            return
        text = _SPACE.sub(" ", data)
        if text != " " or not self._is_at_start():
            self._pieces.append(text.lstrip() if self._is_at_start() else text)

    def _open(self, tag: str, values: dict[str, str]) -> None:
        if tag == "pre":
            self._pieces.append("\n\n```\n" if not self._n_code else "")
            self._n_code += 1
        elif tag == "br":
            self._pieces.append("\n")
        elif tag in _HEADINGS:
            self._pieces.append(f"\n\n{_HEADINGS[tag]} ")
        elif tag == "li":
            self._pieces.append("\n- ")
        elif tag in ("td", "th"):
            self._pieces.append(" | ")
        elif tag == "a":
            self._pieces.append("[")
            self._links.append(values.get("href", ""))
        elif tag == "img" and values.get("alt"):
            self.handle_data(values["alt"])
        elif tag in _BLOCKS:
            self._pieces.append("\n" if tag in ("tr", "dt", "dd") else "\n\n")

    def _close(self, tag: str) -> None:
        if tag == "pre" and self._n_code:
            self._n_code -= 1
            self._pieces.append("" if self._n_code else "\n```\n\n")
        elif tag == "a" and self._links:
            target = _target(self._address, self._links.pop())
            self._pieces.append(f"]({target})" if target else "]")
        elif tag in _HEADINGS or (tag in _BLOCKS and tag not in ("tr", "dt", "dd")):
            self._pieces.append("\n\n")

    def _is_at_start(self) -> bool:
        return not self._pieces or self._pieces[-1].endswith(("\n", " "))


def _is_hidden(values: dict[str, str]) -> bool:
    return (
        "hidden" in values
        or values.get("aria-hidden") == "true"
        or bool(_HIDDEN_STYLE.search(values.get("style", "")))
    )


def _target(address: str, href: str) -> str:
    """Where a link leads on the web; "" for what leads nowhere else."""
    try:
        target = urljoin(address, href.strip())
    except ValueError:
        return ""
    is_elsewhere = target.startswith(("http://", "https://")) and not href.startswith("#")
    return target if is_elsewhere and len(target) <= 500 else ""


if __name__ == "__main__":
    main()
