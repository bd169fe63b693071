"""Passwords as people choose them, and as published sets of labelled lines show them.

Those sets put random letters for letters and digits for digits, so most of the passwords here are treated so too.
"""

import string
from collections.abc import Callable
from random import Random

from bench.secrets_realistic import words

SHARE_OF_SHUFFLED_PASSWORDS = 0.65

_ALNUM = string.ascii_letters + string.digits
_SYMBOLS = "!@#$%^&*-_+=?."


def person(rng: Random, _: str = "") -> str:
    """A password as a person chooses it, and mostly as a published set then shuffles it."""
    value = rng.choice(_STYLES)(rng)
    return same_shape(value, rng) if rng.random() < SHARE_OF_SHUFFLED_PASSWORDS else value


def thought_up(rng: Random, _: str = "") -> str:
    """A password as a person chooses it."""
    return rng.choice(_STYLES)(rng)


def _word(rng: Random) -> str:
    return rng.choice(words.NOUNS)


def _word_digits(rng: Random) -> str:
    return _word(rng) + str(rng.choice([rng.randrange(10), rng.randrange(100), rng.randrange(1000, 10000)]))


def _capital_digits_symbol(rng: Random) -> str:
    return _word(rng).capitalize() + str(rng.randrange(1000)) + rng.choice("!@#$*.")


def _leet(rng: Random) -> str:
    return _word(rng).capitalize().translate(str.maketrans("aeios", "@310$")) + str(rng.randrange(100))


def _keyboard(rng: Random) -> str:
    row = rng.choice(["qwe", "1qaz2wsx", "zaq1", "qazwsx", "asdf", "poiu", "wsxedc"])
    return (
        row + rng.choice(["!", "@", "#", ""]) + rng.choice(["", "123", "2019", "QWE", "RFV"]) + _word(rng)[:3]
    )


def _name_year(rng: Random) -> str:
    name = rng.choice(words.FIRST_NAMES)
    return rng.choice([name, name.capitalize()]) + str(rng.randrange(1960, 2025))


def _company(rng: Random) -> str:
    company = rng.choice(words.COMPANIES)
    return (
        rng.choice([company.capitalize(), company, company.upper()])
        + rng.choice(["@", "#", "_", "!", "-"])
        + str(rng.randrange(10000))
    )


def _foreign(rng: Random) -> str:
    return rng.choice(words.FOREIGN) + rng.choice(["", str(rng.randrange(100)), "!"])


def _two_words(rng: Random) -> str:
    joint = rng.choice(["", "", "-", "_", "."])
    return _word(rng) + joint + _word(rng) + rng.choice(["", "", str(rng.randrange(100))])


def _pass_phrase(rng: Random) -> str:
    return rng.choice(["-", "_", "."]).join(_word(rng) for _ in range(4))


def short(rng: Random, _: str = "") -> str:
    """A few letters and digits."""
    return "".join(rng.choices(string.ascii_lowercase, k=rng.randint(3, 5))) + "".join(
        rng.choices(string.digits, k=rng.randint(1, 3))
    )


def _date(rng: Random) -> str:
    return f"{rng.randrange(1, 29):02d}{rng.randrange(1, 13):02d}{rng.randrange(1970, 2010)}"


def strong(rng: Random, length: str = "") -> str:
    """What a password manager makes: all four classes, no quotes, no backslash."""
    n = int(length or rng.choice([10, 12, 14, 16, 20]))
    chars = [rng.choice(c) for c in (string.ascii_lowercase, string.ascii_uppercase, string.digits, _SYMBOLS)]
    chars += rng.choices(_ALNUM + _SYMBOLS, k=n - len(chars))
    rng.shuffle(chars)
    if chars[0] in _SYMBOLS:
        chars[0] = rng.choice(_ALNUM)
    return "".join(chars)


def alnum_mix(rng: Random, length: str = "") -> str:
    """Letters of both cases and digits, as short generated passwords are."""
    n = int(length or rng.choice([8, 8, 10, 12, 14]))
    chars = [
        rng.choice(string.ascii_lowercase),
        rng.choice(string.ascii_uppercase),
        rng.choice(string.digits),
    ]
    chars += rng.choices(_ALNUM, k=n - 3)
    rng.shuffle(chars)
    return "".join(chars)


_STYLES: tuple[Callable[[Random], str], ...] = (
    *(
        _word_digits,
        _word_digits,
        _capital_digits_symbol,
        _capital_digits_symbol,
        _leet,
        _keyboard,
        _name_year,
    ),
    *(_company, _foreign, _two_words, _pass_phrase, short, _date, strong, strong, alnum_mix, alnum_mix),
)


def same_shape(value: str, rng: Random) -> str:
    """Another value with letters for letters and digits for digits; all else stays."""
    return "".join(_same_class(char, rng) for char in value)


def _same_class(char: str, rng: Random) -> str:
    for alphabet in (string.ascii_lowercase, string.ascii_uppercase, string.digits):
        if char in alphabet:
            return rng.choice(alphabet)
    return char
