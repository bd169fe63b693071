"""Tells values that are no secrets: placeholders, references, hashes, identifiers, words."""

import math
import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise

from victor_server.secrets.finding import Tier
from victor_server.secrets.judge.documented import is_documented

_PLACEHOLDER = re.compile(
    r"example|placeholder|redacted|change_?-?me|replace|your|dummy|sample|insert|foobar|fixme|todo|not-?a-?real"
    r"|xxxx|\*\*\*|\.\.\.|…|•|____|-----|fake|goes_?-?here|mock|lorem|(.)\1{7}|deadbeef|<[\w -]+>",
)
_SEQUENTIAL = re.compile(
    r"0123456|1234567|2345678|9876543|abcdefg|bcdefgh|qwerty|asdfgh|abcd1234|1a2b3c|a1b2c3|abc123|123abc|testtest|test_?key"
)
_REFERENCE = re.compile(
    r"%[sdrv](?![\w])|%\w:%|\$\{|\$\(|\{\{|\}\}|<%|%>|#\{|%\(|\$\[|\(\(|\{%|@\{|"  # templates of shells, CI systems, Helm, Jinja, ERB…
    r"^\$\(|^%[A-Za-z_]\w*%$|^\{[\w.:-]*\}$|^<[^>]*>$|^\[[^\]]*\]$|^__\w+__$|^@{1,2}[\w.-]+@{1,2}$|"
    r"^(?:env|vault|secret|secrets|ssm|file|ref|op|aws|gcp|azure|kms|sops|enc|cipher|var|local|data|module|pkcs11)[:.(\[/]|"
    r"^arn:|^ENC\[|^\{cipher\}|^AQICA|^projects/|^!(?:vault|ref|sub|secret|env|include|getatt|importvalue|file|join|reference|\w*\s)|"
    r"^\?|^\$\$|^@\w+\{|^%[a-z_]+$|^__[A-Za-z]\w{0,12}_|^HKEY_|\{[$@]?[A-Za-z_][\w.]*\}|^%[\w.]+%$|ENV\.|process\.env|os\.environ|getenv|System\.getenv|ENV\[|import\.meta|secrets\.|vars\.|params\.|Secret(?:s)?Manager"
)
_VARIABLE = re.compile(r"\$[A-Za-z_]")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_HASH = re.compile(
    r"(?:sha(?:1|224|256|384|512)|md5|blake2b?)[-:=]|\$(?:2[abxy]?|1|5|6|y|argon2\w*|pbkdf2[\w-]*|scrypt|apr1|sha1)\$|"
    r"(?:pbkdf2|bcrypt|argon2|scrypt)[_:$]|\{(?:SSHA|SHA|MD5|bcrypt|CRYPT|PBKDF2)[\w-]*\}"
)
_URL_OR_PATH = re.compile(
    r"[a-z][a-z0-9+.-]{1,15}://|\.{0,2}/[\w.-]+(?:/|$)|~/|[A-Za-z]:\\|[\w-]+(?:/[\w.-]+){2,}$|[\w.-]+\\[\w.-]+$|"
    r"[\w./-]+\.(?:pem|key|crt|cert?|p12|p8|jks|pfx|pub|der|asc|gpg|json|ya?ml|toml|txt|env|py|[jt]sx?|go|java|html?|php|aspx?|"
    r"sh|conf|cfg|ini|xml|md|png|svg|csv|sql|log|keystore|properties|cpp|hpp|cs|rb|vue|css|scss|[choa]|l[oa]|so|dll|exe|class|jar|war|zip|t?gz|tar|bz2|bin|dat|db|img|pid|sock|tpl|erb|j2)$"
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^A-Za-z\d]+")
_HEXADECIMAL = re.compile(r"[0-9a-f.:-]+|[0-9A-F.:-]+")
_VERSION_OR_DATE = re.compile(
    r"\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-][\d:]+)?$|(?:[A-Za-z][\w.-]*:)?v?\d+(?:[.:/-]\d+)+(?:[.\-+ T]?[A-Za-z0-9]{0,8})?$|\d+(?:px|em|rem|ms|s|m|h|d|kb|mb|gb|%)$",
    re.IGNORECASE,
)

MIN_VARIETY = 5
_ALPHABET = 28
"""A text of so many characters in which none comes twice is an alphabet: one in a thousand random ones is like that."""


def is_placeholder(value: str) -> bool:
    """Written by someone who wanted to show where a secret goes, or printed in a vendor's documentation."""
    return (
        bool(_PLACEHOLDER.search(value.lower()))
        or len(set(value)) < min(MIN_VARIETY, len(value) // 2)
        or (len(value) >= _ALPHABET and len(set(value)) == len(value))
        or is_documented(value)
    )


def is_sequential(value: str) -> bool:
    """Typed along the keyboard or the alphabet: made up, though someone may use it."""
    return bool(_SEQUENTIAL.search(value.lower()))


def is_reference(value: str) -> bool:
    """Names a secret that is kept elsewhere: a variable, a vault, a template."""
    return bool(_REFERENCE.search(value)) or (
        bool(_VARIABLE.match(value)) and not (len(value) >= 20 and looks_random(value[1:]))
    )


def is_hash(value: str) -> bool:
    """A hash that says which it is: what is left of a password, or a checksum."""
    return bool(_HASH.match(value))


def is_uuid(value: str) -> bool:
    """A UUID: an identifier unless its name says otherwise."""
    return bool(_UUID.fullmatch(value))


def is_address(value: str) -> bool:
    """A URL, a path, the name of a file, or a user of a Windows domain."""
    return bool(_URL_OR_PATH.match(value))


def is_hexadecimal(value: str) -> bool:
    """Digits of base 16 in one case."""
    return bool(_HEXADECIMAL.fullmatch(value))


def is_version_or_date(value: str) -> bool:
    """A version, a date, an address of four numbers, or a number with a unit."""
    return bool(_VERSION_OR_DATE.match(value))


def is_wordy(value: str) -> bool:
    """Made of words, as identifiers and texts are: `my-secret-name-2`, `accessTokenV1`."""
    parts = _WORDS.findall(value)
    words = [part for part in parts if part.isalpha()]
    n_letters = sum(map(len, words))
    if not words:
        return True
    numbers = [part for part in parts if part.isdigit()]
    n_digits = sum(map(len, numbers))
    if len(numbers) > 1 + len(parts) - len(words) - len(numbers):
        return False  # words are numbered at their end, or between separators
    return n_letters / len(words) >= 3.2 and n_digits * 4 <= n_letters and all(map(_pronounceable, words))


def _pronounceable(word: str) -> bool:
    """Short, or with vowels where a word has them."""
    vowels = len(re.findall(r"[aeiouy]", word, re.IGNORECASE))
    return len(word) <= 3 or vowels * 6 >= len(word)


@lru_cache(maxsize=1024)
def entropy(value: str) -> float:
    """Shannon's entropy of the characters, in bits per character."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values())


def looks_random(value: str) -> bool:
    """Not written by a person: long enough, mixed, and without words."""
    if len(value) < 8 or any(c.isspace() for c in value):
        return False
    has_digit = any(c.isdigit() for c in value)
    has_letter = any(c.isalpha() for c in value)
    if not has_letter or not (has_digit or _mixes_case(value)):
        return False
    most = 3.0 if _HEXADECIMAL.fullmatch(value) else 3.6
    return entropy(value) >= min(most, 0.75 * math.log2(len(value))) and not is_wordy(value)


def _mixes_case(value: str) -> bool:
    """Upper and lower case change more often than in camelCase."""
    changes = sum(a.islower() and b.isupper() for a, b in pairwise(value))
    return len(value) >= 16 and changes * 5 >= len(value)


def judge_token(value: str) -> Tier | None:
    """For values in a vendor's own format: certain, unless someone made it up."""
    if is_placeholder(value):
        return None
    return "possible" if is_sequential(value) else "certain"
