"""Files in more than one language: which of them is written at a place, so that a comment there is one."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple


class Part(NamedTuple):
    """`text[start:end]` is written in one language; `kind` is its key in STYLES, "" if it has no comments."""

    kind: str
    start: int
    end: int


_OPENING = re.compile(
    r"<(script|style|textarea|title)\b([^<>]{0,500}+)>|<template\b([^<>]{0,500}+)>", re.IGNORECASE
)
_LANGUAGE = re.compile(
    r"\b(?:lang|type)\s{0,5}=\s{0,5}[\"']?(?:text/|application/)?(?:x-)?([\w+-]{1,40})", re.IGNORECASE
)
_LANGUAGES = {
    "script": {"": "js", "javascript": "js", "module": "js", "babel": "js", "ecmascript": "js", "jsx": "js", "js": "js",
        "ts": "ts", "tsx": "ts", "typescript": "ts", "template": "html", "html": "html", "coffee": "coffee"},
    "style": {"": "css", "css": "css", "scss": "scss", "less": "less", "postcss": "css"},
}  # fmt: skip
_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})[ \t]*\{?\.?([\w+#.-]*)")
_IMPORT = re.compile(r"(?:import|export)\b")
_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*\r?\n")
_FRONT_MATTER_END = re.compile(r"^---[ \t]*$", re.MULTILINE)


def part_at(text: str, offset: int, kind: str) -> Part:
    """The part of a file of this kind in which the line ends that ends at `offset`."""
    find = _FINDERS.get(kind)
    return find(text, offset) if find else Part(kind, 0, len(text))


def _html(text: str, offset: int) -> Part:
    for part in _embedded(text):
        if part.start <= offset <= part.end:
            return part
    return Part("html", 0, len(text))


def _embedded(text: str) -> Iterator[Part]:
    """Scripts, styles and what is plain text to a browser."""
    lowered = text.lower() if len(text.lower()) == len(text) else text
    done = 0
    for opening in _OPENING.finditer(text):
        if opening.start() < done:
            continue
        name = (opening[1] or "template").lower()
        written = _LANGUAGE.search(opening[2] or opening[3] or "")
        language = written[1].lower() if written else ""
        if name == "template" and language in {"", "html"}:
            continue
        done = lowered.find(f"</{name}", opening.end())
        done = len(text) if done < 0 else done
        yield Part(_LANGUAGES.get(name, {}).get(language, ""), opening.end(), done)


def _with_braces(braces: str) -> Callable[[str, int], Part]:
    """Markup with expressions in braces: inside of one that spans lines nothing is offered."""
    opening, closing = braces.split()

    def find(text: str, offset: int) -> Part:
        part = _html(text, offset)
        if part.kind != "html":
            return part
        before = text[: max(offset, 0)]
        for other in reversed([each for each in _embedded(text) if each.end <= offset]):
            before = before[: other.start] + before[other.end :]
        return part._replace(kind="" if before.count(opening) > before.count(closing) else "html")

    return find


def _astro(text: str, offset: int) -> Part:
    front, start = _front_matter(text, offset, "ts")
    return front or _shifted(_with_braces("{ }"), text, offset, start)


def _markdown(text: str, offset: int) -> Part:
    front, start = _front_matter(text, offset, "yaml")
    return front or _fenced(text, offset, start) or Part("md", start, len(text))


def _mdx(text: str, offset: int) -> Part:
    part = _markdown(text, offset)
    if part.kind != "md":
        return part
    start = max(part.start, text.rfind("\n\n", 0, offset) + 2 if "\n\n" in text[:offset] else part.start)
    end = text.find("\n\n", offset)
    if _IMPORT.match(text, start):
        return Part("js", start, len(text) if end < 0 else end)
    before = text[part.start : offset]
    return part._replace(kind="" if before.count("{") > before.count("}") else "mdx")


def _front_matter(text: str, offset: int, kind: str) -> tuple[Part | None, int]:
    """The part between the first lines of three dashes, if the place is in there, and where the rest starts."""
    opened = _FRONT_MATTER.match(text)
    closed = _FRONT_MATTER_END.search(text, opened.end()) if opened else None
    if not opened or not closed:
        return None, 0
    if opened.end() <= offset < closed.start():
        return Part(kind, opened.end(), closed.start()), 0
    return (Part("", 0, closed.end()), 0) if offset < closed.end() else (None, closed.end())


def _fenced(text: str, offset: int, start: int) -> Part | None:
    """The code block that holds the place, in its own language; the lines of the fences have no comments."""
    fence, language, opened = "", "", 0
    at = start
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = _FENCE.match(text, at, end)
        if line and not fence:
            fence, language, opened = line[1], line[2].lower(), end + 1
            if at <= offset <= end:
                return Part("", at, end)
        elif line and line[1].startswith(fence) and not line[2]:
            if at <= offset <= end:
                return Part("", at, end)
            if opened <= offset < at:
                return Part(_fence_kind(language), opened, at)
            fence = ""
        at = end + 1
    return Part(_fence_kind(language), opened, len(text)) if fence and offset >= opened else None


def _fence_kind(language: str) -> str:
    return "" if language in {"md", "markdown", "mdx"} else language


def _php(text: str, offset: int) -> Part:
    """Between `<?php` and `?>` the one, around it the other."""
    start, end = text.rfind("<?", 0, offset), text.rfind("?>", 0, offset)
    if start > end:
        closed = text.find("?>", offset)
        return Part("php", start + 2, len(text) if closed < 0 else closed)
    return _html(text, offset)


def _script(text: str, offset: int) -> Part:
    """JavaScript, or the text between two tags of JSX, where `//` is text like any other."""
    whole = Part("js", 0, len(text))
    if "</" not in text and "/>" not in text:
        return whole
    return whole._replace(kind=_in_jsx(text, offset))


def _in_jsx(text: str, offset: int) -> str:
    # The grammar takes megabytes: it is loaded for the few files that have such tags.
    from victor_indexer.languages import language_named
    from victor_indexer.syntax import parse

    language = language_named("tsx")
    tree = parse(text, language, budget_s=0.5) if language else None
    if tree is None:
        return ""
    at = len(text[:offset].encode("utf-8", "replace"))
    node = tree.root.descendant_for_byte_range(at, at + 1)
    while node is not None and node.type not in _JSX_ENDS:
        if node.type in {"jsx_element", "jsx_fragment", "jsx_text"} and node.start_byte < at < node.end_byte:
            return "jsx-text"
        node = node.parent
    return "js"


_JSX_ENDS = frozenset(
    {"jsx_expression", "jsx_opening_element", "jsx_self_closing_element", "statement_block", "program"}
)


def _shifted(find: Callable[[str, int], Part], text: str, offset: int, start: int) -> Part:
    part = find(text[start:], offset - start)
    return Part(part.kind, part.start + start, part.end + start)


_FINDERS: dict[str, Callable[[str, int], Part]] = {
    **dict.fromkeys(("html", "htm", "xhtml", "ejs", "jsp"), _html),
    "vue": _with_braces("{{ }}"),
    "svelte": _with_braces("{ }"),
    "astro": _astro,
    **dict.fromkeys(("md", "markdown"), _markdown),
    "mdx": _mdx,
    "php": _php,
    **dict.fromkeys(
        ("js", "mjs", "cjs", "jsx", "tsx", "javascript", "javascriptreact", "typescriptreact"), _script
    ),
}
