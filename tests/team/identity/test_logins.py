"""Who logs in with an ID token is who the identity provider says, once, and for as long as nothing was stolen or revoked."""

import asyncio
import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from identified import ISSUER, OIDC, known, signed
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from victor_server.errors import Forbidden, NotFound, Unauthenticated, Unavailable
from victor_server.protocol import User
from victor_server.team.configuration.resolved import DatabaseSettings


async def test_login_gives_role_and_teams_of_groups(
    tmp_path: Path, database_settings: DatabaseSettings
) -> None:
    """The first group of the configuration that fits gives the role, all that fit give teams, and it is on record."""
    async with known(tmp_path, database_settings) as it:
        granted = await it.login(groups=["staff", "admins", "red", "nothing"])
        who = await it.who(granted.access_token)
        assert (who.subject, who.kind, who.role, who.teams) == ("ann", "user", "admin", ("Red",))
        assert granted.expires_in == 900
        assert who.expires_us == it.clock.us + 900_000_000
        assert (await it.actions())[-1] == "login"


async def test_token_says_nothing_of_rights(tmp_path: Path) -> None:
    """A Victor token names a person and a login; role, groups and permissions are the store's."""
    async with known(tmp_path) as it:
        token = (await it.login()).access_token
        payload = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        assert set(payload) == {"iss", "aud", "sub", "tenant", "fam", "iat", "exp", "jti"}


async def test_nobody_without_a_group_gets_in(tmp_path: Path) -> None:
    """Without a group that has a role there is no entry, unless the configuration has a role for everybody."""
    async with known(tmp_path) as it:
        with pytest.raises(Forbidden, match="groups"):
            await it.login(groups=["other"])
        it.settings = replace(it.settings, oidc=(replace(OIDC, default_role="readonly"),))
        assert (await it.who((await it.login(groups=None)).access_token)).role == "readonly"


async def test_nonce_is_good_once_and_for_a_time(tmp_path: Path, database_settings: DatabaseSettings) -> None:
    """A replayed ID token, one with a nonce that nobody was told, and one that took too long are refused."""
    async with known(tmp_path, database_settings) as it:
        begun = await it.identity.login.begin("default")
        token = it.issuer.token(nonce=begun.nonce)
        await it.identity.login.exchange("default", token, "id_token")
        with pytest.raises(Unauthenticated, match="used already"):
            await it.identity.login.exchange("default", token, "id_token")
        with pytest.raises(Unauthenticated):
            await it.identity.login.exchange("default", it.issuer.token(nonce="guessed"), "id_token")
        late = await it.identity.login.begin("default")
        it.clock.pass_s(601)
        with pytest.raises(Unauthenticated):
            await it.identity.login.exchange("default", it.issuer.token(nonce=late.nonce), "id_token")


async def test_without_a_nonce_once_and_soon(tmp_path: Path, database_settings: DatabaseSettings) -> None:
    """The device flow's ID token is good once, and within five minutes of when it was issued."""
    async with known(tmp_path, database_settings) as it:
        token = it.issuer.token(exp=it.clock.us // 1_000_000 + 3_600)
        other = it.issuer.token(exp=it.clock.us // 1_000_000 + 3_601)
        await it.identity.login.exchange("default", token, "id_token")
        with pytest.raises(Unauthenticated, match="used already"):
            await it.identity.login.exchange("default", token, "id_token")
        it.clock.pass_s(301)
        with pytest.raises(Unauthenticated, match="too long"):
            await it.identity.login.exchange("default", other, "id_token")


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "https://id.example.test/"}, "another issuer"),
        ({"iss": None}, "another issuer"),
        ({"aud": "other"}, "another client"),
        ({"aud": ["victor-cli", "other"]}, "another client"),
        ({"aud": ["victor-cli", "other"], "azp": "other"}, "another client"),
        ({"azp": "other"}, "another client"),
        ({"aud": "victor-api"}, "another client"),
        ({"exp": 1_799_999_940}, "expired"),
        ({"exp": None}, "when it holds"),
        ({"exp": True}, "when it holds"),
        ({"iat": 1_800_000_061, "exp": 1_800_000_999}, "not hold yet"),
        ({"nbf": 1_800_000_061}, "not hold yet"),
        ({"sub": None}, "for whom"),
        ({"sub": ""}, "for whom"),
        ({"sub": "service:x"}, "your name"),
        ({"sub": "a\nb"}, "cannot be one"),
    ],
)
async def test_claims_that_are_refused(tmp_path: Path, claims: dict[str, Any], why: str) -> None:
    """Whoever it is not for, whatever does not hold now: refused with the reason, never with the token."""
    async with known(tmp_path) as it:
        token = it.issuer.token(**claims)
        with pytest.raises(Unauthenticated, match=why) as refused:
            await it.identity.login.exchange("default", token, "id_token")
        assert not any(part in str(refused.value) for part in token.split("."))


async def test_forged_tokens(tmp_path: Path) -> None:
    """No algorithm but the key's own: not none, not HMAC with the public key, not a key that the token brings along."""
    async with known(tmp_path) as it:
        rsa, own = RSAKey.generate_key(2048), ECKey.generate_key("P-256")
        it.issuer.keys["r1"] = rsa
        public = _as_secret(rsa)
        claims = it.issuer.claims()
        brought = own.as_dict(private=False)
        forged = [
            _unsigned({"alg": "none", "kid": "k1"}, claims) + ".",
            _unsigned({"alg": "none", "kid": "k1"}, claims) + ".AAAA",
            signed({"alg": "HS256", "kid": "r1"}, claims, public, "HS256"),
            signed({"alg": "ES256", "kid": "k1"}, claims, own, "ES256"),
            signed({"alg": "ES256", "kid": "k1", "jwk": brought}, claims, own, "ES256"),
            signed({"alg": "ES256", "kid": "k1", "jku": f"{ISSUER}/evil"}, claims, own, "ES256"),
            signed({"alg": "ES256", "kid": "../../dev/null"}, claims, own, "ES256"),
            signed({"alg": "ES256", "kid": "' or 1=1 --"}, claims, own, "ES256"),
            signed({"alg": "RS256", "kid": "k1"}, claims, rsa, "RS256"),
            it.issuer.token().rpartition(".")[0] + "." + it.issuer.token(sub="bob").rpartition(".")[2],
            "opaque-token",
            "",
            "a.b.c",
        ]
        for token in forged:
            with pytest.raises(Unauthenticated):
                await it.identity.login.exchange("default", token, "id_token")
        assert f"{ISSUER}/evil" not in it.issuer.asked


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"])
async def test_algorithms_that_are_taken(tmp_path: Path, algorithm: str) -> None:
    """All that providers sign with in public-key cryptography."""
    async with known(tmp_path) as it:
        make = {"R": lambda: RSAKey.generate_key(2048), "P": lambda: RSAKey.generate_key(2048)}
        it.issuer.keys["k2"] = (
            make[algorithm[0]]()
            if algorithm[0] in make
            else ECKey.generate_key("P-256")
            if algorithm == "ES256"
            else OKPKey.generate_key("Ed25519")
        )
        assert (await it.login(key="k2", algorithm=algorithm)).access_token


async def test_keys_that_turn(tmp_path: Path) -> None:
    """A new key is found, an invented one is asked for once in a while, and a provider that is away changes nothing."""
    async with known(tmp_path) as it:
        await it.login()
        it.clock.pass_s(11)
        it.issuer.keys = {"k2": ECKey.generate_key("P-256")}
        await it.login(key="k2")
        n_asked = len(it.issuer.asked)
        for name in ("x1", "x2", "x3"):
            it.issuer.keys[name] = ECKey.generate_key("P-256")
            with pytest.raises(Unauthenticated):
                await it.login(key=name)
        assert len(it.issuer.asked) == n_asked
        it.issuer.is_away = True
        it.clock.pass_s(7_200)
        await it.login(key="k2")


async def test_provider_that_is_somebody_else(tmp_path: Path) -> None:
    """A description of another issuer, or keys over plain HTTP, are not believed."""
    async with known(tmp_path) as it:
        it.issuer.jwks = "http://id.example.test/keys"
        with pytest.raises(Unavailable, match="https"):
            await it.login()
        it.clock.pass_s(11)
        it.issuer.issuer = "https://evil.example.test"
        with pytest.raises(Unavailable, match="another issuer"):
            await it.login()


async def test_services(tmp_path: Path, database_settings: DatabaseSettings) -> None:
    """A program's access token gives a service without a refresh token; an ID token never passes for one."""
    async with known(tmp_path, database_settings) as it:
        exchange = it.identity.login.exchange
        access = {"aud": "victor-api", "client_id": "ci", "sub": "ci"}
        granted = await exchange(
            "default", it.issuer.token(header={"typ": "at+jwt"}, **access), "access_token"
        )
        who = await it.who(granted.access_token)
        assert (who.subject, who.kind, granted.refresh_token) == ("service:ci", "service", "")
        refused: tuple[dict[str, Any], ...] = ({}, {**access, "nonce": "n"}, {**access, "aud": "other"})
        for claims in refused:
            with pytest.raises(Unauthenticated):
                await exchange("default", it.issuer.token(**claims), "access_token")


async def test_refresh_rotates_and_reuse_ends_the_login(
    tmp_path: Path, database_settings: DatabaseSettings
) -> None:
    """Each refresh token is good once; used again, it ends all that the login began, and that is on record."""
    async with known(tmp_path, database_settings) as it:
        login = it.identity.login
        first = await it.login()
        second = await login.refresh(first.refresh_token)
        assert (await it.who(second.access_token)).subject == "ann"
        before = await it.identity.revision("default")
        with pytest.raises(Unauthenticated, match="twice"):
            await login.refresh(first.refresh_token)
        assert await it.identity.revision("default") > before
        for token in (first.access_token, second.access_token):
            with pytest.raises(Unauthenticated):
                await it.who(token)
        with pytest.raises(Unauthenticated):
            await login.refresh(second.refresh_token)
        assert (await it.actions())[-1] == "refresh.reused"


async def test_lost_answer(tmp_path: Path, database_settings: DatabaseSettings) -> None:
    """Who says the same word again is told the same successor, until it is used or the time is over; a thief does not know it."""
    async with known(tmp_path, database_settings) as it:
        login, word = it.identity.login, "w" * 32
        first = await it.login()
        lost = await login.refresh(first.refresh_token, word)
        again = await login.refresh(first.refresh_token, word)
        assert again.refresh_token == lost.refresh_token
        await login.refresh(again.refresh_token)
        with pytest.raises(Unauthenticated, match="twice"):
            await login.refresh(first.refresh_token, word)
        for other, wait_s in (("x" * 32, 1), ("", 1), (word, 601)):
            stolen = await it.login()
            await login.refresh(stolen.refresh_token, word)
            it.clock.pass_s(wait_s)
            with pytest.raises(Unauthenticated, match="twice"):
                await login.refresh(stolen.refresh_token, other)


async def test_two_at_once(tmp_path: Path, database_settings: DatabaseSettings) -> None:
    """Of many who use one refresh token at the same time one is served at most, and then the login has ended."""
    async with known(tmp_path, database_settings) as it:
        token = (await it.login()).refresh_token
        done = await asyncio.gather(
            *(it.identity.login.refresh(token) for _ in range(5)), return_exceptions=True
        )
        granted = [each for each in done if not isinstance(each, BaseException)]
        assert len(granted) == 1
        with pytest.raises(Unauthenticated):
            await it.who(granted[0].access_token)


async def test_logout_and_expiry(tmp_path: Path, database_settings: DatabaseSettings) -> None:
    """After logout neither token is good; an access token ends by itself after fifteen minutes."""
    async with known(tmp_path, database_settings) as it:
        granted = await it.login()
        await it.identity.login.logout_by_refresh_token(granted.refresh_token)
        with pytest.raises(Unauthenticated):
            await it.who(granted.access_token)
        with pytest.raises(Unauthenticated):
            await it.identity.login.refresh(granted.refresh_token)
        other = await it.login()
        assert (await it.who(other.access_token)).subject
        it.clock.pass_s(900)
        with pytest.raises(Unauthenticated):
            await it.who(other.access_token)


async def test_role_change_and_disabling_reach_those_who_are_in(
    tmp_path: Path, database_settings: DatabaseSettings
) -> None:
    """Changes raise the revision; looked up again, the principal is another one, or nobody."""
    async with known(tmp_path, database_settings) as it:
        who, token = await it.who(), (await it.login()).access_token
        ann = await it.who(token)
        assert ann.revision == await it.identity.revision("default")
        await it.identity.users.set(who, User(subject="ann", role="readonly"))
        assert await it.identity.revision("default") > ann.revision
        assert (await it.identity.recheck(ann)).role == "readonly"
        assert (await it.who(token)).role == "readonly"
        await it.identity.users.set(who, User(subject="ann", role="readonly", disabled=True))
        with pytest.raises(Unauthenticated):
            await it.identity.recheck(ann)
        with pytest.raises(Unauthenticated, match="disabled"):
            await it.login()


async def test_unknown_tenant(tmp_path: Path) -> None:
    """A tenant that has no identity provider says so, existing or not."""
    async with known(tmp_path) as it:
        for ask in (it.identity.login.begin, it.identity.login.config):
            with pytest.raises(NotFound):
                await ask("other")


async def test_no_secret_is_told(tmp_path: Path) -> None:
    """What is granted does not show its tokens, and the database holds none of them."""
    async with known(tmp_path) as it:
        granted = await it.login()
        secret = granted.refresh_token.partition(".")[2]
        assert secret not in repr(granted)
        assert granted.access_token not in repr(granted)
        stored = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())  # noqa: ASYNC240  # nothing else runs
        assert secret.encode() not in stored
        assert it.operator.rpartition(".")[2].encode() not in stored


def _as_secret(key: RSAKey) -> OctKey:
    """The public key taken for a shared secret, as the attack has it: its modulus, which libraries do not recognise."""
    return OctKey.import_key(str(key.as_dict(private=False)["n"]))


def _unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    parts = (json.dumps(part).encode() for part in (header, claims))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
