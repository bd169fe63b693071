"""Tells from a variable's or setting's name whether its value is a secret, and of which sort."""

import re
from functools import lru_cache
from typing import Literal

from victor_server.secrets.words import words

NameKind = Literal["password", "token", "key"]
"""`password`: people choose it. `token`: machines do. `key`: machines do, but most keys are no secrets."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

_PASSWORD_WORDS = ("password", "passwd", "passphrase", "passcode", "pwd", "passwords")
_TOKEN_WORDS = (
    "secret",
    "token",
    "credential",
    "credentials",
    "apikey",
    "accesskey",
    "secretkey",
    "authkey",
    "privatekey",
)
_KEY_BEFORE = words(
    "api access secret private auth authentication encryption encrypt signing sign signature client "
    "account service master admin app application license licence storage shared db database crypto aes "
    "hmac jwt session cookie root deploy write webhook integration subscription consumer developer dev "
    "user server security sdk project ingestion management live prod production"
)
_KEY_NOT_BEFORE = words(
    "public pub primary foreign cache sort partition idempotency host row map object event group dedup "
    "message lookup translation hash unique composite index search query s3 storagekey fingerprint locale "
    "text i18n label field meta registry hot short arrow shortcut nav tab answer data react list item "
    "route"
)
_DENIED_BEFORE = words(
    "public csrf xsrf next page pagination continuation cancellation cancel sync forgot reset show hide toggle is has "
    "no hash hashed salt lexer parser grammar syntax search class html css aria cursor passing compass bypass number "
    "max min count num total change request update idempotency action verification upload continue resume"
)
_DENIED_AFTER = words(
    "type types name names url uri path paths file files filename field fields label id ids hash hashed digest length "
    "size header headers endpoint expires expiry expiration expire ttl limit count policy regex pattern placeholder "
    "prefix suffix ref reference class version text hint message error param parameter alg algorithm style scheme kind "
    "store var env column table form input role arn selector title help description manager provider validator "
    "strength reset format index mode salt enabled required visible show hide toggle rule rules min max location dir "
    "directory folder cert certificate usage encoding code codes status state source template schema fingerprint "
    "checksum integrity etag sha sha1 sha256 md5 commit revision author authority authors bucket namespace lookup map "
    "icon image color screen view word words last used date time locker handle question answer sep separator delimiter "
    "span lexer grammar syntax kid page count confirmation reminder generator service client encryption"
)


@lru_cache(maxsize=4096)
def name_kind(name: str) -> NameKind | None:
    """`password`, `token`, `key`, or None for names of something else."""
    words = [word.lower() for word in _WORDS.findall(name)]
    for place, word in enumerate(words):
        if kind := _word_kind(word, words[:place], is_last=place == len(words) - 1):
            is_other = _DENIED_BEFORE.intersection(words[:place]) or _DENIED_AFTER.intersection(
                words[place + 1 :]
            )
            return None if is_other else kind
    return None


def _word_kind(word: str, before: list[str], *, is_last: bool) -> NameKind | None:
    """What one word of a name makes of it, `before` being the words to its left."""
    if word.endswith(_PASSWORD_WORDS) or (word == "pass" and is_last):
        return "password"
    if word.endswith(_TOKEN_WORDS):
        return "token"
    if word.endswith("key"):
        return _key_kind(before[-1] if before else word.removesuffix("key"))
    return "key" if word == "auth" and is_last and before else None


def _key_kind(owner: str) -> NameKind | None:
    """A key is a secret by what it opens."""
    if owner in _KEY_BEFORE:
        return "token"
    return "key" if owner and owner not in _KEY_NOT_BEFORE else None
