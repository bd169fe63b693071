"""Judges command lines and calls as the tests need it: one workspace, rules from a file or a text."""

from collections.abc import Sequence
from pathlib import Path

from victor_server.agent.permissions.judge import judge
from victor_server.agent.permissions.model import Verdict, Wanted
from victor_server.agent.permissions.rules_file import read_rules
from victor_server.agent.permissions.ruleset import DEFAULTS, Listed, Ruleset
from victor_server.agent.tools.tool import ToolKind, Touched
from victor_server.policy.private_files import PrivateFiles
from victor_server.settings.profiles import Mode

ROOT = Path("/workspace")
HOME = Path.home() / ".victor"
PRIVATE = PrivateFiles()
NOTHING = Ruleset(DEFAULTS)
"""What holds where nobody has written anything."""


def rules_of(home: Path, text: str) -> Ruleset:
    """The rules of a permissions.yaml, which must be right."""
    file = home / "permissions.yaml"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    read = read_rules(home)
    assert not read.problems, read.problems
    return Ruleset((*DEFAULTS, *read.rules))


def of_command(
    line: str, rules: Ruleset, *, mode: Mode = "build", root: Path = ROOT, answers: Sequence[Listed] = ()
) -> Verdict:
    """What is said of a command line."""
    touched = Touched("Run a command", command=line, folder=root)
    wanted = Wanted("run_command", "execute", touched, root)
    held = Ruleset(rules.own, rules.workspace, (*rules.answers, *answers), rules.closed)
    return judge(wanted, held, mode, PRIVATE, HOME)


def of_file(
    tool: str, kind: ToolKind, path: Path, rules: Ruleset, *, mode: Mode = "build", root: Path = ROOT
) -> Verdict:
    """What is said of a tool that touches one file."""
    return judge(Wanted(tool, kind, Touched("", paths=(path,)), root), rules, mode, PRIVATE, HOME)
