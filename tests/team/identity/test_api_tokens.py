"""API tokens and Victor tokens: what is ours, what it allows, and when it ends; the first run; secrets that everybody knows."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identified import known, signed
from joserfc.jwk import OctKey, OKPKey

from victor_server.errors import Conflict, Forbidden, NotFound, SettingsError, Unauthenticated, UsageError
from victor_server.protocol import TokenAsked, User
from victor_server.team.configuration.resolved import DatabaseSettings
from victor_server.team.identity.api_token import make_api_token, read_api_token
from victor_server.team.identity.known_secrets import refuse_known_secrets
from victor_server.team.identity.victor_token import read_victor_token


async def test_first_run_only(tmp_path: Path, database_settings: DatabaseSettings) -> None:
    """The operator's token is told once, may do everything, and is on record."""
    async with known(tmp_path, database_settings) as it:
        who = await it.who()
        assert (who.subject, who.role, who.operator, who.permissions) == ("operator", "admin", True, ("*",))
        assert await it.identity.bootstrap() is None
        assert await it.actions() == ["token.created"]


async def test_first_run_without_a_role_of_all(tmp_path: Path, database_settings: DatabaseSettings) -> None:
    """Roles of which none may do everything leave nobody who could set the backend up: that is said."""
    with pytest.raises(SettingsError, match="No role"):
        async with known(tmp_path, database_settings, roles={"some": ("chat:*",)}):
            pass


async def test_token_narrows_its_role(tmp_path: Path, database_settings: DatabaseSettings) -> None:
    """A token has no more than its scopes, its role, and by now its person's role."""
    async with known(tmp_path, database_settings) as it:
        who = await it.who()
        await it.identity.users.set(who, User(subject="bob", role="developer"))
        asked = TokenAsked(label="ci", subject="bob", role="admin", scopes=("chat:read", "users:read"))
        made = await it.identity.tokens.create(who, asked)
        bob = await it.who(made.token)
        assert (bob.kind, bob.permissions) == ("token", ("chat:read",))
        await it.identity.users.set(who, User(subject="bob", role="readonly", disabled=True))
        with pytest.raises(Unauthenticated, match="disabled"):
            await it.who(made.token)


async def test_revoked_expired_forged(tmp_path: Path, database_settings: DatabaseSettings) -> None:
    """A token ends when it is revoked, and with its time; a letter changed makes it nobody's."""
    async with known(tmp_path, database_settings) as it:
        who = await it.who()
        made = await it.identity.tokens.create(who, TokenAsked(label="ci", days=1))
        assert (await it.who(made.token)).subject
        tenant, name, secret = made.token.split(".")[0], made.about.id, made.token.split(".")[2]
        wrong = [f"{tenant}.{name}.{'A' * 43}", f"vk_other.{name}.{secret}", f"{tenant}.{'0' * 16}.{secret}"]
        for token in (*wrong, made.token + "x", "vk_", "x"):
            with pytest.raises(Unauthenticated):
                await it.who(token)
        await it.identity.tokens.revoke(who, made.about.id)
        with pytest.raises(Unauthenticated):
            await it.who(made.token)
        with pytest.raises(NotFound):
            await it.identity.tokens.revoke(who, "nobody")
        other = await it.identity.tokens.create(who, TokenAsked(label="ci", days=1))
        assert (await it.who(other.token)).subject
        it.clock.pass_s(86_400)
        with pytest.raises(Unauthenticated):
            await it.who(other.token)


async def test_last_used_once_a_minute(tmp_path: Path, database_settings: DatabaseSettings) -> None:
    """When a token was used last is written, at most once in a minute."""
    async with known(tmp_path, database_settings) as it:
        who = await it.who()
        made = await it.identity.tokens.create(who, TokenAsked(label="ci"))
        seen = []
        for wait_s in (0, 30, 31):
            it.clock.pass_s(wait_s)
            await it.who(made.token)
            listed = {each.id: each.last_used_us for each in await it.identity.tokens.all(who)}
            seen.append(listed[made.about.id])
        assert seen[0] == seen[1] == it.clock.us - 61_000_000
        assert seen[2] == it.clock.us


async def test_nobody_rises_above_themselves(tmp_path: Path, database_settings: DatabaseSettings) -> None:
    """Who may change people gives, takes and ends nothing that they do not have themselves, and does not shut themselves out."""
    roles = {"admin": ("*",), "lead": ("users:*", "tokens:*", "chat:*"), "developer": ("chat:*", "file:read")}
    async with known(tmp_path, database_settings, roles=roles) as it:
        operator, users, tokens = await it.who(), it.identity.users, it.identity.tokens
        await users.set(operator, User(subject="lea", role="lead"))
        lea = await it.who(
            (await tokens.create(operator, TokenAsked(label="l", subject="lea", role="lead"))).token
        )
        for role in ("admin", "developer"):
            with pytest.raises(Forbidden):
                await users.set(lea, User(subject="lea", role=role))
            with pytest.raises(Forbidden):
                await tokens.create(lea, TokenAsked(label="x", role=role))
        with pytest.raises(Forbidden):
            await users.remove(lea, "operator")
        with pytest.raises(Forbidden):
            await users.revoke(lea, "operator")
        first = next(each for each in await tokens.all(lea) if each.label == "first run")
        with pytest.raises(Forbidden):
            await tokens.revoke(lea, first.id)
        assert (await it.who()).subject
        with pytest.raises(Conflict):
            await users.remove(operator, "operator")
        with pytest.raises(UsageError, match="no role"):
            await users.set(operator, User(subject="x", role="nothing"))
        assert (
            await tokens.create(lea, TokenAsked(label="x", role="developer", scopes=("chat:read",)))
        ).token


@pytest.mark.parametrize("is_added", [True, False], ids=["added", "tokens only"])
@pytest.mark.parametrize("how", ["revoke", "remove"])
async def test_revoking_a_person_ends_their_tokens(
    tmp_path: Path, database_settings: DatabaseSettings, how: str, is_added: bool
) -> None:
    """Also of who was never added to the team and has nothing but a token; nobody else's, and not the one that asks."""
    async with known(tmp_path, database_settings) as it:
        who = await it.who()
        if is_added:
            await it.identity.users.set(who, User(subject="ada", role="developer"))
        asked = TokenAsked(label="laptop", subject="ada", role="developer")
        first, second = [await it.identity.tokens.create(who, asked) for _ in range(2)]
        other = await it.identity.tokens.create(who, TokenAsked(label="laptop", subject="bob"))
        end = it.identity.users.revoke if how == "revoke" else it.identity.users.remove
        await end(who, "ada")
        for made in (first, second):
            with pytest.raises(Unauthenticated):
                await it.who(made.token)
        assert (await it.who(other.token)).subject == "bob"
        with pytest.raises(NotFound, match="nobody"):
            await end(who, "nobody")


async def test_revoking_oneself_keeps_the_token_that_asks(
    tmp_path: Path, database_settings: DatabaseSettings
) -> None:
    """The operator's other tokens end, and the backend goes on having an operator."""
    async with known(tmp_path, database_settings) as it:
        who = await it.who()
        other = await it.identity.tokens.create(
            who, TokenAsked(label="old", subject="operator", role="admin")
        )
        await it.identity.users.revoke(who, "operator")
        with pytest.raises(Unauthenticated):
            await it.who(other.token)
        assert (await it.who()).operator


async def test_only_an_operator_shuts_an_operator_out(
    tmp_path: Path, database_settings: DatabaseSettings
) -> None:
    """An administrator of a tenant may do everything in it, and still does not shut out who runs the backend."""
    async with known(tmp_path, database_settings) as it:
        made = await it.identity.tokens.create(
            await it.who(), TokenAsked(label="a", subject="amy", role="admin")
        )
        amy, users = await it.who(made.token), it.identity.users
        for change in (
            users.revoke(amy, "operator"),
            users.remove(amy, "operator"),
            users.set(amy, User(subject="operator", role="admin", disabled=True)),
            users.set(amy, User(subject="operator", role="readonly")),
        ):
            with pytest.raises(Forbidden, match="operator"):
                await change
        who = await it.who()
        assert (who.operator, who.permissions) == (True, ("*",))


async def test_a_role_that_is_gone_may_nothing(tmp_path: Path, database_settings: DatabaseSettings) -> None:
    """A configuration read anew holds at once, and a role that it names no more has no permission."""
    async with known(tmp_path, database_settings) as it:
        assert (await it.who()).may("users:write")
        it.settings = replace(it.settings, roles={"other": ("*",)})
        assert not (await it.who()).may("chat:read")


async def test_forged_victor_tokens(tmp_path: Path, database_settings: DatabaseSettings) -> None:
    """Only our own key, our own algorithm and our own header: nothing that a token says of itself changes that."""
    async with known(tmp_path, database_settings) as it:
        good = (await it.login()).access_token
        head, body, signature = good.split(".")
        claims = json.loads(base64.urlsafe_b64decode(body + "=="))
        header = json.loads(base64.urlsafe_b64decode(head + "=="))
        public = (await it.vault.verifying_keys("tokens"))[header["kid"]]
        own = OKPKey.generate_key("Ed25519")
        secret = OctKey.import_key(public)
        forged = [
            signed({**header, "alg": "HS256"}, claims, secret, "HS256"),
            signed(header, claims, own, "Ed25519"),
            signed({**header, "jwk": own.as_dict(private=False)}, claims, own, "Ed25519"),
            signed({**header, "kid": "other"}, claims, own, "Ed25519"),
            f"{head}.{base64.urlsafe_b64encode(json.dumps({**claims, 'sub': 'operator'}).encode()).decode().rstrip('=')}.{signature}",
            f"{head}.{body}.",
            f"{head}.{body}",
            good + "A",
            "e30.e30.e30",
        ]
        for token in forged:
            with pytest.raises(Unauthenticated):
                await it.who(token)
        assert (await it.who(good)).subject == "ann"


@given(
    st.text(max_size=200)
    | st.from_regex(r"[A-Za-z0-9_-]{1,20}\.[A-Za-z0-9_-]{1,20}\.[A-Za-z0-9_-]{1,20}", fullmatch=True)
)
def test_whatever_comes_is_refused(text: str) -> None:
    """Any letters at all are no token of ours, and nothing else is raised."""
    with pytest.raises(Unauthenticated):
        read_victor_token(text, {"k": bytes(32)}, 0)
    assert read_api_token(text) is None


def test_api_token_there_and_back() -> None:
    """What is made is read; its secret does not show."""
    token = make_api_token("acme")
    assert read_api_token(token.text) == token
    assert token.secret not in repr(token)


@pytest.mark.parametrize(
    ("configuration", "environment"),
    [
        ({"models": [{"api_key": "sk-" + "1234"}]}, {}),
        ({"database": {"password": "change" + "me"}}, {}),
        ({}, {"VICTOR_MASTER_KEY": "pass" + "word"}),
        ({}, {"OPENAI_API_KEY": "your-api-" + "key"}),
    ],
)
def test_known_secrets(configuration: dict[str, object], environment: dict[str, str]) -> None:
    """A secret that stands in examples is refused where it stands, and not repeated."""
    with pytest.raises(SettingsError, match="examples"):
        refuse_known_secrets(configuration, environment)


def test_other_words_are_no_secrets() -> None:
    """Names of files and variables, and words elsewhere, are left alone."""
    refuse_known_secrets({"logging": {"level": "test"}, "tls": {"key_file": "secret"}}, {"PASSWORD": "test"})
