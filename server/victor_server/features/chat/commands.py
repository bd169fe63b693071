"""The slash commands: what each does, which task it is, and what the model is told."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from victor_server.agent.context.piece import Context
from victor_server.errors import UsageError
from victor_server.features.chat.model import Asked, Completion

_COMMAND = re.compile(r"/([a-z]+)(?:\s+|$)")


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `hint` says what may follow it; `prompt` is what the model is told before it, "" for `is_local`.

    `default` is what it is about if nothing follows; `mentions` come with it unless the person mentions something.
    `instead` is what to do where those show nothing.
    """

    name: str
    text: str
    hint: str = ""
    task: str = "chat"
    prompt: str = ""
    default: str = ""
    mentions: tuple[str, ...] = ()
    is_local: bool = False
    instead: str = ""


COMMANDS: Sequence[Command] = (
    Command(
        "explain",
        "Explain code",
        "what to explain; the selection without it",
        "explanation",
        "Explain what this does, how, and what to know before changing it:",
        "the code that is shown",
    ),
    Command(
        "fix",
        "Find the fault and show how to mend it",
        "what is wrong; the diagnostics without it",
        "bug_fixing",
        "Find the cause of this fault and show the smallest change that mends it:",
        "the diagnostics of the code that is shown",
        ("@diagnostics",),
    ),
    Command(
        "test",
        "Write tests",
        "what to test; the selection without it",
        "test_generation",
        "Write tests in the style of this project for:",
        "the code that is shown",
    ),
    Command(
        "doc",
        "Write documentation",
        "what to document; the selection without it",
        "documentation",
        "Write documentation in the style of this project for:",
        "the code that is shown",
    ),
    Command(
        "review",
        "Review changes",
        "what to review; the uncommitted changes without it, or else the branch",
        "code_review",
        "Review this. Name each fault with its place and how bad it is, the worst first; leave praise out:",
        "the changes that are shown",
        ("@diff",),
        instead="Change something first, or name what is meant: /review @src/app.py",
    ),
    Command(
        "refactor",
        "Change code without changing what it does",
        "what to change and how; the selection without it",
        "refactoring",
        "Show how to change this without changing what it does, in small steps, and say why each is for the better:",
        "the code that is shown",
    ),
    Command(
        "architecture",
        "Weigh designs against each other",
        "what is to be decided",
        "architecture_decisions",
        "Weigh the designs that come into question here: what each costs and gives up, and which you would take, and why:",
        "the code that is shown",
    ),
    Command(
        "debug",
        "Find out what goes wrong in production",
        "what is seen: messages, logs, since when",
        "production_debugging",
        "Find out what goes wrong: name the likely causes, the likeliest first, and how to tell each from the others:",
        "the code that is shown",
    ),
    Command(
        "security",
        "Look for weaknesses",
        "what to look at; the selection without it",
        "security_analysis",
        "Look for weaknesses in this. Name each with its place, how it is exploited and how it is closed, the worst first:",
        "the code that is shown",
    ),
    Command("search", "Search the workspace, without a model", "words, or names in the code", is_local=True),
    Command(
        "commit",
        "Write a commit message for the changes",
        "what it should say besides",
        "commit_message",
        "Write a commit message for the changes that are shown: a title of at most 72 characters in the imperative, an"
        " empty line, and a body only where the title does not say why.",
        "",
        ("@diff",),
        instead="Change something first, and see `git status`.",
    ),
    Command("models", "List the models and who answers what", is_local=True),
    Command("usage", "Show what was used, and what is left of the budgets", is_local=True),
    Command("help", "List the commands", is_local=True),
)
_BY_NAME = {command.name: command for command in COMMANDS}


def read_question(text: str, root: Path | None) -> tuple[Asked, Command | None]:
    """What `text` asks for, and the command at its start. Raises UsageError for a command that there is not."""
    words = text.strip()
    if not words:
        raise UsageError("There is no question.", "Write one.")
    match = _COMMAND.match(words)
    if match is None:
        return Asked(text, words, words, "", "chat", root), None
    command = _BY_NAME.get(match[1])
    if command is None:
        raise UsageError(
            f"There is no command /{match[1]}.",
            "/help lists them. To say it to the model, put another word before it.",
        )
    return _asked(command, text, words[match.end() :].strip(), root), command


def complete_command(text: str) -> Sequence[Completion]:
    """The commands that `text`, all that stands before the cursor, may become."""
    if not re.fullmatch(r"/[a-z]*", text):
        return []
    return [
        Completion(0, f"/{each.name} ", f"/{each.name}", each.text)
        for each in COMMANDS
        if each.name.startswith(text[1:])
    ]


def refuse_without_changes(command: Command, asked: Asked, context: Context) -> None:
    """Raise UsageError where changes are what a command is about, and there are none: a model would be asked in vain."""
    is_about_words = bool(asked.words) and command.name != "commit"
    if "@diff" not in command.mentions or is_about_words:
        return
    if not any(piece.kind in ("diff", "attached", "selection") for piece in context.pieces):
        why = next((each.reason for each in context.left_out if each.kind == "diff"), "nothing has changed")
        raise UsageError(f"/{command.name} has no changes to look at: {why.rstrip('.')}.", command.instead)


def help_text() -> str:
    """All commands and mentions as markdown."""
    rows = [f"| `/{each.name}` | {each.text} | {each.hint} |" for each in COMMANDS]
    table = "\n".join(["| command | does | followed by |", "|---|---|---|", *rows])
    return (
        f"{table}\n\n`@` mentions what the model is to be shown: a file, a symbol, `@selection`, `@diagnostics`,"
        " `@diff`.\n"
    )


def _asked(command: Command, text: str, words: str, root: Path | None) -> Asked:
    about = words or command.default
    prompt = f"{command.prompt} {about}".strip()
    if command.is_local:
        return Asked(text, words, "", command.name, command.task, root)
    mentions = () if "@" in words else command.mentions
    return Asked(text, words, prompt, command.name, command.task, root, mentions=mentions)
