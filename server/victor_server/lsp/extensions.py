"""The messages that LSP does not have, all of them: `docs/lsp-extensions.md` is generated from here."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from victor_server.lsp.shapes import (
    assists,
    chat,
    checkpoints,
    context,
    edits,
    index,
    models,
    permissions,
    secrets,
    trust,
)
from victor_server.lsp.shapes.chat_document import ACTION_COMMANDS as CHAT_COMMANDS
from victor_server.lsp.shapes.extension import Extension

EXTENSIONS: Sequence[Extension] = (
    *index.EXTENSIONS,
    *chat.EXTENSIONS,
    *models.EXTENSIONS,
    *context.EXTENSIONS,
    *trust.EXTENSIONS,
    *permissions.EXTENSIONS,
    *checkpoints.EXTENSIONS,
    *edits.EXTENSIONS,
    *assists.EXTENSIONS,
)

ACTION_COMMANDS: Sequence[tuple[str, str]] = (
    *secrets.ACTION_COMMANDS,
    *CHAT_COMMANDS,
    *checkpoints.ACTION_COMMANDS,
    *assists.ACTION_COMMANDS,
    *edits.ACTION_COMMANDS,
)
"""Commands that code actions bring along, and that stand for no request. They answer null at once."""

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
    ("history_failed", "Chats or receipts could not be read or written."),
    ("not_trusted", "The folder's own word is needed, and nobody has said that it counts."),
    ("offline_blocked", "The policy does not allow the connection; nothing was sent."),
    ("secret_blocked", "A file that must not leave this machine was about to."),
    ("budget_exceeded", "A budget does not hold what the call may cost; nothing was sent."),
    ("audit_failed", "What must be recorded could not be, so it was not done."),
    ("no_model", "No model is set up that could do this; `data.fix` says what to install or to set."),
    ("provider_unavailable", "The model server does not answer, or broke off."),
    ("rate_limited", "The model server wants fewer requests."),
    ("context_too_long", "The question and what goes with it do not fit the model."),
    ("refused", "The model or its provider declines to answer."),
    ("request_rejected", "The model server does not take the request as it is."),
    ("provider_auth", "The key is missing, wrong, or not allowed this."),
    ("bad_response", "What the model server sent is not what its protocol says."),
    ("fault", "A turn met a fault in the server; its log has the details."),
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
                _add(shape, found)
    return list(found)


def _add(shape: type[Any], found: dict[type[Any], None]) -> None:
    if shape not in found:
        found[shape] = None
        for inner in _inner_shapes(shape):
            _add(inner, found)


def _inner_shapes(shape: type[Any]) -> list[type[Any]]:
    inner = (_item(each.type) for each in fields(shape))
    return [each for each in inner if isinstance(each, type) and hasattr(each, "__dataclass_fields__")]


def _item(shape: Any) -> Any:
    return shape.__args__[0] if getattr(shape, "__origin__", None) is list else shape
