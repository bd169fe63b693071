"""Names as a terminal or a build's log can be sent them."""

import sys

_COMMANDS = ("::", "##")
"""How a line begins that some build servers take for an order."""


def printable(path: str) -> str:
    """A name that cannot move the cursor, colour the screen or order a build server about."""
    safe = "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii") for c in path
    )
    return encodable(f"./{safe}" if safe.startswith(_COMMANDS) else safe)


def encodable(text: str) -> str:
    """The text with what stdout's encoding lacks spelled out."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
