"""Where texts from outside enter a conversation: their secrets stay behind, and where those came from is remembered."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from victor_server.agent.redaction.outgoing import MAX_INLINE
from victor_server.agent.text_kinds import KeptText
from victor_server.secrets.redaction.session import RedactionSession


@dataclass(frozen=True, slots=True)
class Outside:
    """A text as it stands outside. `path` tells how values are written in it; "" where nobody knows.

    `origin` is what its secrets belong to: a file's path, "" what the person wrote, None nothing (a tool's output):
    secrets of nothing are shown in prose, but in no code.
    """

    text: str = field(repr=False)
    path: str = ""
    origin: str | None = None


def of_person(text: str) -> Outside:
    """What the person wrote or pasted."""
    return Outside(text, origin="")


def of_file(text: str, path: str) -> Outside:
    """A part of a file; of what is of no file, `path` is "", and then its secrets belong to nothing."""
    return Outside(text, path, path or None)


async def take_in(texts: Sequence[Outside], session: RedactionSession) -> list[KeptText]:
    """The texts without their secrets, in order. What looks like one of our placeholders is quoted, so that it gets
    nobody anything. Long texts are looked at in a thread. Raises `Unavailable` once the conversation was closed."""
    if sum(len(each.text) for each in texts) <= MAX_INLINE:
        return [take_in_now(each, session) for each in texts]
    return await asyncio.to_thread(lambda: [take_in_now(each, session) for each in texts])


def take_in_now(outside: Outside, session: RedactionSession) -> KeptText:
    """One text, at once."""
    kept, taken = session.redact(outside.text, outside.path)
    if outside.origin is not None:
        session.note_origin(taken, outside.origin)
    return KeptText(kept)
