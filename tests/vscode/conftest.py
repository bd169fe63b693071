"""A real VS Code for these tests: installed once, served on this machine, looked at with a browser."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright
from vscode.install import Installed, install, why_not
from vscode.server import EXTENSION, CodeServer, install_extension
from vscode.window import Window, chromium

CHECKOUT = Path(__file__).parents[2]
PICTURES = Path(os.environ.get("VICTOR_PICTURES") or CHECKOUT / "dist" / "screenshots")

ENDS = CHECKOUT / "dist" / "screenshots" / "ends"
"""What was last seen in each test."""

OpenWindow = Callable[..., Window]


@pytest.fixture(scope="session")
def code() -> Installed:
    """The program. It stays installed between runs; where it cannot be installed these tests say so and are skipped."""
    try:
        return install()
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(why_not(error))


@pytest.fixture(scope="session")
def extensions(code: Installed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the packaged extension, to be copied into each profile."""
    if not EXTENSION.is_file():
        pytest.skip(f"{EXTENSION} is not built: run `make vsix`")
    return install_extension(code, tmp_path_factory.mktemp("extensions"))


@pytest.fixture(scope="session")
def code_server(
    code: Installed, extensions: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CodeServer]:
    """A server that stories share: each has a folder, settings and a VICTOR_HOME of its own."""
    with CodeServer(code, tmp_path_factory.mktemp("code-server") / "one", extensions=extensions) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for a module, no longer: while playwright is there its loop runs, and no other test could run one."""
    try:
        program = chromium()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])


@pytest.fixture
def open_window(
    request: pytest.FixtureRequest, browser: Browser, code_server: CodeServer
) -> Iterator[OpenWindow]:
    """Open a folder in a new browser profile: `open_window(folder)`, or `(folder, server)` for a server of one's own."""
    with ExitStack() as windows:

        def start(folder: Path, server: CodeServer = code_server) -> Window:
            window = Window(browser, server.address, folder, PICTURES)
            windows.callback(_close, window, server, request.node.name)
            return window

        yield start


@pytest.fixture
def make_code_server(
    code: Installed, extensions: Path, tmp_path: Path
) -> Iterator[Callable[..., CodeServer]]:
    """Start a server of a test's own: `make_code_server(settings={…})`."""
    with ExitStack() as servers:

        def start(**options: Any) -> CodeServer:
            return servers.enter_context(
                CodeServer(code, tmp_path / "code-server", extensions=extensions, **options)
            )

        yield start


def _close(window: Window, server: CodeServer, test: str) -> None:
    """Say what was seen and logged, which pytest shows where a test fails."""
    try:
        ENDS.mkdir(parents=True, exist_ok=True)
        window.page.screenshot(path=ENDS / f"{test}.png")
    finally:
        window.close()
    print("\n".join([*window.said[-20:], server.logs()[-6000:]]))  # noqa: T201
