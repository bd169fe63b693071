"""A VS Code that serves one fresh profile to browsers on this machine, with the packaged extension in it."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from vscode.install import Installed

EXTENSION = Path(__file__).parents[2] / "dist" / "victor.vsix"
START_TIMEOUT_S = 60.0
_LOOK_AGAIN_S = 0.02
_LOG_LENGTH = 4000
_LISTENING = re.compile(r"HTTP server listening on (http://\S+?)/?\s")
_FOREIGN = ("XDG_", "VICTOR_", "VSCODE_", "CODE_SERVER_", "CS_", "PORT", "PASSWORD", "HOME", "LANCEDB_")

QUIET: dict[str, Any] = {
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "extensions.autoUpdate": False,
    "extensions.autoCheckUpdates": False,
    "extensions.ignoreRecommendations": True,
    "workbench.startupEditor": "none",
    "workbench.tips.enabled": False,
    "workbench.enableExperiments": False,
    "workbench.settings.enableNaturalLanguageSearch": False,
    "workbench.colorTheme": "Default Dark Modern",
    "workbench.reduceMotion": "on",
    "security.workspace.trust.enabled": False,
    "chat.disableAIFeatures": True,
    "git.autofetch": False,
    "git.openRepositoryInParentFolders": "never",
    "npm.autoDetect": "off",
    "editor.cursorBlinking": "solid",
    "files.autoSave": "off",
    "editor.autoClosingBrackets": "never",
    "editor.autoClosingQuotes": "never",
    "editor.autoIndent": "none",
    "editor.quickSuggestions": {"other": "off", "comments": "off", "strings": "off"},
    "remote.autoForwardPorts": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "window.restoreWindows": "none",
}
"""No one else's telemetry, updates, offers or questions; nothing that moves by itself or adds to what is typed."""


def install_extension(code: Installed, folder: Path, extension: Path = EXTENSION) -> Path:
    """A folder of extensions that holds the packaged one, as `--install-extension` unpacks it."""
    extensions = folder / "extensions"
    arguments = ("--user-data-dir", str(folder / "data"), "--extensions-dir", str(extensions))
    subprocess.run(
        code.command(*arguments, "--install-extension", str(extension), "--force"),
        check=True,
        capture_output=True,
        timeout=START_TIMEOUT_S,
        env=_environment(folder),
    )
    return extensions


class CodeServer:
    """One server process with its profile. Use as a context: its whole process group is ended with it."""

    def __init__(
        self,
        code: Installed,
        folder: Path,
        *,
        extensions: Path,
        settings: Mapping[str, Any] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self._data = folder / "data"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(extensions, folder / "extensions")
        self.write_settings({**QUIET, **(settings or {})})
        self._said = folder / "code-server.log"
        with self._said.open("wb") as log:
            self.process = subprocess.Popen(
                self._command(code),
                cwd=folder,
                env={**_environment(folder), **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self.address = self._wait_until_it_listens()
        except BaseException:
            self.end()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def write_settings(self, settings: Mapping[str, Any]) -> None:
        """The person's settings. What only a machine may set has a file of its own, and is read from no other."""
        for kind in ("User", "Machine"):
            file = self._data / kind / "settings.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(settings, indent=1), encoding="utf-8")

    def end(self) -> None:
        """End it and all that it started."""
        for number, wait_s in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 10.0)):
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                pass
            try:
                self.process.wait(wait_s)
            except subprocess.TimeoutExpired:
                continue
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def logs(self) -> str:
        """What it said, and what its extensions logged: for whoever reads of a test that failed."""
        files = [self._said, *sorted(self._data.glob("logs/**/*ictor*.log"))]
        return "\n".join(f"--- {file.name}\n{_end_of(file)}" for file in files)

    def _command(self, code: Installed) -> list[str]:
        return code.command(
            "--auth=none",
            "--bind-addr=127.0.0.1:0",
            f"--config={self.folder / 'config.yaml'}",
            f"--user-data-dir={self._data}",
            f"--extensions-dir={self.folder / 'extensions'}",
            "--disable-telemetry",
            "--disable-update-check",
            "--disable-getting-started-override",
            "--disable-proxy",
            "--ignore-last-opened",
        )

    def _wait_until_it_listens(self) -> str:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            said = self._said.read_text(encoding="utf-8", errors="replace")
            if found := _LISTENING.search(said):
                return found.group(1)
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"code-server did not start: {said[-2000:]}")
            time.sleep(_LOOK_AGAIN_S)


def _end_of(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")[-_LOG_LENGTH:]


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of the person's own editor or Victor."""
    (folder / "config.yaml").write_text("cert: false\n", encoding="utf-8")
    ours = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    home = folder / "person"
    home.mkdir(exist_ok=True)
    return ours | {
        "HOME": str(home),
        "VICTOR_HOME": str(folder / "victor"),
        "VICTOR_WORKER_LEAVE_AFTER_S": "1",
    }
