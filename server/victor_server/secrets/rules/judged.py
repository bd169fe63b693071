"""Judges a value by its name and by how it is written there: is it a secret, and how sure is that?"""

import re
from typing import NamedTuple

from victor_server.secrets.finding import Tier
from victor_server.secrets.judge.classify import (
    is_address,
    is_hash,
    is_hexadecimal,
    is_placeholder,
    is_reference,
    is_uuid,
    is_version_or_date,
    looks_random,
)
from victor_server.secrets.judge.file_kind import FileFacts, FileKind
from victor_server.secrets.judge.names import NameKind, name_kind
from victor_server.secrets.judge.people import (
    could_be_chosen,
    is_passphrase,
    is_single_word,
    is_strong,
    is_usual,
    is_word,
    names_something,
)
from victor_server.secrets.words import words

_MIN_TOKEN = 8
_MIN_KEY = 20
_MAX_LENGTH = 500
_MIN_COMPARED = 6
_MIN_DIGITS = 24
_HEXADECIMAL_NUMBER = re.compile(r"0x[0-9a-fA-F]{1,16}")
_CONSTANT = re.compile(r"[A-Z]+(?:_[A-Z0-9]+)+")
_REQUEST = re.compile(r"(?i)client[-_]?(?:request[-_]?)?token")
"""What a client draws so that a request is carried out once."""
_CHAIN_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_TEST_WORDS = words(
    "test testing tester secret hello unused topsecret mysecret supersecret testpass testpassword mypass mypassword somepass "
    "somepassword somesecret testkey testsecret foobar newpass oldpass passpass"
)
"""What tests call a password when none is meant."""
_DEFAULTS_IN_TESTS = words("user admin root guest demo pass1 pass2")
_SEPARATORS = {ord(c): "" for c in "_-. "}


class Place(NamedTuple):
    """How a value stands in the text.

    `kind`: as in the file, but prose in a comment. `is_loose`: what stands behind the name there may be its value, or
    something else. `is_in_string`: name and value stand in a string literal.
    """

    kind: FileKind
    facts: FileFacts
    is_loose: bool
    is_quoted: bool
    is_in_string: bool
    sign: str


def judge(value: str, name: str, kind: NameKind, place: Place) -> Tier | None:
    """How sure it is that `value` is the secret that `name` promises; None if it is none."""
    if _is_no_secret(value, name) or (place.facts.is_translation and not looks_random(value)):
        return None
    match kind:
        case "password":
            return _judge_password(value, name, place)
        case "secret":
            return _judge_token(value, name, kind, place) or _judge_secret(value, place)
        case "salt":
            return "possible" if _judge_token(value, name, "key", place) else None
        case _:
            return _judge_token(value, name, kind, place)


def _is_no_secret(value: str, name: str) -> bool:
    return (
        len(value) >= _MAX_LENGTH
        or _plain(value) in {_plain(name), _plain(name.rpartition(".")[2])}
        or (_plain(name).endswith(_plain(value)) and name_kind(value) is not None)
        or bool(_HEXADECIMAL_NUMBER.fullmatch(value))
        or is_placeholder(value)
        or is_reference(value.strip("\"'"))
        or is_hash(value)
        or is_address(value)
        or is_version_or_date(value)
    )


def _plain(text: str) -> str:
    return text.lower().translate(_SEPARATORS)


def _judge_password(value: str, name: str, place: Place) -> Tier | None:
    if not could_be_chosen(value):
        return None
    if place.is_in_string and not place.is_quoted and place.sign == ":":
        return "possible" if _is_mixed(value) else None
    if place.is_loose and not _is_surely_mixed(value, place):
        is_compared = place.sign in {"==", "==="} and place.is_quoted and place.kind is FileKind.CODE
        return "possible" if is_compared and is_single_word(value) and len(value) >= _MIN_COMPARED else None
    if is_word(value):
        return "possible" if _is_likely_word(value, name, place) else None
    if place.kind is FileKind.PROSE and not place.is_quoted and not _is_mixed(value):
        return None
    return (
        "certain"
        if is_strong(value) and not place.is_loose and place.kind is not FileKind.PROSE
        else "possible"
    )


def _is_likely_word(value: str, name: str, place: Place) -> bool:
    """A word may be a password where nothing but a password would stand."""
    if place.facts.is_test and (
        value in _TEST_WORDS or (place.kind is FileKind.CODE and value in _DEFAULTS_IN_TESTS)
    ):
        return False
    if place.is_loose or (
        place.kind is FileKind.PROSE
        and (name.lower() == "pass" or (not place.is_quoted and place.sign != "="))
    ):
        return False
    if is_usual(value) or is_single_word(value) or is_passphrase(value):
        return True
    is_setting = place.kind in {FileKind.CONFIG, FileKind.SHELL} and value.islower() and "." not in value
    return is_setting and (name.isupper() or not names_something(value))


def _is_surely_mixed(value: str, place: Place) -> bool:
    """What a list, a call or a sentence holds behind the name: no word, and no name with a digit in it."""
    if not place.is_quoted and not value.isascii():
        return False
    n_digits = sum(map(str.isdigit, value))
    return looks_random(value) or (
        _is_mixed(value) and n_digits >= (1 if place.is_quoted and place.sign != "," else 2)
    )


def _is_mixed(value: str) -> bool:
    """Letters with digits, or with signs that words do not have."""
    has_letter = any(c.isalpha() for c in value)
    return has_letter and len(value) >= 6 and any(c.isdigit() or c in "!@#$%^&*?+" for c in value)


def _judge_secret(value: str, place: Place) -> Tier | None:
    """What people chose for `jwt.secret`: like a password, but names of secrets stand in the same place."""
    if place.is_loose or not could_be_chosen(value) or len(value) < 6:
        return None
    return "possible" if (_is_mixed(value) and not is_word(value)) or is_usual(value) else None


def _judge_token(value: str, name: str, kind: NameKind, place: Place) -> Tier | None:
    """Machines' secrets: they look random."""
    if name == "KEY" and not (place.is_quoted and place.sign in {"=", ":", ":="}):
        return None
    if len(value) < _MIN_TOKEN or not value.isascii() or any(c in value for c in "([ "):
        return None
    if not looks_random(value) and not (value.isdigit() and len(value) >= _MIN_DIGITS):
        return None
    if _CHAIN_ADDRESS.fullmatch(value) or (len(value) < 32 and _CONSTANT.fullmatch(value)):
        return None
    if is_uuid(value):
        is_setting = place.kind is FileKind.CONFIG and place.sign in {"=", ":"}
        return (
            None
            if _REQUEST.search(name) or place.is_loose or (kind == "key" and not is_setting)
            else "possible"
        )
    if kind == "key" and (len(value) < _MIN_KEY or "." in value or "/" in value):
        return None
    if len(value) < 16 and (place.is_loose or is_hexadecimal(value)) and kind != "secret":
        return None
    if place.is_loose or place.kind is FileKind.PROSE:
        return "possible"
    return "certain" if is_strong(value) and kind in {"token", "secret"} else "possible"
