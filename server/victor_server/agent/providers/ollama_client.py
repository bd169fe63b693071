"""The ollama library's client, with answers line by line. Imports the library: import it on first use, in a thread."""

import json
from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any

import httpx

from victor_server.agent.providers.ollama_library import ollama_client_module

if TYPE_CHECKING:
    from ollama import AsyncClient
else:
    AsyncClient = ollama_client_module().AsyncClient

_NO_KEY = {"authorization": "none"}
"""Else the library takes one from the environment; what is sent is put in, or left out, by `wire_guard`."""


class OllamaClient(AsyncClient):
    """The library's client for lists and descriptions; streams are read here.

    The library's own `chat` knows no `truncate`, takes tools apart into models of its own, and cuts lines at
    characters that may stand inside of JSON.
    """

    def __init__(
        self, base_url: str, transport: httpx.AsyncBaseTransport, timeout: httpx.Timeout, **more: Any
    ) -> None:
        super().__init__(
            base_url,
            transport=transport,
            timeout=timeout,
            trust_env=False,
            follow_redirects=False,
            headers=_NO_KEY,
            **more,
        )

    async def objects(self, path: str, body: Mapping[str, Any]) -> AsyncGenerator[Any, None]:
        """Yield the JSON values of a streamed answer.

        Raises httpx.HTTPStatusError (its response read) for an error's status and ValueError for what is no JSON.
        """
        async with self._client.stream("POST", path, json=body) as response:
            if response.is_error:
                await response.aread()
            response.raise_for_status()
            rest = b""
            async for chunk in response.aiter_bytes():
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    if line.strip():
                        yield json.loads(line)
            if rest.strip():
                yield json.loads(rest)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()
