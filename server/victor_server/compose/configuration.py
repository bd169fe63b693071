"""What holds, in words, for the audit log: every setting, profile and restriction by its name, no key among them."""

from collections.abc import Mapping
from dataclasses import fields

from victor_server.policy.policy import Policy
from victor_server.settings.profiles import Profiles
from victor_server.settings.resolved import Settings, flatten


def in_words(settings: Settings, profiles: Profiles, policy: Policy) -> Mapping[str, str]:
    """Every value by its dotted name. Values that are nothing are left out."""
    words = {name: _plain(value) for name, value in flatten(settings).items()}
    words |= {
        f"routing.{each.name}": _plain(getattr(profiles.routing, each.name))
        for each in fields(profiles.routing)
    }
    words["mode"] = profiles.mode
    for profile in profiles.profiles.values():
        named = (
            (each.name, getattr(profile, each.name)) for each in fields(profile) if each.name not in _NOT
        )
        words |= {f"profiles.{profile.name}.{name}": _plain(value) for name, value in named}
    words |= {f"policy.{each.name}": _plain(getattr(policy, each.name)) for each in fields(policy)}
    return {name: value for name, value in words.items() if value}


def keys_of(profiles: Profiles) -> Mapping[str, str]:
    """The profiles' keys, by the same kind of name."""
    named = profiles.profiles.items()
    return {f"profiles.{name}.api_key": profile.api_key for name, profile in named if profile.api_key}


_NOT = frozenset({"api_key", "name"})


def _plain(value: object) -> str:
    """The same words for the same value in every process: sets have no order of their own."""
    if value is None or value == () or value == "":
        return ""
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(str, value)))
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value)
