"""`victor doctor`: what is wrong with this installation, and how to mend it."""

import json as jsonlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping

from victor_server.cli.worker import connect
from victor_server.compose.team_health import look_at_team
from victor_server.features.doctor import Check, Patient, examine
from victor_server.settings.home import create_home
from victor_server.settings.layer import Problem
from victor_server.settings.load import Resolved, resolve
from victor_server.settings.profiles_file import read_profiles
from victor_server.settings.resolved import Settings

_WORKER_TIME_LIMIT_S = 60


def run_doctor(*, json: bool) -> int:
    """Print what was looked at; 0 if all is well, 1 if something is wrong."""
    resolved = resolve()
    settings = resolved.settings
    problems = problems_of(resolved, os.environ)
    patient = Patient(
        settings,
        problems,
        os.environ,
        lambda: ask_worker(settings),
        lambda: look_at_team(settings, os.environ),
    )
    checks = examine(patient)
    if json:
        found = list(checks)
        print(jsonlib.dumps(_document(found)))
    else:
        found = list(_print_each(checks))
    return 0 if all(check.ok for check in found) else 1


def problems_of(resolved: Resolved, environment: Mapping[str, str]) -> tuple[Problem, ...]:
    """What is wrong in what people wrote: the settings, and the profiles."""
    return (*resolved.problems, *read_profiles(resolved.settings.home, environment).problems)


def ask_worker(settings: Settings) -> str:
    """Which index worker answers; one is started if there is none. Raises from both error trees."""
    create_home(settings.home)
    with connect(settings) as client:
        answer = client.ask("ping").result(timeout=_WORKER_TIME_LIMIT_S)
        how = "was started and answers" if client.spawned else "is running and answers"
    return f"{how} (process {answer['pid']}, index format {answer['format']})"


def _document(checks: Iterable[Check]) -> dict[str, object]:
    found = list(checks)
    return {
        "ok": all(check.ok for check in found),
        "checks": [
            {"name": check.name, "ok": check.ok, "detail": check.detail, "fix": check.fix} for check in found
        ],
    }


def _print_each(checks: Iterable[Check]) -> Iterator[Check]:
    """Each check as soon as it is done, in words: colour only repeats what they say."""
    wrong = 0
    for check in checks:
        wrong += not check.ok
        _print_check(check)
        yield check
    print("All is well." if not wrong else f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong.")


def _print_check(check: Check) -> None:
    word = "ok" if check.ok else "wrong"
    fix = f"\n       {'To mend it' if not check.ok else 'Note'}: {check.fix}" if check.fix else ""
    if not sys.stdout.isatty():
        print(f"{word:<5}  {check.name}: {check.detail}{fix}")
        return
    from rich.console import Console
    from rich.text import Text

    colour = "green" if check.ok else "bold red"
    line = Text.assemble(
        (f"{word:<5}", colour), "  ", (check.name, "bold"), f": {check.detail}", (fix, "dim")
    )
    Console(highlight=False, soft_wrap=True).print(line)
