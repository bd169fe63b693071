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
)
