"""Settings as code reads them: all set, checked and frozen."""

from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Literal

NO_SETTING = "no setting"
"""Metadata of a field that nobody sets."""

LogLevel = Literal["debug", "info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """What is indexed, by how many parsers, and where the index lies."""

    folder: Path
    enabled: bool = True
    max_file_bytes: int = 1_000_000
    exclude: tuple[str, ...] = ()
    workers: int = 2
    store: Literal["lancedb"] = "lancedb"


@dataclass(frozen=True, slots=True)
class SecretsSettings:
    """When documents are looked through for secrets."""

    enabled: bool = True
    on_open: bool = True


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """Whether what must be accounted for is recorded, and in which file."""

    path: Path
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """What may leave this machine, as the person wrote it; `policy` makes of it what holds.

    `allowed_providers` None: all of them. `ca_file` None: the system's authorities only.
    """

    allowed_hosts: tuple[str, ...] = ()
    allowed_providers: tuple[str, ...] | None = None
    private_paths: tuple[str, ...] = ()
    children: bool = False
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class BudgetSettings:
    """Limits on tokens and US dollars; None: no limit."""

    session_tokens: int | None = None
    session_usd: float | None = None
    day_tokens: int | None = None
    day_usd: float | None = None
    month_tokens: int | None = None
    month_usd: float | None = None


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """Whether, how long and how much of the answers to deterministic tasks is kept in memory."""

    enabled: bool = True
    ttl_s: int = 3600
    max_bytes: int = 20_000_000


@dataclass(frozen=True, slots=True)
class ToolsSettings:
    """What a model may do with tools in one turn."""

    max_steps: int = 50
    max_seconds: int = 900
    max_tokens: int = 2_000_000
    max_result_characters: int = 40_000
    fetch_url: bool = False


@dataclass(frozen=True, slots=True)
class CheckpointSettings:
    """How much is kept so that changes can be undone, and for how long."""

    max_bytes: int = 500_000_000
    keep_days: int = 30


@dataclass(frozen=True, slots=True)
class ValidationSettings:
    """Whether changes that models make are parsed, and whether new syntax errors refuse them."""

    enabled: bool = True
    strict: bool = False


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """What holds the commands that run for a model, and what of the machine they may read."""

    kind: Literal["auto", "docker", "bubblewrap"] = "auto"
    image: str | None = None
    readable: tuple[Path, ...] = ()
    git_writable: bool = False


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How much is written to the log; contents and secrets are not, at any level."""

    level: LogLevel = "warning"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting. Built by `settings.load.resolve`; `default_settings` is for tests and for a broken start."""

    home: Path
    index: IndexSettings
    audit: AuditSettings
    secrets: SecretsSettings = SecretsSettings()
    network: NetworkSettings = NetworkSettings()
    budget: BudgetSettings = BudgetSettings()
    cache: CacheSettings = CacheSettings()
    tools: ToolsSettings = ToolsSettings()
    checkpoints: CheckpointSettings = CheckpointSettings()
    validation: ValidationSettings = ValidationSettings()
    sandbox: SandboxSettings = SandboxSettings()
    log: LogSettings = LogSettings()
    lazy_loading: bool = True
    closed: str = field(default="", metadata={NO_SETTING: True})
    """Why nothing may leave this machine: what may have been a restriction could not be read. "" if all could."""
    restricted: bool = field(default=False, metadata={NO_SETTING: True})
    """Whether the editor does not trust the folder: then no folder is trusted, and nothing is changed or run."""

    @property
    def index_folder(self) -> Path:
        """The folder that holds one index a workspace."""
        return self.index.folder


def default_settings(home: Path) -> Settings:
    """The settings of a person who wrote none."""
    return Settings(home, IndexSettings(home / "index"), AuditSettings(home / "audit.log"))


def flatten(settings: object, prefix: str = "") -> dict[str, object]:
    """Every setting by its dotted name, in the order in which they are declared."""
    flat: dict[str, object] = {}
    if not is_dataclass(settings):
        return flat
    for each in fields(settings):
        value = getattr(settings, each.name)
        if is_dataclass(value):
            flat |= flatten(value, f"{prefix}{each.name}.")
        elif NO_SETTING not in each.metadata:
            flat[f"{prefix}{each.name}"] = value
    return flat
