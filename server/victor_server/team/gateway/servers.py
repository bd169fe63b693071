"""In which order the servers of a model are asked: by what this replica remembers of calls that were made."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from victor_server.agent.router.backoff import retry_wait_s
from victor_server.agent.router.facts import ServerState
from victor_server.agent.router.health import Health, Server
from victor_server.errors import ProviderError
from victor_server.team.gateway.tenancy import Offered

LONGEST_WAIT_S = 2.0
"""Whoever is asked to wait for longer is told so, and comes back by themselves."""

_RANKS: dict[ServerState, int] = {"ready": 0, "troubled": 1, "closed": 2}


class Servers:
    """The health of all servers, as the edge's router keeps it. What a tenant's own key meets is that tenant's alone."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, chance: Callable[[], float] = random.random
    ) -> None:
        self._health = Health(clock, chance)
        self._chance = chance

    def in_order(self, tenant: str, offered: Offered) -> list[Server]:
        """All of a model: the one that answers quickest and is asked least first, those in trouble last."""
        name = server_name(tenant, offered)
        servers = [(name, url) for url in offered.model.base_urls or ("",)]
        if not servers[1:]:
            return servers
        return sorted(servers, key=self._standing)

    @contextmanager
    def asked(self, server: Server) -> Iterator[None]:
        """Within this a call of the server runs."""
        self._health.begun(server)
        try:
            yield
        except ProviderError as error:
            self._health.failed(server, error)
            raise
        finally:
            self._health.ended(server)

    def answered(self, server: Server, first_event_s: float) -> None:
        """Its first event came."""
        self._health.answered(server, first_event_s)

    def succeeded(self, server: Server) -> None:
        """Its answer came to an end."""
        self._health.succeeded(server)

    def wait_s(self, error: ProviderError, n_failed: int) -> float | None:
        """Seconds to wait until all are asked once more after the `n_failed`-th time; None: not at all."""
        wait_s = retry_wait_s(error, n_failed, self._chance)
        return None if wait_s is None or wait_s > LONGEST_WAIT_S else wait_s

    def _standing(self, server: Server) -> tuple[int, int, float, float]:
        standing = self._health.standing(server)
        return _RANKS[standing.state], standing.failures, standing.load, self._chance()


def server_name(tenant: str, offered: Offered) -> str:
    """What a model is remembered as."""
    is_tenants = offered.is_own or offered.model.key is not None
    return f"{tenant if is_tenants else ''}/{offered.model.name}"
