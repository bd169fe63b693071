"""`victor login` and `victor logout`: who one is to a team's backend."""

import asyncio
import getpass
import json as jsonlib
import os
import sys
import webbrowser

from victor_server.cli.chat.neutral import neutral
from victor_server.compose.team_client import open_egress
from victor_server.errors import UsageError
from victor_server.protocol import LoginConfig
from victor_server.remote.login.browser import browser_login
from victor_server.remote.login.device import Shown, device_login
from victor_server.remote.login.identity_provider import IdentityProvider
from victor_server.remote.login.joining import Flow, Joined, login_with_flow, login_with_token, logout
from victor_server.remote.login.kept import open_kept
from victor_server.remote.membership import read_membership
from victor_server.remote.rpc import Clients
from victor_server.settings.home import create_home
from victor_server.settings.load import resolve

_MAX_TOKEN = 8_192


def run_login(url: str, *, tenant: str, token: str | None, browser: bool, json: bool) -> int:
    """Log in, and say as whom and where the tokens are kept. `token` "-": read one; None: the identity provider asks."""
    if token not in (None, "-"):
        raise UsageError(
            "A token on the command line can be seen by others, and stays in the shell's history.",
            "Write `--token -`: it is read from standard input, or asked for. And revoke this one.",
        )
    settings = resolve(environment=os.environ).settings
    home = create_home(settings.home)
    url = url or _known_url()
    egress, kept = open_egress(settings, os.environ), open_kept(home)
    if token == "-":  # noqa: S105  # no token: a word for where to find it
        joined = asyncio.run(login_with_token(egress, kept, url, _read_token()))
    else:
        flow = _flow(egress, browser=browser)
        joined = asyncio.run(login_with_flow(egress, kept, url, tenant, flow))
    _tell(joined, json=json)
    return 0


def run_logout(*, json: bool) -> int:
    """Log out, and say if the backend could not be told."""
    settings = resolve(environment=os.environ).settings
    home = create_home(settings.home)
    was_told = asyncio.run(logout(open_egress(settings, os.environ), home, open_kept(home)))
    if json:
        print(jsonlib.dumps({"logged_in": False, "backend_told": was_told}))
        return 0
    print("Logged out." if was_told else "Logged out here. The backend does not answer: there the login")
    if not was_told:
        print("holds until it expires, or until an administrator runs `victor team users revoke`.")
    return 0


def _flow(clients: Clients, *, browser: bool) -> Flow:
    async def by_browser(provider: IdentityProvider, config: LoginConfig, nonce: str) -> str:
        return await browser_login(clients, provider, config, nonce, _open_page)

    async def by_device(provider: IdentityProvider, config: LoginConfig, nonce: str) -> str:
        return await device_login(clients, provider, config, _show)

    return by_browser if browser else by_device


def _show(shown: Shown) -> None:
    print(f"Open  {neutral(shown.complete or shown.address)}", file=sys.stderr)
    print(f"and enter the code  {neutral(shown.user_code)}", file=sys.stderr, flush=True)


def _open_page(address: str) -> None:
    print(f"Log in on this page: {neutral(address)}", file=sys.stderr, flush=True)
    webbrowser.open(address)


def _read_token() -> str:
    text = getpass.getpass("Token: ") if sys.stdin.isatty() else sys.stdin.read(_MAX_TOKEN)
    token = text.strip()
    if not token or len(token) >= _MAX_TOKEN or not token.isascii() or any(map(str.isspace, token)):
        raise UsageError("That is no token.", "Give the token alone, as `victor team tokens create` told it.")
    return token


def _known_url() -> str:
    member = read_membership(resolve(environment=os.environ).settings.home)
    if member is None:
        raise UsageError("Which backend?", "Write its address: victor login https://victor.example.com.")
    return member.url


def _tell(joined: Joined, *, json: bool) -> None:
    member = joined.member
    if json:
        told = {"url": member.url, "tenant": member.tenant, "subject": member.subject, "tokens": joined.place}
        print(jsonlib.dumps(told))
        return
    print(neutral(f"Logged in to {member.url} as {member.subject} (tenant {member.tenant})."))
    print(neutral(f"The tokens are in {joined.place}."))
