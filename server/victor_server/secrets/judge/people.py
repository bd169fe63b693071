"""Judges passwords that people chose: they are short, and tell themselves from the words of a program."""

import re

from victor_server.secrets.judge.classify import entropy, is_sequential, is_wordy, looks_random
from victor_server.secrets.judge.letters import is_gibberish
from victor_server.secrets.words import words

MIN_LENGTH = 4
_WORD = re.compile(r"[A-Za-z]+")
_ODD_CASE = re.compile(r"[a-z][A-Z]{2,}[a-z]{2}|[A-Z]{2}[a-z]{1,2}[A-Z]")
_JOINED_LETTERS = re.compile(r"[^\W\d_]+(?:[-_.][^\W\d_]+)*")
_SYMBOL = re.compile(r"[^\w\s.,:;/\\-]|[@]")

_WEAK = words(
    "admin root test guest secret letmein welcome monkey dragon master qwerty sesame opensesame hunter toor pass demo "
    "postgres postgresql mysql mariadb mongo mongodb redis rabbitmq rabbit elastic kibana grafana minio jenkins gitlab "
    "docker vagrant ubuntu debian raspberry oracle tiger scott changeit changeme hello system manager super superuser "
    "administrator operator user backup nagios zabbix tomcat s3cret wordpress drupal joomla magento nextcloud odoo neo"
    "4j cassandra kafka keycloak sonar sonarqube artifactory nexus ansible puppet chef vault consul ldap openldap "
    "calvin alpine cisco ubnt pfsense private public airflow superset metabase mautic druid wso2carbon nacos"
)
"""Words that are passwords in real installations, most of them somebody's default."""

_CODE_WORDS = words(
    "password passwd pass pwd passwords passphrase passcode string text hidden required optional none null true false "
    "nil undefined username user_name email login token auth bool boolean integer number object array any void type "
    "name value label input field form data query body header cookie param params option options default plain plaintext "
    "clear cleartext basic bearer digest oauth oauth2 ldap jwt md5 sha1 sha256 sha512 bcrypt scrypt argon2 pbkdf2 crypt "
    "plaintext hash hashed encrypted encoded base64 hex utf8 ascii binary json yaml xml html file files path env prompt "
    "ask stdin keyring keychain keystore vault disabled enabled enable disable active inactive on off yes no empty blank "
    "unset missing invalid valid incorrect correct wrong mismatch match same different weak strong medium short long "
    "new old current confirm confirmation repeat retype again forgot reset change update create delete show hide toggle "
    "visible masked redacted removed omitted censored protected sensitive restricted account credentials credential "
    "authentication authorization session identity provider grant expired changed unchanged unknown other custom manual "
    "automatic auto generated random dynamic static reference private_key public_key key keys api_key apikey access "
    "placeholder example sample dummy fake mock foo bar baz qux foobar xxx abc abcd todo tbd fixme lorem ipsum blah "
    "something anything whatever here secret_key mypassword yourpassword newpassword oldpassword userpassword testtest "
    "self this that other arg args kwargs str int float list dict tuple set map function lambda return class select from "
    "where insert varchar char blob nvarchar column table index unique primary foreign constraint localhost compat systemd "
    "files sudo passwordless kerberos saml radius pam totp otp sms pin keyboard publickey interactive accept reject deny "
    "allow always never off-the-record click submit button checkbox radio textbox textarea div span title tooltip error "
    "warning info debug success failure failed ignored ignore notused await async yield new require import fail passed pending skipped signup signin signout logout register recover recovery remember verify "
    "verification validate validation strength length minimum maximum expires expiry lock locked unlock open close read "
    "write only admin_password db_password database host port driver url uri scheme protocol domain realm tenant client "
    "server service application app system_user external internal local remote shared global public"
) - {"public", "system"}
"""Words that stand where a password could, in code and in texts about passwords."""

_PARTS_OF_NAMES = re.compile(
    r"(?:new|old|user|confirm\w*|current|repeat|re|retype|login|db|database|account|input|txt|field|your|encoded|plain|raw|"
    r"hashed|encrypted|invalid|wrong|bad|valid|incorrect|correct|no|some|any|forgot\w*|reset|change\w*|set|get|show|hide|"
    r"has|is|check|verify|the|with|without|by|and|ansible|remote|default|mail|smtp|ftp|ssh|proxy|keystore|truststore)"
    r"[-_ .]?(?:pass|passw|pw)[A-Za-z_]*|(?:pass|passw|pw)\w*[-_ .](?:field|input|reset|hash|confirm\w*|repeat|again|2|1|box|text|"
    r"label|here|required|key|file|value)[A-Za-z_]*",
    re.IGNORECASE,
)
_NUMBERED_NAME = re.compile(
    r"(?:value|key|token|arg|param|field|string|item|input|label|text|var|id|name|column|col|"
    r"option|line|step|row|tls|ssl|utf|base|sha|md|aes|oauth|http|ipv)[-_]?\d{1,4}|(?-i:passwd|password|pwd|test|pass)[-_]?\d",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"\w\(|\)\.|\)$|->|=>|::|\w\[|^[.#][A-Za-z][\w-]*$|&&|\|\||^//|^\.{1,2}/|^\w+:\w+:|/\w+/|^[a-z]+\[|\\[dwsbS]|^\^|^&[a-z]+;"
    r"|^[\w-]+(?:\.[A-Za-z_][\w-]*)+$|^\w+=\w*&|^[a-z_]+=[a-z_]+$|;$|^\*|\{\w*\}|^@[A-Za-z]+(?:\.\w+)*$|^--?\w+|^[a-z_]+#[a-z_]+$|^\W+$|^\w+\\\w+$|^\w+\||^[\w.+-]+@[\w-]+(?:\.[a-z]{2,})+$|[)}\]][({\[;]|\w\}\w|\w\]\(|^\w+:\"|^\d+(?:-to-\d+)?-[a-z-]+$|^u?int\d{1,2}(?:_t)?$|^[A-Z0-9]+(?:-[A-Z0-9]+){2,}$"
)
_PATTERN_OR_ALPHABET = re.compile(
    r"\\[(\[dwsSbB.]|\[\^|\.\*|\(\?|\]\*|abcdefghijk|ABCDEFGHIJK|^\{\w+\}?$|\($|^\w+\([\w,]*\)$|\w\|\w+:"
)
_MAX_LENGTH = 64


def could_be_chosen(value: str) -> bool:
    """Whether somebody may have chosen it as a password: neither code, nor text, nor the name of something."""
    if not MIN_LENGTH <= len(value) <= _MAX_LENGTH or any(c.isspace() for c in value):
        return False
    if (
        _PATTERN_OR_ALPHABET.search(value)
        or value.strip("\"'").lower() in _CODE_WORDS
        or _PARTS_OF_NAMES.fullmatch(value)
        or _NUMBERED_NAME.fullmatch(value)
    ):
        return False
    return not _CODE.search(value) or _is_mixed_up(value) or (is_word(value) and _is_nonsense(value))


def _is_mixed_up(value: str) -> bool:
    """Signs that code has, between letters and digits that no name has: `kx#2+c7a)`."""
    return looks_random(value) and len(_SYMBOL.findall(value)) >= 2 and any(c.isdigit() for c in value)


def is_word(value: str) -> bool:
    """Made of letters alone, or of words as identifiers are: weak, if it is a password at all."""
    return _JOINED_LETTERS.fullmatch(value) is not None or (
        is_wordy(value) and not _has_digit_or_symbol(value)
    )


def is_usual(value: str) -> bool:
    """A word that is somebody's password, or letters that are no word."""
    return value in _WEAK or _is_nonsense(value)


def _is_nonsense(value: str) -> bool:
    """Letters that make no words: `kfmwpz`, `aogwlr.nnjohr.yldyqg`, `ugstsiDCIazf`."""
    parts = _WORD.findall(value)
    n_nonsense = sum(map(is_gibberish, parts))
    if len(parts) > 1 and any(part.lower() in _CODE_WORDS or part.lower() in _THINGS for part in parts):
        return False
    return (
        n_nonsense * 2 > len(parts) > 0 if n_nonsense else value.isalpha() and bool(_ODD_CASE.search(value))
    )


def is_single_word(value: str) -> bool:
    """Lower-case letters only, as a person types a word; texts begin with a capital, names have several words."""
    return value.isascii() and value.isalpha() and value.islower()


def is_passphrase(value: str) -> bool:
    """Some words in lower case, none of which programs use: `sunset_bridge`, `purple-pirate`."""
    parts = _PARTS.split(value)
    return (
        len(parts) > 1
        and all(part.islower() and part.isalpha() and len(part) > 1 for part in parts)
        and (_CODE_WORDS.isdisjoint(parts) and _THINGS.isdisjoint(parts))
    )


_PARTS = re.compile(r"[-_.]")
_THINGS = words(
    "password passwd pass pwd passphrase secret secrets key keys token name file ref path id hash field value"
)


def names_something(value: str) -> bool:
    """`admin-password`, `secret_name`: a name that has one of these words in it."""
    return not _THINGS.isdisjoint(_WORD.findall(value.lower()))


def is_strong(value: str) -> bool:
    """Nobody writes this as an example: long and random, or a mixture of all kinds of characters without a word."""
    if is_sequential(value):
        return False
    if len(value) >= 16 and looks_random(value) and entropy(value) >= 3.3:
        return True
    n_kinds = sum(
        map(
            bool,
            (
                re.search(r"[a-z]", value),
                re.search(r"[A-Z]", value),
                re.search(r"\d", value),
                _SYMBOL.search(value),
            ),
        )
    )
    has_word = any(len(word) >= 4 and not is_gibberish(word) for word in _WORD.findall(value))
    return len(value) >= 9 and n_kinds >= 3 and not has_word and entropy(value) >= 2.8


def _has_digit_or_symbol(value: str) -> bool:
    return any(c.isdigit() for c in value) or bool(_SYMBOL.search(value))
