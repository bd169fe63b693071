"""The token that this person shows to the backend: read from where it is kept, renewed by one process at a time."""

import asyncio
import contextlib
import functools
import secrets
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from victor_server.errors import SettingsError, Unauthenticated
from victor_server.remote.login.endpoints import refresh
from victor_server.remote.login.kept import Kept, Tokens, open_kept
from victor_server.remote.rpc import Clients, backend_url

EARLY_S = 60.0
"""So long before it ends a token is renewed: a request must not end with it."""

LOCK = "team-tokens.lock"
_LOOK_EVERY_S = 0.05
_LOCK_TIME_LIMIT_S = 60.0


@contextlib.asynccontextmanager
async def only_one(home: Path) -> AsyncIterator[None]:
    """Keep all other processes of a home from logging in, renewing or logging out meanwhile. Raises SettingsError."""
    from filelock import FileLock, Timeout  # most questions find a token that holds

    file = home / LOCK
    lock = FileLock(file, mode=0o600, thread_local=False)
    try:
        async with asyncio.timeout(_LOCK_TIME_LIMIT_S):
            while not _taken(lock.acquire, Timeout):  # noqa: ASYNC110  # another process tells us nothing
                await asyncio.sleep(_LOOK_EVERY_S)  # another process tells us nothing
    except TimeoutError:
        raise SettingsError(f"{file} is kept locked.", "End the process that does so.") from None
    try:
        yield
    finally:
        lock.release()


def _taken(acquire: Callable[..., object], not_now: type[Exception]) -> bool:
    try:
        acquire(blocking=False)
    except not_now:
        return False
    return True


class StoredCredentials:
    """Implements `Credentials`. All processes of one VICTOR_HOME share a refresh token that can be used only once: who
    has the lock looks first whether another has renewed it meanwhile.
    """

    def __init__(
        self, kept: Callable[[], Kept], url: str, clients: Clients, now_s: Callable[[], float] = time.time
    ) -> None:
        self._open = kept
        self._url = url
        self._clients = clients
        self._now_s = now_s
        self._tokens: Tokens | None = None
        self._alone = asyncio.Lock()

    async def access_token(self) -> str:
        """A token that holds for a while. Raises `Unauthenticated` (log in anew), `Unavailable`, `SettingsError`."""
        return await self.token()

    async def token(self) -> str:
        """See `Credentials`."""
        tokens = self._tokens
        if tokens is not None and self._holds(tokens):
            return tokens.access
        return await self._current(unlike="")

    async def renewed(self) -> str:
        """See `Credentials`."""
        before = self._tokens
        return await self._current(unlike=before.access if before else "")

    async def _current(self, unlike: str) -> str:
        async with self._alone:
            tokens = await asyncio.to_thread(self._read)
            if tokens is None:
                raise Unauthenticated(
                    "You are not logged in to the team's backend.", "Run: victor login URL."
                )
            if not self._holds(tokens) or tokens.access == unlike:
                # Who is cancelled meanwhile leaves it to go on: a token that was used must not be lost.
                tokens = await asyncio.shield(asyncio.create_task(self._renew(unlike)))
            self._tokens = tokens
            return tokens.access

    async def _renew(self, unlike: str) -> Tokens:
        async with only_one(self._kept.home):
            tokens = await asyncio.to_thread(self._read)
            if tokens is not None and self._holds(tokens) and tokens.access != unlike:
                return tokens  # another process was first
            return await self._exchanged(tokens)

    async def _exchanged(self, tokens: Tokens | None) -> Tokens:
        if tokens is None or not tokens.refresh:
            raise Unauthenticated(
                "The token for the team's backend has ended, or is not taken.", "Run: victor login URL."
            )
        if not tokens.retry:
            # On disk before it is said: if the answer is lost, whoever asks next says the same word.
            tokens = tokens.model_copy(update={"retry": secrets.token_urlsafe(24)})
            await asyncio.to_thread(self._kept.write, tokens)
        granted = await refresh(self._clients, tokens.url, tokens.refresh, tokens.retry)
        renewed = Tokens(
            url=tokens.url,
            access=granted.access_token,
            expires_s=self._now_s() + granted.expires_in,
            refresh=granted.refresh_token,
        )
        await asyncio.to_thread(self._kept.write, renewed)
        return renewed

    @functools.cached_property
    def _kept(self) -> Kept:
        return self._open()

    def _read(self) -> Tokens | None:
        """Those for this backend: a token of one is never shown to another."""
        tokens = self._kept.read()
        return tokens if tokens is not None and tokens.url == self._url else None

    def _holds(self, tokens: Tokens) -> bool:
        return tokens.expires_s is None or tokens.expires_s - EARLY_S > self._now_s()


def stored_credentials(home: Path, url: str, clients: Clients) -> StoredCredentials:
    """Those of whoever is logged in to the backend at `url`; nothing is read before they are asked for."""
    return StoredCredentials(lambda: open_kept(home), backend_url(url), clients)
