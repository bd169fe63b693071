"""`victor/models/list`, `victor/models/edit`, `victor/models/ask`, `victor/profile/set`, `victor/mode/set`, `victor/usage`. Loaded with the first of them."""

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import asdict, dataclass, field

from victor_server.agent.events import Usage
from victor_server.agent.go_on import Going, Said
from victor_server.agent.run_events import (
    Answered,
    Metered,
    ReceiptWritten,
    Routed,
    RunEvent,
    TurnEnd,
    TurnEnded,
)
from victor_server.errors import UsageError
from victor_server.ledger.model import BudgetState
from victor_server.lsp import uris
from victor_server.lsp.dispatch import Request
from victor_server.lsp.handlers.chat import agent_of, chat_of
from victor_server.lsp.handlers.status import tell_later
from victor_server.lsp.session import Session
from victor_server.lsp.shapes import models as shapes
from victor_server.lsp.shapes.chat import NoParams
from victor_server.lsp.shapes.models import (
    ModelItem,
    ModelsAnswerParams,
    ModelsAskParams,
    ModelsAskResult,
    ModelsEditResult,
    ModelsListResult,
    ModeSetParams,
    ModeSetResult,
    ProfileSetParams,
    ProfileSetResult,
    UsageParams,
    UsageResult,
)
from victor_server.lsp.show_document import aloud, home_of, show_file
from victor_server.settings.profiles_begun import begin_profiles


async def models_list(session: Session, _: NoParams) -> ModelsListResult:
    """The profiles."""
    agent = await agent_of(session)
    items = [
        ModelItem(each.name, each.provider, each.model, ", ".join(each.base_urls), each.unusable)
        for each in await agent.profiles()
    ]
    return ModelsListResult(items, agent.chat.profile, agent.chat.mode)


async def edit(session: Session, _: NoParams) -> ModelsEditResult:
    """Where to name models."""
    return ModelsEditResult(uris.from_path(str(await asyncio.to_thread(begin_profiles, home_of(session)))))


async def open_file(session: Session, _: NoParams) -> None:
    """Open it. Answers before that."""
    file = await asyncio.to_thread(begin_profiles, home_of(session))
    session.background.start(aloud(session, show_file(session, file)))


async def profile_set(session: Session, params: ProfileSetParams) -> ProfileSetResult:
    """Choose who answers."""
    agent = await agent_of(session)
    if params.profile and params.profile not in {each.name for each in await agent.profiles()}:
        raise UsageError("There is no such profile.", "`victor/models/list` names them.")
    if params.sessionId is None:
        agent.chat.profile = session.chosen.profile = params.profile
    else:
        await (await chat_of(session, params.sessionId)).set_profile(params.sessionId, params.profile)
        session.chosen.profiles[params.sessionId] = params.profile
    return ProfileSetResult(params.profile)


async def mode_set(session: Session, params: ModeSetParams) -> ModeSetResult:
    """Choose the mode."""
    await (await agent_of(session)).set_mode(params.mode)
    session.chosen.mode = params.mode
    tell_later(session)
    return ModeSetResult(params.mode)


async def ask(session: Session, params: ModelsAskParams) -> ModelsAskResult:
    """Go on with a conversation that the editor keeps."""
    agent = await agent_of(session)
    said = [Said(each.role, each.text) for each in params.messages]
    answer = _Answer()
    async with aclosing(agent.go_on(Going(said, session.models_session, params.profile))) as events:
        async for event in events:
            if isinstance(event, Answered) and event.shown and session.features.victor_models:
                told = ModelsAnswerParams(params.token, event.shown)
                session.client.notify(shapes.MODELS_ANSWER, told)
            elif isinstance(event, Routed):
                tell_later(session)
            answer.take(event)
    return answer.result()


@dataclass(slots=True)
class _Answer:
    """What has come of it so far."""

    text: list[str] = field(default_factory=list)
    model: str = ""
    receipt: str | None = None
    usage: Usage | None = None
    end: TurnEnd = "end_turn"

    def take(self, event: RunEvent) -> None:
        match event:
            case Answered(shown=more):
                self.text.append(more)
            case Routed(decision):
                self.model = decision.model
            case Metered(usage):
                self.usage = usage
            case ReceiptWritten(receipt_id):
                self.receipt = receipt_id
            case TurnEnded(reason):
                self.end = reason
            case _:
                pass

    def result(self) -> ModelsAskResult:
        return ModelsAskResult(
            "".join(self.text),
            self.model,
            self.end if self.end == "max_tokens" or self.end == "refusal" else "end_turn",
            self.receipt,
            self.usage.input_tokens if self.usage else 0,
            self.usage.output_tokens if self.usage else 0,
        )


async def usage(session: Session, params: UsageParams) -> UsageResult:
    """What calls have used."""
    summary, budgets = await (await agent_of(session)).usage(params.sessionId)
    total = summary.total
    return UsageResult(
        total.calls,
        total.input_tokens,
        total.output_tokens,
        total.cost_usd,
        {
            dimension: {name: asdict(used) for name, used in by.items()}
            for dimension, by in summary.by.items()
        },
        [_to_budget(each) for each in budgets],
    )


def _to_budget(budget: BudgetState) -> Mapping[str, object]:
    return {
        "name": budget.name,
        "unit": budget.unit,
        "limit": budget.limit,
        "used": budget.used,
        "reserved": budget.reserved,
        "left": budget.left,
    }


REQUESTS: Mapping[str, Request] = {
    shapes.MODELS_LIST: Request(NoParams, models_list),
    shapes.MODELS_EDIT: Request(NoParams, edit),
    shapes.PROFILE_SET: Request(ProfileSetParams, profile_set),
    shapes.MODE_SET: Request(ModeSetParams, mode_set),
    shapes.MODELS_ASK: Request(ModelsAskParams, ask),
    shapes.USAGE: Request(UsageParams, usage),
}
COMMANDS: Mapping[str, tuple[str, Request]] = {
    "victor.models.edit": ("", Request(NoParams, open_file)),
    "victor.mode.set": ("mode", REQUESTS[shapes.MODE_SET]),
    "victor.usage": ("sessionId", REQUESTS[shapes.USAGE]),
}
