"""The table of settings, read from the schema: dotted name, environment variable, who may set it."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from victor_server.settings.options import Options


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as its schema describes it; `schema` is its JSON schema without the null that means "not set"."""

    name: str
    environment: str
    by_editor: bool
    description: str
    schema: dict[str, Any]


@cache
def all_settings() -> list[Setting]:
    """Every setting, in the order in which they are declared."""
    document = Options.model_json_schema()
    return list(_settings(document, document["properties"], ""))


def list_of(name: str) -> str:
    """What the members of a list are called: most lists hold patterns."""
    return {
        "network.allowed_hosts": "hosts",
        "network.allowed_providers": "providers",
        "sandbox.readable": "folders",
    }.get(name, "patterns")


def _settings(document: dict[str, Any], properties: dict[str, Any], prefix: str) -> list[Setting]:
    found: list[Setting] = []
    for name, described in properties.items():
        options = [option for option in described.get("anyOf", [described]) if option.get("type") != "null"]
        reference = options[0].get("$ref", "")
        if reference:
            section = document["$defs"][reference.rpartition("/")[2]]
            found += _settings(document, section["properties"], f"{prefix}{name}.")
        else:
            shown = (described["environment"], described["editor"], described["description"], options[0])
            found.append(Setting(f"{prefix}{name}", *shown))
    return found
