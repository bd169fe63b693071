"""Checks what one source of settings holds: what is right is kept, what is wrong becomes a problem with its place."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from victor_indexer.source import Unread, decode, read_file
from victor_server.settings.demands import demand
from victor_server.settings.layer import ENVIRONMENT, RESTRICTIONS, Layer, Problem
from victor_server.settings.names import Setting, all_settings, list_of
from victor_server.settings.options import Options
from victor_server.settings.yaml_text import load_bounded

_MAX_FILE_BYTES = 1_000_000
_MAX_REPOSITORY_BYTES = 64_000
"""Somebody else wrote it, and reading takes seconds for a megabyte."""
_OF_THE_CLIENT = ("server", "trace")
"""Sections that an editor's own extension keeps beside ours."""

Lines = Mapping[tuple[str, ...], int]


def file_layer(file: Path) -> Layer:
    """What a YAML file holds, problems with their lines."""
    source = str(file)
    try:
        with file.open(encoding="utf-8") as opened:
            text = opened.read(_MAX_FILE_BYTES)
            if opened.read(1):
                return _nothing(source, None, "cannot be read: it is too large")
    except ValueError:
        return _nothing(source, None, "this is not YAML")
    except OSError as error:
        return _nothing(source, None, f"cannot be read: {error.strerror}")
    return _text_layer(source, text, fixed={"home"})


def repository_layer(root: Path, path: str) -> Layer:
    """What the file `path` of a trusted repository sets: no more than an editor may. No link is followed to it."""
    source = str(root / path)
    raw = read_file(root, path, _MAX_REPOSITORY_BYTES)
    if isinstance(raw, Unread):
        return _unrestricting(_nothing(source, None, f"cannot be read: {raw.error or raw.reason}"))
    text = decode(raw.content)
    if text is None:
        return _unrestricting(_nothing(source, None, "this is not YAML"))
    return _unrestricting(_text_layer(source, text[0], fixed=_not_by_editor()))


def _text_layer(source: str, text: str, fixed: set[str]) -> Layer:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        written = load_bounded(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        return _nothing(source, line, f"this is not YAML: {error.problem or 'it cannot be read'}")
    except (yaml.YAMLError, RecursionError, ValueError):
        return _nothing(source, None, "this is not YAML")
    if written is None:
        return Layer(source, {}, ())
    if not isinstance(written, dict):
        return _nothing(source, 1, "must hold settings by name, like `index: {workers: 2}`")
    layer = _checked(source, written, _lines(node), fixed=fixed)
    return replace(layer, problems=(*_written_twice(source, node), *layer.problems))


def editor_layer(source: str, written: Mapping[str, object]) -> Layer:
    """What an editor sent; names may be nested or dotted."""
    ours = {name: value for name, value in written.items() if name.split(".")[0] not in _OF_THE_CLIENT}
    return _unrestricting(_checked(source, ours, {}, fixed=_not_by_editor()))


def _not_by_editor() -> set[str]:
    return {each.name for each in all_settings() if not each.by_editor}


def _unrestricting(layer: Layer) -> Layer:
    """Editors and repositories restrict nothing, so nothing that they got wrong can have been a restriction."""
    return replace(layer, problems=tuple(replace(each, restricts=False) for each in layer.problems))


def environment_layer(environment: Mapping[str, str]) -> Layer:
    """What the environment says; a VICTOR_ variable that is nearly one of ours is taken for a mistake."""
    settings = {each.environment: each for each in all_settings()}
    written = {
        settings[name].name: _from_text(settings[name], text)
        for name, text in environment.items()
        if name in settings and text.strip()
    }
    checked = _checked(
        ENVIRONMENT, written, {}, variables={each.name: each.environment for each in settings.values()}
    )
    values = {name: value for name, value in checked.values.items() if name != "home"}
    unknown = (name for name in environment if name.startswith("VICTOR_") and name not in settings)
    return Layer(ENVIRONMENT, values, (*checked.problems, *_misspelt(unknown, list(settings))))


def _misspelt(names: Iterator[str], known: Sequence[str]) -> Iterator[Problem]:
    # Such as VICTOR_NETWORK_PRIVATE_PATHS: what one guesses who knows the name in settings.yaml.
    by_whole_name = {
        f"VICTOR_{each.name.replace('.', '_').upper()}": [each.environment] for each in all_settings()
    }
    for name in names:
        if name.startswith("VICTOR_OFFLINE"):
            message = f"{name} is not a setting; write `offline_mode: true` into profiles.yaml instead"
            yield Problem(ENVIRONMENT, None, message, restricts=True)
            continue
        near = by_whole_name.get(name) or difflib.get_close_matches(name, known, n=1, cutoff=0.9)
        if near:
            message = f"{name} is not a setting (did you mean {near[0]}?)"
            restricts = any(near[0] == each.environment and _restricts(each.name) for each in all_settings())
            yield Problem(ENVIRONMENT, None, message, restricts)


def _nothing(source: str, line: int | None, message: str) -> Layer:
    return Layer(source, {}, (Problem(source, line, message, restricts=True),))


def _checked(
    source: str,
    written: Mapping[Any, object],
    lines: Lines,
    *,
    fixed: set[str] | None = None,
    variables: Mapping[str, str] | None = None,
) -> Layer:
    """Validates again without each wrong part, until what is left is right."""
    nested = _nested(written)
    problems: list[Problem] = []
    for name in sorted(fixed or ()):
        if _take(nested, tuple(name.split("."))):
            where = _line(lines, tuple(name.split(".")))
            problems.append(Problem(source, where, f"{name} cannot be set here"))
    while True:
        try:
            options = Options.model_validate(nested, strict=True)
        except ValidationError as error:
            wrong = {
                _path(details): details for details in error.errors(include_url=False, include_input=False)
            }
            problems += (_problem(source, details, lines, variables or {}) for details in wrong.values())
            taken = [_take(nested, path) for path in wrong]
            if not any(taken):
                nested.clear()  # whatever it was, it is not ours to read
            continue
        break
    return Layer(source, _flat(options.model_dump(exclude_none=True)), tuple(problems))


def _problem(source: str, details: ErrorDetails, lines: Lines, variables: Mapping[str, str]) -> Problem:
    path = _path(details)
    name = ".".join(path)
    shown = variables.get(name, name)
    if details["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, [each.name for each in all_settings()], n=1)
        guess = f" (did you mean {near[0]}?)" if near else ""
        if name.startswith("offline"):
            guess = " (offline_mode stands in profiles.yaml)"
        return Problem(source, _line(lines, path), f"{shown} is not a setting{guess}", _restricts(name))
    return Problem(source, _line(lines, path), f"{shown} {demand(details, list_of(name))}", _restricts(name))


def _restricts(name: str) -> bool:
    """Whether a setting, perhaps misspelt, is one of those that say what may leave this machine, or what it may cost."""
    first = name.split(".")[0].lower()
    near = difflib.get_close_matches(first, ["network", "budget"], cutoff=0.6)
    return bool(near or difflib.get_close_matches(first, RESTRICTIONS, cutoff=0.85))


def _written_twice(source: str, node: yaml.Node | None) -> Iterator[Problem]:
    """Sections that stand in a file more than once: only the last one is read."""
    seen: set[str] = set()
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        name = str(key.value)
        if name in seen:
            where = key.start_mark.line + 1
            yield Problem(source, where, f"{name} stands here a second time", _restricts(name))
        seen.add(name)


def _path(details: ErrorDetails) -> tuple[str, ...]:
    """The way to the setting that is wrong, not to a member of its list."""
    way = details["loc"]
    end = next((at for at, part in enumerate(way) if isinstance(part, int)), len(way))
    return tuple(str(part) for part in way[:end])


_DEEPEST = 3
"""No setting lies deeper; a document may refer to itself."""


def _nested(written: Mapping[Any, object], depth: int = 1) -> dict[str, Any]:
    """A copy in which dotted names are nested and nulls, which mean "not set", are gone."""
    nested: dict[str, Any] = {}
    for key, value in written.items():
        if value is None:
            continue
        *sections, name = str(key).split(".")
        place = nested
        for section in sections:
            inner = place.setdefault(section, {})
            place = inner if isinstance(inner, dict) else place.setdefault(f"{section}.", {})
        made = _nested(value, depth + 1) if isinstance(value, Mapping) and depth < _DEEPEST else value
        if isinstance(made, dict) and isinstance(place.get(name), dict):
            place[name] |= made
        else:
            place[name] = made
    return nested


def _take(nested: dict[str, Any], path: tuple[str, ...]) -> bool:
    """Takes a value out; False if it is not there."""
    place: Any = nested
    for part in path[:-1]:
        place = place.get(part) if isinstance(place, dict) else None
    if not isinstance(place, dict) or path[-1] not in place:
        return False
    del place[path[-1]]
    return True


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat


def _from_text(setting: Setting, text: str) -> object:
    """The value that a text in the environment stands for; the text itself if it stands for none."""
    text = text.strip()
    match setting.schema["type"]:
        case "boolean":
            return {"true": True, "1": True, "yes": True, "on": True}.get(text.lower(), _false_or(text))
        case "integer":
            return int(text) if text.removeprefix("-").isdecimal() and len(text) < 19 else text
        case "number":
            return _number_or(text)
        case "array":
            return [part.strip() for part in text.split(",") if part.strip()]
        case _:
            return text


def _number_or(text: str) -> object:
    try:
        return float(text) if len(text) < 40 else text
    except ValueError:
        return text


def _false_or(text: str) -> object:
    return False if text.lower() in ("false", "0", "no", "off") else text


def _lines(node: yaml.Node | None, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], int]:
    """The line of every name in a YAML document."""
    found: dict[tuple[str, ...], int] = {}
    places = [(node, path)]
    while places:
        place, way = places.pop()
        if not isinstance(place, yaml.MappingNode):
            continue
        for key, value in place.value:
            name = (*way, *str(key.value).split("."))
            if len(name) <= _DEEPEST:
                found[name] = key.start_mark.line + 1
                places.append((value, name))
    return found


def _line(lines: Lines, path: tuple[str, ...]) -> int | None:
    return next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), None)
