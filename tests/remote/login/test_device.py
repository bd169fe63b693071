"""The device flow against a real provider: who enters the code gets in, whoever does not is told why."""

import asyncio
from pathlib import Path

import pytest
from logins import place_to_log_in
from oidc_server import OidcServer

from victor_server.errors import BadResponse, Forbidden, NotFound, Unauthenticated
from victor_server.protocol import LoginConfig, PublicKeys
from victor_server.remote.login.device import Shown, device_login
from victor_server.remote.login.identity_provider import IdentityProvider, describe
from victor_server.remote.login.joining import login_with_flow, logout
from victor_server.remote.membership import read_membership


async def test_login_gives_membership_role_teams_and_policy(tmp_path: Path, oidc: OidcServer) -> None:
    """Groups become role and teams; tokens lie in a file of one's own, with the membership and a policy that holds."""
    async with place_to_log_in(tmp_path, oidc) as it:
        joined = await it.log_in("ann")
        who = await it.whoami()
        assert (who.subject, who.kind, who.role, who.teams) == ("ann", "user", "developer", ("Red",))
        assert read_membership(it.on.home) == joined.member
        tokens = it.on.home / "team-tokens.json"
        assert joined.place == str(tokens)
        assert tokens.stat().st_mode & 0o777 == 0o600
        assert await logout(it.on.egress(), it.on.home, it.kept)
        assert read_membership(it.on.home) is None
        assert not tokens.exists()
        with pytest.raises(Unauthenticated, match="not logged in"):
            await it.whoami()


async def test_polling_waits_as_it_is_told(tmp_path: Path, oidc: OidcServer) -> None:
    """Pending is waited out, "slow down" adds five seconds for good, and the code is shown before the first poll."""
    async with place_to_log_in(tmp_path, oidc) as it:
        provider, config = await _of(it.oidc)
        waited: list[float] = []
        shown: list[Shown] = []

        async def sleep(seconds: float) -> None:
            waited.append(seconds)
            assert shown
            if len(waited) == 2:
                await oidc.slow_down()
            if len(waited) == 4:
                await oidc.browse(shown[0].complete, "ann")

        token = await device_login(it.on.egress(), provider, config, shown.append, sleep)
        assert token.count(".") == 2
        assert waited == [5.0, 5.0, 10.0, 10.0]
        assert shown[0].user_code in shown[0].complete


async def test_who_presses_no(tmp_path: Path, oidc: OidcServer) -> None:
    """A login that is refused at the provider ends with the provider's own words, and nothing is kept."""
    async with place_to_log_in(tmp_path, oidc) as it:
        with pytest.raises(Unauthenticated, match="you pressed no"):
            await it.log_in("nobody")
        assert it.kept.read() is None
        assert read_membership(it.on.home) is None


async def test_code_that_expired(tmp_path: Path, oidc: OidcServer) -> None:
    """The provider says that the code has expired; and whoever never says anything is not waited for without end."""
    async with place_to_log_in(tmp_path, oidc) as it:
        provider, config = await _of(it.oidc)

        async def too_late(_seconds: float) -> None:
            await oidc.end_all()

        with pytest.raises(Unauthenticated, match="expired"):
            await device_login(it.on.egress(), provider, config, lambda _: None, too_late)
        waited: list[float] = []

        async def sleep(seconds: float) -> None:
            waited.append(seconds)

        with pytest.raises(Unauthenticated, match="Nobody entered the code"):
            await device_login(it.on.egress(), provider, config, lambda _: None, sleep)
        assert 595 <= sum(waited) <= 605


async def test_given_up(tmp_path: Path, oidc: OidcServer) -> None:
    """Cancelled while it waits, as by Ctrl-C, it keeps nothing."""
    async with place_to_log_in(tmp_path, oidc) as it:
        waits = asyncio.Event()

        async def sleep(_seconds: float) -> None:
            waits.set()
            await asyncio.Event().wait()

        async def flow(provider: IdentityProvider, config: LoginConfig, _nonce: str) -> str:
            return await device_login(it.on.egress(), provider, config, lambda _: None, sleep)

        task = asyncio.create_task(it.log_in(flow=flow))
        await waits.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert it.kept.read() is None
        assert read_membership(it.on.home) is None


async def test_wrong_group_tenant_and_issuer(tmp_path: Path, oidc: OidcServer) -> None:
    """Who has no role, a tenant that is none, and a provider of another name: each is said, and nothing is kept."""
    async with place_to_log_in(tmp_path, oidc) as it:
        with pytest.raises(Forbidden, match="groups"):
            await it.log_in("eve")
        with pytest.raises(NotFound, match="tenant"):
            await login_with_flow(it.on.egress(), it.kept, it.on.url, "other", it.by_device("ann"))
        with pytest.raises(BadResponse, match="another one"):
            await describe(it.on.egress(), f"{oidc.issuer}/")
        assert it.kept.read() is None


async def _of(oidc: OidcServer) -> tuple[IdentityProvider, LoginConfig]:
    from victor_server.egress.factory import Egress
    from victor_server.policy.policy import Policy

    provider = await describe(Egress(Policy(), record=lambda _: None, environment={}), oidc.issuer)
    settings = oidc.settings()
    keys = PublicKeys(policy={}, audit={})
    return provider, LoginConfig(
        tenant="default",
        issuer=oidc.issuer,
        client_id=settings.client_id,
        scopes=settings.scopes,
        keys=keys,
    )
