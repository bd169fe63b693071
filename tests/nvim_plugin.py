"""Neovim with the plugin, whose server answers from a script: what the tests of its chat and its reviews share."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from editor import SERVER
from nvim_window import Window
from repositories import write_tree

TAP = Path(__file__).parent / "tools" / "lsp_tap.py"
Open = Callable[..., Window]


def scripted(
    folder: Path, replies: Sequence[dict[str, Any]], permissions: str = ""
) -> tuple[str, Sequence[str]]:
    """A home with these replies below the folder: Lua that chooses it, and a server whose talk is recorded."""
    home, script = folder / "victor-home", folder / "script.jsonl"
    script.write_text("".join(f"{json.dumps(each)}\n" for each in replies), encoding="utf-8")
    profile = f"{{provider: scripted, model: demo, script: {json.dumps(str(script))}}}"
    files = {"profiles.yaml": f"profiles:\n  default: {profile}\n"}
    if permissions:
        files["permissions.yaml"] = permissions
    write_tree(home, files)
    recorded = (sys.executable, "-P", str(TAP), str(folder / "log.jsonl"), "--", *SERVER)
    return f"vim.env.VICTOR_HOME = {json.dumps(str(home))}\n", recorded


def wait_for_server(window: Window) -> None:
    """Wait until the server has the current document."""
    attached = "return #vim.lsp.get_clients({name = 'victor', bufnr = 0}) > 0"
    window.wait_until(lambda: window.lua(attached), "the server")


def shown(window: Window, text: str) -> bool:
    """Whether this stands on the screen now."""
    return any(text in line for line in window.screen.lines())


def wait_until_gone(window: Window, text: str) -> None:
    """Wait until this does not stand on the screen any more."""
    window.wait_until(lambda: not shown(window, text), f"{text!r} gone from the screen")


def leave(window: Window) -> None:
    """Quit as a person does who wants to."""
    window.run("qa!")
    assert window.wait_until_quit() == 0
