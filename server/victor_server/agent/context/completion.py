"""Completes a mention while it is typed: the words for sources, open documents, files and definitions."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from victor_indexer.errors import IndexerError
from victor_indexer.model import LocatedSymbol
from victor_server.agent.context.files import name_of
from victor_server.agent.context.mentions import WORDS, MentionKind, as_mention
from victor_server.agent.context.sources import EditorSource, IndexSource, Private
from victor_server.errors import VictorError

MAX_FILES = 12
MAX_SYMBOLS = 12
TIME_LIMIT_S = 2.0
"""Who types does not wait longer for an index."""

_TYPED = re.compile(
    r"""(?:^|(?<=[\s(\[{<,;'"]))@(?:(file|symbol):)?("[^"\n]{0,300}|[^\s"'`,;()\[\]{}<>@]{0,300})\Z"""
)
_DETAILS: dict[MentionKind, str] = {
    "selection": "what is selected",
    "diagnostics": "what language servers report",
    "diff": "what has changed since the last commit",
}


@dataclass(frozen=True, slots=True)
class MentionCompletion:
    """A mention to put in the place of what stands from `start` to the cursor. `detail` says what it is."""

    start: int
    text: str
    label: str
    detail: str


async def complete_mention(
    before: str,
    root: Path | None,
    *,
    index: IndexSource | None,
    editor: EditorSource | None,
    private: Private,
) -> Sequence[MentionCompletion]:
    """Ways to go on with the mention at the end of `before`, the text up to the cursor, best first.

    None where no mention is being typed. An index that fails or is slow offers nothing; private files are not offered.
    """
    typed = _TYPED.search(before)
    if typed is None:
        return []
    said, word = typed[1], typed[2].removeprefix('"')
    offers = [*(_words(word) if said is None else ()), *_open_files(word, said, root, editor)]
    if index is not None and root is not None:
        offers += await _indexed(word, said, root, index, private)
    found: dict[tuple[MentionKind, str], MentionCompletion] = {}
    for kind, name, label, detail in offers:
        if kind != "file" or not private.why(name):
            offer = MentionCompletion(typed.start(), as_mention(kind, name), label, detail)
            found.setdefault((kind, name), offer)
    return list(found.values())


_Offer = tuple[MentionKind, str, str, str]


def _words(word: str) -> list[_Offer]:
    return [(each, "", each, _DETAILS[each]) for each in WORDS if each.startswith(word.lower())]


def _open_files(word: str, said: str | None, root: Path | None, editor: EditorSource | None) -> list[_Offer]:
    if editor is None or root is None or said == "symbol":
        return []
    names = [name_of(each.path, root) for each in editor.buffers() if each.path.is_relative_to(root)]
    wanted = word.lower()
    return [("file", name, name, "open file") for name in names if wanted in name.lower()][:MAX_FILES]


async def _indexed(
    word: str, said: str | None, root: Path, index: IndexSource, private: Private
) -> list[_Offer]:
    offers: list[_Offer] = []
    scattered: list[_Offer] = []  # files in which no more than the letters stand, in order
    try:
        async with asyncio.timeout(TIME_LIMIT_S):
            if said != "symbol":
                for path in await index.paths(root, word, MAX_FILES):
                    is_near = word.lower() in path.lower()
                    (offers if is_near else scattered).append(("file", path, path, "file"))
            if word and said != "file":
                symbols = await index.symbols(root, word, MAX_SYMBOLS)
                offers += [_symbol(each) for each in symbols if not private.why(each.path)]
    except (TimeoutError, VictorError, IndexerError):
        pass  # what was found until then is offered; the question itself will say what is wrong
    return [*offers, *scattered]


def _symbol(located: LocatedSymbol) -> _Offer:
    symbol = located.symbol
    name = f"{symbol.container}.{symbol.name}" if symbol.container else symbol.name
    return "symbol", name, symbol.name, f"{symbol.kind} in {located.path}"
