"""A server's tool, as one of those that a model may use."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from victor_server.agent.mcp.model import ListedTool, Result
from victor_server.agent.messages import ToolSpec
from victor_server.agent.tools.built_in import waiting
from victor_server.agent.tools.tool import Done, Prepared, Scene, ToolKind, Touched
from victor_server.errors import UsageError

MAX_ARGUMENTS = 200_000
"""Characters of one call's arguments, as JSON."""

Call = Callable[[ListedTool, Mapping[str, Any]], Awaitable[Result]]
"""Calls a tool that is permitted. Raises errors of the tree."""


@dataclass(frozen=True, slots=True)
class McpTool:
    """A `Tool` of kind `other`, whatever its server says of it. `why_asked` as in `Touched.afresh`."""

    server: str
    listed: ListedTool
    call: Call = field(repr=False)
    why_asked: str = ""
    kind: ToolKind = "other"

    @property
    def spec(self) -> ToolSpec:
        """What a model is told of it: the server's words."""
        return spec_of(self.listed)

    def prepare(self, call_id: str, arguments: Mapping[str, Any], scene: Scene) -> Prepared:
        """Say what would be handed to the server: all of it, for a person to see."""
        try:
            sent = json.dumps(dict(arguments), ensure_ascii=False, indent=1)
        except (TypeError, ValueError):
            raise UsageError("The arguments are no JSON.") from None
        if len(sent) > MAX_ARGUMENTS:
            raise UsageError(
                f"The arguments are longer than {MAX_ARGUMENTS:,} characters.", "Give less at once."
            )

        async def done() -> Done:
            result = await self.call(self.listed, arguments)
            return Done(result.text, result.is_error)

        title = f"{self.server}: {self.listed.name}"
        return waiting(Touched(title, sent=f"{title} {sent}", afresh=self.why_asked), done)


def spec_of(tool: ListedTool) -> ToolSpec:
    """What a model is told of a tool, in every call."""
    return ToolSpec(tool.full_name, tool.description, tool.schema)
