"""Says which permission of a role each tool of the agent needs."""

from collections.abc import Mapping, Sequence

from victor_server.policy.scopes import allows

_READ, _WRITE = "file:read", "file:write"
TOOL_PERMISSIONS: Mapping[str, str] = {
    "read_file": _READ,
    "list_dir": _READ,
    "glob": _READ,
    "grep": _READ,
    "search_code": _READ,
    "symbols": _READ,
    "outline": _READ,
    "diagnostics": _READ,
    "git_status": "git:read",
    "git_diff": "git:read",
    "git_log": "git:read",
    "git_blame": "git:read",
    "edit_file": _WRITE,
    "create_file": _WRITE,
    "delete_file": _WRITE,
    "move_file": _WRITE,
    "run_command": _WRITE,  # in the sandbox a command can do what somebody can who changes the workspace's files
    "update_plan": "chat:write",
    "fetch_url": "web:read",
}
"""By the tool's name; one of an MCP server, or any other, needs `tool:<name>`."""


def permission_of(tool: str) -> str:
    """What a role must have for its holder to use `tool`."""
    return TOOL_PERMISSIONS.get(tool, f"tool:{tool}")


def allowed_tools(
    tools: Sequence[str], permissions: Sequence[str], denied: Sequence[str] = ()
) -> tuple[str, ...]:
    """Those of `tools` that the permissions cover and nobody denied."""
    return tuple(tool for tool in tools if tool not in denied and allows(permissions, permission_of(tool)))
