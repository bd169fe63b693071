"""The door to the backend's configuration: file and environment become settings, or the list of what is wrong."""

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from victor_server.errors import SettingsError
from victor_server.policy.hosts import is_this_machine
from victor_server.settings.home import home_folder
from victor_server.settings.yaml_text import MAX_BYTES, Document, NotReadable, Way, read_document
from victor_server.team.configuration.problem import ENVIRONMENT, Problem, Wrong, placed
from victor_server.team.configuration.resolve import resolve
from victor_server.team.configuration.resolved import TeamSettings
from victor_server.team.configuration.sense import nonsense
from victor_server.team.configuration.surroundings import event_bus, laid_over
from victor_server.team.configuration.written import filled, to_options


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings, None where anything is wrong, and everything that is."""

    settings: TeamSettings | None
    problems: tuple[Problem, ...] = ()


def load_configuration(file: Path | None, environment: Mapping[str, str]) -> TeamSettings:
    """The settings. Raises `SettingsError`, whose message lists every problem with file and line."""
    read = read_configuration(file, environment)
    if read.settings is None:
        listed = "\n".join(problem.told for problem in read.problems)
        raise SettingsError(listed, "`victor serve --check` looks at the configuration without starting.")
    return read.settings


def read_configuration(file: Path | None, environment: Mapping[str, str]) -> Configuration:
    """Look at all of it. No file: what holds is the environment, and else a first run on a bare machine."""
    source = str(file) if file is not None else ENVIRONMENT
    try:
        document = read_document(_text_of(file)) if file is not None else Document({}, {}, ())
    except NotReadable as error:
        return Configuration(None, (Problem(source, error.line, error.message),))
    values, wrong = filled(document, environment)
    variables = laid_over(values, environment)
    bus = event_bus(environment)
    if isinstance(bus, Wrong):
        wrong.append(bus)
    options, misfits = to_options(values)
    missing = {each.way for each in wrong}
    wrong += (each for each in misfits if each.way not in missing)
    settings = None
    if options is not None:
        configured = file is not None or _is_deployed(variables, values)
        settings = resolve(
            options,
            home=home_folder(environment),
            file=file.absolute() if file is not None else None,
            environment=environment,
            bus=bus if isinstance(bus, str) else "in-memory",
            configured=configured,
        )
        wrong += (each for each in nonsense(settings, options) if each.way not in missing)
    placed_ones = (_placed(each, source, document, variables) for each in wrong)
    problems = tuple(sorted(placed_ones, key=lambda each: each.line or 0))
    return Configuration(None if problems else settings, problems)


def _is_deployed(variables: Mapping[Way, str], values: Mapping[str, dict[str, object]]) -> bool:
    """Whether the environment alone says more than which port of this machine: then no first run is on."""
    host = values.get("listen", {}).get("host", "127.0.0.1")
    return ("database", "url") in variables or not is_this_machine(str(host))


def _placed(wrong: Wrong, source: str, document: Document, variables: Mapping[Way, str]) -> Problem:
    if wrong.way[:1] and wrong.way[0].startswith("VICTOR_"):
        return placed(wrong, source, {}, {wrong.way: wrong.way[0]})
    return placed(wrong, source, document.lines, variables)


def _text_of(file: Path) -> str:
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise NotReadable("it is not a file")
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise NotReadable(f"it is larger than {MAX_BYTES:,} bytes")
        return data.decode("utf-8")
    except OSError as error:
        raise NotReadable(f"cannot be read: {error.strerror or 'an error of the system'}") from None
    except UnicodeDecodeError:
        raise NotReadable("cannot be read: it is not UTF-8") from None
