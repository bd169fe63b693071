"""What is private on this machine, as far as it can be known: keys, folders, people and hosts."""

import os
import platform
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from victor_server.errors import VictorError
from victor_server.features.report.scrub import Known
from victor_server.settings.profiles import Profiles
from victor_server.settings.resolved import Settings
from victor_server.settings.trust import TrustStore

_SECRET_NAME = re.compile(
    r"KEY|TOKEN|SECRET|PASS|PWD|CREDENTIAL|AUTH|COOKIE|SESSION|PRIVATE|SIGNATURE|DSN|CONNECTION_STRING|WEBHOOK",
    re.IGNORECASE,
)
_MIN_SECRET = 6
"""Shorter values of such variables are numbers and words: to take them out would leave nothing to read."""
_PEOPLE = ("USER", "LOGNAME", "USERNAME", "SUDO_USER", "GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "LNAME")
_NOBODY = frozenset({"root", "user", "admin", "home", "users"})
"""Names that tell nothing of anybody, and stand in other sentences."""
_HOSTS = ("HOSTNAME", "COMPUTERNAME")


def known_here(
    settings: Settings | None, profiles: Profiles | None, environment: Mapping[str, str], folder: Path
) -> Known:
    """All of it; `folder` is the one that the report is made in. Never raises."""
    return Known(
        tuple(dict.fromkeys((*_secrets(environment), *_keys(profiles)))),
        {path: name for path, name in _folders(settings, environment, folder) if len(path) > 1},
        tuple(dict.fromkeys(each for each in _people(environment) if each.lower() not in _NOBODY)),
        tuple(dict.fromkeys(_hosts(settings, profiles, environment))),
    )


def _secrets(environment: Mapping[str, str]) -> Iterator[str]:
    """Values of variables that are called like a secret, and what stands in addresses as user and password."""
    for name, value in environment.items():
        values = [value] if _SECRET_NAME.search(name) and not _is_path(value) else []
        try:
            parts = urlsplit(value) if "://" in value else None
            values += [unquote(each) for each in (parts.username, parts.password) if each] if parts else []
        except ValueError:
            pass
        yield from (each.strip() for each in values if len(each.strip()) >= _MIN_SECRET)


def _is_path(value: str) -> bool:
    """Such as SSH_AUTH_SOCK: it is taken out as a path is."""
    return value.startswith(("/", "~"))


def _keys(profiles: Profiles | None) -> Iterator[str]:
    for profile in profiles.profiles.values() if profiles else ():
        if profile.api_key:
            yield profile.api_key


def _folders(
    settings: Settings | None, environment: Mapping[str, str], folder: Path
) -> Iterator[tuple[str, str]]:
    if settings is not None:
        for path in _trusted(settings.home):
            yield from _spelled(Path(path), "<folder>")
        for outside in (settings.index.folder, settings.audit.path):
            yield from _spelled(outside, "<path>")
    yield from _spelled(folder, "<folder>")
    for name in ("HOME", "USERPROFILE"):
        if environment.get(name):
            yield from _spelled(Path(environment[name]), "~")
    try:
        yield from _spelled(Path.home(), "~")
    except RuntimeError:
        pass
    if settings is not None:
        yield from _spelled(settings.home, "VICTOR_HOME")
        yield from _spelled(settings.home / "index", "VICTOR_HOME/index")


def _trusted(home: Path) -> list[str]:
    try:
        return [each.path for each in TrustStore(home).listed()]
    except VictorError:
        return []


def _spelled(folder: Path, name: str) -> Iterator[tuple[str, str]]:
    """A folder as it is written, without links, and as a URI has it."""
    for path in (folder.absolute(), Path(os.path.realpath(folder))):
        for spelling in (str(path), path.as_posix(), path.as_uri().removeprefix("file://")):
            yield spelling.rstrip("/\\"), name


def _people(environment: Mapping[str, str]) -> Iterator[str]:
    yield from (environment[name].strip() for name in _PEOPLE if environment.get(name))
    try:
        import pwd

        entry = pwd.getpwuid(os.getuid())
        full_name = entry.pw_gecos.split(",")[0]
        yield from (each for each in (entry.pw_name, full_name, Path(entry.pw_dir).name) if each)
    except (ImportError, KeyError):
        pass
    for name in ("HOME", "USERPROFILE"):
        if environment.get(name):
            yield Path(environment[name]).name


def _hosts(
    settings: Settings | None, profiles: Profiles | None, environment: Mapping[str, str]
) -> Iterator[str]:
    """This machine's name, and those of the servers that somebody wrote down."""
    written: list[str] = [environment[name] for name in _HOSTS if environment.get(name)]
    written.append(platform.node())
    if settings is not None:
        written += settings.network.allowed_hosts
    for profile in profiles.profiles.values() if profiles else ():
        written += profile.base_urls
    written += [value for name, value in environment.items() if name.lower().endswith("_proxy")]
    if settings is not None and settings.sandbox.image:
        yield settings.sandbox.image
    yield from (host for host in map(_host, written) if host and host not in ("localhost", "127.0.0.1"))


def _host(written: str) -> str:
    try:
        return urlsplit(written if "://" in written else f"//{written}").hostname or ""
    except ValueError:
        return ""


def names_of(environment: Iterable[str]) -> list[str]:
    """The variables that Victor, its libraries or connections read; what they hold is nobody's business."""
    wanted = re.compile(
        r"VICTOR_\w+|LANCEDB_URI|REDIS_URL|(?:HTTPS?|ALL|NO)_PROXY|(?:SSL|REQUESTS|CURL)_\w+", re.IGNORECASE
    )
    return sorted(name for name in environment if wanted.fullmatch(name))
