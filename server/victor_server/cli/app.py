"""The commands that people type, with their options; each is carried out in a file of its own."""

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from victor_server.cli.audit_app import audit
from victor_server.cli.team.app import app as team
from victor_server.errors import UsageError
from victor_server.ledger.model import Dimension
from victor_server.settings.profiles import Mode

_HELP = {"help_option_names": ["-h", "--help"]}

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]

app = typer.Typer(
    name="victor",
    help="A coding assistant that asks before it acts: `victor` alone begins a chat, `victor lsp` is for editors.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings=_HELP,
)
config = typer.Typer(help="Settings: what holds, and where it comes from.", rich_markup_mode=None)
app.add_typer(config, name="config")
secrets = typer.Typer(
    help="What is known of the secrets in a repository: its baseline.",
    rich_markup_mode=None,
)
app.add_typer(secrets, name="secrets")
models = typer.Typer(
    help="Which models there are, and whether they answer.",
    rich_markup_mode=None,
)
app.add_typer(models, name="models")
checkpoints = typer.Typer(
    help="What Victor changed in files, and the way back.",
    rich_markup_mode=None,
)
app.add_typer(checkpoints, name="checkpoints")
permissions = typer.Typer(
    help="What a model may do here, and what is asked for.",
    rich_markup_mode=None,
)
app.add_typer(permissions, name="permissions")
mcp = typer.Typer(
    help="MCP servers, and what their tools cost.",
    rich_markup_mode=None,
)
app.add_typer(mcp, name="mcp")
app.add_typer(team, name="team")
app.add_typer(audit, name="audit")


Work = Callable[[], int]
"""What a command does once its words are understood: the library that reads them must not catch what it raises."""


def run_app(words: Sequence[str]) -> int:
    """Run one command; returns its exit code. Raises UsageError for words that make no sense."""
    try:
        understood = typer.main.get_command(app).main(list(words), prog_name="victor", standalone_mode=False)
    except Exception as error:
        # The library's own errors can say what is wrong; all others are for the edge.
        describe = getattr(error, "format_message", None)
        if describe is None:
            raise
        context = getattr(error, "ctx", None)
        command = context.command_path if context is not None else "victor"
        said = str(describe()).replace(" Value error,", "")
        raise UsageError(said, _fix(command, said)) from None
    return understood() if callable(understood) else int(understood or 0)


def _fix(command: str, said: str) -> str:
    is_question = command == "victor" and said.startswith("No such command")
    return f"See `{command} --help`." + (' `victor -p "…"` asks a model.' if is_question else "")


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version (with --json: for scripts).")
    ] = False,
) -> None:
    """A coding assistant that asks before it acts: `victor` alone begins a chat, `victor lsp` is for editors."""
    if version:
        from victor_server.cli.version import show_version

        raise typer.Exit(show_version(json=False))


@app.command(
    "lsp",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    short_help="The language server; editors start it.",
)
def lsp(context: typer.Context) -> Work:
    """The language server: --stdio (the default) or --socket HOST:PORT. Editors start it."""
    from victor_server.cli.lsp import serve

    return lambda: serve(context.args)


@app.command(
    "serve",
    short_help="The team backend.",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
def serve(context: typer.Context) -> Work:
    """The team backend: provider keys, roles, budgets, audit and metrics for attached editors."""
    from victor_server.cli.serve import run_serve

    return lambda: run_serve(context.args)


@app.command(
    "chat",
    short_help="Ask a model about the code; `victor` alone does too.",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
def chat(context: typer.Context) -> Work:
    """Ask a model about the code in a folder: in a conversation, or once with -p."""
    from victor_server.cli.main import run

    return lambda: run(["chat", *context.args])


@app.command("index")
def index(
    path: Annotated[
        Path, typer.Argument(help="The folder; the current one if left out.", readable=False)
    ] = Path(),
    json: Json = False,
    explain: Annotated[
        str | None,
        typer.Option("--explain", metavar="FILE", help="Only say why a file is in the index or not."),
    ] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Throw the index away and begin anew.")] = False,
) -> Work:
    """Bring the index of a folder up to date."""
    from victor_server.cli.index import run_index

    return lambda: _with_home(lambda: run_index(path, json=json, explain=explain, rebuild=rebuild))


@app.command("search")
def search(
    query: Annotated[str, typer.Argument(help="Words or names.")],
    path: Annotated[
        Path, typer.Argument(help="The folder; the current one if left out.", readable=False)
    ] = Path(),
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many places.")] = 10,
    json: Json = False,
    now: Annotated[
        bool, typer.Option("--now", help="Answer from what is indexed, without a look for changes first.")
    ] = False,
) -> Work:
    """Find the best places in a folder for some words or names."""
    from victor_server.cli.search import run_search

    return lambda: _with_home(lambda: run_search(query, path, k=k, json=json, now=now))


@app.command(
    "scan-secrets",
    short_help="Find secrets in files, commits and changes.",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
def scan_secrets(context: typer.Context) -> Work:
    """Find secrets in files, in what is about to be committed (--staged), or in commits (--since, --history)."""
    from victor_server.cli.scan_secrets import run_scan_secrets

    return lambda: run_scan_secrets(context.args)


@secrets.command("audit", short_help="Say of each secret whether it is real.")
def secrets_audit(
    baseline: Annotated[
        Path | None,
        typer.Argument(help="The baseline; .secrets.baseline of the repository if left out.", readable=False),
    ] = None,
    json: Json = False,
    again: Annotated[
        bool, typer.Option("--all", help="Ask about those too that were judged before.")
    ] = False,
) -> Work:
    """Go through the baseline, secret by secret, and say which are real: exit code 0 if all are judged, 1 if not."""
    from victor_server.cli.secrets_audit import run_audit

    return lambda: run_audit(baseline, json=json, again=again)


@secrets.command("baseline", short_help="Make all that is found now known.")
def secrets_baseline(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Files and folders; the whole repository if left out.", readable=False),
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="FILE", help="Another file than .secrets.baseline.")
    ] = None,
    json: Json = False,
) -> Work:
    """Make everything that is found now known: judgements stay, what is gone goes."""
    from victor_server.cli.secrets_baseline import run_baseline

    return lambda: run_baseline(paths or [], baseline, json=json)


@secrets.command("plugin-path", short_help="Every rule as a detect-secrets plugin.")
def secrets_plugin_path() -> Work:
    """Print the file for `detect-secrets scan -p FILE`: every rule of ours as a plugin."""
    from victor_server.cli.secrets_baseline import print_plugin_path

    return print_plugin_path


@app.command("trust", short_help="Let a folder's own settings and instructions count.")
def trust(
    path: Annotated[
        Path | None, typer.Argument(help="The folder; the current one if left out.", readable=False)
    ] = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take that back.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Only print all that was said.")] = False,
    json: Json = False,
) -> Work:
    """Trust a folder: its own settings, instructions (AGENTS.md), permissions, actions and MCP servers count from
    now on. Its permissions can only forbid, and what it would start or change is still asked for.
    """
    from victor_server.cli.trust import run_trust

    return lambda: run_trust(path, revoke=revoke, listed=listed, json=json)


@app.command("receipts", short_help="Show what left this machine, call by call.")
def receipts(
    receipt: Annotated[
        str, typer.Argument(metavar="[ID]", help="One of them; the first letters of its name are enough.")
    ] = "",
    session: Annotated[
        str, typer.Option("--session", metavar="ID", help="Only those of one chat, by its first letters.")
    ] = "",
    n: Annotated[int, typer.Option("-n", min=1, max=100_000, help="How many, the youngest first.")] = 20,
    json: Json = False,
) -> Work:
    """Show the receipts of model calls: who was sent what and why, what was taken out, what it cost."""
    from victor_server.cli.receipts import run_receipts

    return lambda: run_receipts(receipt, session=session, n=n, json=json)


@models.callback(invoke_without_command=True)
def list_models(
    context: typer.Context,
    json: Json = False,
    no_check: Annotated[bool, typer.Option("--no-check", help="Ask no server whether it answers.")] = False,
) -> Work:
    """List the models of profiles.yaml: whether they answer, what they cost, and what they do."""
    from victor_server.cli.models import run_models

    if context.invoked_subcommand is not None:
        return lambda: 0  # never called: the command behind it is
    return lambda: run_models(ask=not no_check, json=json)


@models.command("pull", short_help="Have Ollama fetch a model.")
def models_pull(
    name: Annotated[str, typer.Argument(help="A model, or the profile whose model is meant.")],
    json: Json = False,
) -> Work:
    """Have Ollama fetch a model, and show how far it is."""
    from victor_server.cli.models_pull import run_pull

    return lambda: _with_home(lambda: run_pull(name, json=json))


@mcp.callback(invoke_without_command=True)
def list_mcp(context: typer.Context, json: Json = False) -> Work:
    """List the MCP servers of the current folder and what their tools cost: exit code 1 if anything is wrong with them."""
    from victor_server.cli.mcp import run_list

    if context.invoked_subcommand is not None:
        return lambda: 0  # never called: the command behind it is
    return lambda: run_list(json=json)


@mcp.command("list", short_help="The same.")
def mcp_list(json: Json = False) -> Work:
    """List the MCP servers of the current folder, and what their tools cost."""
    from victor_server.cli.mcp import run_list

    return lambda: run_list(json=json)


@mcp.command("check", short_help="Start one server, and say what it offers.")
def mcp_check(
    name: Annotated[
        str, typer.Argument(help="Its name in mcp.yaml, or in the .mcp.json of a trusted folder.")
    ],
    json: Json = False,
) -> Work:
    """Start one MCP server in the current folder, list its tools with what each costs, and end it."""
    from victor_server.cli.mcp import run_check

    return lambda: run_check(name, json=json)


@permissions.callback(invoke_without_command=True)
def list_permissions(context: typer.Context, json: Json = False) -> Work:
    """List the rules that hold in the current folder: the last that fits wins."""
    from victor_server.cli.permissions import run_list

    if context.invoked_subcommand is not None:
        return lambda: 0  # never called: the command behind it is
    return lambda: run_list(json=json)


@permissions.command("check", short_help="Say what would become of a command, and why.")
def permissions_check(
    command: Annotated[str, typer.Argument(help="A command line, as one word: quote it.")],
    mode: Annotated[
        Mode | None, typer.Option("--mode", help="Judge for this mode; that of profiles.yaml if left out.")
    ] = None,
    json: Json = False,
) -> Work:
    """Say whether a model may run a command in the current folder, and which rules say so. Nothing is run."""
    from victor_server.cli.permissions import run_check

    return lambda: run_check(command, mode=mode, json=json)


_OfCommand = Annotated[
    str, typer.Argument(metavar="[COMMAND]", help="A command; `git log *` is any of that.")
]
_OfTool = Annotated[str, typer.Option("--tool", metavar="NAME", help="A tool, `@edit` for all that edit.")]
_OfPath = Annotated[str, typer.Option("--path", metavar="PATTERN", help="Files, as in a .gitignore.")]
_OfUrl = Annotated[str, typer.Option("--url", metavar="URL", help="A host, or the beginning of addresses.")]
_Everywhere = Annotated[bool, typer.Option("--everywhere", help="In all folders, not only in this one.")]


@permissions.command("allow", short_help="Let something happen without a question.")
def permissions_allow(
    command: _OfCommand = "",
    tool: _OfTool = "",
    path: _OfPath = "",
    url: _OfUrl = "",
    everywhere: _Everywhere = False,
    json: Json = False,
) -> Work:
    """Remember that something may happen without a question, in the current folder."""
    from victor_server.cli.permissions import run_set

    return lambda: run_set("allow", command, tool, path, url, everywhere=everywhere, json=json)


@permissions.command("deny", short_help="Let something never happen.")
def permissions_deny(
    command: _OfCommand = "",
    tool: _OfTool = "",
    path: _OfPath = "",
    url: _OfUrl = "",
    everywhere: _Everywhere = False,
    json: Json = False,
) -> Work:
    """Remember that something must not happen, in the current folder."""
    from victor_server.cli.permissions import run_set

    return lambda: run_set("deny", command, tool, path, url, everywhere=everywhere, json=json)


@permissions.command("forget", short_help="Take back what was remembered.")
def permissions_forget(
    name: Annotated[str, typer.Argument(metavar="ID", help="As `victor permissions` prints it.")],
    json: Json = False,
) -> Work:
    """Take back an answer that is remembered."""
    from victor_server.cli.permissions import run_forget

    return lambda: run_forget(name, json=json)


@app.command("route", short_help="Say which model would answer, and why.")
def route(
    task: Annotated[
        str, typer.Option("--task", metavar="TASK", help="What is to be done, as in profiles.yaml.")
    ] = "chat",
    profile: Annotated[str, typer.Option("--profile", metavar="NAME", help="Ask for this profile.")] = "",
    assume_healthy: Annotated[
        bool, typer.Option("--assume-healthy", help="Ask no server whether it answers.")
    ] = False,
    json: Json = False,
) -> Work:
    """Say which model would answer a task, why, at which cost, and why others would not."""
    from victor_server.cli.route import run_route

    return lambda: run_route(task, profile=profile, assume_healthy=assume_healthy, json=json)


@app.command("usage", short_help="Add up what model calls have used.")
def usage(
    by: Annotated[Dimension | None, typer.Option("--by", help="Add up for each of these.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--since", metavar="DATE", formats=["%Y-%m-%d"], help="Only since this day, of UTC."),
    ] = None,
    session: Annotated[
        str | None, typer.Option("--session", metavar="ID", help="Only of one chat session.")
    ] = None,
    json: Json = False,
) -> Work:
    """Add up what model calls have used, in tokens and US dollars, and say what the budgets still allow."""
    from victor_server.cli.usage import run_usage

    day = since.date() if since else None
    return lambda: run_usage(by=by, since=day, session=session, json=json)


@checkpoints.callback(invoke_without_command=True)
def last_checkpoints(context: typer.Context, json: Json = False) -> Work:
    """List what Victor changed in the files of this folder; each change can be taken back."""
    from victor_server.cli.checkpoints import run_list

    if context.invoked_subcommand is not None:
        return lambda: 0  # never called: the command behind it is
    return lambda: run_list(None, file=None, n=20, json=json)


@checkpoints.command("list", short_help="List the changes of a folder.")
def checkpoints_list(
    path: Annotated[
        Path | None, typer.Argument(help="The folder; the current one if left out.", readable=False)
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", help="Only those that changed this file.")] = None,
    n: Annotated[int, typer.Option("-n", min=1, max=100_000, help="How many, the youngest first.")] = 20,
    json: Json = False,
) -> Work:
    """List what Victor changed in the files of a folder, the youngest first."""
    from victor_server.cli.checkpoints import run_list

    return lambda: run_list(path, file=file, n=n, json=json)


_CHECKPOINT = "A checkpoint; the first letters of its name are enough."


@checkpoints.command("show", short_help="Show what one change did.")
def checkpoints_show(
    checkpoint: Annotated[str, typer.Argument(metavar="ID", help=_CHECKPOINT)],
    file: Annotated[Path | None, typer.Argument(help="Only this file.", readable=False)] = None,
    text: Annotated[
        Literal["before", "after"] | None,
        typer.Option("--text", help="Print that text of the file, byte for byte, and nothing else."),
    ] = None,
    json: Json = False,
) -> Work:
    """Show the lines that a change took out and put in."""
    from victor_server.cli.checkpoints import run_show

    return lambda: run_show(checkpoint, file, text=text, json=json)


@checkpoints.command("restore", short_help="Take a change back.")
def checkpoints_restore(
    checkpoint: Annotated[str, typer.Argument(metavar="ID", help=_CHECKPOINT)],
    files: Annotated[
        list[Path] | None, typer.Argument(help="Only these files; all if left out.", readable=False)
    ] = None,
    since: Annotated[bool, typer.Option("--since", help="And every change since.")] = False,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Take the old text also where you changed the same lines since."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")] = False,
    json: Json = False,
) -> Work:
    """Take a change back, and keep what you changed since: exit code 0 if all was taken back, 1 if not."""
    from victor_server.cli.checkpoints import run_restore

    return lambda: run_restore(
        checkpoint, files or [], since=since, overwrite=overwrite, dry_run=dry_run, json=json
    )


@app.command("undo", short_help="Take back the last change that Victor made.")
def undo(
    file: Annotated[
        Path | None, typer.Argument(help="The last change of this file only.", readable=False)
    ] = None,
    redo: Annotated[bool, typer.Option("--redo", help="Take back the last undo instead.")] = False,
    json: Json = False,
) -> Work:
    """Take back the last change that Victor made in this folder, and keep what you changed since."""
    from victor_server.cli.checkpoints import run_undo

    return lambda: run_undo(file, redo=redo, json=json)


@app.command("login", short_help="Log in to a team's backend.")
def login(
    url: Annotated[str, typer.Argument(metavar="[URL]", help="Its address; the last one if left out.")] = "",
    tenant: Annotated[
        str, typer.Option("--tenant", metavar="NAME", help="Your organisation there.")
    ] = "default",
    token: Annotated[
        str | None, typer.Option("--token", metavar="-", help="`-`: read an API token from standard input.")
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser", help="Log in in a browser of this machine, without a code.")
    ] = False,
    json: Json = False,
) -> Work:
    """Log in to a team's backend: with a code that you enter in a browser, with --browser, or with an API token."""
    from victor_server.cli.login import run_login

    return lambda: run_login(url, tenant=tenant, token=token, browser=browser, json=json)


@app.command("logout", short_help="Log out of the team's backend.")
def logout(json: Json = False) -> Work:
    """Log out of the team's backend: it ends the login, and this machine forgets its tokens."""
    from victor_server.cli.login import run_logout

    return lambda: run_logout(json=json)


@app.command("status", short_help="Say what is known of the team's backend.")
def status(json: Json = False) -> Work:
    """Say whether the team's backend answers, who you are there, its policy, and what waits for it."""
    from victor_server.cli.status import run_status

    return lambda: run_status(json=json)


@app.command("doctor", short_help="Say what is wrong and how to mend it.")
def doctor(json: Json = False) -> Work:
    """Say what is wrong with this installation, and how to mend it."""
    from victor_server.cli.doctor import run_doctor

    return lambda: run_doctor(json=json)


@app.command("report", short_help="Write what to attach to a report of a bug.")
def report(
    path: Annotated[
        Path | None, typer.Argument(help="The folder that it happened in; the current one if left out.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write it there; printed if left out."),
    ] = None,
) -> Work:
    """Write what helps to find a bug: versions, checks, settings, the last lines of the logs. It holds no code, and
    keys, names and paths are taken out of it. Read it before you send it."""
    from victor_server.cli.report import run_report

    return lambda: run_report(path, output=output)


@config.command("show")
def config_show(json: Json = False) -> Work:
    """Print every setting, its source, and what is wrong."""
    from victor_server.cli.config import show_config

    return lambda: show_config(json=json)


def _with_home(work: Work) -> int:
    from victor_server.settings.home import create_home, home_folder

    create_home(home_folder(os.environ))
    return work()
