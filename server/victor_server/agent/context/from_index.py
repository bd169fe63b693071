"""Context from the index: what answers the question, and a map of what the rest leans on."""

import asyncio
import re
from collections.abc import Sequence

from victor_indexer.model import Hit, SearchResult
from victor_server.agent.context.files import Files, Unreadable
from victor_server.agent.context.from_editor import focus_of
from victor_server.agent.context.from_git import COMMIT_TASK
from victor_server.agent.context.licence import lines_of_licence
from victor_server.agent.context.mentions import without_mentions
from victor_server.agent.context.piece import LeftOut
from victor_server.agent.context.question import Question
from victor_server.agent.context.sources import RankedSymbol, Sources
from victor_server.agent.context.wish import Wish, Wishes, joined

HIT_SCORE = 30.0
HIT_RANGE = 10.0
MAP_SCORE = 10.0
RELATED_SCORE = 22.0
N_HITS = 12
N_RELATED = 5
MAX_SELECTED = 2_000
"""Characters of a selection that are searched for; the index looks at the first of them only."""

N_SYMBOLS = 150

_WORD = re.compile(r"\w+")
_GOING_ON = """
    a again ahead and all also bye cool continue do done exactly fine go good great hello hey hi how i it k let me more nice
    no not now ok okay on one perfect please right so sorry super sure thank thanks that the then this to too very well what
    why wow yeah yep yes you
"""
_GOES_ON = frozenset(_GOING_ON.split())
"""Words that alone ask for no code: "thanks", "yes, go on", "why not?"."""

_SAYS = {
    "text": "its words",
    "path": "its path",
    "symbol": "names that it defines",
    "definition": "it defines what is asked about",
    "file_name": "its file's name",
    "coherence": "its file's other parts",
    "part_of_name": "a part of its name",
}


async def wait(question: Question, sources: Sources) -> None:
    """Wait until the index knows something, where it will be asked."""
    if sources.index is not None and question.root is not None and question.task != COMMIT_TASK:
        await sources.index.ready(question.root)


async def hit_wishes(question: Question, files: Files, sources: Sources) -> Wishes:
    """The places that answer the question best, as they stand now, then those that go with what is selected."""
    if sources.index is None or question.root is None or question.task == COMMIT_TASK:
        return Wishes()
    asked = _searched_for(question.prompt)
    selection = None if sources.editor is None else sources.editor.selection()
    selected = "" if selection is None else selection.text[:MAX_SELECTED].strip()
    parts: list[Wishes] = []
    if asked:
        found = await sources.index.search(question.root, asked, N_HITS)
        parts.append(await asyncio.to_thread(_hits, found, files, HIT_SCORE, "matches the question"))
    if selected:
        # Where the question is only "why?", the code itself says what it is about.
        found = await sources.index.search(question.root, selected, N_RELATED)
        parts.append(await asyncio.to_thread(_hits, found, files, RELATED_SCORE, "goes with the selection"))
    return _each_once(joined(parts))


def _searched_for(prompt: str) -> str:
    """What a prompt asks the index: nothing where it only goes on with what was said."""
    asked = without_mentions(prompt).strip()
    return asked if set(_WORD.findall(asked.lower())) - _GOES_ON else ""


def _each_once(found: Wishes) -> Wishes:
    wishes = {(each.path, each.start_line): each for each in reversed(found.wishes)}
    return Wishes(list(reversed(wishes.values())), list(dict.fromkeys(found.left_out)))


def _hits(found: SearchResult, files: Files, least: float, reason: str) -> Wishes:
    wishes: list[Wish] = []
    out: list[LeftOut] = []
    best = max((hit.score for hit in found.hits), default=0.0)
    for hit in found.hits:
        text = files.read(hit.path)
        if isinstance(text, Unreadable):
            out.append(LeftOut("index_hit", hit.path, hit.start_line, hit.end_line, 0, text.reason))
            continue
        start = hit.start_line or lines_of_licence(text.lines[: hit.end_line])
        lines = text.lines[start : hit.end_line]
        score = least + HIT_RANGE * hit.score / best if best > 0 else least
        if lines:
            said = f"{reason}{_signals(hit)}"
            # In a small window a part of the best answer is better than the whole of a lesser one.
            best_of_all = not wishes and least == HIT_SCORE
            wishes.append(Wish("index_hit", hit.path, start, lines, said, score, cuttable=best_of_all))
    if found.partial:
        out.append(LeftOut("index_hit", "", 0, 0, 0, "files that are not indexed yet"))
    return Wishes(wishes, out)


def _signals(hit: Hit) -> str:
    """Which signals brought it here, the strongest first."""
    strong = sorted(((share, name) for name, share in hit.why.items() if share > 0), reverse=True)
    said = [_SAYS.get(name, name) for _, name in strong[:2]]
    return f" by {' and '.join(said)}" if said else ""


async def map_wishes(question: Question, files: Files, sources: Sources) -> Wishes:
    """The definitions that matter most, seen from the files that the question is about."""
    if sources.index is None or question.root is None or question.task == COMMIT_TASK:
        return Wishes()
    focus = [path for path in focus_of(files, sources) if not path.startswith("/")]
    focus += [each.name for each in question.mentions if each.kind in ("file", "name")]
    symbols = await sources.index.repo_map(question.root, focus, N_SYMBOLS)
    lines, n_hidden = await asyncio.to_thread(_map_lines, symbols, files)
    out = [LeftOut("repo_map", path, 0, 0, 0, why) for path, why in n_hidden]
    if not lines:
        return Wishes((), out)
    reason = "the definitions that most of the code leans on"
    return Wishes([Wish("repo_map", "", 0, lines, reason, MAP_SCORE, cuttable=True)], out)


def _map_lines(symbols: Sequence[RankedSymbol], files: Files) -> tuple[list[str], list[tuple[str, str]]]:
    """A line for each file, the best first, with its definitions in order of their lines; and what is private."""
    by_file: dict[str, list[RankedSymbol]] = {}
    for symbol in symbols:
        by_file.setdefault(symbol.path, []).append(symbol)
    lines: list[str] = []
    hidden: list[tuple[str, str]] = []
    for path, some in by_file.items():
        if why := files.why_private(path):
            hidden.append((path, why))
            continue
        named = dict.fromkeys(f"{each.kind} {each.name}" for each in sorted(some, key=lambda each: each.line))
        lines.append(f"{path}: {', '.join(named)}\n")
    return lines, hidden
