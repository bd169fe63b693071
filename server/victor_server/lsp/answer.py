"""An answer that is being written for the client, as the messages about it need to know it."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from victor_server.features.chat.chat import Chat
    from victor_server.features.chat.model import ChatUpdate


@dataclass(slots=True)
class Answer:
    """`unwanted` once the client does not want it any more, which may be before it has begun.

    `chat` writes it, once that is known; after a change of settings it is not the one that others get. While the client
    loads the chat, updates wait in `held`; what it was told by that goes up to `told_seq`. `ended` is set at its end.
    """

    token: str | int | None = None
    unwanted: bool = False
    chat: "Chat | None" = None
    held: "list[tuple[ChatUpdate, Path | None]] | None" = None
    told_seq: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)
