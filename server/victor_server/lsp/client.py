"""What the server says to its client of its own accord."""

from typing import Any, Protocol

from lsprotocol import types


class Outbound(Protocol):
    """The way out: notifications, and requests that the client answers."""

    def notify(self, method: str, params: Any | None = None) -> None:
        """Send a notification."""
        ...

    async def ask(self, method: str, params: Any | None = None) -> Any:
        """Send a request and wait for the result, which is plain JSON. Raises ClientRefusedError when there is none."""
        ...

    async def ask_while_wanted(
        self, method: str, params: Any | None = None, message_id: str | None = None
    ) -> Any:
        """The same; a cancel takes the question back from the client, which is told."""
        ...


class ClientRefusedError(Exception):
    """The client answered a request of ours with an error."""


class Client:
    """The client as handlers see it."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        self._shown: set[str] = set()
        self.notify = outbound.notify
        self.ask = outbound.ask

    async def ask_while_wanted(
        self, method: str, params: Any | None = None, message_id: str | None = None
    ) -> Any:
        """As `ask`; a cancel takes the question back from the client. `message_id` must be like no other."""
        return await self._outbound.ask_while_wanted(method, params, message_id)

    def show(self, text: str, kind: types.MessageType = types.MessageType.Error) -> None:
        """Tell the person something."""
        params = types.ShowMessageParams(type=kind, message=without_links(text))
        self.notify(types.WINDOW_SHOW_MESSAGE, params)

    def show_once(self, about: str, text: str, kind: types.MessageType = types.MessageType.Error) -> None:
        """Tell the person something, once for each thing that it is `about`."""
        if about not in self._shown:
            self._shown.add(about)
            self.show(text, kind)


def without_links(text: str) -> str:
    """Some editors make links, even of commands of their own, of `[words](address)` in a message."""
    return text.replace("](", "] (")
