"""The arguments of a tool: what a model is told that it may write, and what it wrote, checked."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from victor_server.errors import UsageError

Arguments = TypeVar("Arguments", bound=BaseModel)

_MAX_PROBLEMS = 5
_MAX_WORDS = 200


def read_arguments(model: type[Arguments], arguments: Mapping[str, Any]) -> Arguments:
    """What a model wrote, as `model` (which forbids what it does not name).

    Lists and objects may be written as text that is JSON: models often do. Raises UsageError that names each field
    that is wrong, and what there is instead. It never repeats a value.
    """
    try:
        return model.model_validate(dict(arguments))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
    unpacked = {
        each["loc"][0]: each for each in found if each["type"] in _WANTS_JSON and len(each["loc"]) == 1
    }
    again = {name: _from_json(value) if name in unpacked else value for name, value in arguments.items()}
    if again != arguments:
        return read_arguments(model, again)
    problems = [_problem(each["type"], each["loc"], each["msg"]) for each in found[:_MAX_PROBLEMS]]
    more = f" {len(found) - _MAX_PROBLEMS} more." if len(found) > _MAX_PROBLEMS else ""
    raise UsageError(" ".join(problems) + more, _fix(model))


@cache
def schema_of(model: type[BaseModel]) -> Mapping[str, Any]:
    """The JSON schema of a tool's arguments, an object: every model is paid for each word of it, so it has few.

    References are written out, titles and what may be null are left out: some servers understand none of them.
    """
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})
    schema.pop("description", None)  # the docstring, which is for who reads the code
    return {"type": "object", "properties": {}, **_told(schema, definitions)}


_WANTS_JSON = frozenset({"list_type", "tuple_type", "dict_type", "model_type", "model_attributes_type"})


def _from_json(value: object) -> object:
    """A list or an object that was written as text; anything else as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith(("[", "{")):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _problem(kind: str, place: tuple[int | str, ...], words: str) -> str:
    name = ".".join(map(str, place))[:_MAX_WORDS] or "the arguments"
    match kind:
        case "missing":
            return f"`{name}` is missing."
        case "extra_forbidden":
            return f"There is no `{name}`."
        case _:
            return f"`{name}`: {words.removeprefix('Value error, ')[:_MAX_WORDS]}."


def _fix(model: type[BaseModel]) -> str:
    fields = model.model_fields
    if not fields:
        return "It takes no arguments."
    names = [f"`{name}`" + ("" if field.is_required() else " (optional)") for name, field in fields.items()]
    return f"It takes {', '.join(names)}."


def _told(schema: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_told(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    schema = _resolved(_without_null(_resolved(schema, definitions)), definitions)
    told = {}
    for key, value in schema.items():
        if key == "properties":
            told[key] = {name: _told(each, definitions) for name, each in value.items()}
        elif key not in _LEFT_OUT and not (key == "default" and value is None):
            told[key] = value if key in _AS_IT_IS else _told(value, definitions)
    return told


_LEFT_OUT = frozenset({"title", "additionalProperties", "$defs"})
_AS_IT_IS = frozenset({"default", "enum", "const", "examples", "required"})


def _resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with what it refers to; what stands beside a reference counts."""
    reference = schema.get("$ref")
    if reference is None:
        return dict(schema)
    found = {**definitions[str(reference).rpartition("/")[2]]}
    found.pop("description", None)
    return {**found, **{key: value for key, value in schema.items() if key != "$ref"}}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """`X or null` as X: what may be null may be left out as well."""
    choices = schema.get("anyOf")
    if not isinstance(choices, list):
        return schema
    left = [each for each in choices if each != {"type": "null"}]
    if len(left) != 1:
        return {**schema, "anyOf": left}
    return {**left[0], **{key: value for key, value in schema.items() if key != "anyOf"}}
