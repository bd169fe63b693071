"""What a story needs before the editor is opened: a folder, a home of Victor's, and a model that says what it is told."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repositories import run_git, write_tree

Reply = Mapping[str, Any] | Sequence[Mapping[str, Any]]

_SERVE = "import os; os.environ.update({environment}); from victor_server.cli.main import main; main()"


@dataclass(frozen=True, slots=True)
class Scenario:
    """Folders below one scratch folder. Each story has a home and a model of its own, whoever shares its VS Code."""

    folder: Path

    @property
    def workspace(self) -> Path:
        """The folder that is opened."""
        return self.folder / "project"

    @property
    def home(self) -> Path:
        """VICTOR_HOME."""
        return self.folder / "home"

    @property
    def settings(self) -> dict[str, Any]:
        """The server under test, named as a person would name theirs."""
        environment = {"VICTOR_HOME": str(self.home), "VICTOR_WORKER_LEAVE_AFTER_S": "1"}
        serve = _SERVE.format(environment=environment)
        return {"victor.editor.command": [sys.executable, "-P", "-c", serve, "lsp"]}

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Files of the workspace."""
        write_tree(self.workspace, files)

    def set(self, settings: Mapping[str, Any]) -> None:
        """The folder's own settings, beside those that start its server."""
        hidden = {"files.exclude": {"**/.vscode": True}, "git.ignoreLimitWarning": True}
        text = json.dumps({**hidden, **self.settings, **settings}, indent=1)
        self.write({".vscode/settings.json": text})

    def says(self, *replies: Reply) -> None:
        """What the model says, in order; a server reads it when it is first asked."""
        lines = "".join(json.dumps(each) + "\n" for each in replies)
        (self.folder / "script.jsonl").write_text(lines, encoding="utf-8")


def make_scenario(
    folder: Path, files: Mapping[str, str | bytes], *replies: Reply, profiles: str = "", commit: bool = False
) -> Scenario:
    """A repository with these files and a scripted model; `profiles` is written below it in profiles.yaml."""
    scenario = Scenario(folder)
    scenario.workspace.mkdir(parents=True)
    run_git(scenario.workspace, "init", "-q", "--template=", "-b", "main")
    (scenario.workspace / ".git" / "info").mkdir()
    (scenario.workspace / ".git" / "info" / "exclude").write_text(".vscode/\n", encoding="utf-8")
    scenario.write(files)
    if commit:
        run_git(scenario.workspace, "add", ".")
        run_git(scenario.workspace, "commit", "-q", "-m", "As it was")
    scenario.set({})
    scenario.says(*replies)
    profile = f"{{provider: scripted, model: demo, script: {json.dumps(str(folder / 'script.jsonl'))}}}"
    write_tree(scenario.home, {"profiles.yaml": f"profiles:\n  default: {profile}\n{profiles}"})
    scenario.home.chmod(0o700)
    return scenario
