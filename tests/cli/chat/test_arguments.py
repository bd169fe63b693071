"""What the words behind `victor chat` ask for."""

from pathlib import Path

import pytest

from victor_server.cli.chat.arguments import Asked, read_arguments
from victor_server.errors import UsageError

NOTHING = Asked(Path(), None, "", None, "", resume=False, json=False, plain=False, details=False, help="")


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ([], NOTHING),
        (
            ["-p", "why?"],
            Asked(
                Path(), "why?", "", None, "", resume=False, json=False, plain=False, details=False, help=""
            ),
        ),
        (
            ["src", "--prompt=-x", "--profile", "cloud", "--json"],
            Asked(
                Path("src"),
                "-x",
                "cloud",
                None,
                "",
                resume=False,
                json=True,
                plain=False,
                details=False,
                help="",
            ),
        ),
        (
            ["-c", "--plain"],
            Asked(Path(), None, "", None, "", resume=True, json=False, plain=True, details=False, help=""),
        ),
        (
            ["-p", "x", "--mode", "plan"],
            Asked(Path(), "x", "", "plan", "", resume=False, json=False, plain=False, details=False, help=""),
        ),
        (
            ["-p", "x", "--details"],
            Asked(Path(), "x", "", None, "", resume=False, json=False, plain=False, details=True, help=""),
        ),
        (
            ["--session", "ab"],
            Asked(
                Path(), None, "", None, "ab", resume=False, json=False, plain=False, details=False, help=""
            ),
        ),
    ],
)
def test_words(words: list[str], asked: Asked) -> None:
    """Each option, with what holds where it is left out."""
    assert read_arguments(words) == asked


@pytest.mark.parametrize(
    "words", [["-p"], ["--profil", "x"], ["a", "b"], ["--session", "a", "-c"], ["--nope"], ["--mode", "sudo"]]
)
def test_words_without_sense(words: list[str]) -> None:
    """They are refused with the way to the help."""
    with pytest.raises(UsageError) as refused:
        read_arguments(words)
    assert refused.value.fix == "See `victor chat --help`."


def test_help() -> None:
    """It names every option and the exit codes."""
    said = read_arguments(["--help"]).help
    assert all(word in said for word in ("--profile", "--session", "--continue", "--plain", "130"))
