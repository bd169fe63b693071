"""Installs the VS Code of the tests once, into the checkout's own cache: code-server, with no compiler.

    python -P tests/vscode/install.py      prints the script that Node runs

Its own installer would compile modules that nothing here needs; what it does besides is done here. The package is locked
in `code_server/`, what it needs by the locks that it brings.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".cache" / "code-server"
LOCK = HERE / "code_server" / "package-lock.json"
INSTALL_TIMEOUT_S = 600
_OPTIONS = ("--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
_MODULES = {
    "spdlog.cjs": "@vscode/spdlog/index.js",
    "watchdog.cjs": "@vscode/native-watchdog/build/Release/watchdog.js",
}
"""What is written here in place of a module that would have to be compiled."""
_UNWANTED = ("copilot",)
"""Built-in extensions that speak to a service of their maker."""


@dataclass(frozen=True, slots=True)
class Installed:
    """Programs: node, and the script that it runs."""

    node: Path
    entry: Path

    def command(self, *arguments: str) -> list[str]:
        """code-server with these arguments."""
        return [str(self.node), str(self.entry), *arguments]


def install() -> Installed:
    """What is installed; installs it if it is not. Raises OSError or SubprocessError where that fails."""
    CACHE.mkdir(parents=True, exist_ok=True)
    target = CACHE / "installed"
    with FileLock(CACHE / "lock", timeout=INSTALL_TIMEOUT_S):
        if not _is_complete(target):
            _install(target)
    return Installed(_node(), target / "node_modules" / "code-server" / "out" / "node" / "entry.js")


def why_not(error: Exception) -> str:
    """A sentence for whoever runs the tests."""
    said = getattr(error, "stderr", None) or b""
    return f"VS Code cannot be installed here: {error} {said.decode('utf-8', 'replace')[-800:]}"


def _is_complete(target: Path) -> bool:
    done = target / "installed.txt"
    return done.is_file() and done.read_text(encoding="utf-8") == _wanted()


def _wanted() -> str:
    """Everything that decides what is installed."""
    return "".join(
        file.read_text(encoding="utf-8")
        for file in (LOCK, Path(__file__), *sorted(HERE.glob("code_server/modules/*")))
    )


def _install(target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(HERE / "code_server", target)
    _npm("ci", target)
    code = target / "node_modules" / "code-server" / "lib" / "vscode"
    # Not `ci`: it takes their lock for older than their manifest.
    _npm("install", code)
    _npm("install", code / "extensions")
    _link(code / "bin" / "remote-cli", "code-{}.sh", "code-server")
    _link(code / "bin" / "helpers", "browser-{}.sh", "browser.sh")
    for ours, theirs in _MODULES.items():
        _put(target / "modules" / ours, code / "node_modules" / theirs)
    for name in _UNWANTED:
        shutil.rmtree(code / "extensions" / name, ignore_errors=True)
    entry = Installed(_node(), target / "node_modules" / "code-server" / "out" / "node" / "entry.js")
    _run(entry.command("--version"), target)
    (target / "installed.txt").write_text(_wanted(), encoding="utf-8")


def _put(file: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, place)


def _link(folder: Path, name: str, link: str) -> None:
    system = "darwin" if sys.platform == "darwin" else "linux"
    (folder / link).unlink(missing_ok=True)
    (folder / link).symlink_to(name.format(system))


def _npm(how: str, folder: Path) -> None:
    _run([str(_program("npm")), how, *_OPTIONS], folder)


def _node() -> Path:
    """The Node that the lock names: code-server takes no other major version."""
    return _program("node")


def _program(name: str) -> Path:
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        raise FileNotFoundError(f"no {name} beside {sys.executable}: run `make vsix` once")
    return Path(found)


def _run(command: list[str], folder: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path},
        check=True,
        capture_output=True,
        timeout=INSTALL_TIMEOUT_S,
    )


if __name__ == "__main__":
    sys.stdout.write(f"{install().entry}\n")
