"""`victor/permissions/list`, `victor/permissions/set`: what tools may do. Loaded with the first of them."""

import asyncio
from collections.abc import Mapping

from victor_server.agent.permissions.model import Rule
from victor_server.agent.permissions.ruleset import Listed
from victor_server.errors import UsageError
from victor_server.lsp.dispatch import Request
from victor_server.lsp.handlers.chat import agent_of, root_of
from victor_server.lsp.session import Session
from victor_server.lsp.shapes import permissions as shapes
from victor_server.lsp.shapes.permissions import (
    PermissionProblem,
    PermissionRule,
    PermissionsListParams,
    PermissionsListResult,
    PermissionsSetParams,
    PermissionsSetResult,
)


async def list_(session: Session, params: PermissionsListParams) -> PermissionsListResult:
    """The rules that hold in a folder, and what is wrong with them."""
    agent, root = await agent_of(session), root_of(session, params.root)
    permissions = agent.permissions
    rules, problems = await asyncio.to_thread(lambda: (permissions.rules(root), permissions.problems(root)))
    here = "" if root is None else (await asyncio.to_thread(root.resolve)).as_posix()
    return PermissionsListResult(
        agent.chat.mode,
        [_to_rule(each) for each in rules if each.root in ("", here)],
        [PermissionProblem(each.source, each.line, each.message) for each in problems],
    )


async def set_(session: Session, params: PermissionsSetParams) -> PermissionsSetResult:
    """Take a person's word."""
    permissions = (await agent_of(session)).permissions
    if params.forget:
        return PermissionsSetResult(_to_rule(await asyncio.to_thread(permissions.forget, params.forget)))
    if not params.tool:
        raise UsageError("No tool is named.", "Name one, as in permissions.yaml.")
    root = None if params.everywhere else root_of(session, params.root)
    if root is None and not params.everywhere:
        raise UsageError("No folder is open.", "Say `everywhere` for a rule in all folders.")
    rule = Rule(params.tool, params.decision, params.path, params.command, params.url)
    return PermissionsSetResult(_to_rule(await asyncio.to_thread(permissions.set, rule, root)))


def _to_rule(each: Listed) -> PermissionRule:
    rule = each.rule
    return PermissionRule(
        rule.tool,
        rule.decision,
        rule.path,
        rule.command,
        rule.url,
        each.source,
        each.place,
        each.root,
        each.since,
        each.id,
    )


REQUESTS: Mapping[str, Request] = {
    shapes.PERMISSIONS_LIST: Request(PermissionsListParams, list_),
    shapes.PERMISSIONS_SET: Request(PermissionsSetParams, set_),
}
COMMANDS: Mapping[str, tuple[str, Request]] = {
    "victor.permissions.list": ("root", REQUESTS[shapes.PERMISSIONS_LIST]),
    "victor.permissions.set": ("forget", REQUESTS[shapes.PERMISSIONS_SET]),
}
