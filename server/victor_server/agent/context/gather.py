"""Gathers what a model is shown of the workspace for one question, and says why of each piece."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from victor_indexer.errors import IndexerError
from victor_server.agent.context import from_editor, from_git, from_index, mentioned
from victor_server.agent.context.files import Files, open_files
from victor_server.agent.context.fit import fit
from victor_server.agent.context.instructions import find_instructions
from victor_server.agent.context.piece import Context, LeftOut, PieceKind
from victor_server.agent.context.question import Question
from victor_server.agent.context.sources import Sources
from victor_server.agent.context.wish import Wish, Wishes, joined, left_out
from victor_server.errors import VictorError

logger = logging.getLogger(__name__)

PART_TIME_LIMIT_S = 10.0
"""A part that takes longer is left out: a question must not wait for an index that is just being built."""

MAP_TIME_LIMIT_S = 1.5
"""The first map of a large workspace takes longer; the next question has it."""

INSTRUCTIONS_SCORE = 80.0


async def gather(
    question: Question, sources: Sources, budget_tokens: int, *, time_limit_s: float = PART_TIME_LIMIT_S
) -> Context:
    """What a model is shown for `question`, at most `budget_tokens` by `sources.count_tokens`.

    Never raises for a source that fails: its part is left out, with the reason. Private files are never read. The
    order of the answers of slow sources changes nothing: the same sources give the same context.
    """
    files = await asyncio.to_thread(open_files, question.root, sources)
    await from_index.wait(question, sources)
    parts = [
        _guarded("file", lambda: mentioned.wishes(question.mentions, files, sources), time_limit_s),
        _guarded("file", lambda: from_editor.text_wishes(question, files, sources), time_limit_s),
        _guarded("diagnostics", lambda: from_editor.note_wishes(question, files, sources), time_limit_s),
        _guarded("diff", lambda: from_git.wishes(question, files, sources), time_limit_s),
        _guarded("index_hit", lambda: from_index.hit_wishes(question, files, sources), time_limit_s),
        _guarded(
            "repo_map",
            lambda: from_index.map_wishes(question, files, sources),
            min(time_limit_s, MAP_TIME_LIMIT_S),
        ),
    ]
    found = joined(await asyncio.gather(*parts))
    told = await asyncio.to_thread(_instructions, question, files, sources, found)
    whole = joined([told, found])
    return await asyncio.to_thread(fit, whole, budget_tokens, sources.count_tokens)


async def _guarded(kind: PieceKind, find: Callable[[], Awaitable[Wishes]], time_limit_s: float) -> Wishes:
    try:
        return await asyncio.wait_for(find(), time_limit_s)
    except TimeoutError:
        return left_out(kind, "", f"took longer than {time_limit_s:g} s")
    except (VictorError, IndexerError) as error:
        logger.info("no %s in the context: %s", kind, error.kind)
        return left_out(kind, "", error.message)


def _instructions(question: Question, files: Files, sources: Sources, found: Wishes) -> Wishes:
    """The repository's instructions for the files that the question is about."""
    if question.root is None:
        return Wishes()
    focus = from_editor.focus_of(files, sources)
    focus += [wish.path for wish in found.wishes if wish.asked and wish.path]
    told = find_instructions(question.root, files, focus, sources.is_trusted)
    wishes = [
        Wish(*("instructions", each.path, 0, each.text.lines, each.reason, INSTRUCTIONS_SCORE), cuttable=True)
        for each in told
        if each.text is not None
    ]
    out = [LeftOut("instructions", each.path, 0, 0, 0, each.reason) for each in told if each.text is None]
    return Wishes(wishes, out)
