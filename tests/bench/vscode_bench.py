"""How long VS Code's extension host takes to load and activate the extension, beside one that does nothing."""

import json
import re
import statistics
import zipfile
from pathlib import Path
from typing import Any

from bench.figures import Figure
from playwright.sync_api import Locator, sync_playwright
from vscode.install import install
from vscode.scenario import make_scenario
from vscode.server import EXTENSION, CodeServer, install_extension
from vscode.window import Window, chromium

_RUNS = 7
_TALL: Any = {"width": 1280, "height": 2400}

MAX_ACTIVATION_MS = 150.0
MAX_PACKAGE_KB = 500.0

_EMPTY = {
    "name": "empty",
    "displayName": "Empty",
    "publisher": "bench",
    "version": "1.0.0",
    "engines": {"vscode": "^1.104.0"},
    "main": "./extension.js",
    "activationEvents": ["onStartupFinished"],
    "extensionKind": ["workspace"],
}
_MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
<Metadata><Identity Language="en-US" Id="empty" Version="1.0.0" Publisher="bench"/><DisplayName>Empty</DisplayName></Metadata>
<Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
<Assets><Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json"/></Assets>
</PackageManifest>
"""
_MILLISECONDS = re.compile(r"Activation: (\d+)\s*ms")


def measure(scratch: Path) -> list[Figure]:
    """Reload one window several times; both extensions start with each, and the editor itself says how long each took."""
    scratch.mkdir(parents=True)
    code = install()
    install_extension(code, scratch)
    extensions = install_extension(code, scratch, _pack_empty(scratch / "empty.vsix"))
    scenario = make_scenario(scratch / "story", {"a.py": "a = 1\n"})
    with (
        CodeServer(code, scratch / "served", extensions=extensions) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        window = Window(browser, server.address, scenario.workspace, scratch)
        window.page.set_viewport_size(_TALL)  # a list makes no rows of what is out of sight
        starts = [_look(window) for _ in range(_RUNS)]
    ours, empty = (statistics.median(times) for times in zip(*starts, strict=True))
    return [
        Figure(
            "VS Code: load and activate the extension",
            ours,
            "ms",
            MAX_ACTIVATION_MS,
            f"an empty extension {empty:,.0f} ms",
        ),
        Figure("VS Code: the .vsix", EXTENSION.stat().st_size / 1000, "KB", MAX_PACKAGE_KB),
    ]


def _look(window: Window) -> tuple[float, float]:
    """Reload, and read the times of both from the editor's own list."""
    window.reload()
    window.run_command("Developer: Show Running Extensions")
    rows = window.page.locator(".runtime-extensions-editor .monaco-list-row")
    return _activation_ms(window, rows, "Victor"), _activation_ms(window, rows, "Empty")


def _activation_ms(window: Window, rows: Locator, name: str) -> float:
    row = rows.filter(has=window.page.get_by_text(name, exact=True))

    def shown() -> float | None:
        found = _MILLISECONDS.search(row.first.inner_text()) if row.count() else None
        return float(found.group(1)) + 0.001 if found else None

    return window.wait_until(shown, f"the activation time of {name}")


def _pack_empty(file: Path) -> Path:
    """An extension whose `activate` does nothing."""
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("extension.vsixmanifest", _MANIFEST)
        package.writestr("extension/package.json", json.dumps(_EMPTY))
        package.writestr("extension/extension.js", "exports.activate = () => {};\n")
    return file
