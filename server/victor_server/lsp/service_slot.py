"""The services that are open now; whoever needs them before they are waits here."""

import asyncio

from victor_server.errors import VictorError
from victor_server.lsp.services import Services

CLOSE_TIMEOUT_S = 3.0


class ServiceSlot:
    """Holds one set of services at a time."""

    def __init__(self) -> None:
        self._services: Services | None = None
        self._trouble: VictorError | None = None
        self._settled = asyncio.Event()

    @property
    def current(self) -> Services | None:
        """The open services, None before the first ones are."""
        return self._services

    @property
    def trouble(self) -> VictorError | None:
        """What kept services from being opened, None if there are some or it was not tried."""
        return None if self._services is not None else self._trouble

    async def get(self) -> Services:
        """The open services. Raises what kept the first ones from being opened."""
        await self._settled.wait()
        if self._services is None:
            raise self._trouble or asyncio.CancelledError
        return self._services

    def put(self, services: Services) -> Services | None:
        """Take new services and give back the old ones, which the caller closes."""
        old, self._services = self._services, services
        self._settled.set()
        return old

    def fail(self, trouble: VictorError) -> None:
        """Note why services could not be opened; older ones stay."""
        self._trouble = trouble
        self._settled.set()

    async def close(self) -> None:
        """Close what is open, for a few seconds at most."""
        services, self._services = self._services, None
        if services is not None:
            await close_services(services)


async def close_services(services: Services) -> None:
    """Close services that nobody uses any more; one that hangs is left behind."""
    try:
        await asyncio.wait_for(services.close(), CLOSE_TIMEOUT_S)
    except TimeoutError:
        # Its threads are daemons and its worker leaves by itself.
        pass
