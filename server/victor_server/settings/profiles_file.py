"""Opens `profiles.yaml`: what is right is kept, what is wrong becomes a problem and opens nothing."""

import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from victor_server.settings.home import may_exist
from victor_server.settings.layer import Problem
from victor_server.settings.profiles import Profiles

FILE_NAME = "profiles.yaml"


@dataclass(frozen=True, slots=True)
class ReadProfiles:
    """The profiles, and what is wrong in the file.

    `closed` is not empty where the file says something that may be a restriction and cannot be understood: the whole
    file, or `offline_mode`. Whoever makes the policy must then take it for offline, for this reason.
    """

    profiles: Profiles
    problems: tuple[Problem, ...] = ()
    closed: str = ""


def read_profiles(home: Path, environment: Mapping[str, str]) -> ReadProfiles:
    """Return what VICTOR_HOME/profiles.yaml holds; without the file, no profiles and no problems. Raises nothing."""
    file = home / FILE_NAME
    if not may_exist(file):
        return ReadProfiles(Profiles(file=str(file)))
    # Here, not above: pydantic and PyYAML take longer to load than everything else that starts a server.
    from victor_server.settings.profiles_check import check_profiles
    from victor_server.settings.yaml_text import MAX_BYTES, NotReadable, read_document

    try:
        document = read_document(_text_of(file, MAX_BYTES))
    except NotReadable as error:
        return _closed(str(file), error.line, error.message)
    except UnicodeDecodeError:
        return _closed(str(file), None, "cannot be read: it is not UTF-8")
    except OSError as error:
        return _closed(str(file), None, f"cannot be read: {error.strerror or 'an error of the system'}")
    profiles, findings = check_profiles(document, str(file), home, environment)
    problems = tuple(findings.problems)
    profiles = replace(profiles, file=str(file), trouble=_trouble(problems))
    return ReadProfiles(profiles, problems, findings.closed)


def _trouble(problems: Sequence[Problem]) -> str:
    """The first thing that is wrong, with its line."""
    if not problems:
        return ""
    line = problems[0].line
    return problems[0].message if line is None else f"line {line}: {problems[0].message}"


def _text_of(file: Path, limit: int) -> str:
    """The text of a regular file; a pipe would be waited for, and half a file may lack what closes it."""
    if not stat.S_ISREG(file.stat().st_mode):
        raise OSError(0, "it is not a file")
    with file.open("rb") as opened:
        data = opened.read(limit + 1)
    if len(data) > limit:
        raise OSError(0, f"it is larger than {limit:,} bytes")
    return data.decode("utf-8")


def _closed(source: str, line: int | None, message: str) -> ReadProfiles:
    place = source if line is None else f"{source}, line {line}"
    problem = Problem(source, line, message, restricts=True)
    profiles = Profiles(file=source, trouble=_trouble((problem,)))
    return ReadProfiles(profiles, (problem,), f"{place}: {message}")
