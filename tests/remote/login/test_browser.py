"""The browser flow against a real provider, and against pages that would like to be it."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from logins import Place, get, place_to_log_in
from oidc_server import OidcServer

from victor_server.errors import Unauthenticated
from victor_server.protocol import LoginConfig
from victor_server.remote.login.browser import browser_login
from victor_server.remote.login.identity_provider import IdentityProvider
from victor_server.remote.login.joining import Flow


async def test_browser_flow(tmp_path: Path, oidc: OidcServer) -> None:
    """Code, PKCE, state and nonce all fit: whoever logged in is in."""
    async with place_to_log_in(tmp_path, oidc) as it:
        await it.log_in(flow=it.by_browser("root"))
        who = await it.whoami()
        assert (who.subject, who.role) == ("root", "admin")


async def test_who_presses_no(tmp_path: Path, oidc: OidcServer) -> None:
    """The page's refusal comes back in words."""
    async with place_to_log_in(tmp_path, oidc) as it:
        with pytest.raises(Unauthenticated, match="you pressed no"):
            await it.log_in(flow=it.by_browser("nobody"))


async def test_foreign_pages_change_nothing(tmp_path: Path, oidc: OidcServer) -> None:
    """Calls of the redirect without the state, with another, or elsewhere are answered 404, and the login goes on."""
    async with place_to_log_in(tmp_path, oidc) as it:
        tried: list[int] = []

        async def visit(url: str) -> None:
            redirect = dict(parse_qsl(urlsplit(url).query))["redirect_uri"]
            forged = ("", "?code=stolen", "?code=stolen&state=guessed", "?error=x&state=")
            tried.extend([await get(redirect + query) for query in forged])
            state = dict(parse_qsl(urlsplit(url).query))["state"]
            tried.append(await get(f"{redirect.rpartition('/')[0]}/other?code=x&state={state}"))
            assert await get(await oidc.browse(url, "ann")) == 200

        await it.log_in(flow=_flow(it, visit))
        assert tried == [404] * 5
        assert (await it.whoami()).subject == "ann"


@pytest.mark.parametrize(
    ("extra", "why"),
    [
        ("code=x&iss=https://evil.example.test", "Another identity provider"),
        ("code=x", "Another identity provider"),
        ("code=x&iss={issuer}", "does not let you in"),
    ],
)
async def test_answers_of_somebody_else(tmp_path: Path, oidc: OidcServer, extra: str, why: str) -> None:
    """Another issuer's answer, one that hides whose it is from a provider that always says so, and an invented code."""
    async with place_to_log_in(tmp_path, oidc) as it:

        async def visit(url: str) -> None:
            asked = dict(parse_qsl(urlsplit(url).query))
            told = extra.format(issuer=oidc.issuer)
            assert await get(f"{asked['redirect_uri']}?state={asked['state']}&{told}") == 200

        with pytest.raises(Unauthenticated, match=why):
            await it.log_in(flow=_flow(it, visit))
        assert it.kept.read() is None


async def test_stolen_code_is_worth_nothing(tmp_path: Path, oidc: OidcServer) -> None:
    """Another login's code, brought with the right state, fails at the provider: the verifier is not that login's."""
    async with place_to_log_in(tmp_path, oidc) as it:
        codes: list[str] = []

        async def thief(url: str) -> None:
            codes.append(dict(parse_qsl(urlsplit(await oidc.browse(url, "root")).query))["code"])
            asked = dict(parse_qsl(urlsplit(url).query))
            assert (
                await get(f"{asked['redirect_uri']}?state={asked['state']}&error=gone&iss={oidc.issuer}")
                == 200
            )

        with pytest.raises(Unauthenticated):
            await it.log_in(flow=_flow(it, thief))

        async def visit(url: str) -> None:
            asked = dict(parse_qsl(urlsplit(url).query))
            answer = f"state={asked['state']}&code={codes[0]}&iss={oidc.issuer}"
            assert await get(f"{asked['redirect_uri']}?{answer}") == 200

        with pytest.raises(Unauthenticated):
            await it.log_in(flow=_flow(it, visit))


def _flow(it: Place, visit: Callable[[str], Coroutine[Any, Any, None]]) -> Flow:
    async def flow(provider: IdentityProvider, config: LoginConfig, nonce: str) -> str:
        begun: list[asyncio.Task[None]] = []

        def open_page(url: str) -> None:
            begun.append(asyncio.create_task(visit(url)))

        try:
            return await browser_login(it.on.egress(), provider, config, nonce, open_page)
        finally:
            await asyncio.gather(*begun)

    return flow
