"""What `profiles.yaml` comes to, by dotted name, as anybody may see it: keys are only said to be there."""

from dataclasses import fields
from pathlib import Path

from victor_server.settings.profiles import PriceOverride, Profile, Profiles

MASKED = "***"


def shown_profiles(profiles: Profiles) -> dict[str, object]:
    """Every name with a value that JSON knows, in the order of the file. What is not set in a profile is left out."""
    shown: dict[str, object] = {"offline_mode": profiles.offline_mode, "mode": profiles.mode}
    for name in ("local_tasks", "cloud_tasks", "fallback"):
        listed = getattr(profiles.routing, name)
        shown[f"routing.{name}"] = sorted(listed) if isinstance(listed, frozenset) else list(listed)
    for profile in profiles.profiles.values():
        shown |= _shown_profile(profile)
    return shown


def _shown_profile(profile: Profile) -> dict[str, object]:
    values = {each.name: getattr(profile, each.name) for each in fields(profile) if each.name != "name"}
    if profile.api_key:
        values["api_key"] = MASKED
    return {
        f"profiles.{profile.name}.{name}": _plain(value)
        for name, value in values.items()
        if value not in (None, (), "")
    }


def _plain(value: object) -> object:
    if isinstance(value, PriceOverride):
        return {"input_usd": value.input_usd, "output_usd": value.output_usd}
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value
