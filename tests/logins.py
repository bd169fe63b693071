"""Whoever logs in from the edge: a real backend on a socket, a real identity provider, and a home for what is kept."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_of_team import Attached, attached
from oidc_server import OidcServer

from victor_server.protocol import LoginConfig
from victor_server.remote.login.browser import browser_login
from victor_server.remote.login.credentials import StoredCredentials
from victor_server.remote.login.device import Shown, device_login
from victor_server.remote.login.identity_provider import IdentityProvider
from victor_server.remote.login.joining import Flow, Joined, login_with_flow
from victor_server.remote.login.kept import Kept
from victor_server.remote.rpc import BackendClient


@dataclass
class Place:
    """Where somebody logs in: `kept` is where their tokens go."""

    on: Attached
    oidc: OidcServer
    kept: Kept

    async def log_in(self, person: str = "ann", flow: Flow | None = None) -> Joined:
        """By the device flow, unless another one is given."""
        chosen = flow or self.by_device(person)
        return await login_with_flow(self.on.egress(), self.kept, self.on.url, "default", chosen)

    def by_device(self, person: str) -> Flow:
        """Somebody enters the code while the edge waits to poll."""
        shown: list[Shown] = []

        async def enter(_seconds: float) -> None:
            if shown:
                await self.oidc.browse(shown.pop().complete, person)

        async def flow(provider: IdentityProvider, config: LoginConfig, _nonce: str) -> str:
            return await device_login(self.on.egress(), provider, config, shown.append, enter)

        return flow

    def by_browser(self, person: str) -> Flow:
        """Somebody logs in on the page, whose last redirect the browser follows."""

        async def flow(provider: IdentityProvider, config: LoginConfig, nonce: str) -> str:
            begun: list[asyncio.Task[None]] = []

            def open_page(url: str) -> None:
                begun.append(asyncio.create_task(self._visit(url, person)))

            token = await browser_login(self.on.egress(), provider, config, nonce, open_page)
            await asyncio.gather(*begun)
            return token

        return flow

    async def _visit(self, url: str, person: str) -> None:
        assert await get(await self.oidc.browse(url, person)) == 200

    def credentials(self, now_s: float | None = None) -> StoredCredentials:
        """Those of one process. `now_s`: the time that it believes it to be."""
        return StoredCredentials(
            lambda: self.kept, self.on.url, self.on.egress(), lambda: time.time() if now_s is None else now_s
        )

    async def whoami(self) -> Any:
        """Who the kept tokens are, by the backend."""
        client = BackendClient(self.on.egress(), self.on.url, self.credentials())
        try:
            return await client.ask("team/whoami", {})
        finally:
            await client.close()


async def get(url: str) -> int:
    """What a browser is told there."""
    import httpx2

    async with httpx2.AsyncClient(trust_env=False) as client:
        return (await client.get(url)).status_code


@contextlib.asynccontextmanager
async def place_to_log_in(folder: Path, oidc: OidcServer, **changed: Any) -> AsyncIterator[Place]:
    """A backend whose tenant `default` logs in at `oidc`; tokens are kept in a file."""
    async with attached(folder, oidc=(oidc.settings(),), **changed) as on:
        yield Place(on, oidc, Kept(on.home, None))
