"""An Ollama of our own, written from its documented protocol: no real one is to be had from a package registry.

It keeps a context for each loaded model as Ollama does, refuses what does not fit, and may have little memory.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from raw_server import RawRequest, RawServer, forever, raw_server, response, stream_head

_NDJSON = "application/x-ndjson"


@dataclass(slots=True)
class OllamaModel:
    """One model that was pulled. `most_context`: what the machine has room for, whatever is asked.

    `remote_host`: where Ollama sends what this model is asked.
    """

    name: str
    size: int = 4_700_000_000
    capabilities: Sequence[str] = ("completion", "tools", "insert")
    info: dict[str, Any] = field(
        default_factory=lambda: {
            "general.architecture": "qwen2",
            "qwen2.context_length": 32_768,
            "qwen2.block_count": 28,
            "qwen2.embedding_length": 3584,
            "qwen2.attention.head_count": 28,
            "qwen2.attention.head_count_kv": 4,
        }
    )
    most_context: int = 1 << 20
    remote_host: str = ""


@dataclass(slots=True)
class OllamaServer:
    """`lines` are what `/api/chat` answers, one message a line; `hangs`: it sends them and then nothing more."""

    models: list[OllamaModel]
    lines: Sequence[dict[str, Any]] = ()
    hangs: bool = False
    loaded: dict[str, int] = field(default_factory=dict)
    wire: RawServer = field(default_factory=RawServer)

    def asked(self, path: str) -> list[RawRequest]:
        """All requests of one path."""
        return [request for request in self.wire.requests if request.path == path]

    async def answer(self, request: RawRequest, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        match request.path:
            case "/api/tags":
                listed = [
                    {"name": model.name, "model": model.name, "size": model.size} for model in self.models
                ]
                writer.write(response(200, {"models": listed}))
            case "/api/ps":
                running = [
                    {"name": name, "model": name, "context_length": size}
                    for name, size in self.loaded.items()
                ]
                writer.write(response(200, {"models": running}))
            case "/api/show":
                writer.write(self._show(request.data["model"]))
            case "/api/chat":
                await self._chat(request.data, writer)
            case "/api/pull":
                self._pull(request.data["model"], writer)
        await writer.drain()

    def _show(self, name: str) -> bytes:
        if (model := self._model(name)) is None:
            return response(404, {"error": f"model '{name}' not found"})
        shown = {"capabilities": list(model.capabilities), "model_info": model.info}
        return response(200, shown | ({"remote_host": model.remote_host} if model.remote_host else {}))

    async def _chat(self, body: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        if (model := self._model(body["model"])) is None:
            writer.write(response(404, {"error": f"model '{body['model']}' not found"}))
            return
        context = min(body["options"]["num_ctx"], model.most_context)
        self.loaded[model.name] = context
        n_tokens = sum(len(message["content"].split()) for message in body["messages"])
        if n_tokens > context and body.get("truncate") is False:
            writer.write(response(400, {"error": "the input length exceeds the context length"}))
            return
        writer.write(stream_head(_NDJSON))
        for message in self.lines:
            writer.write(
                _line({"model": model.name, "message": {"role": "assistant", **message}, "done": False})
            )
        await writer.drain()
        if self.hangs:
            await forever()
        last = {
            "done": True,
            "done_reason": "stop",
            "prompt_eval_count": n_tokens,
            "eval_count": len(self.lines),
        }
        writer.write(_line({"model": model.name, "message": {"role": "assistant", "content": ""}, **last}))

    def _pull(self, name: str, writer: asyncio.StreamWriter) -> None:
        writer.write(stream_head(_NDJSON) + _line({"status": "pulling manifest"}))
        if name == "nowhere":
            writer.write(_line({"error": "pull model manifest: file does not exist"}))
            return
        for done in (0, 512, 1024):
            writer.write(
                _line({"status": "pulling abc", "digest": "sha256:abc", "total": 1024, "completed": done})
            )
        self.models.append(OllamaModel(f"{name}:latest"))
        writer.write(_line({"status": "success"}))

    def _model(self, name: str) -> OllamaModel | None:
        return next(
            (model for model in self.models if name in {model.name, model.name.removesuffix(":latest")}), None
        )


@asynccontextmanager
async def ollama_server(*models: OllamaModel, **more: Any) -> AsyncIterator[OllamaServer]:
    """Serve these models on loopback."""
    server = OllamaServer(list(models), **more)
    async with raw_server(server.answer) as wire:
        server.wire = wire
        yield server


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"
