"""Finds strings that no person wrote and no name explains: random enough to be somebody's secret."""

import math
import re
from collections.abc import Iterator
from itertools import pairwise

from victor_server.secrets.judge.classify import entropy, is_sequential, is_uuid
from victor_server.secrets.words import words

MIN_LENGTH = 16
"""Shorter ones cannot be told from identifiers, product numbers and the like."""
MIN_HEXADECIMAL = 32

_RUN = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEXADECIMAL = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_WORTH_A_LOOK = re.compile(r"[0-9]|[a-z][A-Z]|[A-Z]{2}[a-z]")
_PART = re.compile(r"[^/_-]+")
_SEGMENTS = re.compile(r"[A-Za-z0-9]+")

_USUAL_PAIRS = frozenset(
    followed[0] + letter
    for followed in words(
        "abcdgilmnprstu baejlouy caehiklortu dadeilorsu eacdeflmnpqrstvxy faefioru gehinrs haeiot iabcdefglmnoprstvz ke "
        "ladefilostuy maeiop nacdefgiostu obcdflmnoprstuw paeiloprty qu racdegimnorstuy sacehimopstuy taehiorstuy "
        "uabeilmnprst vae wahi xct ypst ze"
    )
    for letter in followed[1:]
)
"""Two letters in a row, of which words and identifiers are made: nine in ten there, three in ten in random text."""

_MIN_UNUSUAL = 0.5
_MIN_SEGMENT = 10
_MIN_PAIRS = 5
_SHORT_PART = 5
_MIN_ENTROPY = 3.4
_MIN_HEXADECIMAL_ENTROPY = 2.8

_BEFORE_A_HASH = re.compile(
    r"(?i)(?:sha-?\d{1,3}(?:sum)?|md5(?:sum)?|blake\w{0,4}|commit|tree|parent|object|merge|index|head|hash(?:es)?|digest"
    r"|checksum|integrity|etag|revision|rev|ref|fingerprint|oid|blob|git|crc|resolved|from|refs?/\w+)"
    r"[\w.-]{0,20}[\"'`\])]{0,2}\s{0,4}[:=@#/(,\s-]{0,3}\s{0,4}[\"'`]?$"
    r"|\"alg\":\s?\"[\w-]{1,20}\",\s{1,40}\"content\":\s?\"$"
)
"""What says that the hexadecimal string behind it is a hash."""
_LOOK_BEHIND = 120
_HASH_OF_BASE64 = re.compile(r"sha(?:1|256|384|512)-")
_PUBLIC = re.compile(
    r"AAAA(?:B3NzaC1|C3NzaC1|E2VjZHNh)|(?:iVBORw0KGgo|R0lGOD|/9j/|PHN2Zy|PD94bWw|d09GR|AAABAA|UklGR)"
)
"""Public keys of SSH, and how images and fonts begin in base64."""
_DATA_ADDRESS = re.compile(r"data:[\w.+-]{1,40}/[\w.+-]{1,60}(?:;[\w=-]{1,40}){0,3},$")
_PUBLIC_BLOCK = re.compile(
    r"-----BEGIN (?P<label>(?:[A-Z0-9]{1,12} ){0,3}(?:CERTIFICATE(?: REQUEST)?|PUBLIC KEY|X509 CRL|PKCS7|SIGNATURE|DH PARAMETERS))-----"
    r"[^-]{0,60000}+-----END (?P=label)-----"
)


def random_strings(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each free-standing string that looks random, in reading order. Linear in the text.

    Left alone is what evidently is no secret: UUIDs, hashes that something calls so, public keys and certificates,
    images in base64, paths and identifiers.
    """
    blocks = _public_blocks(text)
    block = next(blocks, None)
    for run in _RUN.finditer(text):
        while block and block[1] <= run.start():
            block = next(blocks, None)
        if block and block[0] <= run.start():
            continue
        yield from _random_parts(text, *run.span())


def _public_blocks(text: str) -> Iterator[tuple[int, int]]:
    if "-----BEGIN " in text:
        yield from (block.span() for block in _PUBLIC_BLOCK.finditer(text))


def _random_parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A run as a whole, or, where words in it make a path or a name of it, its parts."""
    if not _WORTH_A_LOOK.search(text, start, end) or _is_public(text, start, end) or is_uuid(text[start:end]):
        return
    parts = list(_PART.finditer(text, start, end))
    n_named = sum(part.end() - part.start() for part in parts if _is_name(part.group()))
    is_named = n_named > 0 if "/" in text[start:end] else n_named * 4 >= end - start
    if not is_named and not any(_is_hash_part(part.group()) for part in parts):
        yield from _random_string(text, start, end)
        return
    for part in parts:
        if part.end() - part.start() >= MIN_LENGTH:
            yield from _random_string(text, *part.span())


def _is_name(part: str) -> bool:
    """A part of a path or a name: a word, a version; what random text has between two signs is seldom one."""
    if len(part) <= _SHORT_PART:
        return len(part) >= 3 and part.isalpha() and (part.islower() or part.isupper() or part.istitle())
    return _unusual(part) < _MIN_UNUSUAL


def _is_hash_part(part: str) -> bool:
    """Such as follows the name of a file or a container."""
    return len(part) >= 8 and bool(_HEXADECIMAL.fullmatch(part))


def _random_string(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    value = text[start:end].strip("-_/+")
    if len(value) < MIN_LENGTH or value.isdigit() or is_uuid(value) or is_sequential(value):
        return
    if _HEXADECIMAL.fullmatch(value):
        is_random = (
            len(value) >= MIN_HEXADECIMAL
            and entropy(value) >= _MIN_HEXADECIMAL_ENTROPY
            and not _BEFORE_A_HASH.search(text, max(0, start - _LOOK_BEHIND), start)
        )
    else:
        is_random = _looks_random(value)
    if is_random:
        yield start, end


def _looks_random(value: str) -> bool:
    segments = _SEGMENTS.findall(value)
    return (
        max(map(len, segments)) >= _MIN_SEGMENT
        and entropy(value) >= min(_MIN_ENTROPY, 0.8 * math.log2(len(value)))
        and _unusual(value) >= _MIN_UNUSUAL
    )


def _unusual(value: str) -> float:
    """The share of neighbouring letters and digits that words and identifiers do not have."""
    usual = unusual = 0
    for first, second in pairwise(value):
        if first.isalpha() and second.isalpha():
            if first.islower() and second.isupper():
                continue
            if (first + second).lower() in _USUAL_PAIRS:
                usual += 1
            else:
                unusual += 1
        elif first.isalnum() and second.isalnum() and not (first.isdigit() and second.isdigit()):
            unusual += 1
    return unusual / (usual + unusual) if usual + unusual >= _MIN_PAIRS else 0.0


def _is_public(text: str, start: int, end: int) -> bool:
    return bool(
        _PUBLIC.match(text, start, end)
        or _HASH_OF_BASE64.match(text, start, end)
        or _DATA_ADDRESS.search(text, max(0, start - 120), start)
    )
