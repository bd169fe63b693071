"""`workspace/executeCommand`: the custom requests, for clients that can send no other, and what code actions need."""

import asyncio
import importlib
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from victor_server.errors import UsageError
from victor_server.lsp.converter import MalformedParamsError, lsp_converter, structure_params
from victor_server.lsp.handlers import search, secret_actions, status
from victor_server.lsp.session import Session
from victor_server.lsp.shapes.index import RootParams, SearchParams
from victor_server.lsp.shapes.secrets import SECRETS_FIXED, SECRETS_REVOKE, FixedParams, RevokeParams


@dataclass(frozen=True, slots=True)
class _Command:
    """`short` is the field that a bare string stands for."""

    params: type[Any]
    short: str
    handle: Callable[[Session, Any], Coroutine[Any, Any, Any]]


COMMANDS: Mapping[str, _Command] = {
    "victor.index.pause": _Command(RootParams, "root", status.index_pause),
    "victor.index.rebuild": _Command(RootParams, "root", status.index_rebuild),
    "victor.index.resume": _Command(RootParams, "root", status.index_resume),
    SECRETS_FIXED: _Command(FixedParams, "offer", secret_actions.fixed),
    SECRETS_REVOKE: _Command(RevokeParams, "rule", secret_actions.revoke),
    "victor.search": _Command(SearchParams, "query", search.search),
    "victor.status": _Command(RootParams, "root", status.status),
}


LATER: Mapping[str, str] = {
    "victor.assist": "assists",
    "victor.chat": "chat_document",
    "victor.chat.send": "chat_document",
    "victor.checkpoint.redo": "checkpoints",
    "victor.checkpoint.undo": "checkpoints",
    "victor.edit.list": "edits",
    "victor.edit.resolve": "edits",
    "victor.edit.show": "edits",
    "victor.mode.set": "models",
    "victor.models.edit": "models",
    "victor.permissions.list": "permissions",
    "victor.permissions.set": "permissions",
    "victor.receipt": "chat_document",
    "victor.usage": "models",
}
"""Commands whose handlers are loaded when they are first needed: `COMMANDS` of `handlers.<module>` says which."""


async def execute_command(session: Session, params: types.ExecuteCommandParams) -> Any:
    """Run a command with its one argument: an object, or a bare string for its main field."""
    command = COMMANDS.get(params.command) or await _later(params.command)
    if command is None:
        raise MalformedParamsError(f"there is no command {params.command[:100]!r}")
    arguments = list(params.arguments or [])
    if len(arguments) > 1:
        raise UsageError(f"{params.command} takes one argument", "Pass one object, or nothing.")
    argument = arguments[0] if arguments else {}
    if isinstance(argument, str):
        argument = {command.short: argument}
    return await command.handle(session, structure_params(lsp_converter(), argument, command.params))


async def _later(name: str) -> _Command | None:
    module = LATER.get(name)
    if module is None:
        return None
    loaded = await asyncio.to_thread(importlib.import_module, f"victor_server.lsp.handlers.{module}")
    short, request = loaded.COMMANDS[name]
    return _Command(request.params, short, request.handle)
