"""Slash commands: read, completed, listed, and each with a task that the router knows."""

from dataclasses import replace
from pathlib import Path

import pytest

from victor_server.agent.context.piece import Context, LeftOut, Piece
from victor_server.errors import UsageError
from victor_server.features.chat.commands import (
    COMMANDS,
    complete_command,
    help_text,
    read_question,
    refuse_without_changes,
)
from victor_server.settings.tasks import TASK_NAMES

ROOT = Path("/srv")


def test_every_command_has_a_task_of_the_router() -> None:
    """`profiles.yaml` says where a task goes, so its names are the ones that count."""
    assert {each.task for each in COMMANDS} <= set(TASK_NAMES)
    assert all(each.is_local or each.prompt for each in COMMANDS)


@pytest.mark.parametrize(
    ("text", "name", "task", "end", "mentions"),
    [
        ("why?", "", "chat", "why?", ()),
        ("  /explain  this\nthing ", "explain", "explanation", "this\nthing", ()),
        ("/explain", "explain", "explanation", "the code that is shown", ()),
        ("/review", "review", "code_review", "the changes that are shown", ("@diff",)),
        ("/review @src/a.py", "review", "code_review", "@src/a.py", ()),
        ("/commit", "commit", "commit_message", "does not say why.", ("@diff",)),
        ("/usr/bin is a folder", "", "chat", "/usr/bin is a folder", ()),
        ("see /fix", "", "chat", "see /fix", ()),
        ("/Fix it", "", "chat", "/Fix it", ()),
    ],
)
def test_questions(text: str, name: str, task: str, end: str, mentions: tuple[str, ...]) -> None:
    """A command stands at the start; what the model is told ends in what it is about."""
    asked, command = read_question(text, ROOT)
    assert (asked.command, asked.task, asked.mentions) == (name, task, mentions)
    assert asked.prompt.endswith(end)
    assert (command.name if command else "") == name
    assert (asked.text, asked.root) == (text, ROOT)


@pytest.mark.parametrize("text", ["", " \n", "/nothing", "/fixx it"])
def test_no_question(text: str) -> None:
    """What says nothing, or names a command that there is not, is refused with a way on."""
    with pytest.raises(UsageError) as refused:
        read_question(text, ROOT)
    assert refused.value.fix


SHOWN = Piece("diff", "a.py", 0, 1, "changed", 3, "+x")
NOTHING = LeftOut("diff", "", 0, 0, 0, "nothing has changed since the last commit")


@pytest.mark.parametrize("text", ["/review", "/commit", "/commit mention the ticket"])
def test_changes_that_are_not_there(text: str) -> None:
    """Nobody is asked in vain: what is about changes is refused where there are none, with the reason."""
    asked, command = read_question(text, ROOT)
    assert command is not None
    with pytest.raises(UsageError, match="no changes to look at: nothing has changed") as refused:
        refuse_without_changes(command, asked, Context((), (NOTHING,)))
    assert refused.value.fix
    refuse_without_changes(command, asked, Context((SHOWN,)))
    refuse_without_changes(command, asked, Context((replace(SHOWN, kind="attached"),)))


@pytest.mark.parametrize("text", ["/review @a.py", "/explain"])
def test_what_is_not_about_changes(text: str) -> None:
    """It is asked without them."""
    asked, command = read_question(text, ROOT)
    assert command is not None
    refuse_without_changes(command, asked, Context((), (NOTHING,)))


def test_completion() -> None:
    """At the start of the line only, and only while the name is being written."""
    assert {each.text for each in complete_command("/")} == {f"/{each.name} " for each in COMMANDS}
    assert [each.text for each in complete_command("/rev")] == ["/review "]
    assert complete_command("/review x") == complete_command("a /re") == []


def test_help() -> None:
    """Every command is in it."""
    assert all(f"`/{each.name}`" in help_text() for each in COMMANDS)
