"""What is different between two configurations: names, and those values that are no secrets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from victor_server.team.configuration.resolved import TeamSettings

FIXED = (
    "home",
    "database",
    "master_key",
    "listen",
    "redis_url",
    "logging",
    "tracing",
    "metrics",
    "egress",
    "caching",
)
"""What holds until the backend starts again: others were built of it."""

FIXED_LIMIT = "limits.backend"
"""The one of the limits that does."""

_HOW_THEY_ARE = ("file", "configured")
HIDDEN = "(hidden)"


@dataclass(frozen=True, slots=True)
class Change:
    """A value that is another now, as text; HIDDEN where it is a secret."""

    name: str
    before: str
    after: str

    @property
    def needs_restart(self) -> bool:
        """Whether it holds from the next start on."""
        return self.name.split(".")[0] in FIXED or self.name == FIXED_LIMIT


def changes(before: TeamSettings, after: TeamSettings) -> Sequence[Change]:
    """All of them, by name."""
    old, new = _flat(before), _flat(after)
    return [
        Change(name, *_shown(old.get(name), new.get(name)))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]


@dataclass(frozen=True, slots=True)
class _Value:
    value: object
    is_secret: bool


def _shown(before: _Value | None, after: _Value | None) -> tuple[str, str]:
    hidden = any(each is not None and each.is_secret for each in (before, after))
    texts = tuple("" if each is None else HIDDEN if hidden else _text(each.value) for each in (before, after))
    return texts[0], texts[1]


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _flat(value: Any, way: str = "", *, is_secret: bool = False) -> dict[str, _Value]:
    """Every value by its dotted name; members of a list of named things by their names."""
    if is_dataclass(value):
        found: dict[str, _Value] = {}
        for each in fields(value):
            if way or each.name not in _HOW_THEY_ARE:
                name = f"{way}.{each.name}" if way else each.name
                found |= _flat(getattr(value, each.name), name, is_secret=is_secret or not each.repr)
        return found
    if isinstance(value, Mapping):
        return {
            name: inner
            for key, each in value.items()
            for name, inner in _flat(each, f"{way}.{key}", is_secret=is_secret).items()
        }
    if isinstance(value, tuple) and value and is_dataclass(value[0]):
        named = {str(getattr(each, "name", "") or getattr(each, "tenant", "")): each for each in value}
        return _flat(named, way, is_secret=is_secret)
    return {way: _Value(value, is_secret)}
