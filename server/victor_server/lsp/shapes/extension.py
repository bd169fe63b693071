"""What one message beyond LSP is."""

from dataclasses import dataclass
from typing import Any, Literal


def says(text: str) -> dict[str, str]:
    """A field's metadata: what it means."""
    return {"text": text}


@dataclass(frozen=True, slots=True)
class Extension:
    """One method. `announced` is the key of `experimental.victor` that says who takes it."""

    method: str
    kind: Literal["request", "notification"]
    direction: Literal["client → server", "server → client"]
    announced: str
    params: type[Any]
    result: type[Any] | None
    command: str
    text: str
