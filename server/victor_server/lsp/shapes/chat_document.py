"""The commands by which a chat is held in a document, in editors that have nothing else for it."""

from dataclasses import dataclass, field

from lsprotocol import types

from victor_server.lsp.shapes.extension import says

CHAT = "victor.chat"
CHAT_SEND = "victor.chat.send"
RECEIPT = "victor.receipt"


@dataclass(frozen=True, slots=True)
class ChatDocumentParams:
    """A chat in a document."""

    text: str = field(default="", metadata=says("The question; without it a document opens to write it in."))
    uri: str | None = field(default=None, metadata=says("The document that the person looks at."))
    range: types.Range | None = field(default=None, metadata=says("What is selected in it."))


@dataclass(frozen=True, slots=True)
class ChatSendParams:
    """A chat document."""

    uri: str = field(metadata=says("The document; what stands under its last heading `You` is asked."))


@dataclass(frozen=True, slots=True)
class ReceiptParams:
    """A receipt."""

    id: str = field(metadata=says("The receipt."))


ACTION_COMMANDS = (
    (
        CHAT,
        "Opens a document to chat in: with `text`, the question; with `uri` and `range`, about a selection.",
    ),
    (CHAT_SEND, "Asks what stands under the last heading `You` of the chat document `uri`."),
    (RECEIPT, "Opens the receipt `id`: what left this machine in one model call."),
)
