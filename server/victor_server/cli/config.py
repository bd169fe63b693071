"""`victor config show`: the settings that hold, and where each comes from."""

import json as jsonlib
import sys
from pathlib import Path

from victor_server.settings.load import Resolved, resolve
from victor_server.settings.resolved import flatten


def show_config(*, json: bool) -> int:
    """Print every setting with its value and source, and what is wrong in any source."""
    resolved = resolve()
    if json:
        print(jsonlib.dumps(_document(resolved)))
    else:
        _print_lines(resolved)
    return 0


def _document(resolved: Resolved) -> dict[str, object]:
    return {
        "settings": {
            name: {"value": _plain(value), "source": resolved.sources[name]}
            for name, value in flatten(resolved.settings).items()
        },
        "problems": [
            {"source": problem.source, "line": problem.line, "message": problem.message}
            for problem in resolved.problems
        ],
    }


def _print_lines(resolved: Resolved) -> None:
    values = flatten(resolved.settings)
    width = max(map(len, values))
    for name, value in values.items():
        print(f"{name:<{width}}  {_text(value)}  ({resolved.sources[name]})")
    for problem in resolved.problems:
        place = problem.source if problem.line is None else f"{problem.source}:{problem.line}"
        print(f"{place}: {problem.message}", file=sys.stderr)


def _plain(value: object) -> object:
    """The value as JSON knows it. No setting holds a secret; one that does must be masked here."""
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _text(value: object) -> str:
    return str(value) if isinstance(value, Path | str) else jsonlib.dumps(_plain(value))
