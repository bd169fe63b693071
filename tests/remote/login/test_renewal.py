"""All windows of a person share one login: whoever needs a token renews it, one at a time, and nobody is logged out."""

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from logins import Place, place_to_log_in
from oidc_server import OidcServer

from victor_server.errors import Unauthenticated, Unavailable
from victor_server.remote.login.kept import Tokens

_PROGRAM = """
import asyncio, os, sys
from pathlib import Path
from victor_server.egress.factory import Egress
from victor_server.policy.policy import Policy
from victor_server.remote.login.credentials import StoredCredentials
from victor_server.remote.login.kept import Kept

egress = Egress(Policy(), record=lambda _: None, environment={})
credentials = StoredCredentials(lambda: Kept(Path(sys.argv[1]), None), sys.argv[2], egress)
print("ready", flush=True)
sys.stdin.readline()
print(asyncio.run(credentials.access_token()), flush=True)
"""


async def test_processes_that_renew_at_once(tmp_path: Path, oidc: OidcServer) -> None:
    """Four processes find the token ended at the same moment: the backend sees one renewal, and all have the new token."""
    async with place_to_log_in(tmp_path, oidc) as it:
        await it.log_in()
        before = _kept(it)
        it.kept.write(before.model_copy(update={"expires_s": 0.0}))
        words = (sys.executable, "-c", _PROGRAM, str(it.on.home), it.on.url)
        pipe = asyncio.subprocess.PIPE
        them = [
            await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe, env=dict(os.environ))
            for _ in range(4)
        ]
        async with asyncio.timeout(60):
            for each in them:
                assert each.stdout is not None
                assert await each.stdout.readline() == b"ready\n"
            said = await asyncio.gather(*(each.communicate(b"go\n") for each in them))
        tokens = {out.strip().decode() for out, _ in said}
        assert tokens == {_kept(it).access}
        assert tokens != {before.access}
        assert await _n_refresh_tokens(it) == 2
        assert (await it.whoami()).subject == "ann"


async def test_lost_answer_is_asked_for_again(tmp_path: Path, oidc: OidcServer) -> None:
    """Killed or cut off after it asked, before it wrote: the next one says the same word and goes on, still logged in."""
    async with place_to_log_in(tmp_path, oidc) as it:
        await it.log_in()
        it.kept.write(_kept(it).model_copy(update={"expires_s": 0.0, "retry": "w" * 32}))
        lost = _kept(it)
        first = await it.credentials().access_token()
        it.kept.write(lost)  # as if the process had died before it wrote
        second = await it.credentials().access_token()
        assert "" not in (first, second)
        assert (await it.whoami()).subject == "ann"


async def test_backend_that_is_away_costs_no_login(tmp_path: Path, oidc: OidcServer) -> None:
    """While nobody answers, what is kept stays as it is, and afterwards it is renewed."""
    async with place_to_log_in(tmp_path, oidc) as it:
        await it.log_in()
        it.kept.write(_kept(it).model_copy(update={"expires_s": 0.0}))
        await it.on.wire.cut()
        with pytest.raises(Unavailable):
            await it.credentials().access_token()
        assert _kept(it).refresh
        it.on.wire.up = True
        assert await it.credentials().access_token()


async def test_ended_and_foreign_logins_say_so(tmp_path: Path, oidc: OidcServer) -> None:
    """A login that was revoked asks to log in anew; tokens of one backend are never shown to another."""
    async with place_to_log_in(tmp_path, oidc) as it:
        await it.log_in()
        elsewhere = replace(it, on=replace(it.on, url="http://127.0.0.1:9"))
        with pytest.raises(Unauthenticated, match="not logged in"):
            await elsewhere.credentials().access_token()
        await it.on.backend.rpc("users/revoke", {"subject": "ann"})
        it.kept.write(_kept(it).model_copy(update={"expires_s": 0.0}))
        with pytest.raises(Unauthenticated) as refused:
            await it.credentials().access_token()
        assert "victor login" in f"{refused.value.message} {refused.value.fix}"


def _kept(it: Place) -> Tokens:
    tokens = it.kept.read()
    assert tokens is not None
    return tokens


async def _n_refresh_tokens(it: Place) -> int:
    async with it.on.backend.backend.database.reading("default") as tx:
        return len(await tx.rows("select hash from refresh_tokens where tenant = 'default'"))
