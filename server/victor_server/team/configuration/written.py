"""Reads the text of a configuration into options: what is wrong becomes a problem with its way, nothing is guessed."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from victor_server.settings.demands import demand
from victor_server.settings.yaml_text import Document, Way, as_written, fill_in
from victor_server.team.configuration.options import FileOptions
from victor_server.team.configuration.problem import Wrong

_DEEPEST = 8
_MEMBERS = {
    "permissions": "permissions",
    "proxies": "addresses or networks",
    "allowed_origins": "origins",
    "base_urls": "addresses",
    "allowed_hosts": "hosts",
    "consent": "purposes",
    "command": "words",
}


def filled(document: Document, environment: Mapping[str, str]) -> tuple[dict[str, Any], list[Wrong]]:
    """The values with their variables replaced, without those that are null; and which variables are not set."""
    wrong = [Wrong(way, "stands here twice", "Keep one of them.") for way in document.twice]
    values = _filled(document.values, environment, (), wrong)
    return (values if isinstance(values, dict) else {}), wrong


def to_options(values: Mapping[str, Any]) -> tuple[FileOptions | None, list[Wrong]]:
    """The options, None if anything is wrong; everything that is."""
    try:
        return FileOptions.model_validate(values, strict=True), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        return None, list({each.way: each for each in map(_wrong, details)}.values())


def _filled(value: Any, environment: Mapping[str, str], way: Way, wrong: list[Wrong]) -> Any:
    if isinstance(value, dict) and len(way) < _DEEPEST:
        names = {as_written(str(key)): each for key, each in value.items() if each is not None}
        return {name: _filled(each, environment, (*way, name), wrong) for name, each in names.items()}
    missing: set[str] = set()
    given = fill_in(value, environment, missing)
    wrong += (
        Wrong(way, f"needs the variable {name}, which is not set", "Set it where the backend is started.")
        for name in sorted(missing)
    )
    return given


def _wrong(details: ErrorDetails) -> Wrong:
    location = details["loc"]
    end = next((at for at, part in enumerate(location) if isinstance(part, int)), len(location))
    # What pydantic adds of a mapping's key that is wrong.
    way = tuple(str(part) for part in location[:end] if part != "[key]")
    if details["type"] == "extra_forbidden":
        near = difflib.get_close_matches(way[-1], list(_siblings(way[:-1])), n=1)
        return Wrong(way, "is not a setting", f"Did you mean {near[0]}?" if near else _SEE)
    if details["type"] == "string_pattern_mismatch":
        return Wrong(way, "has letters that do not belong there", _SEE)
    return Wrong(way, demand(details, _MEMBERS.get(way[-1] if way else "", "texts")), _SEE)


_SEE = "See docs/team-config.md."


def _siblings(way: Way) -> Iterable[str]:
    """The names that there are in the section `way`."""
    options: type[BaseModel] = FileOptions
    is_chosen = False
    for part in way:
        if is_chosen:  # a name of the operator's choice
            is_chosen = False
            continue
        field = options.model_fields.get(part)
        found = _options_in(field.annotation) if field is not None else None
        if found is None:
            return ()
        options, is_chosen = found
    return () if is_chosen else options.model_fields


def _options_in(annotation: Any) -> tuple[type[BaseModel], bool] | None:
    """The options that a value is made of, and whether it is a mapping of several of them by name."""
    for each in (annotation, *get_args(annotation)):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each, False
        inner = get_args(each)[1] if get_origin(each) is dict else None
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            return inner, True
    return None
