"""Makes a profile of what stands under its name in `profiles.yaml`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from victor_server.settings.demands import demand
from victor_server.settings.profile_options import ProfileOptions, is_key
from victor_server.settings.profiles import DEMO_MODEL, PriceOverride, Profile
from victor_server.settings.yaml_text import Way, as_written, fill_in

OWN_SERVERS: Mapping[str, tuple[str, str]] = {
    "anthropic": ("ANTHROPIC_API_KEY", "api.anthropic.com"),
    "openai": ("OPENAI_API_KEY", "api.openai.com"),
    "google": ("GOOGLE_API_KEY", "generativelanguage.googleapis.com"),
}
"""The variable with the key of each provider, and the only host that it is sent to unless the profile says so."""

_WITHOUT_ADDRESS = ("embedded", "scripted", "team")
_WITHOUT_MODEL = ("embedded", "scripted", "team")


class NotUsable(Exception):
    """What is wrong with a profile: for each thing its way in the profile and the end of a sentence about it."""

    def __init__(self, *reasons: tuple[Way, str]) -> None:
        super().__init__()
        self.reasons = reasons


def to_profile(name: str, written: Mapping[Any, Any], home: Path, environment: Mapping[str, str]) -> Profile:
    """The profile, `unusable` where a variable is not set. Raises NotUsable where anything is wrong."""
    missing: set[str] = set()
    filled: dict[str, Any] = {}
    for key, value in written.items():
        unset: set[str] = set()
        given = fill_in(value, environment, unset)
        missing |= unset
        if unset and str(key) == "provider":
            raise NotUsable((("provider",), f".provider: {_are_not_set(unset)}"))
        if not unset and value is not None:
            filled[as_written(str(key))] = given
        elif unset and key == "model":
            filled["model"] = as_written(value) if isinstance(value, str) else given
        elif unset and key == "script":
            filled["script"] = "unset"
    options = _options(filled)
    urls = (options.base_url,) if options.base_url else tuple(options.base_urls or ())
    key, trouble = options.api_key, _are_not_set(missing)
    if key is None and written.get("api_key") is None and not trouble:
        key, trouble = _own_key(options.provider, urls, environment)
    wrong = [] if missing else list(_misfits(options, urls))
    if wrong:
        raise NotUsable(*wrong)
    return _profile(name, options, urls, key, home, trouble)


def _own_key(provider: str, urls: tuple[str, ...], environment: Mapping[str, str]) -> tuple[str | None, str]:
    """The provider's key from its variable and what is wrong with it; none where another server would be given it."""
    variable, host = OWN_SERVERS.get(provider, ("", ""))
    is_own = all(urlsplit(url).scheme == "https" and urlsplit(url).hostname == host for url in urls)
    if not variable or not is_own:
        return None, ""
    key = environment.get(variable, "").strip()
    if not key:
        return None, _are_not_set({variable})
    return (key, "") if is_key(key) else (None, f"{variable} holds characters that no key has")


def _options(filled: Mapping[str, Any]) -> ProfileOptions:
    try:
        return ProfileOptions.model_validate(filled, strict=True)
    except ValidationError as error:
        raise NotUsable(*_reasons(error)) from None


def _reasons(error: ValidationError) -> Iterator[tuple[Way, str]]:
    for details in error.errors(include_url=False, include_input=False):
        way = tuple(part for part in details["loc"] if isinstance(part, str))
        shown = "".join(letter if letter.isprintable() else "?" for letter in ".".join(way)[:100])
        end = "is not a setting" if details["type"] == "extra_forbidden" else demand(details, "addresses")
        yield way, f".{shown} {end}"


def _misfits(options: ProfileOptions, urls: tuple[str, ...]) -> Iterator[tuple[Way, str]]:
    """Values that are right by themselves and make no sense together."""
    if options.base_url and options.base_urls:
        yield ("base_urls",), ": either base_url or base_urls, not both"
    if urls and options.provider in _WITHOUT_ADDRESS:
        yield ("base_url",), f": {options.provider} has no address"
    if not urls and options.provider == "openai-compatible":
        yield ("base_url",), ".base_url is missing: openai-compatible servers may be anywhere"
    if not options.model and options.provider not in _WITHOUT_MODEL:
        yield ("model",), ".model is missing"
    if (options.provider == "scripted") != bool(options.script):
        text = ".script is missing" if options.provider == "scripted" else ": only scripted has a script"
        yield ("script",), text


def _are_not_set(variables: set[str]) -> str:
    if not variables:
        return ""
    return f"{', '.join(sorted(variables))} {'is' if len(variables) == 1 else 'are'} not set"


def _profile(
    name: str, options: ProfileOptions, urls: tuple[str, ...], key: str | None, home: Path, unusable: str
) -> Profile:
    price = PriceOverride(options.price.input_usd, options.price.output_usd) if options.price else None
    limits = {
        field: value
        for field in ("max_output_tokens", "timeout_s")
        if (value := getattr(options, field)) is not None
    }
    return Profile(
        name=name,
        provider=options.provider,
        model=options.model or (DEMO_MODEL if options.provider == "embedded" else options.provider),
        base_urls=tuple(dict.fromkeys(urls)),
        api_key=key,
        context_tokens=options.context_tokens,
        temperature=options.temperature,
        price=price,
        script=_in_home(home, options.script) if options.script else None,
        unusable=unusable,
        **limits,
    )


def _in_home(home: Path, written: str) -> Path:
    try:
        return home / Path(written).expanduser()
    except RuntimeError:  # `~name` of nobody
        return home / written
