"""The words of `victor scan-secrets`, read without the libraries that a hook should not wait for."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

from victor_server.cli.scan_formats.outcome import Mode
from victor_server.errors import UsageError
from victor_server.features.secret_scan.verdict import REASONS, checked_reason

Format = Literal["text", "json", "sarif", "github"]
_HYPHEN = "\u2011"
"""Of a word that must not be broken over two lines."""

FORMATS: tuple[Format, ...] = ("text", "json", "sarif", "github")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be scanned, and how it is told. `since` is a revision where the mode is "since"."""

    mode: Mode
    paths: tuple[Path, ...]
    since: str
    format: Format
    baseline: Path | None
    strict: bool
    bypass: str
    hook: Literal["", "install", "uninstall"]
    help: str


def read_arguments(words: Sequence[str]) -> Asked:
    """What the words ask for. Raises `UsageError` for words that make no sense; `help` is what `--help` prints."""
    before, after = _at_two_dashes(words)
    parser = _parser()
    given = parser.parse_intermixed_args(before)
    paths = tuple(Path(path) for path in (*given.paths, *after))
    mode: Mode = "files"
    if given.since is not None:
        mode = "since"
    elif given.staged or given.history:
        mode = "staged" if given.staged else "history"
    if paths and (mode != "files" or given.hook):
        parser.error("paths cannot be named together with --staged, --since, --history or a hook")
    if given.bypass is not None and mode != "staged":
        parser.error("--bypass is for --staged alone")
    return Asked(
        mode=mode,
        paths=paths,
        since=given.since or "",
        format="json" if given.json else given.format,
        baseline=given.baseline,
        strict=given.strict,
        bypass="" if given.bypass is None else checked_reason(given.bypass),
        hook=given.hook or "",
        help=parser.format_help().replace(_HYPHEN, "-") if given.help else "",
    )


def _at_two_dashes(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Everything behind `--` is a path, whatever it looks like."""
    at = list(words).index("--") if "--" in words else len(words)
    return list(words[:at]), list(words[at + 1 :])


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", "See `victor scan-secrets --help`.")


def _parser() -> _Parser:
    parser = _Parser(
        prog="victor scan-secrets",
        usage="victor scan-secrets [PATH… | --staged | --since REV | --history] [--format F] [--baseline FILE]"
        " [--strict]\n       victor scan-secrets --install-hook | --uninstall-hook",
        description="Find secrets in files and folders, in what is about to be committed, or in commits.",
        epilog="Exit code: 0 nothing found, 1 found, 2 something could not be scanned. Possible findings, such as"
        " those in tests, are told but count only with --strict.",
        add_help=False,
        allow_abbrev=False,
    )
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files and folders; the current folder if left out"
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--staged", action="store_true", help="the lines that the next commit adds")
    what.add_argument(
        "--since", metavar="REV", help="what the commits in REV..HEAD add and say, as in a pull request"
    )
    what.add_argument(
        "--history", action="store_true", help="what any commit holds or says, each secret once"
    )
    what.add_argument(
        "--install-hook",
        dest="hook",
        action="store_const",
        const="install",
        help="scan before each commit in this repository",
    )
    what.add_argument(
        "--uninstall-hook", dest="hook", action="store_const", const="uninstall", help="no longer do that"
    )
    parser.add_argument(
        "--format", choices=FORMATS, default="text", help="text (the default), json, sarif or github"
    )
    parser.add_argument("--json", action="store_true", help="the same as --format json")
    parser.add_argument(
        "--baseline",
        type=Path,
        metavar="FILE",
        help="what is known already, instead of .secrets.baseline",
    )
    parser.add_argument("--strict", action="store_true", help="possible findings count as well")
    parser.add_argument(
        "--bypass",
        metavar="REASON",
        help=f"let what --staged finds through, and record why: {', '.join(REASONS).replace('-', _HYPHEN)}"
        " (or set VICTOR_SCAN_BYPASS)",
    )
    parser.add_argument("-h", "--help", action="store_true", help="show this")
    return parser
