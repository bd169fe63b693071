"""Which models there are, who answers, in which mode, and what that has used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from victor_server.lsp.shapes.chat import NoParams
from victor_server.lsp.shapes.extension import Extension, says

MODELS_LIST = "victor/models/list"
PROFILE_SET = "victor/profile/set"
MODE_SET = "victor/mode/set"
USAGE = "victor/usage"
MODELS_ASK = "victor/models/ask"
MODELS_EDIT = "victor/models/edit"
MODELS_ANSWER = "victor/models/answer"


@dataclass(frozen=True, slots=True)
class ModelItem:
    """One profile."""

    profile: str = field(metadata=says("Its name."))
    provider: str = field(metadata=says("Who serves the model."))
    model: str = field(metadata=says("The model."))
    address: str = field(metadata=says("Where it is; empty for the provider's own address."))
    unusable: str = field(metadata=says("Why it cannot be used; empty if it can."))


@dataclass(frozen=True, slots=True)
class ModelsListResult:
    """The profiles."""

    models: list[ModelItem] = field(metadata=says("In the order of `profiles.yaml`."))
    profile: str = field(metadata=says("The one that answers; empty while the router chooses."))
    mode: str = field(metadata=says("The mode."))


@dataclass(frozen=True, slots=True)
class ModelsEditResult:
    """Where the profiles are written."""

    uri: str = field(metadata=says("`profiles.yaml`. What is saved there counts with the next question."))


@dataclass(frozen=True, slots=True)
class ProfileSetParams:
    """Who is to answer."""

    profile: str = field(metadata=says("The name of a profile; empty leaves the choice to the router."))
    sessionId: str | None = field(
        default=None, metadata=says("The chat in which it is to answer; all new ones without it.")
    )


@dataclass(frozen=True, slots=True)
class ProfileSetResult:
    """Who answers."""

    profile: str = field(metadata=says("The profile; empty while the router chooses."))


@dataclass(frozen=True, slots=True)
class ModeSetParams:
    """How free the agent is."""

    mode: Literal["plan", "ask", "build"] = field(
        metadata=says(
            "`plan`: nothing is changed and nothing is run. `ask`: every change and every command is asked for."
            " `build`: the permissions decide."
        )
    )


@dataclass(frozen=True, slots=True)
class ModeSetResult:
    """The mode."""

    mode: str = field(metadata=says("The mode that holds now."))


@dataclass(frozen=True, slots=True)
class UsageParams:
    """Whose usage."""

    sessionId: str | None = field(
        default=None, metadata=says("One chat; everything that this person used without it.")
    )


@dataclass(frozen=True, slots=True)
class UsageResult:
    """What calls have used."""

    calls: int = field(metadata=says("How many there were."))
    input_tokens: int = field(metadata=says("What models were sent."))
    output_tokens: int = field(metadata=says("What they answered."))
    cost_usd: float = field(metadata=says("What it cost where the price is known, in US dollars."))
    by: Mapping[str, Any] = field(
        metadata=says("The same by `day`, `model`, `provider`, `task` and `session`.")
    )
    budgets: list[Mapping[str, Any]] = field(
        metadata=says("Each budget: `name`, `unit`, `limit`, `used`, `reserved` and `left`.")
    )


@dataclass(frozen=True, slots=True)
class ModelMessage:
    """One message of a conversation that the editor, or another of its extensions, keeps."""

    role: Literal["user", "assistant"] = field(metadata=says("Who said it."))
    text: str = field(metadata=says("What was said."))


@dataclass(frozen=True, slots=True)
class ModelsAskParams:
    """A conversation that a model is to go on with."""

    messages: list[ModelMessage] = field(metadata=says("In order; the last one is the `user`'s."))
    token: str | int = field(metadata=says("Names the answer in `victor/models/answer`; the client's own."))
    profile: str = field(
        default="", metadata=says("The name of a profile; empty leaves the choice to the router.")
    )


@dataclass(frozen=True, slots=True)
class ModelsAskResult:
    """The answer, whole."""

    text: str = field(
        metadata=says("What the model said, secrets of the question put back where they may stand.")
    )
    model: str = field(metadata=says("Which model said it."))
    stopReason: Literal["end_turn", "max_tokens", "refusal"] = field(metadata=says("Why it ended."))
    receipt: str | None = field(metadata=says("The id of the receipt; null where it could not be kept."))
    inputTokens: int = field(metadata=says("What the model was sent, in tokens."))
    outputTokens: int = field(metadata=says("What it answered, in tokens."))


@dataclass(frozen=True, slots=True)
class ModelsAnswerParams:
    """More of an answer."""

    token: str | int = field(metadata=says("The one of `victor/models/ask`."))
    text: str = field(metadata=says("What comes behind all that was sent before."))


EXTENSIONS: Sequence[Extension] = (
    Extension(
        MODELS_LIST,
        "request",
        "client → server",
        "models",
        NoParams,
        ModelsListResult,
        "",
        "The profiles, whether or not their servers answer.",
    ),
    Extension(
        MODELS_EDIT,
        "request",
        "client → server",
        "models",
        NoParams,
        ModelsEditResult,
        "victor.models.edit",
        "For a person who wants to name models. Where there is no `profiles.yaml` it is made, with the ways to a first model"
        " as comments. As a command it is opened too, by `window/showDocument`.",
    ),
    Extension(
        PROFILE_SET,
        "request",
        "client → server",
        "models",
        ProfileSetParams,
        ProfileSetResult,
        "",
        "Choose who answers. The policy holds all the same.",
    ),
    Extension(
        MODE_SET,
        "request",
        "client → server",
        "models",
        ModeSetParams,
        ModeSetResult,
        "victor.mode.set",
        "Choose how free the agent is, in all chats of this window from the next call of a tool on; recorded in the audit"
        " log, refused where that cannot be written.",
    ),
    Extension(
        USAGE,
        "request",
        "client → server",
        "models",
        UsageParams,
        UsageResult,
        "victor.usage",
        "What model calls have used, and what is left of the budgets.",
    ),
    Extension(
        MODELS_ASK,
        "request",
        "client → server",
        "models",
        ModelsAskParams,
        ModelsAskResult,
        "",
        "Have a model go on with a conversation that is no chat of Victor's, for editors that offer models to their other"
        " parts. Nothing of the workspace is added and no tool is offered; policy, budgets, redaction, receipt and"
        " audit log are as for every call. Nothing is kept of it but those. A cancel stops it.",
    ),
    Extension(
        MODELS_ANSWER,
        "notification",
        "server → client",
        "models",
        ModelsAnswerParams,
        None,
        "",
        "The answer to `victor/models/ask` as it comes, to clients that announce `models`. It ends with the response.",
    ),
)
