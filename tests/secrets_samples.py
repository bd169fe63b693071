"""Made-up secrets, written at run time so that none stands in this repository."""

import random
import string
from collections.abc import Callable
from re import _constants, _parser  # the one reader of regexes that Python has
from typing import Any

from victor_server.secrets.rule import Rule
from victor_server.secrets.rules.named import NamedRule

ALPHANUMERIC = string.ascii_letters + string.digits


def aws_key() -> str:
    """An access key id that is nobody's."""
    return "AKIA" + "Z7QH2MVWX4RTNB6K"


def github_token() -> str:
    """A classic token whose checksum is right."""
    return "ghp_" + "R7tKq2ZbX9mVc4NwLs8PdY6hJf3GaE" + "2I0P5m"


def pem_key(label: str = "RSA ", n_lines: int = 12, newline: str = "\n") -> str:
    """A block that has the shape of a private key."""
    rng = random.Random(7)
    body = newline.join("".join(rng.choices(ALPHANUMERIC + "+/", k=64)) for _ in range(n_lines))
    return f"-----BEGIN {label}PRIVATE KEY-----{newline}{body}{newline}-----END {label}PRIVATE KEY-----"


def text_for(rule: Rule, rng: random.Random) -> str:
    """A line in which the rule, not one of the structural ones, finds a value drawn at random."""
    value = sample(rule.source, rng)
    if isinstance(rule, NamedRule):
        return f"{rule.keywords[0]}_api_key = '{value}'"
    if rule.id == "azure-sas-token":
        return f"https://a.blob.core.windows.net/c?sv=2022-11-02&{value}"
    return value if any(map(value.lower().count, rule.keywords)) else f"# {rule.keywords[0]} {value}"


def sample(pattern: str, rng: random.Random) -> str:
    """A text that the pattern matches, its free characters drawn at random."""
    return _from_items(_parser.parse(pattern), rng)


def _from_items(items: Any, rng: random.Random) -> str:
    return "".join(_WRITERS[operation](argument, rng) for operation, argument in items)


def _from_class(members: Any, rng: random.Random) -> str:
    """One ASCII character of a class; letters and digits first, they are what secrets are made of."""
    if members[0][0] is _constants.NEGATE:
        return rng.choice(ALPHANUMERIC)
    allowed = [char for char in string.printable[:95] if any(_is_member(char, member) for member in members)]
    return rng.choice([char for char in allowed if char.isalnum()] or allowed)


def _is_member(char: str, member: tuple[Any, Any]) -> bool:
    operation, argument = member
    if operation is _constants.LITERAL:
        return ord(char) == int(argument)
    if operation is _constants.RANGE:
        return int(argument[0]) <= ord(char) <= int(argument[1])
    in_category: dict[Any, bool] = {
        _constants.CATEGORY_DIGIT: char.isdigit(),
        _constants.CATEGORY_WORD: char.isalnum() or char == "_",
        _constants.CATEGORY_SPACE: char == " ",
        _constants.CATEGORY_NOT_SPACE: char != " ",
    }
    return in_category[argument]


def _from_repeat(argument: Any, rng: random.Random) -> str:
    least, most, items = argument
    count = int(least) if least else rng.choice([0, min(int(most), 1)])
    return "".join(_from_items(items, rng) for _ in range(count))


def _nothing(_argument: Any, _rng: random.Random) -> str:
    return ""


_WRITERS: dict[Any, Callable[[Any, random.Random], str]] = {
    _constants.LITERAL: lambda argument, _rng: chr(argument),
    _constants.IN: _from_class,
    _constants.ANY: lambda _argument, rng: rng.choice(ALPHANUMERIC),
    _constants.NOT_LITERAL: lambda _argument, rng: rng.choice(ALPHANUMERIC),
    _constants.BRANCH: lambda argument, rng: _from_items(rng.choice(argument[1]), rng),
    _constants.SUBPATTERN: lambda argument, rng: _from_items(argument[3], rng),
    _constants.ATOMIC_GROUP: _from_items,
    _constants.MAX_REPEAT: _from_repeat,
    _constants.MIN_REPEAT: _from_repeat,
    _constants.POSSESSIVE_REPEAT: _from_repeat,
    _constants.AT: _nothing,
    _constants.ASSERT: _nothing,
    _constants.ASSERT_NOT: _nothing,
}
