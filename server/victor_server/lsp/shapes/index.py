"""Search, the status, and the index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lsprotocol import types

from victor_server.lsp.shapes.extension import Extension, says

SEARCH = "victor/search"
STATUS = "victor/status"
STATUS_DID_CHANGE = "victor/status/didChange"
INDEX_STATUS = "victor/index/status"
INDEX_PAUSE = "victor/index/pause"
INDEX_RESUME = "victor/index/resume"
INDEX_REBUILD = "victor/index/rebuild"


@dataclass(frozen=True, slots=True)
class SearchParams:
    """A question to the index."""

    query: str = field(metadata=says("Words, or names as they stand in the code."))
    k: int = field(default=10, metadata=says("How many hits at most, 1 to 100."))
    root: str | None = field(
        default=None,
        metadata=says("URI or path of the one workspace folder to search; all of them without it."),
    )


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One answer."""

    uri: str = field(metadata=says("The file."))
    path: str = field(metadata=says("The file, relative to its workspace folder, with `/` between parts."))
    range: types.Range = field(
        metadata=says("Whole lines: from the start of the first to the start of the line behind the last.")
    )
    symbol: str = field(metadata=says("Dotted name of the definition that the hit shows; empty if none."))
    kind: str = field(metadata=says("That definition's kind; `text` or `code` if none."))
    score: float = field(metadata=says("The higher, the better."))
    why: Mapping[str, float] = field(
        metadata=says("What each signal contributed; the contributions add up to the score.")
    )


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Hits, best first."""

    query: str = field(metadata=says("The question."))
    partial: bool = field(metadata=says("True when files that may matter were not indexed yet."))
    hits: list[SearchHit] = field(metadata=says("At most `k`."))


@dataclass(frozen=True, slots=True)
class RootParams:
    """One workspace folder, or all."""

    root: str | None = field(
        default=None, metadata=says("URI or path of a workspace folder; all of them without it.")
    )


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """Where the index of one workspace folder stands."""

    root: str = field(metadata=says("Path of the folder; empty when none is open."))
    state: Literal["scanning", "indexing", "ready", "paused", "error"] = field(
        metadata=says("What it is doing.")
    )
    files_done: int = field(metadata=says("Files that are dealt with."))
    files_total: int = field(metadata=says("Files that are known; rises while they are looked for."))
    detail: str = field(metadata=says("A sentence for a person; empty when there is nothing to say."))


@dataclass(frozen=True, slots=True)
class IndexStatusResult:
    """Where the index stands."""

    index: IndexStatus = field(
        metadata=says("The folder that was asked for; of several the one that is furthest from ready.")
    )
    indexes: list[IndexStatus] = field(metadata=says("Every folder."))


@dataclass(frozen=True, slots=True)
class StatusResult:
    """What an editor shows in its status line."""

    index: IndexStatus = field(
        metadata=says("The folder that was asked for; of several the one that is furthest from ready.")
    )
    indexes: list[IndexStatus] = field(metadata=says("Every folder."))
    route: Mapping[str, Any] = field(
        metadata=says(
            "Who answered last: `task`, `profile`, `provider`, `model`, `reason`, `leavesMachine`, `costUsd` and"
            " `ruledOut`; empty while nobody was asked."
        )
    )
    offline: bool = field(metadata=says("True while nothing outside this machine may be reached."))
    team: Mapping[str, Any] = field(
        metadata=says(
            "The team's backend: `url`, `state` (`idle`, `connecting`, `attached`, `away`, `login_needed`, `draining`), `tenant`, `user`, `backlog`, `policy`, `trouble`; empty where nobody logged in."
        )
    )
    budget: Mapping[str, Any] = field(
        metadata=says(
            "The budget that is nearest to its end: `name`, `unit`, `limit`, `used` and `left`; empty while none is"
            " set or known. A chat's own budget is that of the chat that was asked last."
        )
    )
    mode: Literal["plan", "ask", "build", ""] = field(
        metadata=says("How free the agent is; empty while that is not known yet.")
    )
    restricted: bool = field(
        metadata=says("True where the editor said at `initialize` that it does not trust the folder.")
    )


EXTENSIONS: Sequence[Extension] = (
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
