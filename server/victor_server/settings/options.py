"""Settings as people write them: everything may be left out, what is written is checked.

Each field says in `json_schema_extra` which environment variable sets it, and whether an editor may: an editor's
settings can come from a file in the repository, so they do not decide where data is kept.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints


def _local_folder(folder: str) -> str:
    if "://" in folder or folder.startswith(("//", "\\\\")):
        raise ValueError("must be a folder on this machine: an index elsewhere would send code there")
    return folder


def _setting(environment: str, description: str, *, editor: bool = True, **limits: Any) -> Any:
    extra: dict[str, Any] = {"environment": environment, "editor": editor}
    return Field(default=None, description=description, json_schema_extra=extra, **limits)


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid")


class IndexOptions(_Options):
    """The index of the workspace."""

    folder: Annotated[str, StringConstraints(min_length=1), AfterValidator(_local_folder)] | None = _setting(
        "LANCEDB_URI",
        "Folder that holds one index for each workspace. A path on this machine; a relative one starts at"
        " `VICTOR_HOME`. Addresses such as `s3://…` are refused.",
        editor=False,
    )
    enabled: bool | None = _setting(
        "VICTOR_INDEX_ENABLED", "Whether workspaces are indexed. Without an index there is no search."
    )
    max_file_bytes: int | None = _setting(
        "VICTOR_INDEX_MAX_FILE_BYTES",
        "Files larger than this many bytes are left out of the index.",
        ge=1,
        le=100_000_000,
    )
    exclude: list[str] | None = _setting(
        "VICTOR_INDEX_EXCLUDE",
        "Patterns in the syntax of `.gitignore`, relative to the workspace: what they match is left out of the"
        " index. They count after every `.gitignore` and `.victorignore`; `!` takes back. In the environment"
        " they are separated by commas.",
    )
    workers: int | None = _setting(
        "VICTOR_INDEX_WORKERS", "How many processes parse files while an index is built.", ge=1, le=32
    )
    store: Literal["lancedb"] | None = _setting(
        "VICTOR_VECTOR_STORE", "What keeps the index. There is one choice.", editor=False
    )


class SecretsOptions(_Options):
    """Secrets in documents."""

    enabled: bool | None = _setting(
        "VICTOR_SECRETS_ENABLED", "Whether documents are looked through for secrets."
    )
    on_open: bool | None = _setting(
        "VICTOR_SECRETS_ON_OPEN", "Whether that happens when a document is opened, not only when it is saved."
    )


class AuditOptions(_Options):
    """The local audit log."""

    enabled: bool | None = _setting(
        "VICTOR_AUDIT_LOG",
        "Whether the local audit log is kept. What needs a record, such as passing over the secret scan, is"
        " refused without it.",
        editor=False,
    )
    path: Annotated[str, StringConstraints(min_length=1)] | None = _setting(
        "VICTOR_AUDIT_PATH",
        "The file of the local audit log. A relative path starts at `VICTOR_HOME`.",
        editor=False,
    )


class NetworkOptions(_Options):
    """What may leave this machine. An editor sets none of it: its settings can come from a repository."""

    allowed_hosts: list[str] | None = _setting(
        "VICTOR_ALLOWED_HOSTS",
        "Hosts, domains (`.corp.example`), addresses and networks (`10.0.0.0/8`) inside your organisation that may"
        " be reached in offline mode, besides this machine. A host that is reached by its name must be listed by its"
        " name. In the environment they are separated by commas.",
        editor=False,
    )
    allowed_providers: list[str] | None = _setting(
        "VICTOR_ALLOWED_PROVIDERS",
        "The only providers that may be used; all of them if left out.",
        editor=False,
    )
    private_paths: list[str] | None = _setting(
        "VICTOR_PRIVATE_PATHS",
        "Patterns in the syntax of `.gitignore` of files that no model is shown, whole or in part. Files such as"
        " `.env` and private keys are always among them.",
        editor=False,
    )
    children: bool | None = _setting(
        "VICTOR_CHILDREN_NETWORK",
        "Whether programs that Victor starts may reach the network. The index and embedded models never do.",
        editor=False,
    )
    ca_file: Annotated[str, StringConstraints(min_length=1)] | None = _setting(
        "VICTOR_CA_FILE",
        "A PEM file with certificate authorities that are trusted besides those of the system and of"
        " `SSL_CERT_FILE`.",
        editor=False,
    )


class BudgetOptions(_Options):
    """Limits on what model calls may use, checked before each call. Days and months are those of UTC."""

    session_tokens: int | None = _setting(
        "VICTOR_BUDGET_SESSION_TOKENS", "Tokens for one chat session.", editor=False, ge=0
    )
    session_usd: float | None = _setting(
        "VICTOR_BUDGET_SESSION_USD",
        "US dollars for one chat session.",
        editor=False,
        ge=0,
        allow_inf_nan=False,
    )
    day_tokens: int | None = _setting("VICTOR_BUDGET_DAY_TOKENS", "Tokens for a day.", editor=False, ge=0)
    day_usd: float | None = _setting(
        "VICTOR_BUDGET_DAY_USD", "US dollars for a day.", editor=False, ge=0, allow_inf_nan=False
    )
    month_tokens: int | None = _setting(
        "VICTOR_BUDGET_MONTH_TOKENS", "Tokens for a month.", editor=False, ge=0
    )
    month_usd: float | None = _setting(
        "VICTOR_BUDGET_MONTH_USD", "US dollars for a month.", editor=False, ge=0, allow_inf_nan=False
    )


class CacheOptions(_Options):
    """Answers of deterministic tasks that are kept in memory and given again."""

    enabled: bool | None = _setting(
        "VICTOR_CACHE_ENABLED", "Whether answers of deterministic tasks are kept.", editor=False
    )
    ttl_s: int | None = _setting(
        "VICTOR_CACHE_TTL_S", "Seconds for which an answer is kept.", ge=1, le=86_400
    )
    max_bytes: int | None = _setting(
        "VICTOR_CACHE_MAX_BYTES", "Bytes that all kept answers may take.", ge=0, le=1_000_000_000
    )


class CheckpointOptions(_Options):
    """What is kept so that changes can be undone. An editor sets none of it: a repository could end the undoing."""

    max_bytes: int | None = _setting(
        "VICTOR_CHECKPOINTS_MAX_BYTES",
        "Bytes that all checkpoints may take; the oldest are forgotten first.",
        editor=False,
        ge=1_000_000,
        le=1_000_000_000_000,
    )
    keep_days: int | None = _setting(
        "VICTOR_CHECKPOINTS_KEEP_DAYS",
        "Days for which a checkpoint is kept.",
        editor=False,
        ge=1,
        le=36_500,
    )


class ValidationOptions(_Options):
    """What is looked at before a change that a model made is offered."""

    enabled: bool | None = _setting(
        "VICTOR_VALIDATION_ENABLED",
        "Whether changed files are parsed, and new syntax errors said beside the change.",
    )
    strict: bool | None = _setting(
        "VICTOR_STRICT_VALIDATION", "Whether a change that brings new syntax errors is refused."
    )


class ToolsOptions(_Options):
    """What a model may do with tools in one turn. An editor sets none of it: a repository could lift the limits."""

    max_steps: int | None = _setting(
        "VICTOR_TOOLS_MAX_STEPS",
        "How often a model is asked in one turn, each time with what its tools gave.",
        editor=False,
        ge=2,
        le=1_000,
    )
    max_seconds: int | None = _setting(
        "VICTOR_TOOLS_MAX_SECONDS",
        "Seconds for which tools may work in one turn. Waiting for you counts as none.",
        editor=False,
        ge=1,
        le=86_400,
    )
    max_tokens: int | None = _setting(
        "VICTOR_TOOLS_MAX_TOKENS",
        "Tokens that all model calls of one turn may use, in and out, before no tool is run any more.",
        editor=False,
        ge=1_000,
    )
    max_result_characters: int | None = _setting(
        "VICTOR_TOOLS_MAX_RESULT_CHARACTERS",
        "Characters of one result that a model is told: its beginning and its end.",
        editor=False,
        ge=1_000,
        le=1_000_000,
    )
    fetch_url: bool | None = _setting(
        "VICTOR_TOOLS_FETCH_URL",
        "Whether a model is offered a tool that fetches public web pages. Each page is still a question of"
        " permissions, and in offline mode none is fetched.",
        editor=False,
    )


class SandboxOptions(_Options):
    """Where commands run that a model wants run. An editor sets none of it: its settings can come from a repository."""

    kind: Literal["auto", "docker", "bubblewrap"] | None = _setting(
        "VICTOR_SANDBOX_KIND",
        "What holds commands: `docker`, `bubblewrap`, or `auto` for Docker where an engine has the image and"
        " bubblewrap elsewhere. Without any of them no command runs.",
        editor=False,
    )
    image: Annotated[str, StringConstraints(min_length=1, pattern=r"^[A-Za-z0-9]")] | None = _setting(
        "VICTOR_SANDBOX_IMAGE",
        "The Docker image that commands run in. The engine must have it: nothing is pulled.",
        editor=False,
    )
    readable: list[str] | None = _setting(
        "VICTOR_SANDBOX_READABLE",
        "Folders outside the workspace that commands may read, besides those of the system and of languages'"
        " tools, such as a package cache. In the environment they are separated by commas.",
        editor=False,
    )
    git_writable: bool | None = _setting(
        "VICTOR_SANDBOX_GIT_WRITABLE",
        "Whether commands may write into `.git`, so that they can commit. Its hooks and settings stay closed, yet"
        " what else lies there can make git run programs later.",
        editor=False,
    )


class LogOptions(_Options):
    """The log, on standard error. Contents of files and secrets are never in it."""

    level: Literal["debug", "info", "warning", "error"] | None = _setting(
        "VICTOR_LOG_LEVEL", "The least important messages that are written."
    )


class Options(_Options):
    """Everything that can be set."""

    home: str | None = _setting(
        "VICTOR_HOME",
        "Where Victor keeps settings and data. Can be set by the environment only, because `settings.yaml` lies"
        " in it.",
        editor=False,
    )
    index: IndexOptions | None = Field(default=None)
    secrets: SecretsOptions | None = Field(default=None)
    audit: AuditOptions | None = Field(default=None)
    network: NetworkOptions | None = Field(default=None)
    budget: BudgetOptions | None = Field(default=None)
    cache: CacheOptions | None = Field(default=None)
    tools: ToolsOptions | None = Field(default=None)
    checkpoints: CheckpointOptions | None = Field(default=None)
    validation: ValidationOptions | None = Field(default=None)
    sandbox: SandboxOptions | None = Field(default=None)
    log: LogOptions | None = Field(default=None)
    lazy_loading: bool | None = _setting(
        "VICTOR_LAZY_LOADING",
        "Whether heavy parts are loaded when they are first used (`false`: at start, so that the first use is as"
        " quick as the next).",
    )
