"""What a model is told of a tool's result: its texts, and what else there was in words."""

import json
from collections.abc import Iterator

import mcp_types as types

from victor_server.agent.mcp.model import Result
from victor_server.agent.tools.printable import one_line

MAX_CHARACTERS = 200_000
_MAX_PARTS = 200


def text_of_result(result: types.CallToolResult) -> Result:
    """The texts one below the other; images, sound and files in bytes are named, and not shown."""
    parts = list(_parts(result))
    text = "\n\n".join(filter(None, parts)) or "(no text)"
    more = len(text) - MAX_CHARACTERS
    if more > 0:
        text = f"{text[:MAX_CHARACTERS]}\n… {more} more characters"
    return Result(text, bool(result.is_error))


def _parts(result: types.CallToolResult) -> Iterator[str]:
    for part in result.content[:_MAX_PARTS]:
        yield _part(part)
    if len(result.content) > _MAX_PARTS:
        yield f"({len(result.content) - _MAX_PARTS} more parts)"
    if not result.content and result.structured_content is not None:
        yield json.dumps(result.structured_content, ensure_ascii=False, indent=1)


def _part(part: types.ContentBlock) -> str:
    match part:
        case types.TextContent():
            return part.text
        case types.ImageContent() | types.AudioContent():
            kind = "an image" if isinstance(part, types.ImageContent) else "sound"
            return f"({kind}, {one_line(part.mime_type)}, {len(part.data) * 3 // 4:,} bytes: not shown)"
        case types.ResourceLink():
            return f"({one_line(part.name)}: {one_line(str(part.uri))})"
        case types.EmbeddedResource():
            return _resource(part.resource)
        case _:
            return "(something that is no text: not shown)"


def _resource(resource: types.TextResourceContents | types.BlobResourceContents) -> str:
    name = one_line(str(resource.uri))
    if isinstance(resource, types.TextResourceContents):
        return f"{name}:\n{resource.text}"
    return f"({name}, {len(resource.blob) * 3 // 4:,} bytes: not shown)"
