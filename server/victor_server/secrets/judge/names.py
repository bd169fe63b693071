"""Tells from a variable's or setting's name whether its value is a secret, and of which sort."""

import re
from functools import lru_cache
from typing import Literal

from victor_server.secrets.words import words

NameKind = Literal["password", "secret", "token", "key", "salt"]
"""Who makes the value: `password`: people. `secret`: people or machines. `token`: machines. `key`: machines, but most
keys are no secrets. `salt`: machines, and it is half a secret."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_a-zA-Z]+")

_PASSWORD_WORDS = (
    "password", "passwords", "passwd", "passwds", "passphrase", "passcode", "pwd", "pswd", "passwrd", "psw", "passw",
    "passwort", "kennwort", "senha", "contrasena", "contraseña", "contrasenia", "motdepasse", "wachtwoord", "haslo",
    "hasło", "parola", "heslo", "salasana", "lösenord", "sifre", "şifre", "parol", "пароль", "密码", "口令", "パスワード",
)  # fmt: skip
_NOT_PASSWORDS = words("htpasswd dpasswd gpasswd chpasswd yppasswd smbpasswd")
_OPENED = words("token secret credential credentials auth")
_PASSED_ON = (["proxy"], ["fastcgi"], ["uwsgi"], ["scgi"], ["grpc"], ["memcached"])
"""nginx' `proxy_pass` hands requests on."""
_NOT_KEYS = words("monkey donkey turkey whiskey hockey jockey hotkey passkey keykey")
_SHORT_PASSWORDS = words("pw psk rootpw dbpw userpw adminpw mypw")
_NOT_PASS = words(
    "bypass compass encompass trespass underpass overpass surpass multipass onepass lastpass keepass"
)
_TOKEN_WORDS = (
    "token", "tokens", "credential", "credentials", "apikey", "apikeys", "accesskey", "authkey", "privatekey", "apitoken",
)  # fmt: skip
_SECRET_WORDS = ("secret", "secrets", "secretkey", "secretaccesskey")
_KEY_BEFORE = words(
    "api access secret private auth authentication authorization encryption encrypt encrypted cipher signing sign "
    "signature client account service master admin app application license licence storage shared db database crypto "
    "aes hmac jwt session cookie root deploy write webhook integration subscription consumer developer dev user server "
    "security sdk project ingestion management live prod production"
)
_KEY_BY_PEOPLE = words(
    "secret secrets jwt session cookie signing sign encryption cipher crypto aes hmac shared master"
)
_KEY_NOT_BEFORE = words(
    "public pub primary foreign cache sort partition idempotency host row map object event group dedup message lookup "
    "translation hash unique composite index search query s3 storagekey fingerprint locale text i18n label field meta "
    "registry hot short arrow shortcut nav tab answer data react list item route this self node tree menu panel id "
    "publishable unlock widget state section storekey prop accesskeylabel up down site recaptcha reg socket websocket sec"
)
_DENIED_BEFORE = words(
    "public csrf xsrf next page pagination continuation cancellation cancel sync forgot reset show hide toggle is has "
    "no hash hashed lexer parser grammar syntax search class html css aria cursor passing compass bypass number "
    "max min count num total change request update idempotency action verification upload continue resume bump "
    "redacted blank blanking masked authenticity ice prefix suffix render prompt gpg pgp syntactic existing invalid expected unexpected known"
)
_TOKENS_OF_TEXTS = words(
    "end start stop begin first last current prev previous eos bos pad unk mask sep cls open close special"
)
_DENIED_AFTER = words(
    "type types name names url uri path paths file files filename field fields label id ids hash hashed digest length "
    "size header headers endpoint expires expiry expiration expire ttl limit count policy regex pattern placeholder "
    "prefix suffix ref reference class version text hint message error errors param parameter alg algorithm style scheme "
    "kind store var env column table form input role arn selector title help description manager provider validator "
    "strength reset format index mode salt enabled required visible show hide toggle rule rules min max location dir "
    "directory folder cert certificate usage encoding code codes status state source template schema fingerprint "
    "checksum integrity etag sha sha1 sha256 md5 commit revision author authority authors bucket namespace lookup map "
    "icon image color screen view word words last used date time locker handle question answer sep separator delimiter "
    "span lexer grammar syntax kid page count confirmation reminder generator service client encryption grant url "
    "issuer audience realm filter parser handler factory builder callback changed updated attempts tries property "
    "attribute attr option flag section begin plural list type domain tests strategy mapping command cmd prompt forget forgot forgotten lost recovery policies address addresses symbol decimals amount price supply balance contract network chain spec specs flags maps "
    "guid uuid exe disabled allowed obfuscation blank"
)
_DENIED_CALLS = words(
    "get has find fetch create generate gen read load lookup retrieve request forgot is show hide parse build make new "
    "expect assert should remove delete validate register add resolve use compute derive require list"
)
"""Verbs before the name of a function that takes something else than the secret."""


@lru_cache(maxsize=8192)
def name_kind(name: str) -> NameKind | None:
    """What sort of secret the name promises, or None for names of something else."""
    words = [word.lower() for word in _WORDS.findall(name)]
    if words and words[-1].endswith(_PASSWORD_WORDS):  # of a key, a token, a secret
        words = [word for word in words if not word.endswith("key") and word not in _OPENED]
    for place, word in enumerate(words):
        if kind := _word_kind(word, words[:place], words[place + 1 :], name):
            is_other = _DENIED_BEFORE.intersection(words[:place]) or _DENIED_AFTER.intersection(
                words[place + 1 :]
            )
            return None if is_other else kind
    return None


@lru_cache(maxsize=1024)
def takes_secret(name: str) -> bool:
    """Whether a function of this name is given the secret, as `setPassword` is and `getToken` is not."""
    words = [word.lower() for word in _WORDS.findall(name)]
    return (
        bool(words)
        and _DENIED_CALLS.isdisjoint(words[:-1])
        and bool(_word_kind(words[-1], words[:-1], [], name))
    )


def _word_kind(word: str, before: list[str], after: list[str], name: str) -> NameKind | None:
    """What one word of a name makes of it."""
    if word.endswith(_PASSWORD_WORDS) or word in _SHORT_PASSWORDS or _is_pass(word, before, after):
        return None if word in _NOT_PASSWORDS or "key" in after else "password"
    if word.endswith(_SECRET_WORDS):
        return "token" if after and after[-1] in {"token", "id"} else "secret"
    if word.endswith(_TOKEN_WORDS):
        return None if word == "jsonwebtoken" or _TOKENS_OF_TEXTS.intersection(before) else "token"
    if word == "key":
        return _key_kind(before[-1] if before else "", name)
    if word.endswith("key") and word not in _NOT_KEYS:
        return _key_kind(word.removesuffix("key"), name)
    if word in {"salt", "pepper"} and not after:
        return "salt"
    return "key" if word == "auth" and not after and before else None


def _is_pass(word: str, before: list[str], after: list[str]) -> bool:
    return word.endswith("pass") and not after and word not in _NOT_PASS and before[-1:] not in _PASSED_ON


def _key_kind(owner: str, name: str) -> NameKind | None:
    """A key is a secret by what it opens; a property `object.key` says nothing of that."""
    if owner in _KEY_BY_PEOPLE:
        return "secret"
    if owner in _KEY_BEFORE:
        return "token"
    is_property = name.lower().endswith(".key")
    is_other = owner in _KEY_NOT_BEFORE or is_property
    return "key" if name == "KEY" or (owner and not is_other) else None
