"""Makes a conversation that no longer fits a model shorter: a summary stands for its older part."""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass

from victor_server.agent.calls.call import CallEvent
from victor_server.agent.events import TextDelta
from victor_server.agent.messages import Message, user
from victor_server.agent.prompts import as_summary, to_summarise, transcript_of
from victor_server.agent.text_kinds import KeptText
from victor_server.agent.window import tokens_of

SUMMARY_TASK = "summary"

_LEAST_ROOM = 200
"""Tokens of a transcript below which it makes no sense to ask for a summary."""

Ask = Callable[[Message], AsyncGenerator[CallEvent, None]]
"""Asks a model for a summary: one message, and the call's events."""


_NOTHING = KeptText("")


@dataclass(slots=True)
class Compacting:
    """One compaction: `events` while it runs, then `summary`, which stands for the first `n_messages`."""

    earlier: Sequence[Message]
    n_messages: int
    room: int
    ask: Ask
    summary: KeptText = _NOTHING

    async def events(self) -> AsyncGenerator[CallEvent, None]:
        """Summarise as much at once as fits `room` tokens, each time together with the summary so far."""
        waiting = transcript_of(self.earlier[: self.n_messages])
        while waiting:
            text = f"{self.summary}\n\n" if self.summary else ""
            taken = await _taken(text, waiting, self.room)
            waiting = waiting[len(taken) :]
            answer: list[str] = []
            async for event in self.ask(to_summarise(KeptText(text + "\n\n".join(taken)))):
                if isinstance(event, TextDelta):
                    answer.append(event.text)
                else:
                    yield event
            self.summary = KeptText("".join(answer).strip())

    @property
    def messages(self) -> list[Message]:
        """The conversation, shorter."""
        return [as_summary(self.summary), *self.earlier[self.n_messages :]]


async def n_to_summarise(earlier: Sequence[Message], room: int) -> int:
    """How many of the first messages must go so that the rest takes half of `room`; the rest begins with a question."""
    none = await tokens_of([])
    sizes = [await tokens_of([message]) - none for message in earlier]
    n_kept, total = 0, 0
    for size in reversed(sizes):
        if total + size > room // 2:
            break
        total += size
        n_kept += 1
    n_gone = len(earlier) - n_kept
    while n_gone < len(earlier) and earlier[n_gone].role != "user":
        n_gone += 1
    return n_gone


async def _taken(before: str, waiting: Sequence[KeptText], room: int) -> list[KeptText]:
    """The first paragraphs that fit; at least one, cut where it is longer than all there is."""
    left = max(room - await tokens_of([to_summarise(KeptText(before))]), _LEAST_ROOM)
    none = await tokens_of([])
    taken: list[KeptText] = []
    for text in waiting:
        size = await tokens_of([user(text)]) - none
        if size > left:
            break
        taken.append(text)
        left -= size
    return taken or [KeptText(waiting[0][: left * 2])]
