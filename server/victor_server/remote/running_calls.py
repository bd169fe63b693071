"""The calls of a connection that wait for their answers: each event once and in order, across connections."""

import asyncio
from dataclasses import dataclass, field

from victor_server.errors import ServerSilent, VictorError
from victor_server.protocol import CallEvents, CallStart, CallStatus, WireEvent


@dataclass(frozen=True, slots=True)
class Resumed:
    """The connection is back, and what was missed follows; whether the call itself had arrived is to be asked."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection is gone for good, and what was missed with it."""


Item = WireEvent | CallStatus | VictorError | Resumed | Lost


class Interrupted(ServerSilent):
    """An answer broke off after it had begun. What was said was paid for; it is not asked for again by itself."""

    def __init__(self) -> None:
        super().__init__(
            "The answer was interrupted: the connection to the team's backend was lost.",
            "Ask again. What had come of the answer counts as used.",
        )


@dataclass(slots=True)
class RunningCall:
    """One call. `has_said`: an event of it has come."""

    start: CallStart
    n_events: int = 0
    is_over: bool = False
    items: asyncio.Queue[Item] = field(default_factory=asyncio.Queue)

    @property
    def has_said(self) -> bool:
        """Whether an event of it has come."""
        return self.n_events > 0

    def put(self, item: Item) -> None:
        """Tell whoever reads the answer."""
        self.items.put_nowait(item)

    def took(self, events: CallEvents) -> None:
        """Events came. Those that were there before are passed over; where some are missing the call is lost."""
        if events.n > self.n_events:
            self.put(Lost())
            return
        for event in events.events[self.n_events - events.n :]:
            self.n_events += 1
            self.put(event)


class RunningCalls:
    """All of them, by their ids."""

    def __init__(self) -> None:
        self._calls: dict[str, RunningCall] = {}

    def begin(self, start: CallStart) -> RunningCall:
        """A call that is about to be asked."""
        call = RunningCall(start)
        self._calls[start.call_id] = call
        return call

    def end(self, call: RunningCall) -> None:
        """Nobody reads it any more."""
        self._calls.pop(call.start.call_id, None)

    def took(self, events: CallEvents) -> None:
        """Events came; those of a call that nobody reads any more are dropped."""
        call = self._calls.get(events.call_id)
        if call is not None:
            call.took(events)

    def tell_all(self, item: Item) -> None:
        """Tell all that run."""
        for call in tuple(self._calls.values()):
            call.put(item)

    def __len__(self) -> int:
        return len(self._calls)
