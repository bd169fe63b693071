"""Chat: the payloads are those of the Agent Client Protocol wherever it has them, so the names are in its spelling."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lsprotocol import types

from victor_server.lsp.shapes.extension import Extension, says

CHAT_NEW = "victor/chat/new"
CHAT_PROMPT = "victor/chat/prompt"
CHAT_CANCEL = "victor/chat/cancel"
CHAT_STEER = "victor/chat/steer"
CHAT_RETRY = "victor/chat/retry"
CHAT_LIST = "victor/chat/list"
CHAT_LOAD = "victor/chat/load"
CHAT_FORK = "victor/chat/fork"
CHAT_RENAME = "victor/chat/rename"
CHAT_DELETE = "victor/chat/delete"
CHAT_COMMANDS = "victor/chat/commands"
CHAT_QUERY_CONTEXT = "victor/chat/queryContext"
CHAT_UPDATE = "victor/chat/update"

_PROMPT = (
    "Content blocks of the Agent Client Protocol: `text`; `resource_link`, which mentions a file; `resource` with a"
    " text, which is shown to the model."
)
_TOKEN = "Progress is reported under it, if there is one; cancelling it stops the answer."  # noqa: S105 - no password


@dataclass(frozen=True, slots=True)
class NoParams:
    """Nothing."""


@dataclass(frozen=True, slots=True)
class ChatNewParams:
    """A new chat."""

    root: str | None = field(
        default=None,
        metadata=says("URI or path of the workspace folder that it is about; the first one without it."),
    )
    title: str = field(default="", metadata=says("Its title; the first question gives it one otherwise."))


@dataclass(frozen=True, slots=True)
class ChatNewResult:
    """A chat."""

    sessionId: str = field(metadata=says("Its name in all other messages."))


@dataclass(frozen=True, slots=True)
class ChatPromptParams:
    """A question."""

    sessionId: str = field(metadata=says("The chat."))
    prompt: list[Mapping[str, Any]] = field(metadata=says(_PROMPT))
    profile: str = field(default="", metadata=says("Who answers this one, by the name of the profile."))
    textDocument: types.TextDocumentIdentifier | None = field(
        default=None, metadata=says("The document that the person looks at.")
    )
    range: types.Range | None = field(default=None, metadata=says("What is selected in it."))
    workDoneToken: str | int | None = field(default=None, metadata=says(_TOKEN))


@dataclass(frozen=True, slots=True)
class ChatRetryParams:
    """The last question once more; the new turn stands for the old one."""

    sessionId: str = field(metadata=says("The chat."))
    profile: str = field(default="", metadata=says("Who answers, by the name of the profile."))
    workDoneToken: str | int | None = field(default=None, metadata=says(_TOKEN))


@dataclass(frozen=True, slots=True)
class ChatPromptResult:
    """How the turn ended. A turn that failed is an error of the request."""

    stopReason: Literal["end_turn", "max_tokens", "max_turn_requests", "refusal", "cancelled"] = field(
        metadata=says("As in the Agent Client Protocol.")
    )
    _meta: Mapping[str, Any] = field(
        metadata=says(
            "`victor`: `turnId`, `receipt` (the last one) and `citations`, places as LSP locations; for a client that"
            " does not announce `chat` also the answer, `text`."
        )
    )


@dataclass(frozen=True, slots=True)
class ChatSessionParams:
    """One chat."""

    sessionId: str = field(metadata=says("The chat."))


@dataclass(frozen=True, slots=True)
class ChatCancelResult:
    """Whether there was something to stop."""

    cancelled: bool = field(metadata=says("False if no answer was being written."))


@dataclass(frozen=True, slots=True)
class ChatSteerParams:
    """Something to say while the answer is being written."""

    sessionId: str = field(metadata=says("The chat."))
    prompt: list[Mapping[str, Any]] = field(metadata=says(_PROMPT))


@dataclass(frozen=True, slots=True)
class ChatListParams:
    """Which chats."""

    root: str | None = field(
        default=None, metadata=says("URI or path of a workspace folder; the chats of all folders without it.")
    )


@dataclass(frozen=True, slots=True)
class ChatSessionInfo:
    """A chat, as in the Agent Client Protocol."""

    sessionId: str = field(metadata=says("Its name."))
    cwd: str = field(metadata=says("The path of its workspace; empty without one."))
    title: str = field(metadata=says("Its title."))
    updatedAt: str = field(metadata=says("When it was last used, ISO 8601 in UTC."))
    _meta: Mapping[str, Any] = field(
        metadata=says("`victor`: `turns`, their number; `openElsewhere`, true while another window has it.")
    )


@dataclass(frozen=True, slots=True)
class ChatListResult:
    """Chats, the one used last first."""

    sessions: list[ChatSessionInfo] = field(metadata=says("Those with at least one turn."))


@dataclass(frozen=True, slots=True)
class ChatLoadParams:
    """A chat to go on with."""

    sessionId: str = field(metadata=says("The chat."))
    afterSeq: int = field(
        default=0, metadata=says("The `seq` of the last update that the client has; 0 for all of them.")
    )


@dataclass(frozen=True, slots=True)
class ChatLoadResult:
    """The chat; what happened in it was sent as updates before this."""

    session: ChatSessionInfo = field(metadata=says("The chat."))
    lastSeq: int = field(metadata=says("The `seq` of the last update."))


@dataclass(frozen=True, slots=True)
class ChatForkParams:
    """A chat to begin another one with."""

    sessionId: str = field(metadata=says("The chat."))
    upToTurn: str | None = field(
        default=None, metadata=says("The `turnId` of the last turn to take over; all of them without it.")
    )


@dataclass(frozen=True, slots=True)
class ChatRenameParams:
    """Another title."""

    sessionId: str = field(metadata=says("The chat."))
    title: str = field(metadata=says("Its new title."))


@dataclass(frozen=True, slots=True)
class ChatCommand:
    """A slash command, as in the Agent Client Protocol."""

    name: str = field(metadata=says("What follows the slash."))
    description: str = field(metadata=says("What it does."))
    input: Mapping[str, str] | None = field(metadata=says("`hint`: what may follow it."))


@dataclass(frozen=True, slots=True)
class ChatCommandsResult:
    """The slash commands."""

    availableCommands: list[ChatCommand] = field(metadata=says("All of them."))


@dataclass(frozen=True, slots=True)
class ChatQueryContextParams:
    """A question that is being written."""

    text: str = field(metadata=says("All of it that stands before the cursor."))
    root: str | None = field(
        default=None, metadata=says("URI or path of the workspace folder; the first one without it.")
    )


@dataclass(frozen=True, slots=True)
class ChatCompletion:
    """A way to go on."""

    replace: str = field(metadata=says("The end of the text that gives way."))
    text: str = field(metadata=says("What takes its place."))
    label: str = field(metadata=says("What a person reads."))
    detail: str = field(metadata=says("More about it; may be empty."))


@dataclass(frozen=True, slots=True)
class ChatQueryContextResult:
    """Commands at the start of the text, mentions behind an `@`."""

    items: list[ChatCompletion] = field(metadata=says("The best first."))


@dataclass(frozen=True, slots=True)
class ChatUpdateParams:
    """One thing that happened in a chat: a `session/update` of the Agent Client Protocol.

    Text comes in pieces; all else replaces what came before. What that protocol has no word for comes as a
    `session_info_update` that changes nothing, with the word in `_meta.victor`.
    """

    sessionId: str = field(metadata=says("The chat."))
    update: Mapping[str, Any] = field(metadata=says("The update."))
    _meta: Mapping[str, Any] = field(
        metadata=says(
            "`victor`: `seq`, which rises within the chat, not always by one; `turnId`; and one of `route` (who answers and why), `context`"
            " (what the model is shown), `usage`, `receipt`, `note` (a sentence of Victor's), `compacted`, `retried`,"
            " `stopReason` (the turn is over: with `citations` and `error`). Of a tool: `tool` (its name), `printed` (more of"
            " its output), `outcome` (`completed`, `failed`, `refused` or `cancelled`) with `decided` (who let it or not)."
        )
    )


def _request(
    method: str, params: type[Any], result: type[Any] | None, text: str, command: str = ""
) -> Extension:
    return Extension(method, "request", "client → server", "chat", params, result, command, text)


EXTENSIONS: Sequence[Extension] = (
    _request(
        CHAT_NEW,
        ChatNewParams,
        ChatNewResult,
        "Begin a chat. It belongs to this window; it is listed once something was asked in it.",
    ),
    _request(
        CHAT_PROMPT,
        ChatPromptParams,
        ChatPromptResult,
        "Ask something. Updates follow as the answer comes; the response comes at its end. Cancelling the request stops"
        " the answer, as `victor/chat/cancel` does.",
    ),
    _request(
        CHAT_CANCEL,
        ChatSessionParams,
        ChatCancelResult,
        "Stop the answer that is being written; its prompt is then answered with `cancelled`.",
    ),
    _request(CHAT_STEER, ChatSteerParams, None, "Say something to the model while it answers."),
    _request(CHAT_RETRY, ChatRetryParams, ChatPromptResult, "Ask the last question again."),
    _request(CHAT_LIST, ChatListParams, ChatListResult, "The chats that there are."),
    _request(
        CHAT_LOAD,
        ChatLoadParams,
        ChatLoadResult,
        "Open a chat and send what happened in it as updates. Secrets are kept as placeholders, and stay that. A turn"
        " that the end of the program cut off ends with the stop reason `interrupted`. While an answer is being written,"
        " what it says until now is among them, and the rest follows. Fails while another window has the chat.",
    ),
    _request(CHAT_FORK, ChatForkParams, ChatNewResult, "Begin a new chat with the turns of another one."),
    _request(CHAT_RENAME, ChatRenameParams, None, "Give a chat another title."),
    _request(CHAT_DELETE, ChatSessionParams, None, "Forget a chat and its receipts."),
    _request(
        CHAT_COMMANDS, NoParams, ChatCommandsResult, "The slash commands that a question may begin with."
    ),
    _request(
        CHAT_QUERY_CONTEXT,
        ChatQueryContextParams,
        ChatQueryContextResult,
        "Complete a question: its command, or what it mentions.",
    ),
    Extension(
        CHAT_UPDATE,
        "notification",
        "server → client",
        "chat",
        ChatUpdateParams,
        None,
        "",
        "Something happened in a chat. Sent to clients that announce `chat`; pieces of text are joined to at most one"
        " update in 30 ms.",
    ),
)
