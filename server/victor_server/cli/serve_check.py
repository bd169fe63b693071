"""`victor serve --check`: says what is wrong with a configuration, without starting anything."""

import asyncio
import json as jsonlib
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from victor_server.cli.chat.neutral import neutral
from victor_server.team.configuration.problem import Problem
from victor_server.team.configuration.read import read_configuration
from victor_server.team.configuration.resolved import TeamSettings


def run_check(config: Path | None, environment: Mapping[str, str], *, deep: bool, json: bool) -> int:
    """Print every problem; `deep`: of what the configuration names, too. 0: all is right, 2: it is not."""
    read = read_configuration(config, environment)
    problems = list(read.problems)
    if deep and read.settings is not None:
        problems += _looked_at(read.settings, environment)
    if json:
        print(jsonlib.dumps({"ok": not problems, "problems": [asdict(each) for each in problems]}))
    elif problems:
        print(neutral("\n".join(each.told for each in problems)), file=sys.stderr)
    else:
        print("The configuration is right." + (" All that it names answers." if deep else ""))
    return 2 if problems else 0


def _looked_at(settings: TeamSettings, environment: Mapping[str, str]) -> list[Problem]:
    from victor_server.compose.team_check import look_deep

    looked = asyncio.run(look_deep(settings, environment))
    return [Problem(each.name, None, each.problem.rstrip("."), each.fix) for each in looked if each.problem]
