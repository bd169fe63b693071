"""What is known of servers that speak the Model Context Protocol, and of the tools that they offer."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from victor_server.errors import Unavailable

Source = Literal["home", "workspace"]
"""Whose word a server is: the person's own, or that of a repository which the person trusts."""

DEFAULT_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Server:
    """One server as it is written, variables by name; `place` is where a person finds it.

    Either `command`, words of which the first is a program, or `url`. `tools` are patterns of the names of those that
    are offered. `root` is the workspace that it belongs to, None for one of the person's own.
    """

    name: str
    source: Source
    place: str
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout_s: float = DEFAULT_TIMEOUT_S
    tools: tuple[str, ...] = ("*",)
    root: Path | None = None

    @property
    def digest(self) -> str:
        """Tells one definition from another: what is started or asked, and what it is given."""
        words = [self.command, sorted(self.environment.items()), self.url, sorted(self.headers.items())]
        return _digest([*words, self.source, str(self.root or "")])

    @property
    def key(self) -> str:
        """What a server of that name is remembered by, whatever its definition."""
        return self.name if self.root is None else f"{self.name} of {self.root}"


@dataclass(frozen=True, slots=True)
class ListedTool:
    """A tool as a model is told of it. `name` is the server's own, `full_name` what the model calls it by.

    `digest` tells what the server said of it: another description or schema is another one.
    """

    name: str
    full_name: str
    description: str = field(repr=False)
    schema: Mapping[str, Any] = field(repr=False)
    digest: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The tools of a server that can be offered, and sentences about those that cannot."""

    tools: tuple[ListedTool, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool gave back."""

    text: str = field(repr=False)
    is_error: bool = False


class ConnectionEnded(Unavailable):
    """The server has ended while it was asked, or its connection has."""


def digest_of(tool_name: str, description: str, schema: Mapping[str, Any]) -> str:
    """Of what a server says of a tool."""
    return _digest([tool_name, description, schema])


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
