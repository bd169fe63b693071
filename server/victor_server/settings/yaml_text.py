"""Reads YAML in which `${NAME}` may stand anywhere a text may, and remembers on which line each name is."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

MAX_BYTES = 1_000_000
Way = tuple[str, ...]
"""The names that lead to a value, outermost first."""

_MOST_MERGED_MAPPINGS = 20
_MOST_MERGED_NAMES = 2_000
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]{0,127})\}")
_MARKED = re.compile("\ue000([A-Za-z_][A-Za-z0-9_]{0,127})\ue001")


@dataclass(frozen=True, slots=True)
class Document:
    """What a text holds. `lines` are 1-based, by way; `twice` are the names that stand twice in one place."""

    values: dict[Any, Any]
    lines: Mapping[Way, int]
    twice: Sequence[Way]


class NotReadable(Exception):
    """The text holds no settings by name; `line` is where that shows, None where no line can be named."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class _Loader(yaml.SafeLoader):
    """PyYAML's, with a bound on what `<<` merges: of a few lines it can make more than any memory holds."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Take merged names in, as long as they are few."""
        for key, value in node.value:
            merges = key.tag == "tag:yaml.org,2002:merge" and isinstance(value, yaml.SequenceNode)
            if merges and len(value.value) > _MOST_MERGED_MAPPINGS:
                raise _too_much(node)
        super().flatten_mapping(node)
        if len(node.value) > _MOST_MERGED_NAMES and any(
            key.start_mark.index < node.start_mark.index for key, _ in node.value
        ):
            raise _too_much(node)


def _too_much(node: yaml.Node) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(None, None, "it merges too much by <<", node.start_mark)


def load_bounded(text: str | bytes) -> Any:
    """The plain values in a YAML text, in memory that grows with the text. Raises what `yaml.safe_load` raises."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader


def read_document(text: str) -> Document:
    """The settings in a text; an empty one holds none. Raises NotReadable."""
    # Braces end a plain word inside `{…}`, so YAML itself could not read `{api_key: ${NAME}}`.
    marked = _VARIABLE.sub("\ue000\\1\ue001", text)
    try:
        node = yaml.compose(marked, Loader=yaml.SafeLoader)
        values = load_bounded(marked)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        reason = _MARKED.sub(r"${\1}", error.problem or "it cannot be read")
        raise NotReadable(f"this is not YAML: {reason}", line) from None
    except (yaml.YAMLError, RecursionError, ValueError, TypeError, OverflowError):
        raise NotReadable("this is not YAML") from None
    if values is None:
        return Document({}, {}, ())
    if not isinstance(values, dict):
        raise NotReadable("must hold settings by name", 1)
    lines: dict[Way, int] = {}
    twice: dict[Way, None] = {}
    for way, line in _names(node):
        if way in lines:
            twice[way] = None
        lines.setdefault(way, line)
    return Document(values, lines, tuple(twice))


def fill_in(value: Any, environment: Mapping[str, str], missing: set[str]) -> Any:
    """The value with its variables replaced; what is not set, or empty, is added to `missing`. Looks into one list, no deeper."""
    if isinstance(value, list):
        return [fill_in(each, environment, missing) if isinstance(each, str) else each for each in value]
    if not isinstance(value, str):
        return value

    def found(match: re.Match[str]) -> str:
        given = environment.get(match[1], "").strip()
        if not given:
            missing.add(match[1])
        return given

    return _MARKED.sub(found, value)


def as_written(text: str) -> str:
    """A text of the document as the person wrote it, variables by name."""
    return _MARKED.sub(r"${\1}", text)


_DEEPEST = 4
"""No name of interest lies deeper; a document may refer to itself."""


def _names(node: yaml.Node | None) -> Iterator[tuple[Way, int]]:
    """The way and line of every name, in no particular order but that of each mapping."""
    places: list[tuple[yaml.Node | None, Way]] = [(node, ())]
    budget = 20_000
    while places:
        place, way = places.pop()
        if not isinstance(place, yaml.MappingNode):
            continue
        for key, value in place.value:
            budget -= 1
            if budget < 0:
                return
            name = (*way, as_written(str(key.value)))
            yield name, key.start_mark.line + 1
            if len(name) < _DEEPEST:
                places.append((value, name))
