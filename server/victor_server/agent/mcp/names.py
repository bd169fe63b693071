"""How a model calls a server's tool: by a name that every provider takes and that no two tools share."""

import hashlib
import re

PREFIX = "mcp__"
MAX_NAME = 64
"""What the strictest of the providers takes."""

MAX_SERVER_NAME = 24
_SERVER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]|_(?=[A-Za-z0-9-]))*")
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_N_HASHED = 8


def is_server_name(name: str) -> bool:
    """Letters, digits and hyphens, with single underscores between them: the name ends where two come together."""
    return len(name) <= MAX_SERVER_NAME and _SERVER.fullmatch(name) is not None


def full_name(server: str, tool: str) -> str:
    """`mcp__SERVER__TOOL`; a tool's name that providers would refuse is told apart by a number made from it."""
    room = MAX_NAME - len(PREFIX) - len(server) - len("__")
    if _PLAIN.fullmatch(tool) and len(tool) <= room:
        return f"{PREFIX}{server}__{tool}"
    number = hashlib.sha256(tool.encode("utf-8", "surrogatepass")).hexdigest()[:_N_HASHED]
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", tool)[: room - _N_HASHED - 1]
    return f"{PREFIX}{server}__{plain}_{number}"
