"""Calls of tools that a model writes into its answer instead of asking for them, as small models often do."""

import json
import re
from collections.abc import Container, Iterator
from typing import Any

_TAGGED = re.compile(r"<tool_call>(.*?)(?:</tool_call>|\Z)", re.DOTALL)
_FENCED = re.compile(r"\A```[a-z]*\n(.*)\n```\Z", re.DOTALL)
_MAX_CHARACTERS = 200_000


def written_calls(text: str, names: Container[str]) -> tuple[str, list[tuple[str, dict[str, Any]]]]:
    """What of an answer is no call, and the calls, as name and arguments; none where it is an answer after all.

    A call is an object with `name`, one of `names`, and `arguments`: between tags at the very end, or as all that the
    answer is. One that stands in a text or in a code block, such as a file that is quoted, is none.
    """
    stripped = text.strip()
    if len(stripped) > _MAX_CHARACTERS:
        return text, []
    before, tag, _ = stripped.partition("<tool_call>")
    if tag:
        tagged = _TAGGED.findall(stripped)
        calls = [call for each in tagged for call in _calls(each, names)]
        is_quoted = before.count("```") % 2 or _TAGGED.sub("", stripped[len(before) :]).strip()
        return (text, []) if is_quoted or len(calls) < len(tagged) else (before, calls)
    fenced = _FENCED.match(stripped)
    calls = list(_calls(fenced[1] if fenced else stripped, names))
    return ("", calls) if calls else (text, [])


def _calls(text: str, names: Container[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """All objects of a text that is JSON and nothing else; none if one of them is no call."""
    if not text.lstrip().startswith(("{", "[")):
        return
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    found = [_call(each, names) for each in (value if isinstance(value, list) else [value])]
    yield from [each for each in found if each is not None] if None not in found else []


def _call(value: Any, names: Container[str]) -> tuple[str, dict[str, Any]] | None:
    if not isinstance(value, dict) or not value.keys() <= {"name", "arguments", "parameters", "type", "id"}:
        return None
    name, arguments = value.get("name"), value.get("arguments", value.get("parameters"))
    if not isinstance(name, str) or name not in names or not isinstance(arguments, dict):
        return None
    return name, arguments
