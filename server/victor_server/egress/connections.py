"""What those who need a connection ask for: the shape of the factory in `egress.factory`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import httpx
    import httpx2


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait: for a connection, and for the next bytes of an answer."""

    connect_s: float = 10.0
    read_s: float = 120.0


class Connections(Protocol):
    """Makes every outward connection of the program.

    `base_url` is the destination that the connection is for, `purpose` what a person reads in the audit log ("model
    production"). Both methods load their library: call them off the event loop the first time. What they give raises
    OfflineBlocked where the policy does not allow the destination, at each request, after DNS, redirects included.
    """

    def httpx2_client(self, base_url: str, *, purpose: str, timeouts: Timeouts) -> "httpx2.AsyncClient":
        """A client for `base_url` only, for the anthropic and openai libraries."""
        ...

    def httpx_transport(
        self, base_url: str, *, purpose: str, timeouts: Timeouts
    ) -> "httpx.AsyncBaseTransport":
        """The same for the ollama library, which makes its own client around a transport."""
        ...
