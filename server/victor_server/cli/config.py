"""`victor config show`: the settings that hold, and where each comes from."""

import json as jsonlib
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from victor_server.settings.layer import Problem
from victor_server.settings.load import DEFAULT, resolve
from victor_server.settings.profiles_file import FILE_NAME, read_profiles
from victor_server.settings.profiles_shown import shown_profiles
from victor_server.settings.resolved import flatten

_Shown = Mapping[str, tuple[object, str]]
"""Value and source of each setting, by its dotted name."""


def show_config(*, json: bool) -> int:
    """Print every setting with its value and source, and what is wrong in any source; keys are masked."""
    shown, problems = _everything()
    if json:
        print(jsonlib.dumps(_document(shown, problems)))
    else:
        _print_lines(shown, problems)
    return 0


def _everything() -> tuple[_Shown, Sequence[Problem]]:
    resolved = resolve(folder=Path.cwd())
    home = resolved.settings.home
    read = read_profiles(home, os.environ)
    source = str(home / FILE_NAME) if os.path.lexists(home / FILE_NAME) else DEFAULT
    shown = {name: (value, resolved.sources[name]) for name, value in flatten(resolved.settings).items()} | {
        name: (value, source) for name, value in shown_profiles(read.profiles).items()
    }
    return shown, (*resolved.problems, *read.problems)


def _document(shown: _Shown, problems: Sequence[Problem]) -> dict[str, object]:
    return {
        "settings": {
            name: {"value": _plain(value), "source": source} for name, (value, source) in shown.items()
        },
        "problems": [
            {"source": problem.source, "line": problem.line, "message": problem.message}
            for problem in problems
        ],
    }


def _print_lines(shown: _Shown, problems: Sequence[Problem]) -> None:
    width = max(map(len, shown))
    for name, (value, source) in shown.items():
        print(f"{name:<{width}}  {_text(value)}  ({source})")
    for problem in problems:
        print(problem.told, file=sys.stderr)


def _plain(value: object) -> object:
    """The value as JSON knows it. No setting holds a secret; one that does must be masked here."""
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _text(value: object) -> str:
    return str(value) if isinstance(value, Path | str) else jsonlib.dumps(_plain(value))
