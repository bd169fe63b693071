"""What holds for every test: no home but a scratch one, and in CI no test that was silently skipped."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def scratch_home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing that a test starts reads or writes the person's own VICTOR_HOME, settings or git configuration."""
    folder = tmp_path_factory.getbasetemp() / "scratch-home"
    folder.mkdir(exist_ok=True, mode=0o700)
    for name in [name for name in os.environ if name.startswith(("VICTOR_", "LANCEDB_"))]:
        if name != "VICTOR_LSP_METAMODEL":
            monkeypatch.delenv(name)
    monkeypatch.setenv("VICTOR_HOME", str(folder))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A skipped test has proved nothing: in CI it counts as a failure."""
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("CI") and skipped and session.exitstatus == pytest.ExitCode.OK:
        reporter.write_line(f"{len(skipped)} skipped: in CI every test must run", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_configure(config: pytest.Config) -> None:
    """Keep what tests install for themselves beside the checkout's other caches; let Ctrl-C reach what tests start."""
    (Path(config.rootpath) / ".cache").mkdir(exist_ok=True)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A run in the background of a shell ignores Ctrl-C, and so would every program that a test starts.
        signal.signal(signal.SIGINT, signal.default_int_handler)
