"""Goes on with a conversation that somebody else keeps: nothing is added to it, and nothing is kept of it."""

import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Literal

from victor_server.agent.calls.call import ModelCall, new_call_id
from victor_server.agent.messages import Message, TextPart
from victor_server.agent.model_call import call_model
from victor_server.agent.prompts import bare_text, merged
from victor_server.agent.redaction.incoming import Outside, of_person, take_in
from victor_server.agent.router.tasks import CHAT
from victor_server.agent.run_events import (
    Metered,
    Noted,
    ReceiptWritten,
    Routed,
    RunEvent,
    TurnEnd,
    TurnEnded,
)
from victor_server.agent.saying import Saying
from victor_server.agent.services import AgentServices
from victor_server.errors import UsageError
from victor_server.secrets.redaction.session import RedactionSession

_ENDS: dict[str, TurnEnd] = {"max_tokens": "max_tokens", "refused": "refusal"}


@dataclass(frozen=True, slots=True)
class Said:
    """One message, as it was said."""

    role: Literal["user", "assistant"]
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Going:
    """What there was until now. `session_id` names who asks in ledger and receipts; `profile` "" leaves it to the router."""

    said: Sequence[Said]
    session_id: str
    profile: str = ""


async def go_on(
    going: Going, services: AgentServices, redaction: RedactionSession
) -> AsyncGenerator[RunEvent, None]:
    """What happens: what a call tells, the answer piece by piece, one TurnEnded last.

    Use it with `contextlib.aclosing`. Raises UsageError where the person has not said the last word, and as `call_model`.
    """
    if not going.said or going.said[-1].role != "user":
        raise UsageError("There is nothing to answer.", "Let the last message be the user's.")
    call = await _call(going, redaction)
    saying = Saying(redaction)
    async with aclosing(call_model(call, services)) as events:
        async for event in events:
            if isinstance(event, Routed | Noted | Metered | ReceiptWritten):
                yield event
            else:
                for told in saying.hear(event):
                    yield told
    for left in saying.finish():
        yield left
    yield TurnEnded(_ENDS.get(saying.stopped or "", "end_turn"))


async def _call(going: Going, redaction: RedactionSession) -> ModelCall:
    kept = await take_in([_outside(each) for each in going.said], redaction)
    messages = [Message(each.role, (TextPart(text),)) for each, text in zip(going.said, kept, strict=True)]
    return ModelCall(
        id=new_call_id(),
        session_id=going.session_id,
        turn_id=secrets.token_hex(8),
        workspace="",
        task=CHAT,
        profile=going.profile,
        redaction=redaction,
        messages=merged(messages),
        system=(TextPart(bare_text(), stable=True),),
    )


def _outside(said: Said) -> Outside:
    """What a model said is nobody's: a secret in it is put back where the person wrote it as well."""
    return of_person(said.text) if said.role == "user" else Outside(said.text)
