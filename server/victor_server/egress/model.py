"""What is told of a connection that was not made."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Blocked:
    """A connection that the policy did not allow: where it was to go, what for, why not.

    `destination` is host and port without credentials; `address` what its name led to, "" if it was not looked up.
    """

    destination: str
    purpose: str
    reason: str
    address: str = ""
