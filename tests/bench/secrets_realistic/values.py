"""Draws values: people's passwords, machines' tokens, vendors' formats, and the words that stand where none is."""

import base64
import json
import string
from collections.abc import Callable
from random import Random
from uuid import UUID

from bench.secrets_realistic import keys, people, words

_ALNUM = string.ascii_letters + string.digits
Draw = Callable[[Random, str], str]


def draw(call: str, rng: Random) -> str:
    """The value of `name` or `name argument`, a generator of this module."""
    name, _, argument = call.partition(" ")
    return GENERATORS[name](rng, argument)


def _alphabet(letters: str, default: int) -> Draw:
    def write(rng: Random, length: str) -> str:
        return "".join(rng.choices(letters, k=int(length or default)))

    return write


def _with_prefix(prefix: str, letters: str, length: int, suffix: str = "") -> Draw:
    return lambda rng, _: prefix + "".join(rng.choices(letters, k=length)) + suffix


def _pool(choices: tuple[str, ...]) -> Draw:
    return lambda rng, _: rng.choice(choices)


# -- what machines make --


def _base64_of(rng: Random, n_bytes: str) -> str:
    return base64.b64encode(rng.randbytes(int(n_bytes or 32))).decode()


def _urlsafe_of(rng: Random, n_bytes: str) -> str:
    return base64.urlsafe_b64encode(rng.randbytes(int(n_bytes or 32))).decode().rstrip("=")


def _base64_text(rng: Random, _: str) -> str:
    return base64.b64encode(people.person(rng).encode()).decode()


def _basic(rng: Random, _: str) -> str:
    return base64.b64encode(f"{rng.choice(words.USERS)}:{people.person(rng)}".encode()).decode()


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
    *("lower 25", "lower 32", "lower 40", "prefixed", "prefixed", "uuid", "strong 32"),
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


def _named(cores: tuple[str, ...]) -> Draw:
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

GENERATORS: dict[str, Draw] = {
    "person": people.person,
    "thought": people.thought_up,
    "short": people.short,
    "strong": people.strong,
    "mix": people.alnum_mix,
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
    "encoded": _base64_text,
    "cisco7": _cisco7,
    "pem_rsa": keys.pem("RSA PRIVATE " + "KEY", "MIIEow"),
    "pem_ec": keys.pem("EC PRIVATE " + "KEY", "MHcCAQEE"),
    "pem_pkcs8": keys.pem("PRIVATE " + "KEY", keys.PKCS8),
    "pem_openssh": keys.pem("OPENSSH PRIVATE " + "KEY", keys.OPENSSH),
    "pem_escaped": keys.pem_escaped,
    "pem_public": keys.pem("PUBLIC KEY", "MIIBIjAN" + "BgkqhkiG9w0BAQEFAAOC"),
    "pem_cert": keys.pem("CERTIFICATE", "MIIDXTCCAkWgAwIBAgIJAK"),
    "pem_csr": keys.pem("CERTIFICATE REQUEST", "MIICijCCAXICAQAw"),
    "cert_data": keys.certificate_data,
    "key_data": keys.key_data,
    "ssh_public": keys.public_ssh,
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
    "pem_marker": _pool(
        tuple(f"-----BEGIN {kind}PRIVATE " + "KEY-----" for kind in ("", "RSA ", "OPENSSH "))
    ),
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
