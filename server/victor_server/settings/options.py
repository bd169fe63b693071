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
    log: LogOptions | None = Field(default=None)
    lazy_loading: bool | None = _setting(
        "VICTOR_LAZY_LOADING",
        "Whether heavy parts are loaded when they are first used (`false`: at start, so that the first use is as"
        " quick as the next).",
    )
