"""What tools may do, and how a person is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from victor_server.lsp.shapes.extension import Extension, says

PERMISSION_REQUEST = "victor/permission/request"
PERMISSIONS_LIST = "victor/permissions/list"
PERMISSIONS_SET = "victor/permissions/set"

_ROOT = "URI or path of an open workspace folder"


@dataclass(frozen=True, slots=True)
class PermissionRequestParams:
    """A question, as in `session/request_permission` of the Agent Client Protocol."""

    sessionId: str = field(metadata=says("The chat; empty where an action on code asks."))
    toolCall: Mapping[str, Any] = field(
        metadata=says(
            "What is wanted: `toolCallId`, `title` (plain text, may be cut), `kind`, `locations`, and `content` with all"
            " of it."
        )
    )
    options: list[Mapping[str, Any]] = field(
        metadata=says(
            "What can be answered: `optionId` `once` (`allow_once`), `session` and `always` (both `allow_always`), `no`"
            " (`reject_once`), `never` (`reject_always`). What is remembered stands in `_meta.victor.patterns`; where"
            " nothing can be, only `once` and `no` are offered."
        )
    )
    _meta: Mapping[str, Any] = field(
        metadata=says(
            "`victor`: `question` (the id of the request, by which it is taken back), `turnId`, `tool`; in plain text,"
            " of which every character is seen, `wish`, `things`"
            " (the command line, the address, or the files), `folder` (where a command runs, empty for the workspace's"
            " own), `reason` and `rule` (why it is asked for), `commands` (each with `argv`, `decision`, `rule`) and"
            " `patterns`."
        )
    )


@dataclass(frozen=True, slots=True)
class PermissionRequestResult:
    """What the person said."""

    outcome: Mapping[str, Any] = field(
        metadata=says(
            '`{"outcome": "selected", "optionId": …}`, or `{"outcome": "cancelled"}`. What is none of both is a no.'
        )
    )
    _meta: Mapping[str, Any] = field(
        default_factory=dict,
        metadata=says("`victor.reason`: what the person says with a no, which the model is told."),
    )


@dataclass(frozen=True, slots=True)
class PermissionsListParams:
    """Where."""

    root: str | None = field(default=None, metadata=says(f"{_ROOT}; the first one without it."))


@dataclass(frozen=True, slots=True)
class PermissionRule:
    """A rule that holds; the last that fits wins."""

    tool: str = field(metadata=says("The tools that it is for, as in `permissions.yaml`."))
    decision: Literal["allow", "ask", "deny"] = field(metadata=says("What it says."))
    path: str | None = field(metadata=says("The files, null for all."))
    command: str | None = field(metadata=says("The commands, null for all."))
    url: str | None = field(metadata=says("The addresses, null for all."))
    source: Literal["default", "file", "workspace", "answer", "session", "none"] = field(
        metadata=says(
            "Who says so: Victor, `permissions.yaml`, the workspace's, an answer for always or for a session."
        )
    )
    place: str = field(metadata=says("Where it stands, in words for a person."))
    root: str = field(metadata=says("The only folder that it holds in, empty for all."))
    since: str = field(metadata=says("When it was answered, ISO 8601 in UTC; empty for what is written."))
    id: str = field(metadata=says("The name of an answer, to take it back by; empty for all else."))


@dataclass(frozen=True, slots=True)
class PermissionProblem:
    """Something wrong in what was written. While there is one, all but reading is asked for."""

    source: str = field(metadata=says("The file."))
    line: int | None = field(metadata=says("The line, counted from 1, where it is in one."))
    message: str = field(metadata=says("What is wrong."))


@dataclass(frozen=True, slots=True)
class PermissionsListResult:
    """What holds."""

    mode: str = field(metadata=says("The mode, in which the rules count or are stricter."))
    rules: list[PermissionRule] = field(metadata=says("In their order."))
    problems: list[PermissionProblem] = field(metadata=says("What is wrong."))


@dataclass(frozen=True, slots=True)
class PermissionsSetParams:
    """What a person wants remembered, or forgotten. Ask them first: never send this of your own accord."""

    forget: str = field(
        default="", metadata=says("The id of an answer to take back; all other fields are then left out.")
    )
    decision: Literal["allow", "ask", "deny"] = field(default="ask", metadata=says("What is to hold."))
    tool: str = field(default="", metadata=says("The tools, as in `permissions.yaml`."))
    path: str | None = field(default=None, metadata=says("Only these files."))
    command: str | None = field(default=None, metadata=says("Only these commands."))
    url: str | None = field(default=None, metadata=says("Only these addresses."))
    root: str | None = field(default=None, metadata=says(f"{_ROOT}; the first one without it."))
    everywhere: bool = field(default=False, metadata=says("In all folders instead."))


@dataclass(frozen=True, slots=True)
class PermissionsSetResult:
    """What was remembered, or forgotten."""

    rule: PermissionRule = field(metadata=says("The rule, with the id by which it is taken back."))


EXTENSIONS: Sequence[Extension] = (
    Extension(
        PERMISSIONS_LIST,
        "request",
        "client → server",
        "permission",
        PermissionsListParams,
        PermissionsListResult,
        "victor.permissions.list",
        "Which rules say what tools may do.",
    ),
    Extension(
        PERMISSIONS_SET,
        "request",
        "client → server",
        "permission",
        PermissionsSetParams,
        PermissionsSetResult,
        "victor.permissions.set",
        "Remember a rule as an answer for always, or take one back. Recorded in the audit log; an allow is refused"
        " where that cannot be written.",
    ),
    Extension(
        PERMISSION_REQUEST,
        "request",
        "server → client",
        "permission",
        PermissionRequestParams,
        PermissionRequestResult,
        "",
        "Asks the person whether a tool may do something. Sent to clients that announce `permission`; others get"
        " `window/showMessageRequest`. It is taken back with `$/cancelRequest` when the turn is stopped; answer"
        " `cancelled` then. Several may be open at once. Never answer for the person.",
    ),
)
