"""Writes docs/profiles.md and docs/profiles.schema.json from the options of `profiles.yaml`."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from victor_server.settings.profile_options import FileOptions

_INTRODUCTION = """\
# profiles.yaml

Every name that `profiles.yaml` in `VICTOR_HOME` (`~/.victor`) understands. [models.md](models.md) says how models are
chosen and what happens when one does not answer; `victor models` prints what holds.

Editors that know YAML check the file while you write if its first line is

```yaml
# yaml-language-server: $schema=PATH_TO/docs/profiles.schema.json
```

`${NAME}` stands for a variable of the environment, anywhere where text is expected. Where it is not set, the profile
cannot be used, and says so. A profile with anything wrong in it is not used at all, and nothing takes its place.
"""

_TITLES = {
    "FileOptions": "The file",
    "RoutingOptions": "`routing`",
    "ProfileOptions": "A profile",
    "PriceOptions": "`price`",
}


def schema() -> str:
    """The JSON schema of the file, as text."""
    document = FileOptions.model_json_schema()
    document["title"] = "profiles.yaml of Victor"
    return json.dumps(_without_nulls(document), indent=2, ensure_ascii=False) + "\n"


def reference() -> str:
    """The whole document."""
    document = FileOptions.model_json_schema()
    tables = {"FileOptions": document} | document["$defs"]
    sections = (_section(title, tables[name]) for name, title in _TITLES.items())
    return _INTRODUCTION + "".join(sections)


def _without_nulls(value: Any) -> Any:
    """The schema without its nulls: what is not set is left out."""
    if isinstance(value, list):
        return [_without_nulls(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {name: each for name, each in value.items() if not (name == "default" and each is None)}
    options = [option for option in kept.pop("anyOf", []) if option != {"type": "null"}]
    if len(options) == 1:
        kept |= options[0]
    return {name: _without_nulls(each) for name, each in kept.items()}


def _section(title: str, table: Mapping[str, Any]) -> str:
    rows = "".join(_rows(table))
    return f"\n## {title}\n\n| name | value | meaning |\n|---|---|---|\n{rows}"


def _rows(table: Mapping[str, Any]) -> Iterator[str]:
    required = table.get("required", ())
    for name, described in table["properties"].items():
        option = _without_nulls(described)
        needed = " Needed." if name in required else ""
        yield f"| `{name}` | {_value(option)} | {described.get('description', '')}{needed} |\n"


def _value(option: Mapping[str, Any]) -> str:
    if "enum" in option:
        return ", ".join(f"`{each}`" for each in option["enum"])
    match option.get("type"):
        case "boolean":
            return "`true` or `false`"
        case "array":
            return "a list"
        case "integer":
            return f"a whole number from {option['minimum']:,} to {option['maximum']:,}"
        case "number":
            above = option.get("minimum", option.get("exclusiveMinimum"))
            return f"a number from {above:,} to {option['maximum']:,}"
        case "string":
            return "text"
        case _:
            return "names, as below"
