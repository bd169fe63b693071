"""Keeps secrets that a model says by itself out of what is kept of its answer."""

from collections.abc import Iterator

from victor_server.agent.redaction.kept import KeptStream
from victor_server.agent.run_events import Answered, Thought
from victor_server.agent.text_kinds import ShownText
from victor_server.features.chat.model import ChatEvent
from victor_server.secrets.redaction.session import RedactionSession


class KeptAnswer:
    """The events of one turn go through it, in order. What a person is shown stays what the model said.

    What waits is shown when it is kept, so that who loads an answer from some event on reads nothing twice.
    """

    def __init__(self, session: RedactionSession) -> None:
        self._stream = KeptStream(session)
        self._kind: type[Answered | Thought] = Answered
        self._unshown = ""

    @property
    def waiting(self) -> str:
        """The end of the text so far, of which nothing was handed on yet."""
        return self._stream.waiting

    def take(self, event: ChatEvent) -> Iterator[ChatEvent]:
        """The event as it is kept; before it what was still to be kept of the text before."""
        if not isinstance(event, Answered | Thought):
            yield from self._rest()
            yield event
            return
        if type(event) is not self._kind:
            yield from self._rest()
            self._kind = type(event)
        kept = self._stream.feed(event.kept)
        shown, waiting = self._unshown + event.shown, self._stream.waiting
        self._unshown = waiting if waiting and shown.endswith(waiting) else ""
        told = shown.removesuffix(self._unshown)
        if told or kept:
            yield self._kind(ShownText(told), kept)

    def _rest(self) -> Iterator[ChatEvent]:
        shown, self._unshown = self._unshown, ""
        kept = self._stream.finish()
        if shown or kept:
            yield self._kind(ShownText(shown), kept)
