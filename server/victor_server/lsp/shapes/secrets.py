"""The commands that the fixes for secrets bring along."""

from dataclasses import dataclass, field

from victor_server.lsp.shapes.extension import says

SECRETS_FIXED = "victor.secrets.fixed"
SECRETS_REVOKE = "victor.secrets.revoke"


@dataclass(frozen=True, slots=True)
class FixedParams:
    """A code action whose edit was applied."""

    offer: int = field(metadata=says("The number that came with the action."))


@dataclass(frozen=True, slots=True)
class RevokeParams:
    """A kind of secret."""

    rule: str = field(metadata=says("The `code` of its diagnostic."))


ACTION_COMMANDS = (
    (
        SECRETS_FIXED,
        "Sent behind a fix's edit: says what is left to do, and checks again what the edit concerns.",
    ),
    (
        SECRETS_REVOKE,
        "Opens the page where a secret is revoked; a client that opens none is told the address.",
    ),
)
"""Commands that code actions bring along. They answer null at once."""
