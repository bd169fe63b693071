"""The words of `victor team …`; each command is carried out in a file of its subject."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

Work = Callable[[], int]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Url = Annotated[
    str | None, typer.Option("--url", metavar="URL", help="The backend; that of `victor login` if left out.")
]
TokenFile = Annotated[
    Path | None,
    typer.Option("--token-file", metavar="FILE", help="A file with an API token; `-` is stdin."),
]
Name = Annotated[str, typer.Argument(metavar="NAME")]
Subject = Annotated[str, typer.Argument(metavar="USER")]
Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="The backend's configuration.")]
Scope = Annotated[Literal["tenant", "team", "user"], typer.Argument(metavar="tenant|team|user")]
Of = Annotated[str, typer.Argument(metavar="[NAME]", help="Which team or user; a tenant has none.")]
Period = Annotated[Literal["day", "month"], typer.Option("--each", help="How long it holds for.")]
Unit = Annotated[Literal["usd", "tokens"], typer.Option("--in", help="What it counts.")]


def _group(name: str, about: str) -> typer.Typer:
    made = typer.Typer(help=about, rich_markup_mode=None, no_args_is_help=True)
    app.add_typer(made, name=name)
    return made


app = typer.Typer(help="The team's backend: who may do what, and what it costs.", rich_markup_mode=None)
users = _group("users", "Who is in the team.")
tokens = _group("tokens", "API tokens, for machines.")
tenants = _group("tenants", "Organisations; for whoever runs the backend.")
budgets = _group("budgets", "What may be spent.")
keys = _group("keys", "The providers' keys.")
models = _group("models", "The models that are offered.")
policy = _group("policy", "What all edges are held to.")


def _where(url: str | None, token_file: Path | None) -> Any:
    from victor_server.cli.team.asking import Where

    return Where(url, token_file)


@users.command("list")
def users_list(url: Url = None, token_file: TokenFile = None, json: Json = False) -> Work:
    """Everybody of the tenant."""
    from victor_server.cli.team.people import list_users

    return lambda: list_users(_where(url, token_file), json=json)


@users.command("set")
def users_set(
    subject: Subject,
    role: Annotated[str | None, typer.Option("--role", help="What they may do.")] = None,
    team: Annotated[list[str] | None, typer.Option("--team", help="A team; may stand several times.")] = None,
    disabled: Annotated[
        bool | None, typer.Option("--disabled/--enabled", help="Whether they get in.")
    ] = None,
    url: Url = None,
    token_file: TokenFile = None,
    json: Json = False,
) -> Work:
    """Add somebody, or change what is named here."""
    from victor_server.cli.team.people import set_user

    return lambda: set_user(
        _where(url, token_file), subject, role=role, teams=team, disabled=disabled, json=json
    )


@users.command("remove")
def users_remove(subject: Subject, url: Url = None, token_file: TokenFile = None, json: Json = False) -> Work:
    """Take somebody out, with their tokens. `victor audit erase` makes unreadable what is known of them."""
    from victor_server.cli.team.people import remove_user

    return lambda: remove_user(_where(url, token_file), subject, json=json)


@users.command("revoke")
def users_revoke(subject: Subject, url: Url = None, token_file: TokenFile = None, json: Json = False) -> Work:
    """End all logins and API tokens of somebody now."""
    from victor_server.cli.team.people import revoke_user

    return lambda: revoke_user(_where(url, token_file), subject, json=json)


@tokens.command("list")
def tokens_list(url: Url = None, token_file: TokenFile = None, json: Json = False) -> Work:
    """All API tokens; never themselves."""
    from victor_server.cli.team.people import list_tokens

    return lambda: list_tokens(_where(url, token_file), json=json)


@tokens.command("create")
def tokens_create(
    label: Annotated[str, typer.Argument(metavar="LABEL", help="What it is for.")],
    user: Annotated[str | None, typer.Option("--user", help="Whose it is.")] = None,
    role: Annotated[str | None, typer.Option("--role", help="`developer` if left out.")] = None,
    scope: Annotated[
        list[str] | None, typer.Option("--scope", help="Only these of the role's permissions.")
    ] = None,
    days: Annotated[int | None, typer.Option("--days", help="How long it holds; 90 if left out.")] = None,
    url: Url = None,
    token_file: TokenFile = None,
    json: Json = False,
) -> Work:
    """Make a token; it is printed this once."""
    from victor_server.cli.team.people import create_token

    return lambda: create_token(
        _where(url, token_file), label, subject=user, role=role, scopes=scope or (), days=days, json=json
    )


@tokens.command("revoke")
def tokens_revoke(
    token: Annotated[str, typer.Argument(metavar="ID")],
    url: Url = None,
    token_file: TokenFile = None,
    json: Json = False,
) -> Work:
    """End one now."""
    from victor_server.cli.team.people import revoke_token

    return lambda: revoke_token(_where(url, token_file), token, json=json)


@tenants.command("list")
def tenants_list(url: Url = None, token_file: TokenFile = None, json: Json = False) -> Work:
    """All tenants."""
    from victor_server.cli.team.people import list_tenants

    return lambda: list_tenants(_where(url, token_file), json=json)


@tenants.command("create")
def tenants_create(
    name: Name,
    region: Annotated[str | None, typer.Option("--region", help="Where its data may go.")] = None,
    url: Url = None,
    token_file: TokenFile = None,
    json: Json = False,
) -> Work:
    """Add a tenant, with a token for who administers it; or change its region."""
    from victor_server.cli.team.people import create_tenant

    return lambda: create_tenant(_where(url, token_file), name, region=region, json=json)


@tenants.command("token")
def tenants_token(name: Name, url: Url = None, token_file: TokenFile = None, json: Json = False) -> Work:
    """Another token for who administers a tenant, where nobody there can make one."""
    from victor_server.cli.team.people import tenant_token

    return lambda: tenant_token(_where(url, token_file), name, json=json)


@tenants.command("disable")
def tenants_disable(
    name: Name,
    enable: Annotated[bool, typer.Option("--undo", help="Let them in again.")] = False,
    url: Url = None,
    token_file: TokenFile = None,
    json: Json = False,
) -> Work:
    """Let nobody of it in."""
    from victor_server.cli.team.people import disable_tenant

    return lambda: disable_tenant(_where(url, token_file), name, disabled=not enable, json=json)


@tenants.command("remove")
def tenants_remove(name: Name, url: Url = None, token_file: TokenFile = None, json: Json = False) -> Work:
    """Take one out, with all that is its own."""
    from victor_server.cli.team.people import remove_tenant

    return lambda: remove_tenant(_where(url, token_file), name, json=json)


@budgets.command("list")
def budgets_list(url: Url = None, token_file: TokenFile = None, json: Json = False) -> Work:
    """All budgets, and where they stand."""
    from victor_server.cli.team.money import list_budgets

    return lambda: list_budgets(_where(url, token_file), json=json)


@budgets.command("set")
def budgets_set(
    scope: Scope,
    of: Of = "",
    each: Period = "month",
    usd: Annotated[float | None, typer.Option("--usd", help="US dollars.")] = None,
    n_tokens: Annotated[int | None, typer.Option("--tokens", help="Tokens, in and out.")] = None,
    url: Url = None,
    token_file: TokenFile = None,
    json: Json = False,
) -> Work:
    """Set a budget: it stops a call before it is made."""
    from victor_server.cli.team.money import set_budget

    return lambda: set_budget(
        _where(url, token_file), scope, of, period=each, usd=usd, tokens=n_tokens, json=json
    )


@budgets.command("remove")
def budgets_remove(
    scope: Scope,
    of: Of = "",
    each: Period = "month",
    unit: Unit = "usd",
    url: Url = None,
    token_file: TokenFile = None,
    json: Json = False,
) -> Work:
    """Take a budget away."""
    from victor_server.cli.team.money import remove_budget

    return lambda: remove_budget(_where(url, token_file), scope, of, period=each, unit=unit, json=json)


@app.command("usage")
def usage(
    since: Annotated[str | None, typer.Option("--since", metavar="DAY", help="Like 2026-11-01.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DAY", help="That day, too.")] = None,
    by: Annotated[
        Literal["user", "team", "model", "provider", "day", "source"], typer.Option("--by")
    ] = "user",
    mine: Annotated[bool, typer.Option("--mine", help="Only your own, and your budgets.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="For whoever bills it.")] = False,
    url: Url = None,
    token_file: TokenFile = None,
    json: Json = False,
) -> Work:
    """What the tenant has used, or you."""
    from victor_server.cli.team.money import report_usage

    return lambda: report_usage(
        _where(url, token_file), since=since, until=until, by=by, mine=mine, as_csv=as_csv, json=json
    )


@keys.command("list")
def keys_list(url: Url = None, token_file: TokenFile = None, json: Json = False) -> Work:
    """The keys, by name; never themselves."""
    from victor_server.cli.team.providers import list_keys

    return lambda: list_keys(_where(url, token_file), json=json)


@keys.command("set")
def keys_set(name: Name, url: Url = None, token_file: TokenFile = None, json: Json = False) -> Work:
    """Seal a key: it is asked for, or read from stdin."""
    from victor_server.cli.team.providers import set_key

    return lambda: set_key(_where(url, token_file), name, json=json)


@keys.command("remove")
def keys_remove(name: Name, url: Url = None, token_file: TokenFile = None, json: Json = False) -> Work:
    """Forget a key."""
    from victor_server.cli.team.providers import remove_key

    return lambda: remove_key(_where(url, token_file), name, json=json)


@models.command("list")
def models_list(url: Url = None, token_file: TokenFile = None, json: Json = False) -> Work:
    """The models that are offered."""
    from victor_server.cli.team.providers import list_models

    return lambda: list_models(_where(url, token_file), json=json)


@models.command("set")
def models_set(
    name: Name,
    provider: Annotated[str, typer.Option("--provider", help="Who serves it.")],
    model: Annotated[str, typer.Option("--model", help="As the provider calls it.")],
    base_url: Annotated[str | None, typer.Option("--base-url", help="Where its server is.")] = None,
    key: Annotated[str | None, typer.Option("--key", help="The name of a key that is set.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="Where it runs.")] = None,
    context: Annotated[
        int | None, typer.Option("--context-tokens", help="How many tokens it can see.")
    ] = None,
    max_output: Annotated[
        int | None, typer.Option("--max-output-tokens", help="The most of one answer.")
    ] = None,
    input_usd: Annotated[float | None, typer.Option("--input-usd", help="For a million tokens in.")] = None,
    output_usd: Annotated[
        float | None, typer.Option("--output-usd", help="For a million tokens out.")
    ] = None,
    url: Url = None,
    token_file: TokenFile = None,
    json: Json = False,
) -> Work:
    """Offer a model beside those of the configuration."""
    from victor_server.cli.team.providers import set_model

    return lambda: set_model(
        _where(url, token_file),
        name,
        json=json,
        provider=provider,
        model=model,
        base_url=base_url,
        key=key,
        region=region,
        context_tokens=context,
        max_output_tokens=max_output,
        input_usd=input_usd,
        output_usd=output_usd,
    )


@models.command("remove")
def models_remove(name: Name, url: Url = None, token_file: TokenFile = None, json: Json = False) -> Work:
    """Offer it no more."""
    from victor_server.cli.team.providers import remove_model

    return lambda: remove_model(_where(url, token_file), name, json=json)


@policy.command("show")
def policy_show(url: Url = None, token_file: TokenFile = None, json: Json = False) -> Work:
    """What all edges are held to, and its version."""
    from victor_server.cli.team.providers import show_policy

    return lambda: show_policy(_where(url, token_file), json=json)


@policy.command("set")
def policy_set(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A YAML file; `-` is stdin.")],
    url: Url = None,
    token_file: TokenFile = None,
    json: Json = False,
) -> Work:
    """Hold all edges to what a file says, from now on."""
    from victor_server.cli.team.providers import set_policy

    return lambda: set_policy(_where(url, token_file), file, json=json)


@app.command("migrate")
def migrate(config: Config = None, json: Json = False) -> Work:
    """Bring the backend's database to the newest schema."""
    from victor_server.cli.team.upkeep import run_migrate

    return lambda: run_migrate(config, json=json)


@app.command("rotate-master-key")
def rotate(
    new_key: Annotated[
        Path, typer.Option("--new-key-file", metavar="FILE", help="The new one, in a file of its own.")
    ],
    config: Config = None,
    json: Json = False,
) -> Work:
    """Seal everything with another master key. No replica may run meanwhile."""
    from victor_server.cli.team.upkeep import run_rotate

    return lambda: run_rotate(config, new_key, json=json)
