"""Speaks to every server with OpenAI's API, through the openai library."""

import dataclasses
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from victor_server.agent.events import ModelEvent
from victor_server.agent.messages import ModelRequest
from victor_server.agent.providers.capabilities import DIALECTS, Dialect, table_capabilities
from victor_server.agent.providers.estimate import tokens_of_request
from victor_server.agent.providers.openai_answer import OpenAIAnswer
from victor_server.agent.providers.openai_request import openai_body
from victor_server.agent.providers.provider import Capabilities, ModelInfo, PullProgress
from victor_server.agent.providers.server_address import ServerAddress, server_address
from victor_server.agent.providers.streaming import Lazily, OpenStream, in_time, stream_answer, translated
from victor_server.agent.providers.wire_guard import NO_KEY, add_hooks, guard_hooks
from victor_server.egress.connections import Connections, Timeouts
from victor_server.errors import NotThere, ProviderAuth, ProviderError, ProviderUnavailable, UsageError
from victor_server.settings.profiles import Profile, ProviderName

if TYPE_CHECKING:
    import openai

_CONTEXT_NAMES = ("loaded_context_length", "max_model_len", "n_ctx", "context_length", "context_window")
_MOST_TOKENS = 1 << 30


class OpenAICompatibleProvider:
    """Implements `Provider` for all servers of `DIALECTS`."""

    def __init__(self, profile: Profile, base_url: str, connections: Connections) -> None:
        """Raises SettingsError where the profile's address is none."""
        dialect = DIALECTS[profile.provider]
        address = server_address(profile, base_url, default=dialect.base_url, path="/v1")
        self._core = OpenAICore(address, dialect, connections)
        self._context_tokens = profile.context_tokens

    @property
    def name(self) -> ProviderName:
        """As in profiles.yaml."""
        return self._core.server.provider

    @property
    def address(self) -> str:
        """The server's URL."""
        return self._core.server.base_url

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine."""
        return self._core.server.is_local

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """A streamed chat completion."""
        return self._core.stream(request)

    async def capabilities(self, model: str) -> Capabilities:
        """From the table, and the context size from the server; what the profile says of it counts first."""
        found = await self._core.capabilities(model)
        return dataclasses.replace(found, context_tokens=self._context_tokens or found.context_tokens)

    async def count_tokens(self, request: ModelRequest) -> int:
        """Counted by vLLM and llama.cpp, else estimated."""
        return await self._core.count_tokens(request)

    async def models(self) -> Sequence[ModelInfo]:
        """What `/models` lists."""
        return await self._core.models()

    async def check(self) -> None:
        """Raise what keeps the server from answering."""
        await self._core.check()

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Raise UsageError: this API cannot fetch models."""
        raise UsageError(f"{self._core.server.shown} cannot be told to fetch a model.", "Fetch it there.")
        yield  # makes this a generator

    async def close(self) -> None:
        """Close all connections."""
        await self._core.close()


@dataclass(frozen=True, slots=True)
class _Library:
    client: "openai.AsyncOpenAI"
    stream_class: Any


class OpenAICore:
    """The conversation with one server; `embedded` uses it for its child."""

    def __init__(self, server: ServerAddress, dialect: Dialect, connections: Connections) -> None:
        self.server = server
        self._dialect = dialect
        self._connections = connections
        self._library = Lazily(self._load)
        self._capabilities: dict[str, Capabilities] = {}

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Yield the events of one answer."""

        async def begin() -> OpenStream:
            library = await self._ready()
            body = openai_body(request, self._dialect)
            begun = library.client.post(
                "/chat/completions", body=body, cast_to=object, stream=True, stream_cls=library.stream_class
            )
            chunks = await in_time(begun, self.server)
            return OpenStream(chunks, chunks.close, library.client.is_closed, chunks.response)

        return stream_answer(begin, OpenAIAnswer(self.server), self.server, request)

    async def capabilities(self, model: str) -> Capabilities:
        """Return what `model` can do; asked of the server once, kept when it has answered."""
        if model not in self._capabilities:
            found = table_capabilities(self.server.provider, model)
            if self._dialect.context_from:
                found = dataclasses.replace(found, context_tokens=await self._context_tokens(model))
            self._capabilities[model] = found
        return self._capabilities[model]

    async def count_tokens(self, request: ModelRequest) -> int:
        """Return the request's input tokens, as many as there are at most."""
        estimate = tokens_of_request(request)
        if not self._dialect.count_path:
            return estimate
        body = openai_body(request, self._dialect)
        wanted = {name: value for name, value in body.items() if name in {"model", "messages", "tools"}}
        try:
            answer = await self._post(self._dialect.count_path, wanted, request)
        except ProviderError:
            return estimate  # counting is a help: who cannot count may still answer
        return next((n for name in ("input_tokens", "count") if (n := _tokens(answer, name))), estimate)

    async def models(self) -> Sequence[ModelInfo]:
        """Return what `/models` lists."""
        answer = await self._get("/v1/models")
        listed = answer.get("data")
        found = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
        return [
            ModelInfo(item["id"].removeprefix("models/"), _size(item), _context_of(item))
            for item in found
            if isinstance(item.get("id"), str)
        ]

    async def check(self) -> None:
        """Raise what keeps the server from answering, the model's absence included where the server knows."""
        try:
            await self._get(self._dialect.check_path)
        except NotThere:
            if self._dialect.lists_models:
                raise
        if self._dialect.lists_models:
            names = [model.name for model in await self.models()]
            if names and self.server.model.removeprefix("models/") not in names:
                raise ProviderUnavailable(
                    f"{self.server.shown} has no model {self.server.model}.",
                    f"Choose one of its own: {', '.join(sorted(names)[:10])}.",
                )

    async def close(self) -> None:
        """Close all connections."""
        if library := self._library.take():
            await library.client.close()

    async def _context_tokens(self, model: str) -> int | None:
        """Ask the server; many know none of these paths. Raises only where it cannot be reached at all."""
        for path in self._dialect.context_from:
            try:
                answer = await self._get(path)
            except NotThere:
                continue
            except ProviderUnavailable:
                raise
            except ProviderError:
                continue
            if found := _context_in(answer, model):
                return found
        return None

    async def _get(self, path: str) -> Mapping[str, Any]:
        library = await self._ready()
        with translated(self.server):
            answer = await in_time(library.client.get(self._url(path), cast_to=object), self.server)
        return answer if isinstance(answer, dict) else {}

    async def _post(self, path: str, body: Mapping[str, Any], request: ModelRequest) -> Mapping[str, Any]:
        library = await self._ready()
        with translated(self.server, request):
            asked = library.client.post(self._url(path), body=body, cast_to=object)
            answer = await in_time(asked, self.server)
        return answer if isinstance(answer, dict) else {}

    def _url(self, path: str) -> str:
        """The address of `path` under the server's root; `/v1` is where the profile's address says."""
        under_v1 = path.startswith("/v1/")
        return f"{self.server.base_url}{path[3:]}" if under_v1 else f"{self.server.root}{path}"

    async def _ready(self) -> _Library:
        if self._dialect.needs_key and not self.server.key:
            raise ProviderAuth(
                f"The profile {self.server.profile} has no key for {self.server.shown}.",
                "Set `api_key: ${NAME}` in profiles.yaml and the variable in the environment.",
            )
        return await self._library.get()

    def _load(self) -> _Library:
        # At each request openai looks into `sys.modules` for httpx: half loaded there, for Ollama, it fails the call.
        import httpx  # noqa: F401
        import httpx2
        import openai

        timeouts = Timeouts(read_s=self.server.timeout_s)
        http = self._connections.httpx2_client(
            self.server.base_url, purpose=self.server.purpose, timeouts=timeouts
        )
        add_hooks(http, guard_hooks(httpx2, self.server))
        client = openai.AsyncOpenAI(
            api_key=NO_KEY,
            base_url=self.server.base_url,
            http_client=http,
            max_retries=0,
            timeout=http.timeout,
        )
        return _Library(client, openai.AsyncStream[object])


def _context_in(answer: Mapping[str, Any], model: str) -> int | None:
    """Find a context size in what `/props` or a list of models says, for `model` or for the only one there is."""
    settings = answer.get("default_generation_settings")
    if isinstance(settings, dict) and (found := _context_of(settings)):
        return found
    listed = answer.get("data")
    items = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    named = [item for item in items if item.get("id") == model] or (items if len(items) == 1 else [])
    return next((found for item in named if (found := _context_of(item))), None)


def _context_of(item: Mapping[str, Any]) -> int | None:
    meta = item.get("meta")
    places = (item, meta) if isinstance(meta, dict) else (item,)
    found = next((n for place in places for name in _CONTEXT_NAMES if (n := _tokens(place, name))), None)
    trained = next((n for place in places if (n := _tokens(place, "n_ctx_train"))), None)
    return min(found, trained) if found and trained else found


def _size(item: Mapping[str, Any]) -> int | None:
    meta = item.get("meta")
    size = meta.get("size") if isinstance(meta, dict) else None
    return size if isinstance(size, int) and size > 0 else None


def _tokens(item: Mapping[str, Any], name: str) -> int | None:
    value = item.get(name)
    return value if isinstance(value, int) and 0 < value < _MOST_TOKENS else None
