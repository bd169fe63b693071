"""`victor report`: what helps to find a bug, without code, keys and names, as a text that a person reads and attaches."""

import importlib.metadata
import locale
import platform
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from victor_indexer.errors import IndexerError
from victor_indexer.wire import INDEX_FORMAT
from victor_server import __version__
from victor_server.errors import VictorError
from victor_server.features.doctor import DISTRIBUTION, Check, Patient, examine
from victor_server.features.report.known import known_here, names_of
from victor_server.features.report.scrub import Known, scrub
from victor_server.features.report.settings_told import problems_told, profiles_told, settings_told
from victor_server.features.report.tail import last_lines
from victor_server.settings.load import Resolved, resolve
from victor_server.settings.profiles_file import ReadProfiles, read_profiles

LOGS = (("lsp.log", 80), ("errors.log", 40), ("worker/worker.log", 40))
"""In VICTOR_HOME, and how many lines of each."""

_MAX_LINE = 300
_HEAD = """\
# Report about Victor

**Read it before you send it.** It holds: versions, the system, what `victor doctor` looked at, which settings are set,
and the last lines of Victor's logs. It holds no code, no question and no answer. Keys, names of people and machines,
addresses and paths were replaced, as far as a program can tell them: `<user>`, `<host>`, `<path>`, `[REDACTED]`.
Nothing was sent anywhere.

## What happened

(Write here what you did, what you expected, and what happened instead.)
"""
_QUIET = frozenset(
    {"settings", "permissions", "assists", "network", "proxy", "machine policy", "certificates"}
)
"""Checks that quote what people wrote. The report says whether they are all right."""

Section = Callable[["Found"], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Found:
    """What a report is made of. `resolved` and `read` None: `trouble` says why."""

    environment: Mapping[str, str]
    folder: Path
    ask_worker: Callable[[Resolved], str]
    resolved: Resolved | None
    read: ReadProfiles | None
    trouble: str


def make_report(environment: Mapping[str, str], folder: Path, ask_worker: Callable[[Resolved], str]) -> str:
    """The report, made in `folder`. Never raises: what cannot be found out is said to be so. Blocks for seconds."""
    found = _found(environment, folder, ask_worker)
    profiles = found.read.profiles if found.read else None
    settings = found.resolved.settings if found.resolved else None
    known = known_here(settings, profiles, environment, folder)
    sections = [f"## {title}\n\n{_block(title, make, found, known)}" for title, make in _SECTIONS.items()]
    return f"{_HEAD}\n{scrub(chr(10).join(sections), known)}"


def _found(environment: Mapping[str, str], folder: Path, ask_worker: Callable[[Resolved], str]) -> Found:
    trouble = ""
    resolved: Resolved | None = None
    read: ReadProfiles | None = None
    try:
        resolved = resolve(environment=environment, folder=folder)
        read = read_profiles(resolved.settings.home, environment)
    except VictorError as error:
        trouble = error.message
    except Exception as error:  # noqa: BLE001 - a report is made where things are broken
        trouble = f"could not be read: {type(error).__name__}"
    return Found(environment, folder, ask_worker, resolved, read, trouble)


def _block(title: str, make: Section, found: Found, known: Known) -> str:
    lines: list[str] = []
    try:
        lines.extend(make(found))
    except (VictorError, IndexerError) as error:
        lines.append(error.message)
    except Exception as error:  # noqa: BLE001 - the other sections are worth having without this one
        lines.append(f"could not be found out: {type(error).__name__}")
    # Taken out before a line is cut: half a key is known to nobody.
    clean = scrub("\n".join(lines), known).splitlines()
    text = "\n".join(_cut(line).replace("```", "'''") for line in clean)
    return f"```text\n{text or 'nothing'}\n```\n"


def _cut(line: str) -> str:
    return line if len(line) <= _MAX_LINE else f"{line[:_MAX_LINE]} …"


def _versions(_: Found) -> Iterator[str]:
    yield f"victor {__version__}, index format {INDEX_FORMAT}"
    yield f"Python {platform.python_version()} ({platform.python_implementation()})"
    needed = importlib.metadata.requires(DISTRIBUTION) or []
    names = sorted({_name_of(each) for each in needed})
    yield from (f"{name} {version}" for name in names if (version := _version_of(name)))


def _name_of(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    return found.group() if found else ""


def _version_of(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _system(found: Found) -> Iterator[str]:
    yield f"{platform.system()} {platform.release()} {platform.machine()}"
    yield f"file names in {sys.getfilesystemencoding()}, texts in {locale.getpreferredencoding(do_setlocale=False)}"
    yield f"set in the environment: {', '.join(names_of(found.environment)) or 'nothing of Victor'}"


def _checks(found: Found) -> Iterator[str]:
    if found.resolved is None:
        yield found.trouble
        return
    resolved = found.resolved
    problems = (*resolved.problems, *(found.read.problems if found.read else ()))
    patient = Patient(resolved.settings, problems, found.environment, lambda: found.ask_worker(resolved))
    for check in examine(patient):
        yield _check_told(check)


def _check_told(check: Check) -> str:
    word = "ok   " if check.ok else "wrong"
    if check.name in _QUIET:
        return f"{word} {check.name}"
    is_index = check.name.startswith("index ") and check.name != "index worker"
    # An index is named after its folder, and says which that is.
    return f"{word} an index" if is_index else f"{word} {check.name}: {check.detail}"


def _settings(found: Found) -> Iterator[str]:
    if found.resolved is None or found.read is None:
        yield found.trouble
        return
    yield from settings_told(found.resolved.settings, found.resolved.sources)
    yield from profiles_told(found.read.profiles)
    yield from problems_told((*found.resolved.problems, *found.read.problems))


def _logs(found: Found) -> Iterator[str]:
    if found.resolved is None:
        yield found.trouble
        return
    for name, n_lines in LOGS:
        try:
            lines = last_lines(found.resolved.settings.home / name, n_lines)
        except FileNotFoundError:
            continue
        except OSError as error:
            lines = [f"could not be read: {error.strerror or type(error).__name__}"]
        yield f"--- {name}"
        yield from lines


_SECTIONS: Mapping[str, Section] = {
    "Versions": _versions,
    "System": _system,
    "Checks": _checks,
    "Settings": _settings,
    "Logs": _logs,
}
