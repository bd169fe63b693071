"""Checks what `profiles.yaml` holds, part by part: what is wrong is left out, and takes no restriction with it.

A profile with anything wrong in it is not used at all: without its address it might go to another server. Lists of
tasks that cannot be understood keep every task on local models; such an `offline_mode` counts as on.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from victor_server.settings.demands import demand
from victor_server.settings.layer import RESTRICTIONS, Problem
from victor_server.settings.profile_options import (
    FileOptions,
    RoutingOptions,
    is_profile_name,
)
from victor_server.settings.profile_values import NotUsable, to_profile
from victor_server.settings.profiles import DEFAULT_PROFILE, Mode, Profile, Profiles, Routing
from victor_server.settings.tasks import TASK_NAMES
from victor_server.settings.yaml_text import Document, Way, as_written, fill_in

_MEMBERS = {"local_tasks": "tasks", "cloud_tasks": "tasks", "base_urls": "addresses"}
_CUTOFF = 0.7
_SAFEST_MODE: Mode = "plan"


@dataclass(slots=True)
class Findings:
    """What is wrong so far, and what must be closed for it."""

    document: Document
    source: str
    problems: list[Problem] = field(default_factory=list)
    closed: str = ""

    def tell(self, way: Way, message: str, *, restricts: bool = False) -> str:
        """Add a problem with the line of the nearest name; returns the message."""
        lines = self.document.lines
        near = (lines[way[:end]] for end in range(len(way), 0, -1) if way[:end] in lines)
        self.problems.append(Problem(self.source, next(near, None), message, restricts))
        return message

    def close(self, way: Way, message: str) -> None:
        """Add a problem that hides a restriction."""
        self.closed = self.closed or f"{self.source}: {message}"
        self.tell(way, message, restricts=True)


def check_profiles(
    document: Document, source: str, home: Path, environment: Mapping[str, str]
) -> tuple[Profiles, Findings]:
    """Return what can be used of a document, and what is wrong in it."""
    findings = Findings(document, source)
    top = {as_written(str(name)): value for name, value in document.values.items()}
    for way in document.twice:
        if len(way) == 1:
            findings.close(way, f"{_shown(way)} stands here twice")
    written = _section(findings, top, "profiles")
    profiles, unreadable = _profiles(findings, written, home, environment)
    routing = _routing(findings, top, written, environment)
    mode = _mode(findings, top)
    names = [_printable(name) for name in written]
    default = DEFAULT_PROFILE if DEFAULT_PROFILE in names else next(iter(names), "")
    offline = _offline(findings, top)
    _telemetry(findings, top)
    _unknown_names(findings, top)
    return Profiles(profiles, routing, offline, mode, default, unreadable), findings


def _section(findings: Findings, top: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = top.get(name)
    if value is not None and not isinstance(value, dict):
        findings.tell((name,), f"{name} must hold settings by name")
    return {as_written(str(key)): each for key, each in value.items()} if isinstance(value, dict) else {}


def _profiles(
    findings: Findings, written: Mapping[str, Any], home: Path, environment: Mapping[str, str]
) -> tuple[dict[str, Profile], dict[str, str]]:
    profiles: dict[str, Profile] = {}
    unreadable: dict[str, str] = {}
    for name, value in written.items():
        made = _profile(findings, name, value, home, environment)
        if isinstance(made, Profile):
            profiles[name] = made
            if made.unusable:
                findings.tell(("profiles", name), f"profiles.{name} cannot be used: {made.unusable}")
        else:
            unreadable[_printable(name)] = made
    return profiles, unreadable


def _profile(
    findings: Findings, name: str, value: object, home: Path, environment: Mapping[str, str]
) -> Profile | str:
    """The profile, or what is wrong with it."""
    way = ("profiles", name)
    doubled = [each for each in findings.document.twice if each[:2] == way]
    if doubled:
        return findings.tell(doubled[0], f"{_shown(doubled[0])} stands here twice")
    if not is_profile_name(name):
        shown = "".join(letter if letter.isprintable() else "?" for letter in name[:64])
        return findings.tell(
            way, f"profiles.{shown}: a profile's name is of letters, digits, '.', '_' and '-'"
        )
    if not isinstance(value, dict):
        return findings.tell(way, f"profiles.{name} must hold settings by name")
    try:
        return to_profile(name, value, home, environment)
    except NotUsable as error:
        told = [findings.tell((*way, *inner), f"profiles.{name}{text}") for inner, text in error.reasons]
        return told[0]


def _routing(
    findings: Findings, top: Mapping[str, Any], profiles: Mapping[str, Any], environment: Mapping[str, str]
) -> Routing:
    everything = frozenset(TASK_NAMES)
    written = _section(findings, top, "routing")
    if top.get("routing") is not None and not isinstance(top["routing"], dict):
        return Routing(local_tasks=everything)
    lists = {name: _list(findings, name, value, environment) for name, value in written.items()}
    given = lists.get("local_tasks", ())
    local = everything if given is None else frozenset(_tasks(findings, "local_tasks", given))
    cloud = frozenset(_tasks(findings, "cloud_tasks", lists.get("cloud_tasks") or ()))
    if any(_near(name, ["local_tasks"]) for name in written if name not in RoutingOptions.model_fields):
        local = everything
    for task in sorted(local & cloud & set(given or ())):
        findings.tell(("routing", "cloud_tasks"), f"{task} is in both lists; it stays on local models")
    return Routing(local, cloud - local, tuple(_fallback(findings, lists.get("fallback") or (), profiles)))


def _list(
    findings: Findings, name: str, value: object, environment: Mapping[str, str]
) -> Sequence[str] | None:
    """One list of the routing; None if it cannot be understood."""
    way = ("routing", name)
    if way in findings.document.twice:
        findings.tell(way, f"routing.{name} stands here twice")
        return None
    if name not in RoutingOptions.model_fields:
        findings.tell(way, _not_a_setting("routing.", name, RoutingOptions))
        if _near(name, ["offline_mode"]):
            findings.close(way, "offline_mode does not belong into routing")
        return None
    missing: set[str] = set()
    filled = fill_in(value, environment, missing)
    for variable in sorted(missing):
        findings.tell(way, f"routing.{name}: {variable} is not set")
    if missing:
        return None
    try:
        options = RoutingOptions.model_validate({name: filled}, strict=True)
    except ValidationError as error:
        members = _MEMBERS.get(name, "profiles")
        details = error.errors(include_url=False, include_input=False)[0]
        findings.tell(way, f"routing.{name} {demand(details, members)}")
        return None
    return getattr(options, name) or ()


def _tasks(findings: Findings, name: str, tasks: Sequence[str]) -> Iterator[str]:
    """The tasks, and those that were probably meant by names that are none."""
    for task in tasks:
        yield task
        if task in TASK_NAMES:
            continue
        near = difflib.get_close_matches(task, TASK_NAMES, n=1, cutoff=_CUTOFF)
        guess = f" (did you mean {near[0]}?)" if near else ""
        findings.tell(("routing", name), f"routing.{name}: nothing that Victor does is called {task}{guess}")
        if name == "local_tasks":
            yield from near


def _fallback(findings: Findings, names: Sequence[str], profiles: Mapping[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys(names):
        if name in profiles:
            yield name
        else:
            findings.tell(("routing", "fallback"), f"routing.fallback: there is no profile {name}")


def _offline(findings: Findings, top: Mapping[str, Any]) -> bool:
    written = top.get("offline_mode", False)
    if isinstance(written, bool):
        return written
    findings.close(("offline_mode",), "offline_mode must be true or false; it counts as true")
    return True


def _mode(findings: Findings, top: Mapping[str, Any]) -> Mode:
    written: Any = top.get("mode", "build")
    known: tuple[Literal["plan"], Literal["ask"], Literal["build"]] = ("plan", "ask", "build")
    for mode in known:
        if mode == written:
            return mode
    findings.tell(("mode",), f"mode must be 'plan', 'ask' or 'build'; it counts as '{_SAFEST_MODE}'")
    return _SAFEST_MODE


def _telemetry(findings: Findings, top: Mapping[str, Any]) -> None:
    if top.get("telemetry", False) not in (False, None):
        findings.tell(("telemetry",), "telemetry can only be false: there is none")


def _unknown_names(findings: Findings, top: Mapping[str, Any]) -> None:
    for name in top:
        if name in FileOptions.model_fields:
            continue
        message = _not_a_setting("", name, FileOptions)
        if _near(name, [*RESTRICTIONS, "routing"]):
            elsewhere = name in RESTRICTIONS and not name.startswith("offline")
            findings.close((name,), f"{message}: it belongs into settings.yaml" if elsewhere else message)
        else:
            findings.tell((name,), message)


def _not_a_setting(section: str, name: str, options: type[BaseModel]) -> str:
    near = _near(name, list(options.model_fields))
    guess = f" (did you mean {near}?)" if near else ""
    return f"{section}{_printable(name)} is not a setting{guess}"


def _near(name: str, known: Sequence[str]) -> str:
    plain = name.lower().replace("-", "_")
    return next(iter(difflib.get_close_matches(plain, known, n=1, cutoff=_CUTOFF)), "")


def _shown(way: Way) -> str:
    return ".".join(map(_printable, way))


def _printable(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name[:64])
