"""Replays a script instead of asking a model: for tests and demonstrations."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

from victor_server.agent.events import (
    ModelEvent,
    Stopped,
    StopReason,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    Usage,
)
from victor_server.agent.messages import ModelRequest
from victor_server.agent.providers.estimate import tokens_of_request
from victor_server.agent.providers.provider import Capabilities, ModelInfo, PullProgress
from victor_server.agent.providers.script import ERRORS, Reply, Step, read_script
from victor_server.errors import BadResponse, ContextTooLong, ProviderError, RateLimited, UsageError

CONTEXT_TOKENS = 200_000
_CHARACTERS_IN_A_TOKEN = 4


class ScriptedProvider:
    """Implements `Provider`. Each call of `stream` takes the next reply of the script; there is no next to the last.

    A text of the script is one TextDelta, so that a script can cut an answer wherever it wants. Without
    `{"usage": …}` the tokens are estimated.
    """

    name = "scripted"
    is_local = True

    def __init__(self, file: Path, *, context_tokens: int | None = None) -> None:
        self._file = file
        self._context_tokens = context_tokens or CONTEXT_TOKENS
        self._replies: tuple[Reply, ...] | None = None
        self._taken = 0

    @property
    def address(self) -> str:
        """The script."""
        return str(self._file)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """The next reply of the script."""
        n_tokens = tokens_of_request(request)
        if n_tokens + request.max_output_tokens > self._context_tokens:
            raise ContextTooLong(f"About {n_tokens:,} tokens do not fit {self._context_tokens:,}.")
        reply = await self._next_reply()
        n_tools = 0
        written = 0
        usage = Usage(n_tokens, 0, counted=False)
        stop: StopReason | None = None
        for step in reply:
            if step.sleep_ms:
                await asyncio.sleep(step.sleep_ms / 1000)
            if step.error:
                raise _error(step)
            room = request.max_output_tokens * _CHARACTERS_IN_A_TOKEN - written
            text = (step.text or "")[:room]
            written += len(text)
            if step.thinking:
                yield ThinkingDelta(step.thinking)
            if text:
                yield TextDelta(text)
            if len(text) < len(step.text or ""):
                stop = "max_tokens"
                break
            if step.tool:
                name, arguments = step.tool
                yield ToolCallDelta(n_tools, f"call_{self._taken}_{n_tools}", name, json.dumps(arguments))
                n_tools += 1
            if step.usage:
                usage = Usage(*step.usage)
            stop = step.stop or stop
        if not usage.counted:
            usage = Usage(n_tokens, -(-written // _CHARACTERS_IN_A_TOKEN), counted=False)
        yield usage
        yield Stopped(stop or ("tool_calls" if n_tools else "end"))

    async def capabilities(self, model: str) -> Capabilities:
        """Everything: the script decides."""
        return Capabilities(context_tokens=self._context_tokens, tools=True, json_schema=True, thinking=True)

    async def count_tokens(self, request: ModelRequest) -> int:
        """An estimate."""
        return tokens_of_request(request)

    async def models(self) -> Sequence[ModelInfo]:
        """One, named after the file."""
        return (ModelInfo(self._file.stem, context_tokens=self._context_tokens),)

    async def check(self) -> None:
        """Raise what is wrong with the script."""
        await self._all_replies()

    async def pull(self, model: str) -> AsyncGenerator[PullProgress, None]:
        """Raise UsageError: there is nothing to fetch."""
        raise UsageError("A script has no models to fetch.")
        yield  # makes this a generator

    async def close(self) -> None:
        """Nothing is held."""

    async def _next_reply(self) -> Reply:
        replies = await self._all_replies()
        if self._taken >= len(replies):
            n_replies = f"{len(replies)} {'reply' if len(replies) == 1 else 'replies'}"
            raise BadResponse(f"The script {self._file} has {n_replies}, and this asks for one more.")
        self._taken += 1
        return replies[self._taken - 1]

    async def _all_replies(self) -> tuple[Reply, ...]:
        if self._replies is None:
            self._replies = await asyncio.to_thread(read_script, self._file)
        return self._replies


def _error(step: Step) -> ProviderError:
    message = f"The script says: {step.error}."
    if step.error == RateLimited.kind:
        return RateLimited(message, retry_after_s=step.retry_after_s)
    return ERRORS[step.error](message)
