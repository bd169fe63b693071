"""Writes docs/team-config.md and docs/team-config.schema.json from the options of the backend's configuration."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from victor_server.settings.yaml_text import Way
from victor_server.team.configuration.options import FileOptions
from victor_server.team.configuration.surroundings import VARIABLES

_INTRODUCTION = """\
# The backend's configuration

Every name that the file of `victor serve --config FILE` understands. [team.md](team.md) says how a backend is run.
Everything may be left out; without a file the backend runs for this machine alone.

`victor serve --check --config FILE` says all that is wrong, with its line, and exits with 2. `--deep` also looks
whether the master key opens the database and whether Redis and the identity providers answer, and changes nothing.

`${NAME}` stands for a variable of the environment, anywhere where text is expected; one that is not set is an error. A name that is not
listed here is an error too. Relative paths begin at the file's folder. Editors that know YAML check the file while
you write if its first line is

```yaml
# yaml-language-server: $schema=PATH_TO/docs/team-config.schema.json
```

On SIGHUP the file is read again. Where anything is wrong in it, the old one goes on and the log says why. `listen`,
`database`, `redis`, `encryption`, `logging`, `tracing`, `metrics`, `egress`, `caching` and `limits.backend` hold from the next start on; the rest
holds at once, and the change is in the audit log.

## Environment

These go before the file.

| variable | setting |
|---|---|
"""
_OTHERS = """\
| `VICTOR_EVENT_BUS_BACKEND` | `in-memory`, or `redis`: rates and kept answers are shared by all replicas |
| `VICTOR_MASTER_KEY` | the master key in base64, where `encryption.master_key` says nothing |
| `VICTOR_HOME` | the folder of what has no other place; `~/.victor` |
"""


def schema() -> str:
    """The JSON schema of the file, as text."""
    document = FileOptions.model_json_schema()
    document["title"] = "configuration of Victor's team backend"
    return json.dumps(_without_nulls(document), indent=2, ensure_ascii=False) + "\n"


def reference() -> str:
    """The whole document."""
    variables = "".join(f"| `{name}` | `{'.'.join(way)}` |\n" for name, way in VARIABLES.items())
    document = FileOptions.model_json_schema()
    sections = "".join(_sections(document, document["$defs"], ()))
    return _INTRODUCTION + variables + _OTHERS + "\n## The file\n" + sections


def _sections(table: Mapping[str, Any], tables: Mapping[str, Any], way: Way) -> Iterator[str]:
    """The table of one section, and those of the sections in it."""
    if way:
        about = " ".join(table.get("description", "").split())
        yield f"\n### `{'.'.join(way)}`\n\n{about}\n"
    yield "\n| name | value | meaning |\n|---|---|---|\n"
    inner: list[tuple[Way, Mapping[str, Any]]] = []
    for name, described in table["properties"].items():
        option = _without_nulls(described)
        named, several = _section_of(option)
        if named:
            inner.append(((*way, name, "NAME") if several else (*way, name), tables[named]))
        needed = " Needed." if name in table.get("required", ()) else ""
        yield f"| `{name}` | {_value(option)} | {described.get('description', '')}{needed} |\n"
    for below, each in inner:
        yield from _sections(each, tables, below)


def _section_of(option: Mapping[str, Any]) -> tuple[str, bool]:
    """The table that a value is made of, and whether there are several by name."""
    if "$ref" in option:
        return option["$ref"].rpartition("/")[2], False
    each = next(iter(option.get("patternProperties", {}).values()), option.get("additionalProperties"))
    return (
        (each["$ref"].rpartition("/")[2], True) if isinstance(each, dict) and "$ref" in each else ("", False)
    )


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


def _value(option: Mapping[str, Any]) -> str:
    if "enum" in option:
        return ", ".join(f"`{each}`" for each in option["enum"])
    if "const" in option:
        return f"`{option['const']}`"
    match option.get("type"):
        case "boolean":
            return "`true` or `false`"
        case "array":
            return "a list"
        case "string":
            return "text"
        case "integer" | "number" as kind:
            word = "a whole number" if kind == "integer" else "a number"
            least = option.get("minimum", option.get("exclusiveMinimum"))
            return f"{word} from {least:,} to {option['maximum']:,}"
        case _:
            return "names, as below" if _section_of(option)[0] else "text by name"
