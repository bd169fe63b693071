"""The messages that LSP does not have: their shapes, from which `docs/lsp-extensions.md` is generated."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from lsprotocol import types

SEARCH = "victor/search"
STATUS = "victor/status"
STATUS_DID_CHANGE = "victor/status/didChange"
INDEX_STATUS = "victor/index/status"
INDEX_PAUSE = "victor/index/pause"
INDEX_RESUME = "victor/index/resume"
INDEX_REBUILD = "victor/index/rebuild"


def _says(text: str) -> dict[str, str]:
    return {"text": text}


@dataclass(frozen=True, slots=True)
class SearchParams:
    """A question to the index."""

    query: str = field(metadata=_says("Words, or names as they stand in the code."))
    k: int = field(default=10, metadata=_says("How many hits at most, 1 to 100."))
    root: str | None = field(
        default=None,
        metadata=_says("URI or path of the one workspace folder to search; all of them without it."),
    )


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One answer."""

    uri: str = field(metadata=_says("The file."))
    path: str = field(metadata=_says("The file, relative to its workspace folder, with `/` between parts."))
    range: types.Range = field(
        metadata=_says("Whole lines: from the start of the first to the start of the line behind the last.")
    )
    symbol: str = field(metadata=_says("Dotted name of the definition that the hit shows; empty if none."))
    kind: str = field(metadata=_says("That definition's kind; `text` or `code` if none."))
    score: float = field(metadata=_says("The higher, the better."))
    why: Mapping[str, float] = field(
        metadata=_says("What each signal contributed; the contributions add up to the score.")
    )


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first."""

    query: str = field(metadata=_says("The question."))
    partial: bool = field(metadata=_says("True when files that may matter were not indexed yet."))
    hits: list[SearchHit] = field(metadata=_says("At most `k`."))


@dataclass(frozen=True, slots=True)
class RootParams:
    """One workspace folder, or all."""

    root: str | None = field(
        default=None, metadata=_says("URI or path of a workspace folder; all of them without it.")
    )


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """Where the index of one workspace folder stands."""

    root: str = field(metadata=_says("Path of the folder; empty when none is open."))
    state: Literal["scanning", "indexing", "ready", "paused", "error"] = field(
        metadata=_says("What it is doing.")
    )
    files_done: int = field(metadata=_says("Files that are dealt with."))
    files_total: int = field(metadata=_says("Files that are known; rises while they are looked for."))
    detail: str = field(metadata=_says("A sentence for a person; empty when there is nothing to say."))


@dataclass(frozen=True, slots=True)
class IndexStatusResult:
    """Where the index stands."""

    index: IndexStatus = field(
        metadata=_says("The folder that was asked for; of several the one that is furthest from ready.")
    )
    indexes: list[IndexStatus] = field(metadata=_says("Every folder."))


@dataclass(frozen=True, slots=True)
class StatusResult:
    """What an editor shows in its status line."""

    index: IndexStatus = field(
        metadata=_says("The folder that was asked for; of several the one that is furthest from ready.")
    )
    indexes: list[IndexStatus] = field(metadata=_says("Every folder."))
    route: Mapping[str, Any] = field(metadata=_says("Which model answers; empty while none is configured."))
    offline: bool = field(metadata=_says("True while nothing outside this machine may be reached."))
    team: Mapping[str, Any] = field(metadata=_says("The shared backend; empty while none is attached."))


@dataclass(frozen=True, slots=True)
class Extension:
    """One method. `announced` is the key of `experimental.victor` that says who takes it."""

    method: str
    kind: Literal["request", "notification"]
    direction: Literal["client → server", "server → client"]
    announced: str
    params: type[Any]
    result: type[Any] | None
    command: str
    text: str


EXTENSIONS = (
    Extension(
        SEARCH,
        "request",
        "client → server",
        "search",
        SearchParams,
        SearchResult,
        "victor.search",
        "Find code by words and by names. While the index is being built, the answer is what there is, and `partial`.",
    ),
    Extension(
        STATUS,
        "request",
        "client → server",
        "status",
        RootParams,
        StatusResult,
        "victor.status",
        "What the server is doing. Answers at once.",
    ),
    Extension(
        STATUS_DID_CHANGE,
        "notification",
        "server → client",
        "status",
        StatusResult,
        None,
        "",
        "Sent at each change of the status, a few times a second at most, to clients that announce `status`.",
    ),
    Extension(
        INDEX_STATUS,
        "request",
        "client → server",
        "index",
        RootParams,
        IndexStatusResult,
        "",
        "Where the index stands. Answers at once.",
    ),
    Extension(
        INDEX_PAUSE,
        "request",
        "client → server",
        "index",
        RootParams,
        IndexStatusResult,
        "victor.index.pause",
        "Stop to index. What is indexed stays searchable.",
    ),
    Extension(
        INDEX_RESUME,
        "request",
        "client → server",
        "index",
        RootParams,
        IndexStatusResult,
        "victor.index.resume",
        "Go on to index.",
    ),
    Extension(
        INDEX_REBUILD,
        "request",
        "client → server",
        "index",
        RootParams,
        IndexStatusResult,
        "victor.index.rebuild",
        "Throw the index away and build it anew; answers once that has begun.",
    ),
)

SECRETS_FIXED = "victor.secrets.fixed"
SECRETS_REVOKE = "victor.secrets.revoke"


@dataclass(frozen=True, slots=True)
class FixedParams:
    """A code action whose edit was applied."""

    offer: int = field(metadata=_says("The number that came with the action."))


@dataclass(frozen=True, slots=True)
class RevokeParams:
    """A kind of secret."""

    rule: str = field(metadata=_says("The `code` of its diagnostic."))


ACTION_COMMANDS = (
    (
        SECRETS_FIXED,
        "Sent behind a fix's edit: says what is left to do, and checks again what the edit concerns.",
    ),
    (
        SECRETS_REVOKE,
        "Opens the page where a secret is revoked; a client that opens none is told the address.",
    ),
)
"""Commands that code actions bring along. They answer null at once."""

COMMANDS = tuple(
    sorted(
        [
            *(extension.command for extension in EXTENSIONS if extension.command),
            *(name for name, _ in ACTION_COMMANDS),
        ]
    )
)
"""The same requests for clients that can only execute commands, and what code actions need: each has one argument."""

ANNOUNCED = {"version": 1, "search": True, "status": True, "index": True}
"""What the server says of itself in `capabilities.experimental.victor`."""

ERRORS = (
    (-32700, "The message is not JSON, or its frame is broken. Answered with a null id."),
    (-32600, "Not a JSON-RPC message, a second `initialize`, or a request after `shutdown`."),
    (-32601, "There is no such method."),
    (-32602, "The params are malformed; the message says where."),
    (-32002, "A request before `initialize`."),
    (-32603, "A fault in the server; its log has the details."),
    (-32800, "The client cancelled the request."),
    (-32803, "The request failed. `data.kind` names the reason, `data.fix` says what to do next."),
)

KINDS = (
    ("usage", "What was asked cannot be done as asked, such as a folder that is not open."),
    ("bad_settings", "Settings could not be read."),
    ("unavailable", "A part that is needed does not answer, or is switched off."),
    ("worker_unavailable", "No index worker answers, and none could be started."),
    ("workspace_not_found", "The folder is not there."),
    ("store_unreadable", "The index on disk is corrupt or of another format; it is being rebuilt."),
    ("disk_full", "The index could not be written for want of space."),
)


def shapes() -> list[type[Any]]:
    """Every params and result type and what they hold, in the order in which they are first met."""
    found: dict[type[Any], None] = {}
    for extension in EXTENSIONS:
        for shape in (extension.params, extension.result):
            if shape is not None:
                found.setdefault(shape)
                for inner in _inner_shapes(shape):
                    found.setdefault(inner)
    return list(found)


def _inner_shapes(shape: type[Any]) -> list[type[Any]]:
    inner = (_item(each.type) for each in fields(shape))
    return [each for each in inner if isinstance(each, type) and hasattr(each, "__dataclass_fields__")]


def _item(shape: Any) -> Any:
    return shape.__args__[0] if getattr(shape, "__origin__", None) is list else shape
