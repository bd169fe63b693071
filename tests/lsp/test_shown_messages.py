"""Messages that the server has an editor show."""

from typing import Any

from lsprotocol import types

from victor_server.lsp.client import Client


class Recorder:
    """An outbound that keeps what was sent."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def notify(self, method: str, params: Any | None = None) -> None:
        """Keep a message."""
        assert method == types.WINDOW_SHOW_MESSAGE
        assert isinstance(params, types.ShowMessageParams)
        self.messages.append(params.message)

    async def ask(self, method: str, params: Any | None = None) -> Any:
        """Nothing is asked here."""
        raise NotImplementedError

    async def ask_while_wanted(
        self, method: str, params: Any | None = None, message_id: str | None = None
    ) -> Any:
        """Nothing is asked here."""
        raise NotImplementedError


def test_no_message_holds_a_link() -> None:
    """VS Code runs the command that a message links to, and a file may be named like such a link."""
    recorder = Recorder()
    client = Client(recorder)
    client.show("Victor wrote [all](command:x).py")
    client.show_once("a", "Victor cannot index /srv/[b](https://evil.example)")
    assert recorder.messages == [
        "Victor wrote [all] (command:x).py",
        "Victor cannot index /srv/[b] (https://evil.example)",
    ]
