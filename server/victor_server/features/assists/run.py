"""Runs an assist: what is wanted → what the model is shown → its answer → changes for the review, or a document."""

import asyncio
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from victor_indexer.errors import IndexerError
from victor_server.agent.ask import Asking
from victor_server.agent.context.fit import FULL, SHARE_FULL
from victor_server.agent.context.piece import Context
from victor_server.agent.context.sources import EditorSource, IndexSource
from victor_server.agent.messages import Message, assistant, user
from victor_server.agent.permissions.model import Permissions, Wanted
from victor_server.agent.redaction.incoming import Outside, take_in
from victor_server.agent.redaction.kept import KeptStream
from victor_server.agent.run_events import Answered, ContextChosen, RunEvent, TurnEnded
from victor_server.agent.showing import CONTEXT_FULL
from victor_server.agent.text_kinds import KeptText
from victor_server.agent.tools.tool import Touched
from victor_server.errors import BadResponse, ContextTooLong, Refused, SecretBlocked, UsageError, VictorError
from victor_server.features.assists.around import around_place
from victor_server.features.assists.assist import Assist, More, NotOffered, Offer
from victor_server.features.assists.commit_message import message_in
from victor_server.features.assists.edit_set import Editing, NotApplied, edits_of
from victor_server.features.assists.forms import AGAIN, FORMS
from victor_server.features.assists.outcome import CommitMessage, LeftAlone, Outcome, Proposed, Written
from victor_server.features.assists.partial import Following, Partly
from victor_server.features.assists.place import Place
from victor_server.features.chat.model import Asked
from victor_server.features.edits.agent_edits import Check
from victor_server.features.edits.desk import Held
from victor_server.features.edits.model import EditSet
from victor_server.features.edits.review_model import Resolved
from victor_server.secrets.redaction.session import RedactionSession

MAX_AGAIN = 2
"""How often an answer that cannot be applied goes back to the model."""

_FULL = (FULL, SHARE_FULL, CONTEXT_FULL)
"""Why something is not shown that could be; every other reason is that it must not be."""

_MORE_TIME_LIMIT_S = 5.0
"""Without what the index could add, an assist is still worth having."""


class Proposes(Protocol):
    """The review of edits, as far as it matters here."""

    async def propose(self, edits: EditSet, *, apply: bool) -> Resolved:
        """Take an edit set for review."""
        ...


@dataclass(frozen=True, slots=True)
class AssistPorts:
    """What assists need of their surroundings; `compose` puts it together.

    `ask` asks a model once; `gather` chooses what it is shown; `redaction` makes what takes secrets out, and is called
    in a thread. `reviews` take what is proposed, `read` gives a file as the person has it, `check` looks through a
    change before it is offered. `permissions` say which files may be changed at all. `profile` is what the person
    chose to answer, "" for the router.
    """

    ask: Callable[[Asking], AsyncGenerator[RunEvent, None]]
    gather: Callable[[Asked], Awaitable[Context]]
    redaction: Callable[[], RedactionSession]
    reviews: Proposes
    read: Callable[[Path], Awaitable[Held | None]]
    check: Check
    permissions: Permissions
    index: IndexSource | None = None
    profile: Callable[[], str] = str


Told = Callable[[RunEvent], None]


async def run_assist(
    assist: Assist,
    place: Place,
    ports: AssistPorts,
    *,
    around: EditorSource | None,
    told: Told,
    partly: Partly | None = None,
) -> Outcome:
    """Do what an assist is for at a place. `around` is the editor; `told` hears what happens, as it does; `partly` what
    lines would become, while the model answers.

    A cancel ends the call that runs in order. Raises UsageError where there is nothing to do, SecretBlocked for what is
    private, ContextTooLong for more lines than the model holds, BadResponse for answers that could not be applied, and
    what a model call raises.
    """
    offer = assist.offer(place)
    if isinstance(offer, NotOffered):
        raise UsageError(offer.why, "Choose another place, or another action.")
    if assist.gives == "edit" and place.path is not None:
        await refuse_forbidden(ports, place, [place.path])
    with await asyncio.to_thread(ports.redaction) as redaction:
        run = _Run(assist, place, offer, ports, redaction, told)
        context, prompt = await _prepared(run, around)
        if assist.gives == "edit":
            return await _edited(run, context, prompt, partly)
        answer = await asyncio.to_thread(_kept, run, await _answer(run, context, prompt, (), _not_followed))
    if assist.gives == "commit_message":
        return CommitMessage(KeptText(message_in(answer)))
    return Written(offer.title.removeprefix("Victor: "), answer)


def _kept(run: "_Run", answer: KeptText) -> KeptText:
    """The answer as it may be written to a document: a model may say a secret that nobody took out."""
    stream = KeptStream(run.redaction)
    return KeptText(stream.feed(answer) + stream.finish())


@dataclass(frozen=True, slots=True)
class _Run:
    """One run. `id` stands for a session in ledger and receipts."""

    assist: Assist
    place: Place
    offer: Offer
    ports: AssistPorts
    redaction: RedactionSession
    told: Told
    id: str = field(default_factory=lambda: f"assist-{secrets.token_hex(8)}")


def _not_followed(_: str) -> None:
    """For answers that nobody watches."""


async def refuse_forbidden(ports: AssistPorts, place: Place, paths: Sequence[Path]) -> None:
    """Raises UsageError where one of the files must not be changed."""
    touched = Touched("Change a file", paths=tuple(paths))
    verdict = await ports.permissions.judge(Wanted("edit_file", "edit", touched, root_of(place)))
    if verdict.decision == "deny":
        raise UsageError(f"Nothing was changed: {verdict.reason}", "`victor permissions` shows the rules.")


def root_of(place: Place) -> Path:
    """The folder that a change belongs to."""
    return place.root or (place.path.parent if place.path is not None else Path.cwd())


async def _prepared(run: _Run, around: EditorSource | None) -> tuple[Context, str]:
    """What the model is shown, and what is asked."""
    more = await _more(run)
    said = run.place.instruction or (run.offer.instruction.text if run.offer.instruction else "")
    words = f"{said} {run.offer.name}".strip()
    prompt = "\n\n".join(filter(None, (run.assist.prompt(run.place, run.offer), more.text)))
    asked = Asked(
        text=said,
        words=words,
        prompt=prompt,
        command="",
        task=run.assist.task,
        root=run.place.root,
        profile=run.ports.profile(),
        mentions=tuple(more.mentions),
        around=None
        if run.assist.gives == "commit_message"
        else around_place(run.place, run.offer.lines, around),
    )
    context = await run.ports.gather(asked)
    if run.assist.gives == "commit_message":
        _refuse_without_changes(context)
    return context, prompt


async def _more(run: _Run) -> More:
    if run.assist.more is not None:
        with suppress(VictorError, IndexerError, TimeoutError):
            found = run.assist.more(run.place, run.offer, run.ports.index)
            return await asyncio.wait_for(found, _MORE_TIME_LIMIT_S)
        return await run.assist.more(run.place, run.offer, None)
    return More()


def _refuse_without_changes(context: Context) -> None:
    if not any(piece.kind == "diff" for piece in context.pieces):
        why = next((each.reason for each in context.left_out if each.kind == "diff"), "nothing has changed")
        raise UsageError(f"There is nothing to commit: {why.rstrip('.')}.", "Stage a change: `git add`.")


async def _answer(
    run: _Run,
    context: Context,
    prompt: str,
    replies: Sequence[Message],
    feed: Callable[[str], None],
) -> KeptText:
    """One answer of a model, whole. Raises where the model was not shown what the assist is about, or broke off."""
    asking = Asking(
        session_id=run.id,
        turn_id=secrets.token_hex(8),
        root=run.place.root,
        task=run.assist.task,
        prompt=prompt,
        redaction=run.redaction,
        rules=FORMS[run.assist.gives],
        context=context,
        replies=replies,
        profile=run.ports.profile(),
    )
    said: list[str] = []
    async with aclosing(run.ports.ask(asking)) as events:
        async for event in events:
            run.told(event)
            match event:
                case ContextChosen(chosen):
                    _check_shown(run, chosen)
                case Answered(kept=more):
                    said.append(more)
                    feed(more)
                case TurnEnded(reason):
                    _check_end(reason)
    return KeptText("".join(said))


def _check_shown(run: _Run, chosen: Context) -> None:
    """The model must see every line that its answer is to replace, and something of what it is to explain."""
    if run.assist.gives == "commit_message":
        return
    lines = run.offer.lines
    shown = [piece for piece in chosen.pieces if piece.kind == "selection"]
    if shown and run.assist.gives == "document":
        return
    if any(piece.start_line <= lines.start and lines.end <= piece.end_line for piece in shown):
        return
    hidden = next((out for out in chosen.left_out if out.kind == "selection"), None)
    if hidden is not None and hidden.reason not in _FULL:
        raise SecretBlocked(
            f"{run.place.name} was not sent: {hidden.reason}.", "Nothing of it left this machine."
        )
    raise ContextTooLong(
        f"{lines.end - lines.start} lines are more than the model holds.",
        "Select fewer lines, or another model.",
    )


def _check_end(reason: str) -> None:
    if reason == "max_tokens":
        raise ContextTooLong("The answer is longer than the model may give.", "Select fewer lines.")
    if reason == "refusal":
        raise Refused("The model declines to do this.", "Ask otherwise, or choose another model.")


async def _edited(run: _Run, context: Context, prompt: str, partly: Partly | None) -> Outcome:
    """Changes for the review. What cannot be applied goes back to the model, a few times."""
    editing = Editing(
        run.assist.id,
        run.place,
        run.offer,
        run.id,
        root_of(run.place),
        run.ports.read,
        run.ports.check,
        partial(refuse_forbidden, run.ports, run.place),
        run.redaction,
    )
    following = None if partly is None else Following(editing, partly)
    made = await _made(run, editing, context, prompt, following)
    if isinstance(made, LeftAlone | Written):
        return made
    resolved = await run.ports.reviews.propose(made, apply=False)
    return Proposed(resolved.edits, resolved.said)


async def _made(
    run: _Run, editing: Editing, context: Context, prompt: str, following: Following | None
) -> EditSet | Written | LeftAlone:
    """What a model makes of it, which is asked again where its answer cannot be applied."""
    replies: list[Message] = []
    while True:
        async with following.answer() if following else nullcontext(_not_followed) as feed:
            answer = await _answer(run, context, prompt, replies, feed)
        made = await edits_of(answer, editing)
        if not isinstance(made, NotApplied):
            return made
        if len(replies) == 2 * MAX_AGAIN:
            why, fix = made.for_person, "Select less, or choose another model."
            raise BadResponse(f"The model's answer could not be applied: {why}", fix)
        (said,) = await take_in([Outside(AGAIN.format(made.why), origin=made.origin)], run.redaction)
        # Some servers take no message without a word.
        replies += [assistant(answer if answer.strip() else "(nothing)"), user(said)]
