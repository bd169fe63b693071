"""What a model is told of a tool's arguments, and what it is told where it got them wrong."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from victor_server.agent.tools.arguments import read_arguments, schema_of
from victor_server.errors import UsageError


class Block(BaseModel):
    """Words for programmers."""

    model_config = ConfigDict(extra="forbid")

    search: str = Field(description="what stands there")
    replace: str


class Example(BaseModel):
    """Words for programmers."""

    model_config = ConfigDict(extra="forbid")

    path: str = Field(description="a file")
    line: int | None = Field(None, ge=1)
    blocks: list[Block] = Field(default_factory=list)
    first: Block | None = None
    title: str = "none"


def test_a_schema_says_what_a_model_needs_and_no_more() -> None:
    """No title, no null, no reference, no docstring: every word of it is paid for in every call."""
    block = {
        "type": "object",
        "properties": {
            "search": {"type": "string", "description": "what stands there"},
            "replace": {"type": "string"},
        },
        "required": ["search", "replace"],
    }
    assert schema_of(Example) == {
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "a file"},
            "line": {"type": "integer", "minimum": 1},
            "blocks": {"type": "array", "items": block},
            "first": block,
            "title": {"type": "string", "default": "none"},
        },
        "required": ["path"],
    }


def test_arguments_are_read() -> None:
    """What fits is read; null stands for what was left out."""
    read = read_arguments(Example, {"path": "a", "line": None, "blocks": [{"search": "x", "replace": "y"}]})
    assert (read.path, read.line, read.blocks) == ("a", None, [Block(search="x", replace="y")])


def test_lists_and_objects_may_be_written_as_text() -> None:
    """Some models pack what is nested into a string; a text stays a text."""
    block = '{"search": "[1]", "replace": "y"}'
    read = read_arguments(Example, {"path": "[a]", "blocks": f"[{block}]", "first": block, "title": "{}"})
    assert (read.path, read.title) == ("[a]", "{}")
    assert read.blocks == [Block(search="[1]", replace="y")] == [read.first]
    with pytest.raises(UsageError, match="`blocks`"):
        read_arguments(Example, {"path": "a", "blocks": "[not JSON"})
    with pytest.raises(UsageError, match="`blocks`"):
        read_arguments(Example, {"path": "a", "blocks": '"[]"'})


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "`path` is missing."),
        ({"path": "a", "file": "b"}, "There is no `file`."),
        ({"path": 3}, "`path`: Input should be a valid string."),
        ({"path": "a", "line": 0}, "`line`: Input should be greater than or equal to 1."),
        ({"path": "a", "blocks": [{"search": "x"}]}, "`blocks.0.replace` is missing."),
    ],
)
def test_what_is_wrong_is_named_with_what_there_is(arguments: dict[str, Any], said: str) -> None:
    """A model can mend its call from the words alone."""
    with pytest.raises(UsageError) as refused:
        read_arguments(Example, arguments)
    assert refused.value.message == said
    assert refused.value.fix == (
        "It takes `path`, `line` (optional), `blocks` (optional), `first` (optional), `title` (optional)."
    )


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["path", "line", "blocks", "first", "x"]) | st.text(), _JSON, max_size=6)
)
def test_whatever_a_model_writes_is_read_or_refused_in_few_words(arguments: dict[str, Any]) -> None:
    """No other error, and no wall of text: a model reads all of it."""
    said = ""
    try:
        read_arguments(Example, arguments)
    except UsageError as error:
        said = error.message
    assert len(said) < 2500
    json.dumps(said)
