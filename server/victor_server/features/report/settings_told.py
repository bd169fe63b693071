"""The settings as a report tells them: numbers, switches and words of ours; of what a person wrote only how much there is."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from victor_server.settings.layer import Problem
from victor_server.settings.load import DEFAULT
from victor_server.settings.profiles import Profile, Profiles
from victor_server.settings.resolved import Settings, flatten


def settings_told(settings: Settings, sources: Mapping[str, str]) -> Iterator[str]:
    """A line for each setting that is not as it comes."""
    ours = frozenset(_words_of_ours(Settings))
    for name, value in flatten(settings).items():
        source = sources.get(name, DEFAULT)
        if source != DEFAULT:
            yield f"{name} = {value if name in ours else _told(value)} ({source})"


def profiles_told(profiles: Profiles) -> Iterator[str]:
    """The profiles by number: their names are a person's own."""
    yield f"mode = {profiles.mode}"
    yield f"offline_mode = {_told(profiles.offline_mode)}"
    for number, profile in enumerate(profiles.profiles.values(), 1):
        yield f"profile {number}: {', '.join(_of_profile(profile))}"


def problems_told(problems: tuple[Problem, ...]) -> Iterator[str]:
    """Where something is wrong. Not what: that may quote what is written there."""
    for problem in problems:
        place = problem.source if problem.line is None else f"{problem.source}, line {problem.line}"
        yield f"wrong: {place} (`victor doctor` says what)"


def _of_profile(profile: Profile) -> Iterator[str]:
    yield f"{profile.provider} {profile.model}"
    yield f"{len(profile.base_urls)} address(es)" if profile.base_urls else "the provider's address"
    yield "with a key" if profile.api_key else "without a key"
    if profile.unusable:
        yield "cannot be used"


def _words_of_ours(shape: type[Any], prefix: str = "") -> Iterator[str]:
    """The settings that can only be one of a few words."""
    hints = get_type_hints(shape)
    for each in fields(shape):
        kind = hints[each.name]
        if is_dataclass(kind):
            yield from _words_of_ours(kind, f"{prefix}{each.name}.")  # type: ignore[arg-type]  # a type, as it is a hint
        elif get_origin(kind) is Literal and all(isinstance(word, str) for word in get_args(kind)):
            yield f"{prefix}{each.name}"


def _told(value: object) -> str:
    match value:
        case None | bool() | int() | float():
            return str(value).lower() if isinstance(value, bool) else str(value)
        case Path():
            return "a path"
        case tuple():
            return f"{len(value)} of them"
        case _:
            return "something"
