"""`victor`: sends each command to its file, and loads nothing for a command that is not asked for."""

import sys
from collections.abc import Sequence

from victor_server.cli.failures import guarded


def main() -> None:
    """The console's entry; ends the process with the command's code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character of a file's name shows its number instead.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # both are text streams here
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code: 0 done, 1 found something, 2 failed, 130 stopped by Ctrl-C."""
    words = list(arguments)
    json = "--json" in words
    if words[:1] == ["lsp"]:
        return guarded(lambda: _lsp(words[1:]), json=False)
    if words and set(words) <= {"--version", "--json"} and "--version" in words:
        return guarded(lambda: _version(json=json), json=json)
    return guarded(lambda: _app(words or ["--help"]), json=json)


def _lsp(words: Sequence[str]) -> int:
    from victor_server.cli.lsp import serve

    return serve(words)


def _version(*, json: bool) -> int:
    from victor_server.cli.version import show_version

    return show_version(json=json)


def _app(words: Sequence[str]) -> int:
    from victor_server.cli.app import run_app

    return run_app(words)
