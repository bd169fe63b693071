"""What a model is shown of a conversation's texts, and how it comes back."""

import copy
import json
import logging
import pickle
import random
import re
import string
import time
from base64 import b64encode, urlsafe_b64encode
from html import escape
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redaction_texts import LOOK_ALIKES, ODD_TEXTS, PASSWORD, PATHS, RANDOM, TEXTS, without_nonces
from secrets_samples import aws_key, github_token, pem_key

from victor_server.errors import Unavailable
from victor_server.secrets.lines import line_starts
from victor_server.secrets.redaction.known import is_masked_anywhere, plain_locator
from victor_server.secrets.redaction.session import RedactionSession
from victor_server.secrets.scanner import scan_with_allowed


def check(text: str, expected: str, path: str = "a.py") -> None:
    """A new session shows `text` as `expected`, and takes it back."""
    with RedactionSession() as session:
        shown, _ = session.redact(text, path)
        assert without_nonces(shown) == expected
        assert session.restore(shown) == text


def test_same_value_has_the_same_placeholder() -> None:
    """In one text and in later ones; another value of its kind has the next number."""
    other = "AKIA" + "R5TD3WQXN8KVYB2M"
    with RedactionSession() as session:
        first, _ = session.redact(f"a = '{aws_key()}'\nb = '{other}'\nc = '{aws_key()}'\n", "a.py")
        second, _ = session.redact(f"{other}\n")
    assert without_nonces(first) == (
        "a = '[REDACTED:aws-access-key:1]'\nb = '[REDACTED:aws-access-key:2]'\nc = '[REDACTED:aws-access-key:1]'\n"
    )
    assert without_nonces(second) == "[REDACTED:aws-access-key:2]\n"


def test_sessions_have_nonces_of_their_own() -> None:
    """What one session shows means nothing to another."""
    text = f"a = '{aws_key()}'\n"
    with RedactionSession() as one, RedactionSession() as other:
        shown, _ = one.redact(text)
        assert shown != other.redact(text)[0]
        assert other.restore(shown) == shown
        assert other.redact(shown)[0] == shown


def test_value_once_found_is_masked_everywhere() -> None:
    """Also where no rule would see it, in the same text and in later ones."""
    with RedactionSession() as session:
        shown, _ = session.redact(f'log("{PASSWORD}")\npassword = "{PASSWORD}"\n', "a.py")
        later, _ = session.redact(f"login with x{PASSWORD}y failed\n", "app.log")
    assert (
        without_nonces(shown)
        == 'log("[REDACTED:secret-assignment:1]")\npassword = "[REDACTED:secret-assignment:1]"\n'
    )
    assert without_nonces(later) == "login with x[REDACTED:secret-assignment:1]y failed\n"


def test_weak_value_is_masked_only_where_it_is_found() -> None:
    """The word `admin` is a password in one place, and a word in all others."""
    address = "postgres://root:" + "admin1@db/x"
    with RedactionSession() as session:
        shown, _ = session.redact(f"db: {address}\nuser: admin1 admin\n", "a.yaml")
        assert shown.endswith("user: admin1 admin\n")
        assert "root:[REDACTED:" in shown


@pytest.mark.parametrize(
    ("form", "encoded"),
    [
        ("base64", b64encode(b"user:" + PASSWORD.encode()).decode()),
        ("base64", urlsafe_b64encode(b"ab" + PASSWORD.encode() + b"??>>").decode()),
        ("url", quote(PASSWORD, safe="")),
        ("hex", PASSWORD.encode().hex()),
        ("quoted-printable", PASSWORD.replace("=", "=3D")),
    ],
)
def test_encoded_value_is_masked(form: str, encoded: str) -> None:
    """A value that is known is known in other clothes."""
    value = PASSWORD + "=a/b" if form == "quoted-printable" else PASSWORD
    encoded = encoded + "=3Da/b" if form == "quoted-printable" else encoded
    with RedactionSession() as session:
        session.remember(value, "api-key")
        shown, _ = session.redact(f"x {encoded} y\n")
        assert without_nonces(shown) == f"x [REDACTED:api-key-in-{form}:1] y\n"
        assert session.restore(shown) == f"x {encoded} y\n"


@pytest.mark.parametrize(
    "escaped",
    [
        lambda value: json.dumps(value)[1:-1],
        lambda value: json.dumps(value)[1:-1].replace("/", "\\/"),
        lambda value: escape(value),
    ],
    ids=["json", "php", "html"],
)
def test_escaped_value_is_masked(escaped: object) -> None:
    """What JSON and HTML make of quotes, signs and accents."""
    assert callable(escaped)
    value = 'q7"R/w&Zé' + "\\x9Lm2"
    with RedactionSession() as session:
        session.remember(value, "api-key")
        shown, _ = session.redact(f"x {escaped(value)} y\n")
        assert without_nonces(shown) in {
            "x [REDACTED:api-key-in-json:1] y\n",
            "x [REDACTED:api-key-in-html:1] y\n",
        }


def test_key_with_other_line_ends_is_masked() -> None:
    """The same private key from a file of another system, or as one line of JSON."""
    with RedactionSession() as session:
        session.redact(pem_key() + "\n")
        assert without_nonces(session.redact(pem_key(newline="\r\n"))[0]).startswith("[REDACTED:private-key")
        assert session.redact(json.dumps(pem_key()))[0].startswith('"[REDACTED:private-key')


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_stay(newline: str) -> None:
    """A key of several lines leaves as many empty ones."""
    text = f"a{newline}{pem_key(newline=newline)}{newline}b"
    with RedactionSession() as session:
        shown, _ = session.redact(text)
        assert len(line_starts(shown)) == len(line_starts(text))
        assert session.restore(shown) == text


def test_random_string_is_masked() -> None:
    """Without a name, and without a format that anybody knows."""
    check(
        f"curl https://x.org/hook/{RANDOM}/a", "curl https://x.org/hook/[REDACTED:high-entropy:1]/a", "a.sh"
    )


@pytest.mark.parametrize(
    "text",
    [
        "id = '7f3a52c1-9d4e-4b6f-8a21-c5d0e9b7f364'",
        "commit 9d4e4b6f8a21c5d0e9b7f3647f3a52c19d4e4b6f",
        "image: app@sha256:9d4e4b6f8a21c5d0e9b7f3647f3a52c19d4e4b6f8a21c5d0e9b7f3647f3a52c1",
        '"integrity": "sha512-vN4xLq8ZrT1mWc6KpY3hBd9SvN4xLq8ZrT1mWc6KpY3hBd9SvN4xLq8Z=="',
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIvN4xLq8ZrT1mWc6KpY3hBd9SvN4xLq8Z a@b",
        '<img src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAUAvN4xLq8ZrT1mWc6KpY3hBd9S">',
        "-----BEGIN CERTIFICATE-----\nMIIDvN4xLq8ZrT1mWc6KpY3hBd9SvN4xLq8ZrT1mWc6KpY3hBd9S\n-----END CERTIFICATE-----",
        "from django.contrib.staticfiles.storage import ManifestStaticFilesStorage2",
        "/usr/lib/python3/dist-packages/x86_64-linux-gnu/libfoo2.so",
        "pod/nginx-deployment-66b6c48dd5-7xk9p  subnet-0a1b2c3d4e5f60718  ip-10-0-12-34.eu-west-1.compute.internal",
        "assets/index-1ifPC3Lo.js main.8f3a2b1c9d8e7f6a.chunk.js cp311-cp311-manylinux_2_17_x86_64.whl",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    ],
)
def test_evident_hashes_identifiers_and_public_things_stay(text: str) -> None:
    """Code stays readable."""
    check(text, text)


def test_little_of_ordinary_code_is_masked() -> None:
    """Less than one word in a thousand of this interpreter's own modules."""
    import asyncio
    import email.message
    import http.client
    import typing

    with RedactionSession() as session:
        n_words = n_masked = 0
        for module in (asyncio.base_events, email.message, http.client, typing, json.decoder, string):
            text = Path(str(module.__file__)).read_text("utf-8")
            n_words += len(re.findall(r"\w+", text))
            n_masked += len(session.redact(text, "a.py")[1])
    assert n_masked * 1000 < n_words


def test_outside_text_cannot_name_a_secret() -> None:
    """Placeholders without the nonce, or with a wrong one, are what they are: text."""
    with RedactionSession() as session:
        shown, _ = session.redact(f"a = '{aws_key()}'\n", "a.py")
        nonce = shown.rpartition(":")[2][:10]
        for forged in (
            *LOOK_ALIKES,
            f"[REDACTED:aws-access-key:1:{nonce[:-1]}]",
            f"[REDACTED:other:1:{nonce}]",
        ):
            assert session.restore(forged) == forged


def test_placeholder_that_comes_back_from_outside_is_not_ours() -> None:
    """A file that holds the very placeholder, nonce and all, is shown and restored as that text, not as the secret."""
    with RedactionSession() as session:
        shown, _ = session.redact(f"a = '{aws_key()}'\n", "a.py")
        again, _ = session.redact(shown, "copied.py")
        assert without_nonces(again) == "a = '[REDACTED:quoted-placeholder:1]'\n"
        assert session.restore(again) == shown


def test_what_the_model_wrote_keeps_its_placeholders() -> None:
    """Redacting it again changes nothing, but for what is new in it; a number never given out stays nobody's."""
    with RedactionSession() as session:
        shown, _ = session.redact(f"a = '{aws_key()}'\n", "a.py")
        assert session.redact_again(shown, "a.py")[0] == shown
        invented = shown.replace("key:1:", "key:2:")
        kept, _ = session.redact_again(shown + invented + f"b = '{github_token()}'\n", "a.py")
        assert without_nonces(kept) == (
            "a = '[REDACTED:aws-access-key:1]'\na = '[REDACTED:quoted-placeholder:1]'\nb = '[REDACTED:github-token:1]'\n"
        )
        session.redact("AKIA" + "R5TD3WQXN8KVYB2M")
        assert session.restore(kept) == f"a = '{aws_key()}'\n{invented}b = '{github_token()}'\n"


def test_moved_placeholder_of_a_block_is_restored() -> None:
    """A model that drops the empty lines behind a key still gets the key back."""
    with RedactionSession() as session:
        shown, _ = session.redact(pem_key() + "\n")
        assert session.restore(shown.strip() + "; x") == pem_key() + "; x"


def test_mapping_holds_what_was_taken_out() -> None:
    """In the order of the text, and only of this text."""
    with RedactionSession() as session:
        session.redact(f"{github_token()}\n")
        shown, taken = session.redact(f"x {aws_key()} {aws_key()} y\n")
        assert [without_nonces(each) for each in taken] == ["[REDACTED:aws-access-key:1]"]
        assert taken[shown.split()[1]] == aws_key()
        with pytest.raises(KeyError):
            taken["[REDACTED:github-token:1]"]


def test_nothing_shows_or_carries_away_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    """Neither repr, str, logs nor JSON; copies and pickles are refused."""
    session = RedactionSession()
    _, taken = session.redact(f"{aws_key()}\n")
    vault = session._vault
    logging.getLogger("x").warning("%s %r %r", taken, session, vault)
    shown = f"{taken!r} {taken} {session!r} {vault!r} {vault._kept!r} {caplog.text}"
    assert aws_key() not in shown
    assert aws_key()[4:] not in shown
    for thing in (session, taken, vault):
        for carry in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps):
            with pytest.raises(TypeError):
                carry(thing)


def test_closed_session_knows_nothing() -> None:
    """Its values are overwritten, its mapping is empty, and every method says so."""
    session = RedactionSession()
    shown, taken = session.redact(f"{aws_key()}\n")
    stream = session.restore_stream()
    data = next(iter(session._vault._kept.values())).data
    session.close()
    assert not any(data)
    assert len(taken) == 0
    for use in (
        session.redact,
        session.redact_again,
        session.restore,
        session.redact_stream().feed,
        stream.feed,
    ):
        with pytest.raises(Unavailable):
            use(shown * 10_000)


@settings(deadline=None, max_examples=150)
@given(TEXTS, st.sampled_from(PATHS))
def test_no_secret_survives(text: str, path: str) -> None:
    """The scanner finds nothing more, and no value taken out stands anywhere but for weak ones."""
    with RedactionSession() as session:
        shown, taken = session.redact(text, path)
        assert scan_with_allowed(shown, path) == []
        for value in taken.values():
            assert not is_masked_anywhere(value) or value not in shown
        assert session.redact_again(shown, path)[0] == shown


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(ODD_TEXTS, st.sampled_from(PATHS)), max_size=3))
def test_restore_is_the_inverse(texts: list[tuple[str, str]]) -> None:
    """For any text, in any order, whatever the session has seen; and the number of lines stays."""
    with RedactionSession() as session:
        shown = [session.redact(text, path)[0] for text, path in texts]
        for (text, _), each in zip(texts, shown, strict=True):
            assert session.restore(each) == text
            assert len(line_starts(each)) == len(line_starts(text))
        quoted = [session.redact(each, "a.py")[0] for each in shown]
        assert [session.restore(each) for each in quoted] == shown


def test_locators_agree() -> None:
    """Without ahocorasick_rs the same values are masked."""
    values = [aws_key(), github_token(), RANDOM]
    text = f"{aws_key()}{RANDOM} {github_token()}\n"
    assert [
        text[start:end] for _, start, end in sorted(plain_locator(values)(text), key=lambda hit: hit[1])
    ] == [
        aws_key(),
        RANDOM,
        github_token(),
    ]


@pytest.mark.parametrize(
    "unit",
    [
        "AKIA" + "Z7QH2MVWX4RTNB6K",
        "k='AKIA" + "Z7QH2MVWX4RTNB6K'\n",
        "[REDACTED:x:1:",
        "[",
        "-----BEGIN CERTIFICATE-----\n",
        "data:a/b;",
        "sha sha ",
        "/a1B2",
        RANDOM,
        "\r",
    ],
)
def test_redaction_takes_linear_time(unit: str) -> None:
    """Half a megabyte of what it looks for."""
    text = (unit * (500_000 // len(unit) + 1))[:500_000]
    before = time.process_time()
    with RedactionSession() as session:
        assert session.restore(session.redact(text, "a.env")[0]) == text
    assert time.process_time() - before < 5


def test_many_values_take_linear_time() -> None:
    """Five thousand different keys in one text, and as many again in the next."""
    rng = random.Random(5)
    alphabet = string.ascii_uppercase + "234567"
    before = time.process_time()
    with RedactionSession() as session:
        for _ in range(2):
            text = "".join(f"k = 'AKIA{''.join(rng.choices(alphabet, k=16))}'\n" for _ in range(5_000))
            assert len(session.redact(text, "a.py")[1]) > 4_900
    assert time.process_time() - before < 10
