"""What the server says of itself at `initialize`: kept apart from the shapes, which a start does not load."""

ANNOUNCED = {
    "version": 1,
    "search": True,
    "status": True,
    "index": True,
    "chat": True,
    "models": True,
    "context": True,
    "trust": True,
    "review": True,
    "assist": True,
    "checkpoints": True,
    "diagnostics": True,
    "permission": True,
}
"""`capabilities.experimental.victor`."""

COMMANDS = (
    "victor.assist",
    "victor.chat",
    "victor.chat.send",
    "victor.checkpoint.redo",
    "victor.checkpoint.undo",
    "victor.edit.list",
    "victor.edit.resolve",
    "victor.edit.show",
    "victor.index.pause",
    "victor.index.rebuild",
    "victor.index.resume",
    "victor.mode.set",
    "victor.models.edit",
    "victor.permissions.list",
    "victor.permissions.set",
    "victor.receipt",
    "victor.search",
    "victor.secrets.fixed",
    "victor.secrets.revoke",
    "victor.status",
    "victor.usage",
)
"""Requests for clients that can only execute commands, and what code actions need: each has one argument."""
