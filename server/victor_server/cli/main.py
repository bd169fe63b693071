"""`victor`: sends each command to its file, and loads nothing for a command that is not asked for."""

import atexit
import contextlib
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn

from victor_server.cli.failures import guarded

if TYPE_CHECKING:
    from victor_server.compose.terminal import TerminalAgent
    from victor_server.compose.window import Window
    from victor_server.settings.resolved import Settings

_CHAT_OPTIONS = ("-p", "--prompt", "--profile", "--session", "-c", "--continue", "--plain")
"""Words that begin a chat where no command is named: `victor -p "…"`."""

_WITHOUT_NETWORK = (["--version"], ["scan-secrets"])
"""Commands that load nothing which connects, and that somebody waits for at each commit."""


def main() -> None:
    """The console's entry; ends the process with the command's code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character of a file's name shows its number instead.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # both are text streams here
    words = sys.argv[1:]
    if words[:1] not in _WITHOUT_NETWORK:
        # Before any library is loaded: none of this process connects past the factory.
        from victor_server.egress import guard

        guard.install()
    code = run(words)
    if words[:1] == ["lsp"]:
        _leave(code)
    sys.exit(code)


def _leave(code: int) -> NoReturn:
    """End as `sys.exit` does, but that the memory is left to the system: an editor's window waits for the end."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()  # noqa: SLF001 - nothing public runs them without the rest of the end
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code: 0 done, 1 found something, 2 failed, 130 stopped by Ctrl-C."""
    words = list(arguments)
    json = "--json" in words
    if words[:1] == ["lsp"]:
        return guarded(lambda: _lsp(words[1:]), json=False)
    if words[:1] == ["serve"]:
        return guarded(lambda: _serve(words[1:]), json=json)
    if words[:1] == ["chat"]:
        return guarded(lambda: _chat(words[1:]), json=json)
    if _is_chat(words):
        return guarded(lambda: _chat(words), json=json)
    if words[:1] == ["scan-secrets"]:
        return guarded(lambda: _scan_secrets(words[1:]), json=json or _format(words) == "json")
    if words and set(words) <= {"--version", "--json"} and "--version" in words:
        return guarded(lambda: _version(json=json), json=json)
    return guarded(lambda: _app(words or ["--help"]), json=json)


def _lsp(words: Sequence[str]) -> int:
    from victor_server.cli.lsp import serve

    return serve(words)


def _serve(words: Sequence[str]) -> int:
    from victor_server.cli.serve import run_serve

    return run_serve(words)


def _chat(words: Sequence[str]) -> int:
    from victor_server.cli.chat.start import run_chat
    from victor_server.compose.window import Window

    window = Window()
    try:
        return run_chat(words, partial(_open_agent, window))
    finally:
        window.close()


def _open_agent(window: "Window", settings: "Settings", environment: Mapping[str, str]) -> "TerminalAgent":
    from victor_server.compose.terminal import open_terminal

    return open_terminal(settings, environment, window)


def _is_chat(words: Sequence[str]) -> bool:
    """`victor -p "…"` is one, and `victor` alone at a terminal; elsewhere that lists the commands."""
    if not words:
        return sys.stdin.isatty() and sys.stdout.isatty()
    return words[0].startswith("-") and any(word.split("=")[0] in _CHAT_OPTIONS for word in words)


def _scan_secrets(words: Sequence[str]) -> int:
    from victor_server.cli.scan_secrets import run_scan_secrets

    return run_scan_secrets(words)


def _format(words: Sequence[str]) -> str:
    """What `--format` asks for: a failure to understand the words is told in it too."""
    given = [part for word in words for part in word.split("=", 1)]
    return next((value for name, value in pairwise(given) if name == "--format"), "")


def _version(*, json: bool) -> int:
    from victor_server.cli.version import show_version

    return show_version(json=json)


def _app(words: Sequence[str]) -> int:
    from victor_server.cli.app import run_app

    return run_app(words)
