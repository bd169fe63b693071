"""Made-up secrets of each vendor, valid down to the checksum, written at run time."""

import base64
import json
import random
import string
import zlib
from collections.abc import Callable
from dataclasses import dataclass

ALPHANUMERIC = string.ascii_letters + string.digits
HEXADECIMAL = "0123456789abcdef"
BASE32 = string.ascii_uppercase + "234567"
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
BASE64 = ALPHANUMERIC + "+/"
BASE64_URL = ALPHANUMERIC + "-_"

Make = Callable[[random.Random], str]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of secret: what a variable that holds it is called, in words, and how to draw one.

    `is_fixed`: another length or character makes it none. `whole`: it is a text of its own, not a value.
    """

    words: str
    make: Make
    is_fixed: bool = True
    whole: bool = False


def draw(rng: random.Random, alphabet: str, length: int) -> str:
    """That many characters, the first drawn until letters and digits are both among them."""
    while True:
        value = "".join(rng.choices(alphabet, k=length))
        if length < 8 or (any(map(str.isdigit, value)) and any(map(str.isalpha, value))):
            return value


def of(alphabet: str, length: int, before: str = "", after: str = "") -> Make:
    """Random characters between two fixed texts."""
    return lambda rng: before + draw(rng, alphabet, length) + after


def one_of(*makers: Make) -> Make:
    """Any of them."""
    return lambda rng: rng.choice(makers)(rng)


def in_base(number: int, alphabet: str, length: int) -> str:
    """A number with that many digits."""
    digits = ""
    for _ in range(length):
        number, digit = divmod(number, len(alphabet))
        digits = alphabet[digit] + digits
    return digits


def with_crc_62(prefix: str) -> Make:
    """30 characters and their CRC-32, as GitHub and npm write it."""

    def make(rng: random.Random) -> str:
        body = draw(rng, ALPHANUMERIC, 30)
        return prefix + body + in_base(zlib.crc32(body.encode()), BASE62, 6)

    return make


def gitlab_routable(prefix: str) -> Make:
    """A payload in base 64, its length and the CRC-32 of all."""

    def make(rng: random.Random) -> str:
        payload = f"o:{rng.randrange(1, 99)}\nu:{draw(rng, string.ascii_lowercase, 4)}"
        raw = rng.randbytes(16) + payload.encode() + bytes([len(payload)])
        encoded = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        base36 = string.digits + string.ascii_lowercase
        text = f"{prefix}{encoded}.01.{in_base(len(encoded), base36, 2)}"
        return text + in_base(zlib.crc32(text.encode()), base36, 7)

    return make


def azure_key(n_before: int, signature: str, n_after: int, after: str) -> Make:
    """A key with the service's signature near its end."""
    return lambda rng: draw(rng, BASE64, n_before) + signature + draw(rng, BASE64, n_after) + after


def azure_annotated(rng: random.Random) -> str:
    """84 characters: 52 drawn ones, a date and mostly nothing, a signature, a checksum."""
    return (
        draw(rng, ALPHANUMERIC, 52) + "JQQJ99" + "BFAC" + "A" * 13 + "S" + "AZDO" + draw(rng, ALPHANUMERIC, 4)
    )


def aws_session_token(rng: random.Random) -> str:
    """As the token service returns it, with its run of slashes."""
    return "IQoJb3JpZ2luX2VjE" + "Jr" + "/" * 10 + "wEaCXVzLWVhc3QtMSJ" + draw(rng, BASE64, 300) + "="


def aws_pair(rng: random.Random) -> str:
    """Id and secret key as arguments."""
    return f'creds = Credentials("AKIA{draw(rng, BASE32, 16)}", "{draw(rng, BASE64, 40)}")'


def private_key(label: str) -> Make:
    """A PEM block."""

    def make(rng: random.Random) -> str:
        body = "\n".join(draw(rng, BASE64, 64) for _ in range(12))
        return f"-----BEGIN {label}PRIVATE KEY-----\n{body}\n-----END {label}PRIVATE KEY-----"

    return make


def written(label: str, write: Callable[[str], str]) -> Make:
    """A PEM block as some file holds it."""
    return lambda rng: write(private_key(label)(rng))


def in_yaml(key: str) -> str:
    """In a block scalar."""
    return "tls:\n  key: |\n    " + key.replace("\n", "\n    ")


def in_json(key: str) -> str:
    """On one line, its line ends escaped."""
    return json.dumps({"signing_key": key + "\n"})


def in_env(key: str) -> str:
    """As shells and their files take it."""
    return "JWT_PRIVATE_KEY='" + key.replace("\n", "\\n") + "'"


def in_python(key: str) -> str:
    """In a literal of several lines."""
    return f'KEY = """{key}"""'


def in_java(key: str) -> str:
    """Put together line by line."""
    return "String key = " + " +\n    ".join(f'"{line}\\n"' for line in key.split("\n")) + ";"


def in_base64(key: str) -> str:
    """As Kubernetes and CI systems keep it."""
    return "SSH_KEY_B64=" + base64.b64encode(key.encode()).decode()


def with_crlf(key: str) -> str:
    """From another system."""
    return key.replace("\n", "\r\n")


def service_account(rng: random.Random) -> str:
    """The file that Google's console downloads."""
    key = private_key("")(rng) + "\n"
    fields = {"type": "service_account", "private_key_id": draw(rng, HEXADECIMAL, 40), "private_key": key}
    return json.dumps(fields, indent=2)


def jwt(rng: random.Random) -> str:
    """A signed token."""
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": draw(rng, HEXADECIMAL, 8), "iat": rng.randrange(2**30)})
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return ".".join([*encoded, draw(rng, BASE64_URL, 43)])


def password(rng: random.Random) -> str:
    """What a password manager proposes, without the characters that need an escape somewhere."""
    return draw(rng, ALPHANUMERIC + "!@#*_-", 14) + rng.choice("!#*") + rng.choice(string.digits)


def database_url(rng: random.Random) -> str:
    """Its password is the secret."""
    scheme = rng.choice(["postgres", "postgresql", "mysql", "mongodb+srv", "redis", "amqp"])
    return f"{scheme}://svc:{draw(rng, ALPHANUMERIC, 18)}@db7.corp.net:5432/orders"


def connection_string(rng: random.Random) -> str:
    """As .NET programs write it."""
    return f"Server=tcp:q7.corp.net,1433;Initial Catalog=x;User ID=app;Password={draw(rng, ALPHANUMERIC, 18)};Encrypt=True;"


def storage_connection_string(rng: random.Random) -> str:
    """Of an Azure storage account."""
    return (
        f"DefaultEndpointsProtocol=https;AccountName=acme7;AccountKey={draw(rng, BASE64, 86)}==;"
        "EndpointSuffix=core.windows.net"
    )


def bus_connection_string(rng: random.Random) -> str:
    """Of an Azure message service."""
    return (
        "Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=RootManageSharedAccessKey;"
        f"SharedAccessKey={draw(rng, BASE64, 43)}="
    )


def sas_url(rng: random.Random) -> str:
    """A signed address of a blob."""
    signature = draw(rng, BASE64, 43).replace("+", "%2B").replace("/", "%2F")
    return f"https://acme7.blob.core.windows.net/c/f.csv?sv=2022-11-02&se=2030-01-01&sr=b&sp=r&sig={signature}%3D"


def slack_webhook(rng: random.Random) -> str:
    """The address of an incoming webhook."""
    workspace, channel = "T" + draw(rng, BASE32, 8), "B" + draw(rng, BASE32, 10)
    return f"https://hooks.slack.com/services/{workspace}/{channel}/{draw(rng, ALPHANUMERIC, 24)}"


def slack_token(prefix: str) -> Make:
    """Numbers of workspace and user, then the secret."""
    return lambda rng: (
        f"{prefix}{draw(rng, string.digits, 7)}4821-{draw(rng, string.digits, 7)}93527-{draw(rng, ALPHANUMERIC, 24)}"
    )


SECRETS: dict[str, tuple[Kind, ...]] = {
    "AWS": (
        Kind("aws access key id", of(BASE32, 16, "AKIA")),
        Kind("aws access key id", of(BASE32, 16, "ASIA")),
        Kind("aws secret access key", of(BASE64, 40)),
        Kind("aws secret key", of(BASE64, 40)),
        Kind("aws session token", aws_session_token, is_fixed=False),
        Kind("aws bearer token bedrock", of(BASE64, 112, "ABSKQmVkcm9ja0FQSUtleS"), is_fixed=False),
        Kind("credentials", aws_pair, is_fixed=False, whole=True),
    ),
    "Azure": (
        Kind("azure storage connection string", storage_connection_string, is_fixed=False),
        Kind("azure storage account key", of(BASE64, 86, after="==")),
        Kind("storage key", azure_key(76, "+ASt", 5, "Q==")),
        Kind("service bus connection string", bus_connection_string, is_fixed=False),
        Kind("event hub key", azure_key(33, "+AEhC", 5, "=")),
        Kind("cosmos key", azure_key(76, "ACDb", 5, "g==")),
        Kind("azure client secret", lambda rng: draw(rng, ALPHANUMERIC, 3) + "8Q~" + draw(rng, ALPHANUMERIC + "._~-", 33) + "a"),
        Kind("report url", sas_url, is_fixed=False),
        Kind("azure devops pat", azure_annotated),
        Kind("azure devops pat", of(BASE32.lower(), 52)),
        Kind("azure openai api key", of(HEXADECIMAL, 32)),
        Kind("azure search admin key", lambda rng: draw(rng, ALPHANUMERIC, 42) + "AzSeA" + draw(rng, ALPHANUMERIC, 5)),
    ),
    "GCP": (
        Kind("google api key", of(BASE64_URL, 33, "AIzaSy")),
        Kind("maps key", of(BASE64_URL, 33, "AIzaSy")),
        Kind("gemini api key", of(BASE64_URL, 48, "AQ.Ab"), is_fixed=False),
        Kind("google client secret", of(BASE64_URL, 28, "GOCSPX-")),
        Kind("google access token", of(BASE64_URL, 160, "ya29.a0"), is_fixed=False),
        Kind("google refresh token", of(BASE64_URL, 100, "1//0"), is_fixed=False),
        Kind("credentials", service_account, is_fixed=False, whole=True),
    ),
    "OpenAI": (
        Kind("openai api key", lambda rng: "sk-" + draw(rng, ALPHANUMERIC, 20) + "T3BlbkFJ" + draw(rng, ALPHANUMERIC, 20)),
        Kind("openai api key", lambda rng: "sk-proj-" + draw(rng, BASE64_URL, 74) + "T3BlbkFJ" + draw(rng, BASE64_URL, 73) + "A"),
        Kind("llm key", lambda rng: "sk-svcacct-" + draw(rng, BASE64_URL, 74) + "T3BlbkFJ" + draw(rng, BASE64_URL, 73) + "A"),
        Kind("openai admin key", lambda rng: "sk-admin-" + draw(rng, BASE64_URL, 58) + "T3BlbkFJ" + draw(rng, BASE64_URL, 57) + "A"),
    ),
    "Anthropic": (
        Kind("anthropic api key", of(BASE64_URL, 93, "sk-ant-api03-", "AA")),
        Kind("claude key", of(BASE64_URL, 93, "sk-ant-admin01-", "AA")),
        Kind("claude code oauth token", of(BASE64_URL, 93, "sk-ant-oat01-", "AA")),
    ),
    "GitHub": (
        Kind("github token", with_crc_62("ghp_")),
        Kind("gh token", with_crc_62("gho_")),
        Kind("token", with_crc_62("ghs_")),
        Kind("github token", lambda rng: f"ghs_{rng.randrange(10**5, 10**7)}_{jwt(rng)}", is_fixed=False),
        Kind("github pat", lambda rng: "github_pat_11" + draw(rng, ALPHANUMERIC, 20) + "_" + draw(rng, ALPHANUMERIC, 59)),
        Kind("github token", of(HEXADECIMAL, 40)),
    ),
    "GitLab": (
        Kind("gitlab token", of(BASE64_URL, 19, "glpat-", "x")),
        Kind("gitlab token", gitlab_routable("glpat-"), is_fixed=False),
        Kind("deploy token", of(BASE64_URL, 19, "gldt-", "x")),
        Kind("runner token", of(BASE64_URL, 19, "glrt-", "x")),
        Kind("trigger token", of(HEXADECIMAL, 40, "glptt-")),
        Kind("ci job token", of(ALPHANUMERIC, 20, "glcbt-64_")),
        Kind("agent token", of(BASE64_URL, 49, "glagent-", "x")),
        Kind("feed token", of(BASE64_URL, 19, "glft-", "x")),
    ),
    "Slack": (
        Kind("slack bot token", slack_token("xoxb-")),
        Kind("slack token", slack_token("xoxp-")),
        Kind("slack app token", lambda rng: f"xapp-1-A{draw(rng, BASE32, 10)}-{draw(rng, string.digits, 7)}482751-{draw(rng, HEXADECIMAL, 64)}"),
        Kind("slack webhook url", slack_webhook),
        Kind("slack signing secret", of(HEXADECIMAL, 32)),
    ),
    "Stripe": (
        Kind("stripe secret key", of(ALPHANUMERIC, 24, "sk_live_")),
        Kind("stripe key", of(ALPHANUMERIC, 99, "sk_live_51"), is_fixed=False),
        Kind("stripe restricted key", of(ALPHANUMERIC, 99, "rk_live_51"), is_fixed=False),
        Kind("stripe webhook secret", of(ALPHANUMERIC, 32, "whsec_")),
        Kind("stripe test key", of(ALPHANUMERIC, 99, "sk_test_51"), is_fixed=False),
    ),
    "npm": (
        Kind("npm token", with_crc_62("npm_")),
        Kind("node auth token", with_crc_62("npm_")),
        Kind("npmrc", lambda rng: f"//npm.corp.net/:_authToken={with_crc_62('npm_')(rng)}\n", is_fixed=False, whole=True),
        Kind("npmrc", lambda rng: f"//npm.corp.net/:_authToken={draw(rng, BASE64_URL, 40)}q7\n", is_fixed=False, whole=True),
    ),
    "PyPI": (
        Kind("pypi token", of(BASE64_URL, 150, "pypi-" + "AgEIcHlwaS5vcmc"), is_fixed=False),
        Kind("twine password", of(BASE64_URL, 150, "pypi-" + "AgEIcHlwaS5vcmc"), is_fixed=False),
        Kind("test pypi token", of(BASE64_URL, 150, "pypi-" + "AgENdGVzdC5weXBpLm9yZw"), is_fixed=False),
    ),
    "Docker": (
        Kind("docker token", of(BASE64_URL, 26, "dckr_pat_", "x")),
        Kind("docker hub password", of(BASE64_URL, 26, "dckr_pat_", "x")),
        Kind("docker token", of(BASE64_URL, 31, "dckr_oat_", "x")),
    ),
    "Hugging Face": (
        Kind("hf token", of(ALPHANUMERIC, 34, "hf_")),
        Kind("huggingface hub token", of(ALPHANUMERIC, 34, "hf_")),
        Kind("hugging face org key", of(ALPHANUMERIC, 34, "api_org_")),
    ),
    "DigitalOcean": (
        Kind("digitalocean token", of(HEXADECIMAL, 64, "dop_v1_")),
        Kind("do token", of(HEXADECIMAL, 64, "doo_v1_")),
        Kind("digitalocean access token", of(HEXADECIMAL, 64)),
        Kind("spaces secret key", of(BASE64, 43)),
    ),
    "Twilio": (
        Kind("twilio api key", of(HEXADECIMAL, 32, "SK")),
        Kind("twilio auth token", of(HEXADECIMAL, 32)),
        Kind("twilio api secret", of(ALPHANUMERIC, 32)),
    ),
    "SendGrid": (
        Kind("sendgrid api key", lambda rng: f"SG.{draw(rng, BASE64_URL, 21)}x.{draw(rng, BASE64_URL, 42)}x"),
        Kind("mail key", lambda rng: f"SG.{draw(rng, BASE64_URL, 21)}x.{draw(rng, BASE64_URL, 42)}x"),
    ),
    "Datadog": (
        Kind("datadog api key", of(HEXADECIMAL, 32)),
        Kind("dd api key", of(HEXADECIMAL, 32)),
        Kind("dd app key", of(HEXADECIMAL, 40)),
        Kind("datadog application key", of(HEXADECIMAL, 40)),
        Kind("datadog app key", of(ALPHANUMERIC, 34, "ddapp_")),
    ),
    "database credentials": (
        Kind("database url", database_url, is_fixed=False),
        Kind("connection string", connection_string, is_fixed=False),
        Kind("db password", password, is_fixed=False),
    ),
    "private keys": (
        Kind("rsa", private_key("RSA "), is_fixed=False, whole=True),
        Kind("ssh", private_key("OPENSSH "), is_fixed=False, whole=True),
        Kind("ec", private_key("EC "), is_fixed=False, whole=True),
        Kind("pkcs8", private_key(""), is_fixed=False, whole=True),
        Kind("dsa", private_key("DSA "), is_fixed=False, whole=True),
        *(
            Kind(write.__name__, written(label, write), is_fixed=False, whole=True)
            for write in (in_yaml, in_json, in_env, in_python, in_java, in_base64, with_crlf)
            for label in ("RSA ", "OPENSSH ", "EC ", "")
        ),
    ),
    "OAuth and JWT": (
        Kind("session jwt", jwt, is_fixed=False),
        Kind("id token", jwt, is_fixed=False),
        Kind("oauth client secret", of(BASE64_URL, 40), is_fixed=False),
        Kind("oauth access token", of(BASE64_URL, 48), is_fixed=False),
        Kind("refresh token", of(BASE64_URL, 48), is_fixed=False),
    ),
    "passwords": (
        Kind("admin password", password, is_fixed=False),
        Kind("smtp password", password, is_fixed=False),
        Kind("password", password, is_fixed=False),
    ),
}  # fmt: skip
