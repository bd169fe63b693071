"""Speaks Anthropic's Messages API, through the anthropic library."""

import dataclasses
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from victor_server.agent.events import ModelEvent
from victor_server.agent.messages import ModelRequest
from victor_server.agent.providers.anthropic_answer import AnthropicAnswer
from victor_server.agent.providers.anthropic_request import anthropic_body, prompt_of
from victor_server.agent.providers.capabilities import table_capabilities
from victor_server.agent.providers.estimate import tokens_of_request
from victor_server.agent.providers.json_values import count, json_list, object_in, text
from victor_server.agent.providers.provider import Capabilities, ModelInfo, PullProgress
from victor_server.agent.providers.server_address import server_address
from victor_server.agent.providers.streaming import Lazily, OpenStream, in_time, stream_answer, translated
from victor_server.agent.providers.wire_guard import NO_KEY, add_hooks, guard_hooks
from victor_server.egress.connections import Connections, Timeouts
from victor_server.errors import (
    NotThere,
    ProviderAuth,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    UsageError,
)
from victor_server.settings.profiles import Profile

if TYPE_CHECKING:
    import anthropic

BASE_URL = "https://api.anthropic.com"


@dataclass(frozen=True, slots=True)
class _Library:
    client: "anthropic.AsyncAnthropic"
    stream_class: Any


class AnthropicProvider:
    """Implements `Provider`."""

    name = "anthropic"

    def __init__(self, profile: Profile, base_url: str, connections: Connections) -> None:
        """Raises SettingsError where the profile's address is none."""
        server = server_address(profile, base_url, default=BASE_URL)
        self._server = dataclasses.replace(server, base_url=server.root)
        self._context_tokens = profile.context_tokens
        self._connections = connections
        self._library = Lazily(self._load)
        self._capabilities: dict[str, Capabilities] = {}

    @property
    def address(self) -> str:
        """The server's URL."""
        return self._server.base_url

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine."""
        return self._server.is_local

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """A streamed message."""

        async def begin() -> OpenStream:
            library = await self._ready()
            begun = library.client.post(
                "/v1/messages",
                body=anthropic_body(request),
                cast_to=object,
                stream=True,
                stream_cls=library.stream_class,
            )
            events = await in_time(begun, self._server)
            return OpenStream(aiter(events), events.close, library.client.is_closed, events.response)

        return stream_answer(begin, AnthropicAnswer(self._server), self._server, request)

    async def capabilities(self, model: str) -> Capabilities:
        """From the table, and from the server where it describes its models."""
        if model not in self._capabilities:
            found = table_capabilities("anthropic", model)
            try:
                found = _described(found, await self._get(f"/v1/models/{quote(model, safe='')}"))
            except NotThere:
                pass  # a server that only resembles Anthropic's describes nothing
            except (ProviderUnavailable, RateLimited):
                raise
            except ProviderError:
                pass  # the call itself will tell
            context_tokens = self._context_tokens or found.context_tokens
            self._capabilities[model] = dataclasses.replace(found, context_tokens=context_tokens)
        return self._capabilities[model]

    async def count_tokens(self, request: ModelRequest) -> int:
        """Counted by the server, which costs nothing; estimated where it cannot."""
        library = await self._ready()
        try:
            with translated(self._server, request):
                asked = library.client.post(
                    "/v1/messages/count_tokens", body=prompt_of(request), cast_to=object
                )
                answer = await in_time(asked, self._server)
        except ProviderError:
            return tokens_of_request(request)
        return count(answer.get("input_tokens") if isinstance(answer, dict) else 0) or tokens_of_request(
            request
        )

    async def models(self) -> Sequence[ModelInfo]:
        """What the server lists."""
        answer = await self._get("/v1/models")
        return [
            ModelInfo(item["id"], context_tokens=count(item.get("max_input_tokens")) or None)
            for item in json_list(answer.get("data"))
            if isinstance(item, dict) and text(item.get("id"))
        ]

    async def check(self) -> None:
        """Raise what keeps the server from answering; the key is looked at too."""
        try:
            await self._get("/v1/models")
        except NotThere:
            if self._server.base_url == BASE_URL:
                raise

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Raise UsageError: there is nothing to fetch."""
        raise UsageError("Anthropic's models run at Anthropic: there is nothing to fetch.")
        yield  # makes this a generator

    async def close(self) -> None:
        """Close all connections."""
        if library := self._library.take():
            await library.client.close()

    async def _get(self, path: str) -> Mapping[str, Any]:
        library = await self._ready()
        with translated(self._server):
            answer = await in_time(library.client.get(path, cast_to=object), self._server)
        return answer if isinstance(answer, dict) else {}

    async def _ready(self) -> _Library:
        if not self._server.key and self._server.base_url == BASE_URL:
            raise ProviderAuth(
                f"The profile {self._server.profile} has no key for {self._server.shown}.",
                "Set `api_key: ${ANTHROPIC_API_KEY}` in profiles.yaml and the variable in the environment.",
            )
        return await self._library.get()

    def _load(self) -> _Library:
        import anthropic
        import httpx2

        server = self._server
        http = self._connections.httpx2_client(
            server.base_url, purpose=server.purpose, timeouts=Timeouts(read_s=server.timeout_s)
        )
        add_hooks(http, guard_hooks(httpx2, server))
        client = anthropic.AsyncAnthropic(
            api_key=NO_KEY,
            base_url=server.base_url,
            http_client=http,
            max_retries=0,
            timeout=http.timeout,
            open_telemetry=False,
        )
        return _Library(client, anthropic.AsyncStream[object])


def _described(found: Capabilities, answer: Mapping[str, Any]) -> Capabilities:
    """What the server says of a model, over what the table says."""
    can = object_in(answer, "capabilities")
    context_tokens, max_output_tokens = count(answer.get("max_input_tokens")), count(answer.get("max_tokens"))
    return dataclasses.replace(
        found,
        context_tokens=context_tokens or found.context_tokens,
        max_output_tokens=max_output_tokens or found.max_output_tokens,
        json_schema=object_in(can, "structured_outputs").get("supported", found.json_schema) is True,
        thinking=object_in(can, "thinking").get("supported", found.thinking) is True,
    )
