"""Asks a team's backend single questions over plain HTTP: for commands, for logging in, for the outbox."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import ValidationError

from victor_server.egress.connections import Timeouts
from victor_server.egress.post import post_json
from victor_server.errors import BadResponse, SettingsError, Unauthenticated
from victor_server.policy.hosts import is_this_machine, parse_destination
from victor_server.protocol import METHODS, Shape
from victor_server.remote.failures import error_of_status

if TYPE_CHECKING:
    from victor_server.egress.post import Client

PURPOSE = "the team's backend"
TIME_LIMIT_S = 30.0


class Clients(Protocol):
    """Who makes a client for one server; see `Connections`."""

    def httpx2_client(self, base_url: str, *, purpose: str, timeouts: Timeouts) -> "Client":
        """A client for the server at `base_url`."""
        ...


class Credentials(Protocol):
    """Who one is to the backend."""

    async def token(self) -> str:
        """A token that is good for a while still. Raises Unauthenticated (log in anew), Unavailable."""
        ...

    async def renewed(self) -> str:
        """Another one than the last, which the backend did not take. Raises Unauthenticated, Unavailable."""
        ...


class GivenToken:
    """A token that somebody has: an API token. Implements `Credentials`."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def token(self) -> str:
        """The token."""
        return self._token

    async def renewed(self) -> str:
        """There is no other."""
        raise Unauthenticated(
            "The team's backend does not accept the token.", "Log in with another: victor login URL --token."
        )


class BackendClient:
    """One backend, asked by `POST /v1/rpc/<method>`. Connects with the first question; close it."""

    def __init__(self, clients: Clients, url: str, credentials: Credentials) -> None:
        self.url = backend_url(url)
        self._clients = clients
        self._credentials = credentials
        self._client: Client | None = None
        self._opening = asyncio.Lock()

    async def ask(self, method: str, params: Shape | Mapping[str, Any]) -> Any:
        """The answer, a value of the method's `result`. A token that is not taken is renewed once.

        Raises what the backend says as our tree has it, Unavailable, OfflineBlocked, BadResponse, Unauthenticated.
        """
        try:
            return await self._ask(method, params, await self._credentials.token())
        except Unauthenticated:
            return await self._ask(method, params, await self._credentials.renewed())

    async def close(self) -> None:
        """Let go of the connection."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _ask(self, method: str, params: Shape | Mapping[str, Any], token: str) -> Any:
        body = params.model_dump(mode="json") if isinstance(params, Shape) else dict(params)
        client = await self._opened()
        answered = await post_json(
            client,
            f"{self.url}/v1/rpc/{method}",
            body,
            headers={"authorization": f"Bearer {token}", "user-agent": "victor"},
            time_s=TIME_LIMIT_S,
        )
        if answered.status != 200:
            raise error_of_status(answered.status, answered.body, answered.retry_after_s)
        return read_result(method, answered.body)

    async def _opened(self) -> "Client":
        async with self._opening:
            if self._client is None:
                timeouts = Timeouts(connect_s=10.0, read_s=TIME_LIMIT_S)
                self._client = await asyncio.to_thread(
                    self._clients.httpx2_client, self.url, purpose=PURPOSE, timeouts=timeouts
                )
            return self._client


def read_result(method: str, value: Any) -> Any:
    """What a method answered, as its shape. Raises BadResponse, which quotes nothing of it."""
    try:
        return METHODS[method].result.model_validate(value)
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_input=False, include_url=False)[0]["loc"]))[:200]
        raise BadResponse(
            f"The team's backend answered {method} with something that this Victor does not know ({where}).",
            "Update Victor, or the backend.",
        ) from None


def backend_url(written: str) -> str:
    """The address of a backend, without what it does not need. Raises SettingsError for what none should be sent to.

    A token goes over plain HTTP to this machine only.
    """
    url = written.strip().rstrip("/")
    destination = parse_destination(url)
    if destination.scheme != "https" and not is_this_machine(destination.host):
        raise SettingsError(
            f"The address of the team's backend must begin with https://: {destination} is not this machine.",
            "Write https://, or ask whoever runs the backend.",
        )
    return url
