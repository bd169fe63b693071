"""What is judged, how it was decided, and how a person is asked."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from victor_server.agent.tools.tool import Diff, ToolKind, Touched

Decision = Literal["allow", "ask", "deny"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of `permissions.yaml`: calls of `tool` (a pattern) on that path, command or address.

    None: whatever it is. The last rule that fits wins.
    """

    tool: str
    decision: Decision
    path: str | None = None
    command: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class JudgedCommand:
    """One simple command of a line, wrappers taken off, and what became of it by which rule."""

    argv: tuple[str, ...]
    decision: Decision
    rule: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say. `reason` is a sentence for a person; `rule` names what decided, as a person finds it.

    `remembers` is what "for this session" and "always" would allow, narrow and readable; empty where nothing can be
    remembered of it, and then those answers are not offered.
    """

    decision: Decision
    reason: str
    rule: str = ""
    commands: tuple[JudgedCommand, ...] = ()
    remembers: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call that wants to happen. `tool` is the tool's name, "mcp__SERVER__NAME" for one of a server's."""

    tool: str
    kind: ToolKind
    touched: Touched
    root: Path
    session_id: str = ""
    turn_id: str = ""
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked: the call, and why nobody could decide it. `diffs` where it changes files."""

    id: str
    wanted: Wanted
    verdict: Verdict
    diffs: tuple[Diff, ...] = field(default=(), repr=False)


AnswerKind = Literal["once", "session", "always", "no", "never", "cancelled"]
"""`never` is a no that is remembered, for just what `always` would have allowed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person says. `reason` goes with a no and is told to the model.

    `cancelled`: nobody answered, or nobody could; then `reason` is why, a sentence, where that is known.
    """

    kind: AnswerKind
    reason: str = ""


class Asker(Protocol):
    """A face that can ask a person."""

    async def ask(self, question: Question) -> Answer:
        """Ask, and wait. Cancelled, the question is taken back. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Permitted:
    """How it was decided in the end: by a rule, by a remembered answer, by the mode, or by a person.

    `reason` is told to the model where `allowed` is false.
    """

    allowed: bool
    reason: str
    verdict: Verdict
    answer: Answer | None = None


class Permissions(Protocol):
    """Who decides."""

    async def judge(self, wanted: Wanted) -> Verdict:
        """What the rules, the mode and what is remembered say; nobody is asked. Audited where it is not `ask`."""
        ...

    async def permit(self, wanted: Wanted, asker: Asker | None) -> Permitted:
        """The decision, for which a person is asked where it takes one; without an asker that is a no.

        It is recorded before this returns. Raises AuditFailed, and then it must not happen.
        """
        ...
