"""The commands of `victor audit`, with their options; each is carried out in a file of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer

audit = typer.Typer(help="The team's audit log: verify, export, search, erase.", rich_markup_mode=None)

Work = Callable[[], int]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Url = Annotated[str | None, typer.Option("--url", help="Another backend than the one you are logged in to.")]
Token = Annotated[
    Path | None, typer.Option("--token-file", metavar="FILE", help="An API token, in a file; with --url.")
]
Decrypt = Annotated[
    bool, typer.Option("--decrypt", help="With what is personal; needs the permission audit:decrypt.")
]


@audit.command("verify", short_help="Check an exported log, without the backend.")
def verify(
    file: Annotated[Path, typer.Argument(help="What `victor audit export` wrote.", readable=False)],
    head: Annotated[
        Path | None, typer.Option("--head", metavar="FILE", help="A signed head that was kept elsewhere.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="The public keys that heads are signed with.")
    ] = None,
    json: Json = False,
) -> Work:
    """Recompute an exported log: exit code 0 if it is whole, 1 if not, 2 if it could not be read."""
    from victor_server.cli.audit_verify import run_verify

    return lambda: run_verify(file, head=head, key=key, json=json)


@audit.command("export", short_help="Write the whole log down.")
def export(
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Instead of standard output.")
    ] = None,
    format_: Annotated[
        Literal["jsonl", "ocsf"], typer.Option("--format", help="jsonl can be verified; ocsf is for a SIEM.")
    ] = "jsonl",
    decrypt: Decrypt = False,
    url: Url = None,
    token_file: Token = None,
) -> Work:
    """Write all records up to now; without --decrypt what is personal stays sealed. That you did is on record."""
    from victor_server.cli.audit_asking import run_export
    from victor_server.cli.team.asking import Where

    return lambda: run_export(Where(url, token_file), output, format_, decrypt=decrypt)


@audit.command("search", short_help="Find records.")
def search(
    action: Annotated[str | None, typer.Option("--action", help="Such as model_call.end.")] = None,
    user: Annotated[str | None, typer.Option("--user", help="What this person did.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="From then on, such as 2026-01-31.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Before then.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most.")] = 200,
    decrypt: Decrypt = False,
    json: Json = False,
    url: Url = None,
    token_file: Token = None,
) -> Work:
    """Find records by action, person and time. That you did is on record."""
    from victor_server.cli.audit_asking import Wanted, run_search
    from victor_server.cli.team.asking import Where

    wanted = Wanted(action, user, since, until, limit, decrypt)
    return lambda: run_search(Where(url, token_file), wanted, json=json)


@audit.command("erase", short_help="Make what is personal of somebody unreadable, for good.")
def erase(
    subject: Annotated[str, typer.Argument(help="Who, as `victor team users list` names them.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
    url: Url = None,
    token_file: Token = None,
) -> Work:
    """Destroy the key of somebody: their records stay and verify, and nobody can read what is personal of them."""
    from victor_server.cli.audit_asking import run_erase
    from victor_server.cli.team.asking import Where

    return lambda: run_erase(Where(url, token_file), subject, yes=yes, json=json)


@audit.command("retain", short_help="Drop the contents of what is old.")
def retain(
    days: Annotated[int, typer.Option("--days", min=0, help="What is older goes; its hashes stay.")],
    json: Json = False,
    url: Url = None,
    token_file: Token = None,
) -> Work:
    """Drop the contents of records that are older; the log still verifies."""
    from victor_server.cli.audit_asking import run_retain
    from victor_server.cli.team.asking import Where

    return lambda: run_retain(Where(url, token_file), days, json=json)


@audit.command("head", short_help="The newest signed head, to be kept elsewhere.")
def head(
    keys: Annotated[
        bool, typer.Option("--keys", help="Print the public keys instead, for `verify --key`.")
    ] = False,
    url: Url = None,
    token_file: Token = None,
) -> Work:
    """Print the newest signed head, or the keys that heads are signed with, as one JSON document."""
    from victor_server.cli.audit_asking import run_head
    from victor_server.cli.team.asking import Where

    return lambda: run_head(Where(url, token_file), keys=keys)


@audit.command("accept-restored", short_help="Go on from a backup that was restored.")
def accept_restored(
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="The backend's configuration.")
    ] = None,
    json: Json = False,
) -> Work:
    """Let a backend start on a log that is shorter than it was, after a restore; the log says so from then on.

    To be run where the backend runs, while it does not.
    """
    from victor_server.cli.audit_restored import run_accept_restored

    return lambda: run_accept_restored(config, json=json)
