"""An answer that is being written for the client, as the messages about it need to know it."""

from dataclasses import dataclass


@dataclass(slots=True)
class Answer:
    """`unwanted` once the client does not want it any more, which may be before it has begun."""

    token: str | int | None = None
    unwanted: bool = False
