"""Speaks Ollama's own API: only there can the context size be set, and only so is nothing cut off in silence."""

import dataclasses
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import psutil

from victor_server.agent.events import ModelEvent
from victor_server.agent.messages import ModelRequest
from victor_server.agent.providers.estimate import tokens_of_request
from victor_server.agent.providers.failures import garbage
from victor_server.agent.providers.json_values import (
    count,
    json_list,
    json_object,
    object_in,
    one_line,
    text,
)
from victor_server.agent.providers.ollama_answer import OllamaAnswer
from victor_server.agent.providers.ollama_context import Machine, chosen_context
from victor_server.agent.providers.ollama_request import ollama_body
from victor_server.agent.providers.provider import Capabilities, ModelInfo, PullProgress
from victor_server.agent.providers.server_address import ServerAddress, server_address
from victor_server.agent.providers.streaming import Lazily, OpenStream, in_time, stream_answer, translated
from victor_server.agent.providers.wire_guard import guard_hooks
from victor_server.agent.router.servers import is_sent_on
from victor_server.egress.connections import Connections, Timeouts
from victor_server.errors import ContextTooLong, ProviderUnavailable, SettingsError
from victor_server.settings.profiles import Profile

if TYPE_CHECKING:
    from victor_server.agent.providers.ollama_client import OllamaClient

BASE_URL = "http://localhost:11434"
_LATEST = ":latest"


class OllamaProvider:
    """Implements `Provider`."""

    name = "ollama"

    def __init__(self, profile: Profile, base_url: str, connections: Connections) -> None:
        """Raises SettingsError where the profile's address is none."""
        server = server_address(profile, base_url, default=BASE_URL)
        # Many write the address of its OpenAI API; its own is beside that.
        self._server = dataclasses.replace(server, base_url=server.root)
        self._sent_on = is_sent_on(profile)
        self._wanted_context = profile.context_tokens
        self._connections = connections
        self._client = Lazily(self._load)
        self._capabilities: dict[str, Capabilities] = {}
        self._checked: set[str] = set()

    @property
    def address(self) -> str:
        """The server's URL."""
        return self._server.base_url

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine, and does not send on what it is asked."""
        return self._server.is_local and not self._sent_on

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """A streamed chat. Raises ContextTooLong before anything is sent, where it may not fit."""
        num_ctx = (await self.capabilities(request.model)).context_tokens or 0
        _require_room(request, num_ctx, self._server)

        async def begin() -> OpenStream:
            client = await self._client.get()
            chunks = client.objects("/api/chat", ollama_body(request, num_ctx))
            return OpenStream(chunks, chunks.aclose, lambda: not self._client.holds(client))

        async with aclosing(
            stream_answer(begin, OllamaAnswer(self._server), self._server, request)
        ) as events:
            async for event in events:
                await self._check_context(request, num_ctx)
                yield event

    async def capabilities(self, model: str) -> Capabilities:
        """As Ollama describes the model; the context is what it will be asked for."""
        if model not in self._capabilities:
            client = await self._client.get()
            with translated(self._server):
                shown = json_object(await in_time(self._shown(client, model), self._server))
                self._require_known_whereabouts(model, one_line(shown.get("remote_host"), 100))
                info = object_in(shown, "model_info")
                context_tokens = chosen_context(
                    info, await self._size_of(model), _machine(self._server), self._wanted_context
                )
            can = set(filter(text, json_list(shown.get("capabilities"))))
            self._capabilities[model] = Capabilities(
                context_tokens=context_tokens,
                tools="tools" in can,
                json_schema=True,
                thinking="thinking" in can,
                fim="insert" in can,
                prompt_caching=True,
            )
        return self._capabilities[model]

    async def count_tokens(self, request: ModelRequest) -> int:
        """An estimate: Ollama counts only what it answers."""
        return tokens_of_request(request)

    async def models(self) -> Sequence[ModelInfo]:
        """What has been pulled."""
        client = await self._client.get()
        with translated(self._server):
            listed = await in_time(client.list(), self._server)
        return [
            ModelInfo(model.model, None if model.size is None else int(model.size))
            for model in listed.models
            if model.model
        ]

    async def check(self) -> None:
        """Raise what keeps Ollama from answering, a model that was not pulled included."""
        names = [model.name for model in await self.models()]
        if not any(_same_model(name, self._server.model) for name in names):
            raise ProviderUnavailable(
                f"{self._server.shown} has no model {self._server.model}.",
                f"Fetch it: victor models pull {self._server.profile}.",
            )

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Have Ollama fetch `model`; it goes on there when nobody reads any more."""
        client = await self._client.get()
        with translated(self._server):
            async with aclosing(client.objects("/api/pull", {"model": model, "stream": True})) as lines:
                done = False
                while (line := await in_time(anext(lines, None), self._server)) is not None:
                    progress = self._progress(line)
                    done = done or progress.status == "success"
                    yield progress
                if not done:
                    raise ProviderUnavailable(
                        f"{self._server.shown} broke off in fetching {model}.", "Try again."
                    )

    async def close(self) -> None:
        """Close all connections."""
        if client := self._client.take():
            await client.close()

    def _progress(self, line: Any) -> PullProgress:
        fields = json_object(line)
        if problem := fields.get("error"):
            raise ProviderUnavailable(
                f"{self._server.shown} cannot fetch the model: {one_line(problem, 200)}"
            )
        if not (status := one_line(fields.get("status"), 200)):
            raise garbage(self._server, "a line without a status")
        return PullProgress(status, count(fields.get("completed")), count(fields.get("total")) or None)

    async def _check_context(self, request: ModelRequest, num_ctx: int) -> None:
        """Ask once, when the model is loaded, whether it has the context that it was asked for.

        A server with little memory may give less. Then the context is known, and a call that does not fit ends.
        """
        if request.model in self._checked:
            return
        self._checked.add(request.model)
        client = await self._client.get()
        with translated(self._server):
            running = await in_time(client.ps(), self._server)
        given = next(
            (
                model.context_length
                for model in running.models
                if _same_model(model.model or "", request.model)
            ),
            None,
        )
        if given and given < num_ctx:
            known = self._capabilities[request.model]
            self._capabilities[request.model] = dataclasses.replace(known, context_tokens=given)
            _require_room(request, given, self._server)

    async def _shown(self, client: "OllamaClient", model: str) -> Any:
        """What Ollama says of a model; the library's own call leaves out where it runs."""
        async with aclosing(client.objects("/api/show", {"model": model})) as answer:
            return await anext(answer, None)

    def _require_known_whereabouts(self, model: str, remote_host: str) -> None:
        """A copy of a cloud model may have any name; whoever chose it took it for one of this machine."""
        if remote_host and not self._sent_on:
            raise SettingsError(
                f"{self._server.shown} would send what {model} is asked on to {remote_host}; nothing was sent there.",
                f"Name the cloud model itself in the profile {self._server.profile}, with its `…-cloud`.",
            )

    async def _size_of(self, model: str) -> int:
        sizes = {found.name: found.size_bytes or 0 for found in await self.models()}
        return next((size for name, size in sizes.items() if _same_model(name, model)), 0)

    def _load(self) -> "OllamaClient":
        import httpx

        from victor_server.agent.providers.ollama_client import OllamaClient

        server = self._server
        timeouts = Timeouts(read_s=server.timeout_s)
        transport = self._connections.httpx_transport(
            server.base_url, purpose=server.purpose, timeouts=timeouts
        )
        hooks = guard_hooks(httpx, server)
        timeout = httpx.Timeout(timeouts.read_s, connect=timeouts.connect_s)
        return OllamaClient(server.base_url, transport, timeout, event_hooks=hooks)


def _require_room(request: ModelRequest, num_ctx: int, server: ServerAddress) -> None:
    n_tokens = tokens_of_request(request) + request.max_output_tokens
    if n_tokens > num_ctx:
        raise ContextTooLong(
            f"About {n_tokens:,} tokens (the answer included) do not fit the {num_ctx:,} that {server.shown} gives"
            f" {request.model}.",
            f"Ask with less context, or set `context_tokens` of the profile {server.profile}.",
        )


def _machine(server: ServerAddress) -> Machine:
    return Machine(psutil.virtual_memory().total if server.is_local else None)


def _same_model(one: str, other: str) -> bool:
    return one.removesuffix(_LATEST) == other.removesuffix(_LATEST)
