"""What the environment says of the backend: its variables go before the file."""

from collections.abc import Mapping
from typing import Any

from victor_server.settings.yaml_text import Way
from victor_server.team.configuration.problem import Wrong

VARIABLES: Mapping[str, Way] = {
    "VICTOR_API_HOST": ("listen", "host"),
    "VICTOR_API_PORT": ("listen", "port"),
    "DATABASE_URL": ("database", "url"),
    "REDIS_URL": ("redis", "url"),
    "VICTOR_CACHE_ENABLED": ("caching", "enabled"),
}
EVENT_BUS = "VICTOR_EVENT_BUS_BACKEND"
MASTER_KEY = "VICTOR_MASTER_KEY"
"""The master key itself, where no configuration says where it is."""

_BUSES = ("in-memory", "redis")
_LATER = ("rabbitmq", "kafka", "sqs")
_WORDS = {
    "true": True,
    "1": True,
    "yes": True,
    "on": True,
    "false": False,
    "0": False,
    "no": False,
    "off": False,
}


def laid_over(written: dict[str, Any], environment: Mapping[str, str]) -> dict[Way, str]:
    """Put what the environment says into `written`; returns the variable of each way that came from it."""
    used: dict[Way, str] = {}
    for variable, way in VARIABLES.items():
        text = environment.get(variable, "").strip()
        if not text:
            continue
        section = written.setdefault(way[0], {})
        if isinstance(section, dict):
            section[way[1]] = _value(variable, text)
            used[way] = variable
    return used


def event_bus(environment: Mapping[str, str]) -> str | Wrong:
    """How replicas tell each other, or what is wrong with what is asked for."""
    bus = environment.get(EVENT_BUS, "").strip() or _BUSES[0]
    if bus in _BUSES:
        return bus
    if bus in _LATER:
        return Wrong(
            (EVENT_BUS,), f"is {bus}, which this version cannot use", "Set it to in-memory or redis."
        )
    return Wrong((EVENT_BUS,), "is none that Victor knows", "Set it to in-memory or redis.")


def _value(variable: str, text: str) -> object:
    if variable == "VICTOR_API_PORT":
        return int(text) if text.isdecimal() and len(text) < 6 else text
    if variable == "VICTOR_CACHE_ENABLED":
        return _WORDS.get(text.lower(), text)
    return text
