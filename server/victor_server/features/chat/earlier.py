"""The conversation so far, as a model is told it when it goes on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from victor_server.agent.messages import Message, assistant, user
from victor_server.agent.prompts import as_summary, used_text
from victor_server.agent.run_events import Answered, Compacted, ToolAsked, ToolEnded
from victor_server.agent.text_kinds import KeptText
from victor_server.agent.tools.limits import bounded
from victor_server.features.chat.model import ChatEvent, Prompted, Retried, Steered
from victor_server.features.chat.stored import from_stored
from victor_server.history.model import StoredEvent

_MAX_RESULT = 600
_MAX_ARGUMENTS = 200
_MAX_CALLS = 20
"""Of one turn: what its tools gave is told in short, and asked for again where it is needed."""

_UNANSWERED = "(This was stopped before there was an answer.)"


@dataclass(slots=True)
class _Exchange:
    questions: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    calls: dict[str, ToolAsked] = field(default_factory=dict)
    results: dict[str, ToolEnded] = field(default_factory=dict)

    def messages(self) -> list[Message]:
        """The question, with what was looked up for it, and the answer; nothing where nothing came of it."""
        answer = "".join(self.answers)
        if not answer.strip() and not self.results:
            return []
        used = [used_text(self._used())] if self.calls else []
        return [
            user("\n\n".join([*self.questions, *used])),
            assistant(answer if answer.strip() else _UNANSWERED),
        ]

    def _used(self) -> list[tuple[str, KeptText]]:
        calls = list(self.calls.values())[-_MAX_CALLS:]
        return [self._call(call) for call in calls]

    def _call(self, call: ToolAsked) -> tuple[str, KeptText]:
        arguments = json.dumps(call.arguments, ensure_ascii=False)
        line = f"{call.name} {bounded_line(arguments)}"
        ended = self.results.get(call.id)
        if ended is None:
            return f"{line}: not finished", KeptText("")
        return f"{line}: {ended.status}", KeptText(bounded(ended.kept, _MAX_RESULT))


def bounded_line(text: str) -> str:
    """A text on one line, its end cut."""
    return text if len(text) <= _MAX_ARGUMENTS else f"{text[:_MAX_ARGUMENTS]}…"


def earlier_messages(kept: Sequence[StoredEvent]) -> list[Message]:
    """Questions that were answered at least in part, what tools gave for them in short, and the answers.

    Calls of tools are told as text: so a conversation can go on with any model, and no call is without its result.
    What a summary stands for is not told any more.
    """
    told = [(each.turn_id, event) for each in kept if (event := from_stored(each.kind, each.data))]
    retried = {event.turn_id for _, event in told if isinstance(event, Retried)}
    before: list[Message] = []
    exchanges: dict[str, _Exchange] = {}
    for turn_id, event in told:
        if turn_id in retried:
            continue
        if isinstance(event, Compacted) and event.summary:
            for turn in [turn for turn in exchanges if turn != turn_id]:
                before += exchanges.pop(turn).messages()
            before = [as_summary(event.summary), *before[event.n_messages :]]
        else:
            _take(exchanges, turn_id, event)
    return [*before, *(message for each in exchanges.values() for message in each.messages())]


def _take(exchanges: dict[str, _Exchange], turn_id: str, event: ChatEvent) -> None:
    match event:
        case Prompted(asked="") | Steered(kept=""):
            return  # what no model was asked
        case Prompted(asked=text) | Steered(kept=text):
            exchanges.setdefault(turn_id, _Exchange()).questions.append(text)
        case _ if turn_id not in exchanges:
            return
        case Answered(kept=text):
            exchanges[turn_id].answers.append(text)
        case ToolAsked():
            exchanges[turn_id].calls[event.id] = event
        case ToolEnded():
            exchanges[turn_id].results[event.id] = event
        case _:
            pass
