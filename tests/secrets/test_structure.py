"""Secrets that their surroundings prove: addresses, commands, statements, calls, headers, Kubernetes, files by name."""

import base64

import pytest
from secrets_marked import check_found, check_quiet, filled

ADDRESSES = [
    ("url-password", "postgresql+psycopg2://app:«{P}»@db7.corp.net:5432/x"),
    ("url-password", "redis://:«{H}»@cache.corp.net:6379/0"),
    ("url-password", "https://me@corp.net:«p@ss!#{H}»@git.corp.net/x.git"),
    ("url-password", "https://x-access-token:«{T}»@git.corp.net/x"),
    ("url-token", "git+https://«{T}»@git.corp.net/x.git"),
    ("connection-string-password", "Server=tcp:q.net;User ID=app;Password=«{P}»;Encrypt=true"),
    ("connection-string-password", "host=db7 port=5432 user=app password=«{H}» dbname=x"),
    ("connection-string-password", "jdbc:oracle:thin:app/«{H}»@db7:1521:x"),
    ("dsn-password", 'dsn := "app:«{H}»@tcp(127.0.0.1:3306)/x"'),
]
COMMANDS = [
    ("curl-user", "curl -sS -u svc:«{P}» https://x.net"),
    ("curl-user", "wget --user svc:«{H}» https://x.net"),
    ("command-password", "sshpass -p '«{H}»' ssh me@h"),
    ("command-password", "mysqldump -u root -p«{H}» x"),
    ("command-password", "docker login -u me -p «{H}» r.corp.net"),
    ("command-password", "redis-cli -h h -a «{H}» ping"),
    ("command-password", "echo 'me:«{H}»' | chpasswd"),
    ("command-password", "echo «{H}» | sudo -S true"),
    ("command-password", "openssl rsa -passin pass:«{H}» -in k"),
    ("command-password", "htpasswd -cb .htpasswd me «{H}»"),
    ("command-password", "rabbitmqctl add_user me «{H}»"),
    ("powershell-password", "$s = ConvertTo-SecureString '«{H}»' -AsPlainText -Force"),
    ("powershell-password", 'ConvertTo-SecureString -String "«{H}»" -AsPlainText'),
]
STATEMENTS = [
    ("sql-password", "CREATE USER me IDENTIFIED BY '«{H}»';"),
    ("sql-password", "ALTER ROLE me WITH ENCRYPTED PASSWORD '«{H}»';"),
    ("sql-password", "SET PASSWORD FOR 'me'@'%' = PASSWORD('«{H}»');"),
    ("sql-insert-password", "INSERT INTO users (name, password, age) VALUES ('me', '«{H}»', 3);"),
    ("router-password", "username me privilege 15 secret 0 «{H}»"),
    ("router-password", "snmp-server community «{H}» RO"),
]
CALLS = [
    ("call-password", "$db = mysqli_connect('h', 'me', '«{H}»', 'x');"),
    ("call-password", "server.login('me@corp.net', '«{H}»')"),
    ("call-password", "requests.get(url, auth=('me', '«{H}»'))"),
    ("call-password", "new NetworkCredential(\"me\", \"«{H}»\")"),
    ("call-password", "DriverManager.getConnection(url, \"me\", \"«{H}»\")"),
    ("call-password", "const db = new Sequelize('x', 'me', '«{H}»', {})"),
    ("call-password", "jwt.sign({ id: 7 }, '«{H}»', { expiresIn: 60 })"),
]  # fmt: skip
HEADERS = [
    ("authorization-header", "Authorization: Token «{T}»"),
    ("authorization-header", "'Authorization': 'ApiKey «{T}»'"),
    ("bearer-token", "'Authorization: Bearer «{T}»'"),
    ("session-cookie", "Cookie: PHPSESSID=«{T}»; x=1"),
]


@pytest.mark.parametrize(("rule", "fixture"), [*ADDRESSES, *COMMANDS, *STATEMENTS, *HEADERS])
def test_surroundings_prove_it(rule: str, fixture: str) -> None:
    """In a script, where nothing of it has a name."""
    check_found(fixture, "ops/run.sh", rule)


@pytest.mark.parametrize(("rule", "fixture"), CALLS)
def test_place_in_a_call_proves_it(rule: str, fixture: str) -> None:
    """An argument is a password by its place behind a user's name, or a key by what the call does with it."""
    check_found(fixture, "src/a.js", rule)


@pytest.mark.parametrize(
    "fixture",
    [
        "https://user:password@host/",
        "postgres://${USER}:${PASSWORD}@${HOST}/x",
        "https://" + "a1" * 16 + "@o1.ingest.sentry.io/2",
        "curl -u $USER:$PASSWORD https://x.net",
        "mysql -u root -p x",
        "sshpass -p $PASS ssh me@h",
        "docker login -u me -p $TOKEN",
        "IDENTIFIED BY '<password>'",
        "INSERT INTO users (name, password) VALUES ('me', '{X}')",
        "openssl_encrypt($x, 'aes-256-cbc', $key)",
        "hmac.new(key, 'sha256')",
        "Authorization: Token <token>",
        "Cookie: PHPSESSID=...",
        "connect(host=h, user=u, password=p)",
        "the username and password parameters2",
    ],
)
def test_nothing_is_given_away(fixture: str) -> None:
    """References, stand-ins, digests, and arguments that are something else."""
    check_quiet(fixture, "ops/run.sh")


def encoded(fixture: str) -> str:
    return base64.b64encode(filled(fixture).encode()).decode()


def test_kubernetes_secret_data_is_decoded() -> None:
    """Values below `data:` of a Secret are judged as what they decode to; of a ConfigMap they are not looked at."""
    head, data = (
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\n",
        f"data:\n  db: «{encoded('{T}')}»\n  user: bWU=\n",
    )
    check_found(head + data, "a.yaml", "kubernetes-secret")
    check_found(data + "kind: Secret\n", "a.yaml", "kubernetes-secret")
    check_quiet((head + data).replace("Secret", "ConfigMap").replace("«", "").replace("»", ""), "a.yaml")
    check_quiet(head + f"data:\n  db: {encoded('changeme')}\n", "a.yaml")
    check_quiet(head + "---\nkind: ConfigMap\n" + data.replace("«", "").replace("»", ""), "a.yaml")


def test_kubernetes_string_data() -> None:
    """Values below `stringData:` stand as they are."""
    check_found("kind: Secret\nstringData:\n  db: «{T}»\n", "a.yaml", "kubernetes-secret")


def test_json_web_key() -> None:
    """The private member of a key is found, the public ones are not."""
    check_found('{"kty": "EC", "x": "{T}", "d": "«{T}»"}', "a.json", "json-web-key")
    check_quiet('{"a": "b", "d": "{T}"}', "a.json")


def test_registry_credentials_are_decoded() -> None:
    """What docker and npm keep decodes to a user and a password."""
    check_found('{"auths": {"r": {"auth": "«' + encoded("me:{H}") + '»"}}}', "config.json", "registry-auth")
    check_found("//r.corp.net/:_auth=«" + encoded("me:{H}") + "»", ".npmrc", "registry-auth")
    check_quiet('{"auth": "' + encoded("nothing here") + '"}', "config.json")
