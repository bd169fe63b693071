"""What a face says to a chat, and what it is told."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from victor_server.agent.context.piece import Context, Piece
from victor_server.agent.context.sources import EditorSource, Private
from victor_server.agent.run_events import RunEvent
from victor_server.agent.text_kinds import KeptText, ShownText
from victor_server.agent.turn import Tools, Turn
from victor_server.history.model import ChatSession
from victor_server.policy.private_files import PrivateFiles
from victor_server.secrets.redaction.session import RedactionSession


@dataclass(frozen=True, slots=True)
class Prompted:
    """What the person asked: as written, and as it is kept, placeholders for secrets.

    `asked` is the kept text as the model is told it, which differs from `kept` where that is a command, and is empty
    where no model is asked.
    """

    shown: ShownText = field(repr=False)
    kept: KeptText = field(repr=False)
    asked: KeptText = field(repr=False)


@dataclass(frozen=True, slots=True)
class Steered:
    """What the person added while the answer came."""

    shown: ShownText = field(repr=False)
    kept: KeptText = field(repr=False)


@dataclass(frozen=True, slots=True)
class Retried:
    """This turn stands for an earlier one, which counts no more."""

    turn_id: str


@dataclass(frozen=True, slots=True)
class Titled:
    """The session has a title now."""

    title: str


ChatEvent = RunEvent | Prompted | Steered | Retried | Titled


@dataclass(frozen=True, slots=True)
class ChatUpdate:
    """One thing that happened. `seq` rises within the session; `load` with it gives what came after.

    The first update of a turn is `Prompted`, the last `TurnEnded`. Updates that `load` gives hold kept text for shown.
    """

    session_id: str
    turn_id: str
    seq: int
    event: ChatEvent


@dataclass(frozen=True, slots=True)
class Loaded:
    """A session and what happened in it, up to the update `last_seq`; 0 where nothing did."""

    session: ChatSession
    updates: Sequence[ChatUpdate]
    last_seq: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it stands after its command was read.

    `words` is what the person wrote behind the command, `prompt` what the model is told, "" where none is asked. `mentions` are those that the
    command brings along ("@diff"), besides those in the text. `attached` was given by the face, `around` is the editor,
    None where there is none.
    """

    text: str = field(repr=False)
    words: str = field(repr=False)
    prompt: str = field(repr=False)
    command: str
    task: str
    root: Path | None
    profile: str = ""
    mentions: tuple[str, ...] = ()
    attached: Sequence[Piece] = ()
    around: EditorSource | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """A way to go on: `text` replaces what stands from `start` to the cursor, in characters."""

    start: int
    text: str
    label: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """What a turn may use, None where that is nothing, and sentences for the person about what is missing of it."""

    tools: Tools | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ports:
    """What a chat needs of its surroundings; `compose` puts it together.

    `answer` runs a turn; closing it early ends it in order. `gather` chooses what the model is shown. `local` are the
    commands that no model is asked for: name → markdown. `complete` completes a mention (`@…`): the text up to the
    cursor, the root, `around`. `redaction` makes the redaction of one conversation; it is called in a thread.
    `private` says which files no model is shown. `tools` are what a turn may use, by the question, the session's id and
    the turn's; None where no turn may use any. `deleted` hears of a session that is no more.
    """

    answer: Callable[[Turn], AsyncGenerator[RunEvent, None]]
    gather: Callable[[Asked], Awaitable[Context]]
    redaction: Callable[[], RedactionSession] = RedactionSession
    private: Private = field(default_factory=PrivateFiles)
    local: Mapping[str, Callable[[Asked], Awaitable[str]]] = field(default_factory=dict)
    complete: Callable[[str, Path | None, EditorSource | None], Awaitable[Sequence[Completion]]] | None = None
    tools: Callable[[Asked, str, str], Awaitable[Offered]] | None = None
    deleted: Callable[[str], None] = lambda _: None
