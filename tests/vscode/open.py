"""Opens the packaged extension in a real VS Code, runs commands, and takes a picture: to look at one's work by hand.

    python -P tests/vscode/open.py FOLDER [--script REPLIES.jsonl] [--file PATH] [--command TITLE …]
        [--wait TEXT …] [--setting NAME=JSON …] [--stay] --screenshot OUT.png

The folder is copied. `--file`, `--command`, `--type`, `--press` and `--wait` (a text in the workbench or a webview) are
done in the order in which they stand. `--stay` prints the address and goes on until Ctrl-C.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import sync_playwright
from vscode.install import install
from vscode.scenario import Scenario, make_scenario
from vscode.server import CodeServer, install_extension
from vscode.window import Window, chromium


def main() -> None:
    """Open the window, do what is asked, take the picture."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="victor-open-", ignore_cleanup_errors=True) as scratch:
        code = install()
        extensions = install_extension(code, _folder(Path(scratch) / "extensions"))
        scenario = _scenario(asked, Path(scratch))
        with (
            CodeServer(code, Path(scratch) / "code-server", extensions=extensions) as server,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            window = Window(browser, server.address, scenario.workspace, asked.screenshot.parent)
            try:
                for step, value in asked.steps or ():
                    _STEPS[step](window, value)
            finally:
                window.screenshot(asked.screenshot.stem)
                sys.stderr.write("\n".join(window.said) + "\n" + server.logs()[-8000:])
            if asked.stay:
                sys.stdout.write(f"{server.address}/?folder={scenario.workspace}\nPress Enter to end it.\n")
                sys.stdout.flush()
                sys.stdin.readline()


_STEPS: dict[str, Callable[[Window, str], Any]] = {
    "file": Window.open_file,
    "command": Window.run_command,
    "answer": Window.answer_box,
    "type": Window.type,
    "press": lambda window, keys: window.press(*keys.split()),
    "wait": Window.wait_for_text_anywhere,
}


class _Step(argparse.Action):
    """Keeps the options that do something in the order in which they stand."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        namespace.steps = [*(namespace.steps or []), ((option_string or "").lstrip("-"), values)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--script", type=Path)
    parser.add_argument("--setting", action="append", default=[])
    parser.add_argument("--stay", action="store_true")
    parser.add_argument("--screenshot", type=Path, required=True)
    for step in _STEPS:
        parser.add_argument(f"--{step}", action=_Step, dest="steps")
    return parser.parse_args()


def _scenario(asked: argparse.Namespace, scratch: Path) -> Scenario:
    replies = asked.script.read_text(encoding="utf-8").splitlines() if asked.script else []
    scenario = make_scenario(scratch / "story", {}, *(json.loads(line) for line in replies if line.strip()))
    shutil.copytree(asked.folder, scenario.workspace, dirs_exist_ok=True)
    pairs = (each.partition("=") for each in asked.setting)
    scenario.set({name: json.loads(value) for name, _, value in pairs})
    return scenario


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


if __name__ == "__main__":
    main()
