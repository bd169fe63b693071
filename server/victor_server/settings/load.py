"""Lays the sources of settings over each other: defaults, settings.yaml, the repository, the environment, the editor.

A repository's own `.victor/settings.yaml` counts where the folder is trusted. It lies over the person's file and
below the environment, and sets no more than an editor may.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from victor_server.settings.home import home_folder, may_exist
from victor_server.settings.layer import ENVIRONMENT, Layer, Problem, why_closed
from victor_server.settings.resolved import AuditSettings, IndexSettings, Settings, default_settings, flatten

DEFAULT = "default"
FILE_NAME = "settings.yaml"
REPOSITORY_FILE = ".victor/settings.yaml"


@dataclass(frozen=True, slots=True)
class Resolved:
    """Settings that code can read, the source of each by its name, and what could not be used."""

    settings: Settings
    sources: dict[str, str]
    problems: tuple[Problem, ...]


def resolve(
    sources: Sequence[tuple[str, Mapping[str, object]]] = (),
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Resolved:
    """The settings of a person: their file and environment, and on top what an editor sent, weakest first.

    Every source is (name, what was written there). Reads VICTOR_HOME/settings.yaml, and that of the repository
    `folder` if it is trusted; raises `SettingsError` only if there is no home folder at all.
    """
    given = os.environ if environment is None else environment
    home = home_folder(given)
    defaults = default_settings(home)
    values = flatten(defaults)
    names = dict.fromkeys(values, DEFAULT)
    if given.get("VICTOR_HOME", "").strip():
        names["home"] = ENVIRONMENT
    problems: list[Problem] = []
    file = home / FILE_NAME
    in_environment = any(_is_for_us(name) for name in given)
    repository = folder if folder is not None and _counts(folder, home) else None
    written_here = may_exist(file) or repository is not None
    if not (written_here or in_environment or any(written for _, written in sources)):
        return Resolved(defaults, names, ())
    for layer in _layers(file, repository, given, sources):
        problems += layer.problems
        values |= layer.values
        names |= dict.fromkeys(layer.values, layer.source)
    settings = replace(_settings(home, values), closed=why_closed(problems))
    return Resolved(settings, names, tuple(problems))


def _is_for_us(variable: str) -> bool:
    return (variable.startswith("VICTOR_") and variable != "VICTOR_HOME") or variable == "LANCEDB_URI"


def _counts(folder: Path, home: Path) -> bool:
    """Whether a repository has settings of its own, and is trusted with them."""
    if not os.path.lexists(folder / REPOSITORY_FILE):
        return False
    # Here, not above: most folders have no settings of their own.
    from victor_server.settings.trust import TrustStore

    return TrustStore(home).is_trusted(folder)


def _layers(
    file: Path,
    repository: Path | None,
    environment: Mapping[str, str],
    sources: Sequence[tuple[str, Mapping[str, object]]],
) -> Iterator[Layer]:
    # Here, not above: pydantic and PyYAML take longer to load than everything else that starts a server.
    from victor_server.settings.check import editor_layer, environment_layer, file_layer, repository_layer

    if may_exist(file):
        yield file_layer(file)
    if repository is not None:
        yield repository_layer(repository, REPOSITORY_FILE)
    yield environment_layer(environment)
    for source, written in sources:
        if written:
            yield editor_layer(source, written)


def _settings(home: Path, values: Mapping[str, Any]) -> Settings:
    """The frozen settings for a table of values by dotted name."""
    sections: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        section, _, key = name.rpartition(".")
        sections.setdefault(section, {})[key] = value
    index = sections["index"]
    index["folder"] = home / Path(index["folder"]).expanduser()
    index["exclude"] = tuple(index["exclude"])
    audit = sections["audit"]
    audit["path"] = home / Path(audit["path"]).expanduser()
    network = sections["network"]
    for name in ("allowed_hosts", "allowed_providers", "private_paths"):
        network[name] = None if network[name] is None else tuple(network[name])
    network["ca_file"] = network["ca_file"] and home / Path(network["ca_file"]).expanduser()
    sandbox = sections["sandbox"]
    sandbox["readable"] = tuple(home / Path(each).expanduser() for each in sandbox["readable"])
    base = default_settings(home)
    return replace(
        base,
        index=IndexSettings(**index),
        audit=AuditSettings(**audit),
        secrets=replace(base.secrets, **sections["secrets"]),
        network=replace(base.network, **network),
        budget=replace(base.budget, **sections["budget"]),
        cache=replace(base.cache, **sections["cache"]),
        tools=replace(base.tools, **sections["tools"]),
        checkpoints=replace(base.checkpoints, **sections["checkpoints"]),
        validation=replace(base.validation, **sections["validation"]),
        sandbox=replace(base.sandbox, **sandbox),
        log=replace(base.log, **sections["log"]),
        lazy_loading=sections[""]["lazy_loading"],
    )
