"""What every tool is: it reads its arguments, says what it would touch, and runs once that is permitted."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from victor_server.agent.context.sources import Sources
from victor_server.agent.messages import ToolSpec
from victor_server.agent.sandbox.model import FindSandbox
from victor_server.agent.tools.edits import Edits

ToolKind = Literal["read", "edit", "delete", "move", "search", "execute", "think", "fetch", "other"]
"""The kinds of the Agent Client Protocol."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a tool looks at or changes: an absolute path, and a 0-based line where there is one."""

    path: Path
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Diff:
    """What becomes of a file: its text before, None where there was none, and after, None where there is none."""

    path: Path
    before: str | None = field(repr=False)
    after: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Touched:
    """What a call would touch: what permissions judge, and a person is shown, before anything of it happens.

    `title` is one line ("Read src/app.py"); what hides or commands in it is taken out before it is told. `paths` are absolute, links and `..` followed. `command` is a line for a
    shell, to be run in `folder`. `url` is what would be fetched. `sent` is all that would be handed to another program,
    where that is not what the title says. `afresh` is why a person must be asked whatever is allowed, a sentence, ""
    where nothing is new of it.
    """

    title: str
    paths: tuple[Path, ...] = ()
    command: str = field(default="", repr=False)
    folder: Path | None = None
    url: str = ""
    places: tuple[Place, ...] = ()
    sent: str = field(default="", repr=False)
    afresh: str = ""


@dataclass(frozen=True, slots=True)
class Streamed:
    """More of what a tool prints while it runs, as it is."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of a file, which the model is told with their numbers once the secrets of `text` are out.

    `path` is relative to the workspace with `/`, or absolute outside of it. `text` is more than what is shown: a secret
    may be known only by what stands around it. `first_line` is the 0-based number of its first line, `shown` are the
    ranges of lines to tell, counted likewise, ends exclusive. `note` is said beside the path.
    """

    path: str
    text: str = field(repr=False)
    shown: tuple[tuple[int, int], ...]
    first_line: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """One thing to do."""

    content: str
    status: Literal["pending", "in_progress", "completed"]
    priority: Literal["high", "medium", "low"] = "medium"


@dataclass(frozen=True, slots=True)
class Done:
    """What the model is told: exactly one, and last. The text is as it is; the turn takes secrets out.

    Where `text` was cut it says so itself. `title` replaces the one of `Touched` where it is not empty. `excerpts` are
    told before the text: `agent.tools.telling` makes one text of both, without their secrets. `plan` is a new plan, all
    of it, None where the plan is not what this is about.
    """

    text: str = field(repr=False)
    is_error: bool = False
    excerpts: tuple[Excerpt, ...] = field(default=(), repr=False, kw_only=True)
    title: str = ""
    places: tuple[Place, ...] = ()
    diffs: tuple[Diff, ...] = field(default=(), repr=False)
    plan: tuple[PlanEntry, ...] | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """One call whose arguments were read. `run` does it; closing the generator early ends it in order.

    `run` is told whether a person must review what it changes before it is applied: true where the permissions say
    `ask` and `is_reviewed`, for then the review is the asking. A call that is not reviewed is asked for before.
    """

    touched: Touched
    run: Callable[[bool], AsyncGenerator[Streamed | Done, None]]
    is_reviewed: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """Where tools work: one turn in one workspace.

    `root` is its real path. `sources` hold the editor's buffers, the index, git and what is private. `edits` is how
    files are changed and `sandbox` how commands run, None where there is no such thing.
    """

    root: Path
    sources: Sources
    session_id: str
    turn_id: str
    edits: Edits | None = None
    sandbox: FindSandbox | None = None


class Tool(Protocol):
    """One tool. Holds nothing that changes: what a turn needs to remember belongs to the turn."""

    @property
    def spec(self) -> ToolSpec:
        """Its name, what the model is told of it, and the JSON schema of its arguments."""
        ...

    @property
    def kind(self) -> ToolKind:
        """What it does, in the Agent Client Protocol's words."""
        ...

    def prepare(self, call_id: str, arguments: Mapping[str, Any], scene: Scene) -> Prepared:
        """Read the arguments, touch nothing. Blocks, and is called in a thread.

        Raises UsageError, in words that let a model mend its call, for what cannot be done as asked, and
        SecretBlocked for a file that is private.
        """
        ...
