"""Which folders are trusted."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from victor_server.lsp.shapes.extension import Extension, says
from victor_server.lsp.shapes.index import RootParams

TRUST_GET = "victor/trust/get"
TRUST_SET = "victor/trust/set"


@dataclass(frozen=True, slots=True)
class TrustSetParams:
    """What a person says of a folder. Ask them first: never send this of your own accord."""

    root: str = field(metadata=says("URI or path of an open workspace folder."))
    trusted: bool = field(metadata=says("Whether its own settings, AGENTS.md and rules count."))


@dataclass(frozen=True, slots=True)
class FolderTrust:
    """What holds for one folder."""

    root: str = field(metadata=says("Path of the folder, as the client spells it."))
    path: str = field(metadata=says("The same without links: trust is of this folder."))
    trusted: bool = field(metadata=says("Whether it is trusted."))
    reason: str = field(metadata=says("Why, in words for a person."))


@dataclass(frozen=True, slots=True)
class TrustResult:
    """What holds now."""

    folders: list[FolderTrust] = field(metadata=says("The folder that was asked for, or every open one."))


EXTENSIONS: Sequence[Extension] = (
    Extension(
        TRUST_GET,
        "request",
        "client → server",
        "trust",
        RootParams,
        TrustResult,
        "",
        "Which folders are trusted. None is until a person says so, here or by `victor trust`.",
    ),
    Extension(
        TRUST_SET,
        "request",
        "client → server",
        "trust",
        TrustSetParams,
        TrustResult,
        "",
        "Trust a folder, or no more. Recorded in the audit log; refused where that cannot be written.",
    ),
)
