"""Draws values: people's passwords, machines' tokens, vendors' formats, and the words that stand where none is.

In published sets of labelled lines the true values are replaced by random ones of the same shape, so most of the
passwords here are too; the rest stays as people think them up.
"""

import base64
import json
import string
from collections.abc import Callable
from random import Random
from uuid import UUID

from bench.secrets_realistic import words

SHARE_OF_SHUFFLED_PASSWORDS = 0.65

_ALNUM = string.ascii_letters + string.digits
_SYMBOLS = "!@#$%^&*-_+=?."
_Draw = Callable[[Random, str], str]


def draw(call: str, rng: Random) -> str:
    """The value of `name` or `name argument`, a generator of this module."""
    name, _, argument = call.partition(" ")
    return GENERATORS[name](rng, argument)


def same_shape(value: str, rng: Random) -> str:
    """Another value with letters for letters and digits for digits; all else stays."""
    return "".join(_same_class(char, rng) for char in value)


def _same_class(char: str, rng: Random) -> str:
    for alphabet in (string.ascii_lowercase, string.ascii_uppercase, string.digits):
        if char in alphabet:
            return rng.choice(alphabet)
    return char


def _alphabet(letters: str, default: int) -> _Draw:
    def write(rng: Random, length: str) -> str:
        return "".join(rng.choices(letters, k=int(length or default)))

    return write


def _with_prefix(prefix: str, letters: str, length: int, suffix: str = "") -> _Draw:
    return lambda rng, _: prefix + "".join(rng.choices(letters, k=length)) + suffix


def _pool(choices: tuple[str, ...]) -> _Draw:
    return lambda rng, _: rng.choice(choices)


# -- what people think up --


def _person(rng: Random, _: str = "") -> str:
    """A password as a person chooses it, and mostly as a published set then shuffles it."""
    value = rng.choice(_STYLES)(rng)
    return same_shape(value, rng) if rng.random() < SHARE_OF_SHUFFLED_PASSWORDS else value


def _thought_up(rng: Random, _: str = "") -> str:
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


def _short(rng: Random, _: str = "") -> str:
    return "".join(rng.choices(string.ascii_lowercase, k=rng.randint(2, 4))) + "".join(
        rng.choices(string.digits, k=rng.randint(1, 3))
    )


def _date(rng: Random) -> str:
    return f"{rng.randrange(1, 29):02d}{rng.randrange(1, 13):02d}{rng.randrange(1970, 2010)}"


def _strong(rng: Random, length: str = "") -> str:
    """What a password manager makes: all four classes, no quotes, no backslash."""
    n = int(length or rng.choice([10, 12, 14, 16, 20]))
    chars = [rng.choice(c) for c in (string.ascii_lowercase, string.ascii_uppercase, string.digits, _SYMBOLS)]
    chars += rng.choices(_ALNUM + _SYMBOLS, k=n - len(chars))
    rng.shuffle(chars)
    if chars[0] in _SYMBOLS:
        chars[0] = rng.choice(_ALNUM)
    return "".join(chars)


def _alnum_mix(rng: Random, length: str = "") -> str:
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
    *(_company, _foreign, _two_words, _pass_phrase, _short, _date, _strong, _strong, _alnum_mix, _alnum_mix),
)


# -- what machines make --


def _base64_of(rng: Random, n_bytes: str) -> str:
    return base64.b64encode(rng.randbytes(int(n_bytes or 32))).decode()


def _urlsafe_of(rng: Random, n_bytes: str) -> str:
    return base64.urlsafe_b64encode(rng.randbytes(int(n_bytes or 32))).decode().rstrip("=")


def _base64_text(rng: Random, _: str) -> str:
    return base64.b64encode(_person(rng).encode()).decode()


def _basic(rng: Random, _: str) -> str:
    return base64.b64encode(f"{rng.choice(words.USERS)}:{_person(rng)}".encode()).decode()


def _uuid(rng: Random, _: str) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))


def _machine(rng: Random, _: str) -> str:
    """A token of any alphabet and length."""
    return draw(rng.choice(_MACHINE), rng)


_MACHINE = (
    *("hex 16", "hex 20", "hex 24", "hex 32", "hex 32", "hex 40", "hex 64", "hex 128", "HEX 32", "base32 16"),
    *(
        "base32 32",
        "base64 16",
        "base64 24",
        "base64 32",
        "base64 48",
        "base64 64",
        "urlsafe 16",
        "urlsafe 32",
    ),
    *(
        "alnum 16",
        "alnum 20",
        "alnum 24",
        "alnum 32",
        "alnum 32",
        "alnum 40",
        "alnum 43",
        "alnum 64",
        "lower 20",
    ),
    *("lower 25", "lower 32", "lower 40", "prefixed", "prefixed", "uuid", "strong 24", "strong 32"),
)


def _prefixed(rng: Random, _: str) -> str:
    prefix = rng.choice(
        ["app", "live", "prod", "tk", "key", "svc", "usr", "api", "sec", "xo", "pat", "ik", "mk"]
    )
    return prefix + rng.choice("_-") + "".join(rng.choices(_ALNUM, k=rng.choice([20, 24, 32, 40])))


def _jwt(rng: Random, _: str) -> str:
    head = {"alg": rng.choice(["HS256", "RS256"]), "typ": "JWT"}
    body = {
        "sub": str(rng.randrange(10**6)),
        "iat": rng.randrange(1_500_000_000, 1_700_000_000),
        "jti": _uuid(rng, ""),
    }
    parts = [
        base64.urlsafe_b64encode(json.dumps(part, separators=(",", ":")).encode()) for part in (head, body)
    ]
    return ".".join([part.decode().rstrip("=") for part in parts] + [_urlsafe_of(rng, "32")])


def _block(rng: Random, n_lines: int, width: int = 64, first: str = "") -> list[str]:
    text = first + base64.b64encode(rng.randbytes(n_lines * width)).decode()
    return [text[start : start + width] for start in range(0, n_lines * width, width)] + [
        text[-rng.randint(20, 50) :] + "="
    ]


def _pem(label: str, first: str) -> _Draw:
    def write(rng: Random, indent: str) -> str:
        body = _block(rng, rng.randint(10, 25), first=first)
        lines = [f"-----BEGIN {label}-----", *body, f"-----END {label}-----"]
        return ("\n" + " " * int(indent or 0)).join(lines)

    return write


def _pem_escaped(rng: Random, _: str) -> str:
    return (
        _pem("PRIVATE " + "KEY", "MIIEvQIBADAN" + "BgkqhkiG9w0BAQEFAASC")(rng, "").replace("\n", "\\n")
        + "\\n"
    )


def _certificate_data(rng: Random, _: str) -> str:
    return base64.b64encode(_pem("CERTIFICATE", "MIID")(rng, "").encode()).decode()


def _key_data(rng: Random, _: str) -> str:
    return base64.b64encode(_pem("RSA PRIVATE " + "KEY", "MIIEow")(rng, "").encode()).decode()


def _public_ssh(rng: Random, _: str) -> str:
    kind, head, n = rng.choice(
        [("ssh-rsa", "AAAAB3NzaC1yc2EAAAADAQAB", 270), ("ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5AAAAI", 33)]
    )
    return f"{kind} {head}{base64.b64encode(rng.randbytes(n)).decode().rstrip('=')} {rng.choice(words.USERS)}@laptop"


def _cisco7(rng: Random, _: str) -> str:
    return f"{rng.randrange(16):02d}" + "".join(
        rng.choices("0123456789ABCDEF", k=rng.choice([12, 14, 16, 18]))
    )


def _telegram(rng: Random, _: str) -> str:
    return f"{rng.randrange(10**8, 10**10)}:AA" + "".join(rng.choices(_ALNUM + "_-", k=33))


def _discord(rng: Random, _: str) -> str:
    head = base64.b64encode(str(rng.randrange(10**17, 10**18)).encode()).decode().rstrip("=")
    return f"{head}.{_alphabet(_ALNUM, 6)(rng, '')}.{_alphabet(_ALNUM + '_-', 27)(rng, '')}"


def _slack_bot(rng: Random, _: str) -> str:
    return f"xox{rng.choice('bp')}-{rng.randrange(10**11, 10**12)}-{rng.randrange(10**11, 10**12)}-" + draw(
        "alnum 24", rng
    )


def _slack_hook(rng: Random, _: str) -> str:
    team, hook = draw("UPPER 8", rng), draw("UPPER 8", rng)
    return f"https://hooks.slack.com/services/T{team}/B{hook}/" + draw("alnum 24", rng)


def _html_hash(rng: Random, _: str) -> str:
    return f"sha{rng.choice([256, 384, 512])}-" + _base64_of(rng, rng.choice(["32", "48", "64"]))


def _bcrypt(rng: Random, _: str) -> str:
    return f"$2{rng.choice('aby')}$1{rng.randrange(3)}$" + draw("alnum 53", rng)


def _dotted(rng: Random, _: str) -> str:
    return ".".join(rng.choice(words.IDENTIFIERS) for _ in range(rng.randint(2, 4)))


def _identifier(rng: Random, style: str) -> str:
    parts = [rng.choice(words.IDENTIFIERS) for _ in range(rng.randint(1, 3))]
    return in_style(parts, style or "camel")


def in_style(parts: list[str], style: str) -> str:
    """The words as a name: snake, camel, Pascal, CONST, kebab, dot or flat."""
    match style:
        case "snake":
            return "_".join(parts)
        case "CONST":
            return "_".join(parts).upper()
        case "kebab":
            return "-".join(parts)
        case "dot":
            return ".".join(parts)
        case "Pascal":
            return "".join(part.capitalize() for part in parts)
        case "flat":
            return "".join(parts)
        case _:
            return parts[0] + "".join(part.capitalize() for part in parts[1:])


def _named(cores: tuple[str, ...]) -> _Draw:
    """A name that ends in one of `cores`, in the style of the argument."""

    def write(rng: Random, style: str) -> str:
        before = [rng.choice(words.OWNERS_OF_SECRETS)] if rng.random() < 0.6 else []
        return in_style([*before, *rng.choice(cores).split()], style or "snake")

    return write


def _number(rng: Random, bounds: str) -> str:
    low, _, high = bounds.partition(" ")
    return str(rng.randint(int(low or 0), int(high or 100)))


def _sentence(rng: Random, _: str) -> str:
    return " ".join(rng.choice(words.NOUNS) for _ in range(rng.randint(3, 9))).capitalize()


def _locale_phrase(rng: Random, kind: str) -> str:
    phrases = words.PHRASES[kind] if kind else rng.choice(list(words.PHRASES.values()))
    return rng.choice(phrases)


_HEX = "0123456789abcdef"
_LOWER = string.ascii_lowercase + string.digits
_UPPER = string.ascii_uppercase + string.digits

GENERATORS: dict[str, _Draw] = {
    "person": _person,
    "thought": _thought_up,
    "short": _short,
    "strong": _strong,
    "mix": _alnum_mix,
    "weak": _pool(words.WEAK),
    "pin": _alphabet(string.digits, 4),
    "digits": _alphabet(string.digits, 8),
    "machine": _machine,
    "prefixed": _prefixed,
    "hex": _alphabet(_HEX, 32),
    "HEX": _alphabet(_HEX.upper(), 32),
    "base32": _alphabet(string.ascii_uppercase + "234567", 32),
    "base64": _base64_of,
    "urlsafe": _urlsafe_of,
    "alnum": _alphabet(_ALNUM, 32),
    "lower": _alphabet(_LOWER, 32),
    "letters": _alphabet(string.ascii_lowercase, 8),
    "UPPER": _alphabet(_UPPER, 16),
    "uuid": _uuid,
    "jwt": _jwt,
    "basic": _basic,
    "b64text": _base64_text,
    "cisco7": _cisco7,
    "pem_rsa": _pem("RSA PRIVATE " + "KEY", "MIIEow"),
    "pem_ec": _pem("EC PRIVATE " + "KEY", "MHcCAQEE"),
    "pem_pkcs8": _pem("PRIVATE " + "KEY", "MIIEvQIBADAN" + "BgkqhkiG9w0BAQEFAASC"),
    "pem_openssh": _pem("OPENSSH PRIVATE " + "KEY", "b3BlbnNzaC1rZXkt" + "djEAAAAABG5vbmUAAAAE"),
    "pem_escaped": _pem_escaped,
    "pem_public": _pem("PUBLIC KEY", "MIIBIjAN" + "BgkqhkiG9w0BAQEFAAOC"),
    "pem_cert": _pem("CERTIFICATE", "MIIDXTCCAkWgAwIBAgIJAK"),
    "pem_csr": _pem("CERTIFICATE REQUEST", "MIICijCCAXICAQAw"),
    "cert_data": _certificate_data,
    "key_data": _key_data,
    "ssh_public": _public_ssh,
    "aws_id": _with_prefix("AK" + "IA", string.ascii_uppercase + "234567", 16),
    "aws_secret": _alphabet(_ALNUM + "+/", 40),
    "github": _with_prefix("gh" + "p_", _ALNUM, 36),
    "gitlab": _with_prefix("glpat" + "-", _ALNUM + "_-", 20),
    "google": _with_prefix("AI" + "zaSy", _ALNUM + "_-", 33),
    "google_oauth": _with_prefix("GOCSPX" + "-", _ALNUM + "_-", 28),
    "fcm": _with_prefix("AAAA" + "x7Qm2Rk:APA91b", _ALNUM + "_-", 134),
    "facebook": _with_prefix("EAA" + "CEdEose0cBA", _ALNUM, 160),
    "slack_bot": _slack_bot,
    "slack_hook": _slack_hook,
    "stripe": _with_prefix("sk_" + "live_", _ALNUM, 24),
    "twilio": _with_prefix("", _HEX, 32),
    "twilio_sid": _with_prefix("AC", _HEX, 32),
    "sendgrid": lambda rng, _: "SG" + f".{draw('alnum 22', rng)}.{draw('alnum 43', rng)}",
    "mailgun": _with_prefix("key" + "-", _HEX, 32),
    "mailchimp": _with_prefix("", _HEX, 32, "-us1"),
    "telegram": _telegram,
    "discord": _discord,
    "npm": _with_prefix("np" + "m_", _ALNUM, 36),
    "azure_storage": lambda rng, _: base64.b64encode(rng.randbytes(64)).decode(),
    "heroku": _uuid,
    "openai": _with_prefix("sk" + "-", _ALNUM, 20, "T3Blbk" + "FJ" + "q8ZrW2xVnM5tKcYp7LdB"),
    "square": _with_prefix("sq0" + "atp-", _ALNUM + "_-", 22),
    "shopify": _with_prefix("shp" + "at_", _HEX, 32),
    "dockerhub": _with_prefix("dckr" + "_pat_", _ALNUM + "_-", 27),
    "digitalocean": _with_prefix("dop" + "_v1_", _HEX, 64),
    "hf": _with_prefix("hf" + "_", string.ascii_letters, 34),
    "sri": _html_hash,
    "bcrypt": _bcrypt,
    "placeholder": _pool(words.PLACEHOLDERS),
    "dummy": _pool(words.DUMMIES),
    "masked": _pool(words.MASKED),
    "docs_example": _pool(words.DOCS_EXAMPLES),
    "user": _pool(words.USERS),
    "name": _pool(words.FIRST_NAMES),
    "company": _pool(words.COMPANIES),
    "noun": _pool(words.NOUNS),
    "host": _pool(words.HOSTS),
    "email": lambda rng, _: (
        f"{rng.choice(words.FIRST_NAMES)}@{rng.choice(words.COMPANIES)}.{rng.choice(['com', 'io', 'org'])}"
    ),
    "ip": lambda rng, _: f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}",
    "n": _number,
    "id": _identifier,
    "dotted": _dotted,
    "sentence": _sentence,
    "phrase": _locale_phrase,
    "pw": _named(("password", "password", "password", "pass", "passwd", "pwd", "passphrase")),
    "tok": _named(("token", "access token", "auth token", "api token", "bearer token", "refresh token")),
    "sec": _named(("secret", "secret key", "client secret", "app secret", "shared secret", "signing secret")),
    "key": _named(
        ("api key", "apikey", "access key", "key", "api key", "encryption key", "auth key", "private key")
    ),
    "any": _named(("password", "secret", "token", "api key", "pwd", "auth key", "passwd", "credentials")),
    "salt": _named(("salt", "nonce", "iv", "pepper", "hash salt", "initial vector")),
}
