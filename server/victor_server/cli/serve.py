"""`victor serve`: the team backend, until it is told to end."""

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from victor_server.errors import UsageError

if TYPE_CHECKING:
    from victor_server.team.backend import Backend
    from victor_server.team.configuration.resolved import TeamSettings
    from victor_server.team.operations.serve import Serving


def run_serve(arguments: Sequence[str]) -> int:
    """Serve, or with --check only look at the configuration; returns the exit code."""
    parser = _parser()
    asked = parser.parse_args(list(arguments))
    if asked.help:
        print(parser.format_help(), end="")
        return 0
    # As if the environment said it: so the whole configuration is looked at with it.
    environment = {**os.environ, **_listening(asked.host, asked.port)}
    if asked.check or asked.deep:
        from victor_server.cli.serve_check import run_check

        return run_check(asked.config, environment, deep=asked.deep, json=asked.json)
    from victor_server.team.configuration.read import load_configuration

    return asyncio.run(_serve(load_configuration(asked.config, environment), environment))


def _listening(host: str, port: int | None) -> dict[str, str]:
    given = {"VICTOR_API_HOST": host, "VICTOR_API_PORT": "" if port is None else str(port)}
    return {name: value for name, value in given.items() if value}


async def _serve(settings: "TeamSettings", environment: Mapping[str, str]) -> int:
    from victor_server.compose.team import close_backend, open_backend
    from victor_server.compose.team_operating import begin_operating
    from victor_server.settings.home import create_home
    from victor_server.team.operations.reload import reload
    from victor_server.team.operations.serve import serve

    create_home(settings.home)
    backend = await open_backend(settings, environment)
    end_operating = begin_operating(settings, backend.replica)
    try:
        token = await backend.identity.bootstrap()

        async def ready(serving: "Serving") -> None:
            _greet(backend, serving, token)

        async def read_again() -> None:
            await reload(backend, environment)

        await serve(backend, ready, read_again)
    finally:
        await close_backend(backend)
        await asyncio.to_thread(end_operating)
    return 0


def _greet(backend: "Backend", serving: "Serving", token: str | None) -> None:
    """Say how to attach. On stderr: stdout may be the log."""
    key = backend.settings.master_key
    lines = [f"Victor's team backend listens on {serving.url}", f"Attach with: victor login {serving.url}"]
    if serving.metrics_url:
        lines.append(f"Metrics: {serving.metrics_url}{backend.settings.metrics.endpoint}")
    if key.source == "file":
        lines.append(f"The master key lies in {key.file}: keep a copy elsewhere, nothing opens without it.")
    if token is not None:
        lines += ["The operator's token, told this once:", f"  {token}"]
    lines.append("Ctrl-C ends it, once what runs has ended; a second one at once.")
    print("\n".join(lines), file=sys.stderr, flush=True)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Words that make no sense are an error as any other."""
        raise UsageError(message[:1].upper() + message[1:] + ".", "See `victor serve --help`.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="victor serve",
        description="The team backend: provider keys, roles, budgets, audit and metrics for attached editors.",
        add_help=False,
        allow_abbrev=False,
    )
    parser.add_argument("-h", "--help", action="store_true", help="show this message and exit")
    parser.add_argument("--config", type=Path, metavar="FILE", help="its configuration, YAML")
    parser.add_argument("--host", default="", help="listen there instead of what the configuration says")
    parser.add_argument("--port", type=int, default=None, help="and on this port; 0 for any")
    parser.add_argument("--check", action="store_true", help="only look at the configuration")
    parser.add_argument(
        "--deep", action="store_true", help="look, too, whether what it names answers: database, Redis, OIDC"
    )
    parser.add_argument("--json", action="store_true", help="with --check: print one JSON document")
    return parser
