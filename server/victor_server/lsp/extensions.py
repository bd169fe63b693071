"""The messages that LSP does not have, all of them: `docs/lsp-extensions.md` is generated from here."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from victor_server.lsp.shapes import index, secrets
from victor_server.lsp.shapes.extension import Extension

EXTENSIONS: Sequence[Extension] = (*index.EXTENSIONS,)

ACTION_COMMANDS: Sequence[tuple[str, str]] = (*secrets.ACTION_COMMANDS,)
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
