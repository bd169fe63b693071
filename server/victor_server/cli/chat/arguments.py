"""What the words behind `victor chat` ask for."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, get_args

from victor_server.errors import UsageError
from victor_server.settings.profiles import Mode


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted. `prompt` None: a person types; `help` is what `--help` prints, "" otherwise.

    `mode` None: that of profiles.yaml. `session` is a chat's name or its beginning; `resume`: the last one of this folder.
    """

    folder: Path
    prompt: str | None
    profile: str
    mode: Mode | None
    session: str
    resume: bool
    json: bool
    plain: bool
    details: bool
    help: str


def read_arguments(words: Sequence[str]) -> Asked:
    """What the words ask for. Raises UsageError for words that make no sense."""
    parser = _parser()
    given = parser.parse_args(words)
    return Asked(
        folder=given.path,
        prompt=given.prompt,
        profile=given.profile or "",
        mode=given.mode,
        session=given.session or "",
        resume=given.resume,
        json=given.json,
        plain=given.plain,
        details=given.details,
        help=parser.format_help() if given.help else "",
    )


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", "See `victor chat --help`.")


def _parser() -> _Parser:
    parser = _Parser(
        prog="victor chat",
        usage="victor chat [PATH] [-p TEXT] [--profile NAME] [--mode MODE] [--session ID | --continue] [--plain] [--details] [--json]",
        description="Ask a model about the code in a folder. `victor` alone begins such a chat too.",
        epilog='What is piped in is shown to the model: `git diff | victor -p "Review this."` Without -p it is the'
        " question. Exit code: 0 answered, 1 declined by the model, 2 failed, 130 stopped by Ctrl-C.",
        add_help=False,
        allow_abbrev=False,
    )
    parser.add_argument("path", nargs="?", type=Path, default=Path(), metavar="PATH", help="the folder")
    parser.add_argument("-p", "--prompt", metavar="TEXT", help="ask this, print the answer and leave")
    parser.add_argument(
        "--profile", metavar="NAME", help="the profile that answers, instead of the router's choice"
    )
    parser.add_argument(
        "--mode",
        choices=get_args(Mode),
        help="plan: change and run nothing; ask: ask before each change and command; build: as the permissions say",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--session", metavar="ID", help="go on with this chat; its first letters are enough")
    which.add_argument(
        "-c", "--continue", dest="resume", action="store_true", help="go on with this folder's last chat"
    )
    parser.add_argument(
        "--plain", action="store_true", help="text as it comes, nothing drawn over: for screen readers"
    )
    parser.add_argument(
        "--details",
        action="store_true",
        help="with -p: say on stderr what the model is shown, who answers and what it takes, terminal or not",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    parser.add_argument("-h", "--help", action="store_true", help="show this")
    return parser
