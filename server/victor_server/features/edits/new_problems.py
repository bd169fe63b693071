"""What an edit broke: the errors and warnings of the editor's language servers that were not there before it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from victor_server.agent.context.sources import Note

AskNotes = Callable[[Sequence[Path]], Awaitable[Sequence[Note]]]
"""What language servers say of files. Never raises."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long language servers are waited for: they are asked `n_times` at most, until two answers are the same."""

    every_s: float = 0.5
    n_times: int = 8


PATIENCE = Patience()
MAX_NOTES = 20


async def new_problems(
    ask: AskNotes, paths: Sequence[Path], before: Sequence[Note], patience: Patience = PATIENCE
) -> Sequence[Note]:
    """The problems that came since `before`, at most `MAX_NOTES`, errors first.

    They are told apart by what they say, not by where: lines above may have come and gone.
    """
    last: Sequence[Note] | None = None
    for _ in range(patience.n_times):
        await asyncio.sleep(patience.every_s)
        now = await ask(paths)
        if now == last:
            break
        last = now
    return _new(before, last or ())


def _new(before: Sequence[Note], after: Sequence[Note]) -> Sequence[Note]:
    known = Counter(map(_what, before))
    found: list[Note] = []
    for note in after:
        if note.severity not in ("error", "warning"):
            continue
        if known[_what(note)]:
            known[_what(note)] -= 1
        else:
            found.append(note)
    return sorted(found, key=lambda note: note.severity != "error")[:MAX_NOTES]


def _what(note: Note) -> tuple[Path, str, str, str, str]:
    return note.path, note.severity, note.message, note.source, note.code
