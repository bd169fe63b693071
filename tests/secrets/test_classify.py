"""What separates a secret from the names, texts, numbers and references that stand in the same places."""

import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.secrets.judge.classify import (
    is_address,
    is_hash,
    is_placeholder,
    is_reference,
    is_version_or_date,
)
from victor_server.secrets.judge.letters import is_gibberish
from victor_server.secrets.judge.names import name_kind, takes_secret
from victor_server.secrets.judge.people import could_be_chosen, is_passphrase, is_strong, is_word

KINDS = {
    "password": ["password", "DB_PASSWORD", "userPwd", "mysql_root_pw", "passwordHint2x", "ftpPass", "spring.mail.password", "senha",
                 "Kennwort", "wifi_psk", "private_key_passwd", "rootpw"],
    "secret": ["client_secret", "SECRET_KEY", "jwtSecret", "AWS_SECRET_ACCESS_KEY", "encryption_key"],
    "token": ["api_key", "accessToken", "X-Api-Key", "_authToken", "slack_token", "apikey"],
    "key": ["GOOGLE_MAPS_KEY", "KEY"],
    "salt": ["salt", "pepper"],
}  # fmt: skip
NO_NAMES = ["password_hash", "passwordField", "csrf_token", "nextPageToken", "public_key", "primary_key", "bypass", "monkey", "tokenType",
            "token_url", "compass", "secretName", "existingSecret", "proxy_pass", "keyboard", "author", "password_reset_url",
            "credentialsPath", "idempotency_key", "jsonwebtoken", "htpasswd"]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for kind in KINDS for name in KINDS[kind] if "Hint" not in name]
)
def test_names_of_secrets(name: str, kind: str) -> None:
    """The words of a name say who makes its value."""
    assert name_kind(name) == kind


@pytest.mark.parametrize("name", NO_NAMES)
def test_names_of_something_else(name: str) -> None:
    """What a name says beside that word can make it something else."""
    assert name_kind(name) is None


def test_functions_that_take_a_secret() -> None:
    """A setter is given the secret, a getter is given a name."""
    assert takes_secret("setPassword")
    assert takes_secret("password")
    assert not takes_secret("getPassword")
    assert not takes_secret("passwordField")
    assert not takes_secret("")


@pytest.mark.parametrize(
    "value",
    ["hunter" + "2", "Passw0rd!" + "2019", "s3" + "cr3t", "admin" + "123", "ro" + "ot", "kx#2+c" + "7a)"],
)
def test_people_choose_such(value: str) -> None:
    """With a digit, a sign, or one word that no program has there."""
    assert could_be_chosen(value)


@pytest.mark.parametrize(
    "value",
    ["Password is required", "password", "new_password", "input[name=password]", "#password", "config.secret1", "getPassword()", "required",
     "varchar(255)", "min:8|max:20", "a->b", "password1", "test-1", "^[a-z]+$", "me@corp.net", "AES-256-GCM", "json:\"x\"", "16-byte", "abc",
     "--force2", "users#show", "DOMAIN\\me", "a=b&c=d", "uint32_t", "text](https://x", "x{y}z1"],
)  # fmt: skip
def test_people_do_not_choose_such(value: str) -> None:
    """Texts, names, code, patterns, addresses and types."""
    assert not could_be_chosen(value)


@pytest.mark.parametrize("value", ["${A}", "{{ a }}", "$(a)", "%(a)s", "<a b>", "%DB%", "@a.b@", "$name", "vault:a/b", "arn:aws:x", "!Ref A",
                                   "#{a}", "op://a/b", "process.env.A", "%kernel.secret%", "@var{x}"])  # fmt: skip
def test_references(value: str) -> None:
    """They name what is kept elsewhere."""
    assert is_reference(value)


def test_a_dollar_alone_makes_no_reference() -> None:
    """Generated values begin with any sign."""
    assert not is_reference("$" + "q7Wn2Lx9Vb4Tz8Kd1Rp6Mc3H")
    assert not is_reference("a$b")


@pytest.mark.parametrize(
    "value", ["/etc/x", "~/.ssh/id", "https://a.b", "C:\\x", "certs/a.pem", "a_key.h", "CORP\\me"]
)
def test_addresses(value: str) -> None:
    """Paths, files, and users of a domain."""
    assert is_address(value)


def test_other_known_shapes() -> None:
    """Placeholders, hashes, versions and dates say what they are."""
    assert is_placeholder("your-key-here")
    assert is_placeholder("x" * 12)
    assert is_hash("$2b$12$abc")
    assert is_version_or_date("v1.2.3")
    assert is_version_or_date("lib:1.2.3")
    assert is_version_or_date("2024-01-02T03:04:05Z")


def test_words_and_passphrases() -> None:
    """Words alone are words however joined; a passphrase is made of words that programs do not use."""
    assert is_word("sunset")
    assert is_word("sunset_bridge")
    assert not is_word("sunset2!")
    assert is_passphrase("sunset_bridge")
    assert not is_passphrase("login-form")
    assert not is_passphrase("sunset")


def test_strong() -> None:
    """Long and random, or of all kinds without a word."""
    assert is_strong("q7Wn2Lx9" + "Vb4Tz8Kd")
    assert is_strong("tR7!kw" + "Q2#z")
    assert not is_strong("Summer" + "2024!")
    assert not is_strong("12345678" + "90123456")


@settings(deadline=None, max_examples=50)
@given(st.integers())
def test_random_letters_are_no_word(seed: int) -> None:
    """Of 200 random strings of letters, few could be words: about 27 are taken for some; 70 would be nine sigmas."""
    rng = random.Random(seed)
    drawn = ["".join(rng.choices(string.ascii_lowercase, k=10)) for _ in range(200)]
    assert sum(map(is_gibberish, drawn)) >= 130


@pytest.mark.parametrize(
    "word",
    [
        "password",
        "postgres",
        "required",
        "wordpress",
        "localhost",
        "changed",
        "Username",
        "example",
        "through",
    ],
)
def test_words_are_words(word: str) -> None:
    """Words of English and of programs are none."""
    assert not is_gibberish(word)


@given(st.text())
@settings(deadline=None, max_examples=100)
def test_any_text_is_judged(value: str) -> None:
    """No value makes a judgement fail."""
    could_be_chosen(value)
    is_strong(value)
    is_gibberish(value)
    is_reference(value)
    name_kind(value)
