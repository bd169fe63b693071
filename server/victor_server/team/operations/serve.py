"""Runs one replica until it is told to end: listens, looks after what runs in the background, drains."""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp
from uvicorn import Config, Server

from victor_server import __version__
from victor_server.team.app import make_app, make_metrics_app
from victor_server.team.backend import Backend
from victor_server.team.connection.hub import Hub
from victor_server.team.http.patience import PatientProtocol
from victor_server.team.operations.background import background
from victor_server.team.operations.listening import open_listener, tls_context
from victor_server.team.operations.stopping import Stopping

_log = logging.getLogger(__name__)

_LAST_REQUESTS_S = 1
"""For what is still answered once the time to drain is over: the ends of answers that have come, not models' time."""

_SETTLE_S = 5.0
"""For calls that are cut to be charged and recorded. Who is killed before leaves that to other replicas."""


@dataclass(frozen=True, slots=True)
class Serving:
    """Where it can be reached now. `url` is how people attach; `metrics_url` "" : on the same port."""

    url: str
    metrics_url: str = ""


async def serve(
    backend: Backend,
    ready: Callable[[Serving], Awaitable[None]],
    reload: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then drain; a second signal ends it at once.

    `ready` is told when connections are taken, `reload` when SIGHUP comes. Raises `SettingsError`.
    """
    stopping = Stopping()
    hub = Hub(backend)
    with stopping.heard(reload):
        async with listening(backend, hub, stopping) as serving, background(backend, hub):
            await ready(serving)
            _log.info("version %s serves at %s", __version__, serving.url)
            await stopping.asked.wait()
            await drain(backend, hub, stopping)
    _log.info("ended")


async def drain(backend: Backend, hub: Hub, stopping: Stopping) -> None:
    """Let what runs come to its end, within the time that is set; whoever is in a hurry says so again."""
    within_s = backend.settings.sessions.drain_s
    _log.info(
        "ending; running: %d, which have %g s; a second signal ends them at once", hub.n_running, within_s
    )
    draining = asyncio.ensure_future(hub.drain(within_s))
    hurried = asyncio.ensure_future(stopping.hurried.wait())
    await asyncio.wait((draining, hurried), return_when=asyncio.FIRST_COMPLETED)
    for task in (draining, hurried):
        task.cancel()
    await asyncio.gather(draining, hurried, return_exceptions=True)
    if stopping.hurried.is_set():
        _log.warning("ending at once; cut: %d", hub.n_running)
        await asyncio.wait((asyncio.ensure_future(hub.close()),), timeout=_SETTLE_S)


@contextlib.asynccontextmanager
async def listening(backend: Backend, hub: Hub, stopping: Stopping | None = None) -> AsyncIterator[Serving]:
    """The servers, taking connections; at the end they are closed, at once where `stopping` is hurried."""
    listen = backend.settings.listen
    context = tls_context(listen)
    async with contextlib.AsyncExitStack() as stack:
        port = await stack.enter_async_context(
            _listening(_server(make_app(backend, hub), backend, context), listen.host, listen.port, stopping)
        )
        metrics_url = ""
        if backend.settings.metrics.enabled and listen.metrics_port is not None:
            metrics_port = await stack.enter_async_context(
                _listening(
                    _server(make_metrics_app(backend), backend, None),
                    listen.metrics_host,
                    listen.metrics_port,
                    stopping,
                )
            )
            metrics_url = f"http://{_host(listen.metrics_host)}:{metrics_port}"
        scheme = "http" if context is None else "https"
        url = listen.public_url or f"{scheme}://{_host(listen.host)}:{port}"
        yield Serving(url, metrics_url)


@contextlib.asynccontextmanager
async def _listening(
    server: "_Server", host: str, port: int, stopping: Stopping | None
) -> AsyncIterator[int]:
    listener = open_listener(host, port)
    task = asyncio.ensure_future(server.serve([listener]))
    try:
        await server.listens.wait()
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        hurrying = asyncio.ensure_future(_hurry(server, stopping))
        await asyncio.gather(task, return_exceptions=True)
        hurrying.cancel()
        await _settle(server)


async def _hurry(server: "_Server", stopping: Stopping | None) -> None:
    if stopping is not None:
        await stopping.hurried.wait()
        server.force_exit = True


async def _settle(server: "_Server") -> None:
    """Cut what is still answered, and wait until it has cleared up: the stores are open until then."""
    left = tuple(server.server_state.tasks)
    for task in left:
        if not task.cancelling():  # a second time, it would not wait for what it began
            task.cancel()
    if left:
        await asyncio.wait(left, timeout=_SETTLE_S)


class _Server(Server):
    """A server that leaves signals to us: what runs is drained before it ends. `listens` is set once it takes connections."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take connections."""
        await super().startup(sockets)
        self.listens.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Hear none."""
        yield


def _server(app: ASGIApp, backend: Backend, context: ssl.SSLContext | None) -> _Server:
    # Its own logger writes whole addresses at INFO, and somebody may have put a token into one.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    proxies = list(backend.settings.listen.proxy_headers_from)
    options: dict[str, Any] = {"ssl_context_factory": lambda *_: context} if context is not None else {}
    config = Config(
        app,
        lifespan="off",
        loop="asyncio",
        http=PatientProtocol,
        ws="websockets-sansio",
        ws_max_size=backend.settings.limits.max_frame_bytes,
        ws_per_message_deflate=False,
        ws_ping_interval=None,  # the protocol has a heartbeat of its own
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        timeout_graceful_shutdown=_LAST_REQUESTS_S,
        **options,
    )
    return _Server(config)


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host
