"""What the scanner finds, where, and how sure it is."""

import base64
import hashlib
import json
import random
import socket
import string
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secrets_samples import aws_key, github_token, pem_key, text_for

from victor_server.secrets.finding import Finding, mask
from victor_server.secrets.lines import line_span, line_starts
from victor_server.secrets.rule import Rule
from victor_server.secrets.rules.table import RULES
from victor_server.secrets.scanner import scan, scan_with_allowed

TOKEN = "q7Wn2Lx9" + "Vb4Tz8Kd1Rp6Mc3Hs5Gy0Jf2"
PASSWORD = "tR7!kw" + "Q2#zp9"


def check(fixture: str, rule: str = "", tier: str = "certain", path: str = "src/app.py") -> list[Finding]:
    """The text between « and » is found by `rule` and nothing else is; without marks nothing is found."""
    before, mark, rest = fixture.partition("«")
    value, _, after = rest.partition("»")
    text = before + value + after
    findings = scan(text, path)
    expected = [(rule, tier, value)] if mark else []
    assert [(f.rule, f.tier, text[f.start : f.end]) for f in findings] == expected
    return findings


OWN_TESTS = {
    "private-key", "jwt", "url-password", "connection-string-password", "basic-auth-header", "bearer-token", "curl-user", "wordpress-key",
    "secret-assignment", "square-oauth-secret", "pypi-token", "aws-secret-key", "url-token", "command-password",
    "sql-password", "powershell-password", "kubernetes-secret", "json-web-key", "registry-auth", "session-cookie",
    "authorization-header", "pgpass-password", "htpasswd-password", "shadow-password", "netrc-password",
    "call-password", "sql-insert-password", "dsn-password", "router-password",
}  # fmt: skip


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.id not in OWN_TESTS], ids=lambda rule: rule.id
)
def test_every_format_is_found(rule: Rule) -> None:
    """A value in a vendor's format is found by that vendor's rule wherever it stands."""
    found = 0
    for seed in range(4):
        text = text_for(rule, random.Random(seed))
        found += any(finding.rule == rule.id for finding in scan(f"x = 1\n{text}\n", "src/app.py"))
    assert found >= 3  # one of four may happen to look made up


def test_rule_table_is_sound() -> None:
    """Ids are stable words, keywords are folded and long enough to be rare, and one id has one title."""
    titles: dict[str, str] = {}
    for rule in RULES:
        assert set(rule.id) <= set(string.ascii_lowercase + string.digits + "-")
        assert rule.keywords
        assert all(keyword == keyword.lower() and len(keyword) >= 2 for keyword in rule.keywords)
        assert titles.setdefault(rule.id, rule.title) == rule.title


def test_position_is_exactly_the_secret() -> None:
    """Lines and columns are 0-based code points; astral characters and odd line separators count as editors count."""
    text = f"a = '\U0001f600'\r\nb\x0cc\u2028d\rkey = '\U0001f600' + '{aws_key()}'  # x\n"
    (finding,) = scan(text, "a.py")
    assert (finding.line, finding.start_column, finding.end_line, finding.end_column) == (2, 13, 2, 33)
    assert text[finding.start : finding.end] == aws_key()


def test_finding_does_not_hold_the_secret() -> None:
    """Neither a finding nor its text form contains more of the secret than the mask shows."""
    (finding,) = scan(f"token = '{github_token()}'", "a.py")
    assert finding.masked == "ghp_…5m"
    assert github_token()[5:] not in repr(finding)
    assert finding.fingerprint == hashlib.sha1(github_token().encode()).hexdigest()
    assert finding.title == "GitHub Token"


@given(st.text())
def test_mask_shows_little(value: str) -> None:
    """At most four characters at the front and two at the end, a third at most, and nothing that moves a terminal."""
    first, ellipsis, last = mask(value).rpartition("…")
    assert ellipsis
    assert len(first) <= 4
    assert len(last) <= 2
    assert len(first + last) <= len(value) / 3
    assert (first + last).isprintable()


CERTAIN = {
    "aws-access-key": f"aws = '«{aws_key()}»'",
    "github-token": f'GH = "«{github_token()}»"',
    "aws-secret-key": f"aws_secret_access_key = «{TOKEN + 'Ab3/x+9Z'}»",
    "url-password": f"db = 'postgresql://svc:«{PASSWORD}»@db.corp.net:5432/x'",
    "connection-string-password": f"cs = 'Server=tcp:q.net;User ID=app;Password=«{PASSWORD}»;Encrypt=true'",
    "bearer-token": f"h = {{'Authorization': 'Bearer «{TOKEN}»'}}",
    "basic-auth-header": f"h = 'Basic «{base64.b64encode(('svc:' + PASSWORD).encode()).decode()}»'",
    "wordpress-key": f"define('AUTH_KEY',   '«{'kz,v;k$F_-W68 Fl*' + 'iEekX;-pn =fNS(;c6nDKt;5RW(&jtES8z{Q'}»');",
    "curl-user": f"# curl -sS -u svc:«{PASSWORD}» https://x.net",
    "secret-assignment": f"client_secret = '«{TOKEN}»'",
}


@pytest.mark.parametrize("rule", CERTAIN)
def test_structure_proves_a_secret(rule: str) -> None:
    """What stands around a value makes it a secret, and the range is the value alone."""
    check(CERTAIN[rule], rule)


@pytest.mark.parametrize("label", ["RSA ", "EC ", "DSA ", "OPENSSH ", ""])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\\n"])
def test_private_key_is_one_finding(label: str, newline: str) -> None:
    """A PEM block is found from its first dash to its last, over lines or as one string with escapes."""
    key = pem_key(label, newline=newline)
    (finding,) = check(f"k = '''\n«{key}»\n'''\n", "private-key")
    assert finding.end_line - finding.line == (0 if newline == "\\n" else 13)


def test_private_key_that_is_cut_off() -> None:
    """A block without its END line is found as far as its base64 goes."""
    whole = pem_key()
    cut = whole[: whole.index("\n-----END")]
    check(f"«{cut}»\n\nthis is prose\n", "private-key")


def test_private_key_markers_alone_are_none() -> None:
    """Code that writes or reads keys names the markers; a public key and a certificate are no secrets."""
    begin, end = pem_key().split("\n")[0], pem_key().split("\n")[-1]
    check(f"if line == '{begin}' or line == '{end}':\n    pass\n")
    check(f"{begin}\nMIIE...\n{end}\n")
    check(pem_key().replace("PRIVATE", "PUBLIC"))


def jwt(header: object, payload: object, signature: str = TOKEN) -> str:
    """A token in three parts."""
    parts = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, payload)
    )
    return ".".join([*parts, signature])


def test_jwt_must_decode() -> None:
    """A JSON web token names its algorithm; three words with dots do not make one."""
    token = jwt({"alg": "HS256", "typ": "JWT"}, {"sub": "u71", "iat": 1700000000})
    check(f"x = '«{token}»'", "jwt")
    check(f"x = '{token.replace('eyJ', 'eyK', 1)}'")
    check(f"x = '{jwt({'color': 'red'}, {'a': 'b'})}'")


def test_registry_tokens_of_detect_secrets_plugins() -> None:
    """Rules that go by detect-secrets' own patterns find what those match."""
    check("t = '«pypi-" + "AgEIcHlwaS5vcmc" + TOKEN * 3 + "»'", "pypi-token")
    check("t = '«sq0csp" + "-" + TOKEN + "Zx81Qw5Nk0T»'", "square-oauth-secret")


NOTHING = [
    "password = ''",
    "password = 'password'",
    "password = getpass.getpass()",
    "password = os.environ['DB_PASSWORD']",
    "password = '${DB_PASSWORD}'",
    "password: '{{ vault_password }}'",
    "password = '<your password>'",
    "password = '********'",
    "password = 'changeme'",
    "api_key = 'YOUR_API_KEY_HERE_1234'",
    "token = 'my-service-token-name'",
    "token_url = 'https://login.corp.net/oauth2/v2.0/token'",
    "secret_name = 'prod/db/password-v2'",
    "SECRET_KEY_FILE = '/run/secrets/key_2048'",
    "public_key = '" + TOKEN + "'",
    "csrf_token = '" + TOKEN + "'",
    "password_hash = '$2b$12$" + "Kq8w" * 13 + "a'",
    "sha256 = '" + hashlib.sha256(b"x").hexdigest() + "'",
    "commit = '" + hashlib.sha1(b"x").hexdigest() + "'",
    "id = '123e4567-e89b-12d3-a456-426614174000'",
    '"integrity": "sha512-' + base64.b64encode(hashlib.sha512(b"x").digest()).decode() + '"',
    "url = 'https://user:password@host/'",
    "url = 'https://user:${TOKEN}@host/'",
    "url = f'postgres://{user}:{password}@{host}/db'",
    "aws = 'AKIA" + "IOSFODNN7EXAMPLE'",
    "token = 'ghp_" + "x" * 36 + "'",
    "raise ValueError('password: must be 8 characters')",
    "'Forgot password?': 'Passwort vergessen?'",
    "keyboard = 'qwerty2024'",
    "for token in tokenize(source): yield token",
    "version = '1.2.3-token.4'",
    "idempotency_token = 'b7c1" + "e2a9-46da-4fdb-b8d5-fbd4c466928f'",
    "'AWS::IAM::AccessKey': '62d91b17309e76c8a4'",
    "'PasswordLastUsed': '2016-09-08T21:47:36Z'",
    "blob = 'AB+EAAG" + TOKEN * 5 + "/x'",
]


@pytest.mark.parametrize("text", NOTHING)
def test_no_secret(text: str) -> None:
    """Placeholders, references, hashes, identifiers, names and texts are left alone."""
    check(text)


def test_value_is_read_as_the_file_writes_it() -> None:
    """Configuration needs no quotes; in code the value is a literal, so a variable's name is none."""
    check(f"DB_PASSWORD=«{PASSWORD}»\n", "secret-assignment", path="prod.env")
    check(f"  password: «{PASSWORD}»  # db\n", "secret-assignment", path="deploy/values.yaml")
    check(f"spring.datasource.password=«{PASSWORD}»\n", "secret-assignment", path="app.properties")
    check(f"<password>«{PASSWORD}»</password>\n", "secret-assignment", path="settings.xml")
    check(f'"client_secret": "«{TOKEN}»"\n', "secret-assignment", path="config.json")
    check(
        f"machine git.corp.net login me password «{PASSWORD}»\n",
        "netrc-password",
        path=".netrc",
    )
    check("password = config.secret1\n", path="a.py")
    check("password = settings.db_password2\n", path="a.ts")


def test_lock_files_are_quiet() -> None:
    """What a package manager writes beside names is no assignment of a secret."""
    check(f'"token": "{TOKEN}"\n', path="package-lock.json")


def test_tests_and_documentation_are_possible_only() -> None:
    """Most secrets in tests and documentation are made up, so none is certain there."""
    for path in ("tests/test_x.py", "README.md", "docs/guide.rst", "src/__tests__/a.ts"):
        check(f"key = '«{aws_key()}»'", "aws-access-key", "possible", path=path)


def test_wrong_checksum_is_possible_only() -> None:
    """GitHub's tokens end in a checksum; one that does not fit was made up."""
    broken = github_token()[:-1] + ("a" if github_token()[-1] != "a" else "b")
    check(f"x = '«{broken}»'", "github-token", "possible")


def test_surer_rule_wins() -> None:
    """Where two rules claim the same text it is reported once, by the more precise one."""
    check(f"github_token = '«{github_token()}»'", "github-token")


def test_many_on_a_line() -> None:
    """Every secret on a line is found, in reading order."""
    text = f"pair = ('{aws_key()}', '{github_token()}')"
    assert [finding.rule for finding in scan(text, "a.py")] == ["aws-access-key", "github-token"]


ALLOWED = [
    "# pragma: allowlist secret",
    "// pragma: allowlist secret",
    "/* pragma: allowlist secret */",
    "<!-- pragma: allowlist secret -->",
    "-- pragma: allowlist secret",
    "; pragma: allowlist secret",
    "% pragma: allowlist secret",
    '" pragma: allowlist secret',
    "REM pragma: allowlist secret",
    "# pragma: whitelist secret",
]


@pytest.mark.parametrize("comment", ALLOWED)
def test_allowed_on_its_line_or_the_next(comment: str) -> None:
    """A pragma in any comment syntax silences its own line, its next-line form the line after, nothing else does."""
    line = f"key = '{aws_key()}'"
    assert scan(f"{line} {comment}\n", "a.py") == []
    assert len(scan(f"{comment}\n{line}\n", "a.py")) == 1
    if "white" not in comment:
        assert scan(f"{comment.replace('allowlist', 'allowlist nextline')}\n{line}\n", "a.py") == []
    assert len(scan_with_allowed(f"{line} {comment}\n", "a.py")) == 1


def test_next_line_form_stands_alone() -> None:
    """A next-line pragma behind other text allows nothing: what is allowed must be plain to see."""
    text = f"x = 1  # pragma: allowlist nextline secret\nkey = '{aws_key()}'\n"
    assert len(scan(text, "a.py")) == 1


def test_nothing_opens_a_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """No rule verifies what it finds: with sockets forbidden everything is found all the same."""

    def forbidden(*_args: object, **_more: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", forbidden)
    monkeypatch.setattr(socket, "create_connection", forbidden)
    monkeypatch.setattr(socket, "getaddrinfo", forbidden)
    text = "\n".join(_samples())
    assert (
        len({finding.rule for finding in scan(text, "src/app.py")}) >= len({rule.id for rule in RULES}) * 0.9
    )


def _samples() -> Iterable[str]:
    for rule in RULES:
        if "Detector" not in rule.source:
            yield text_for(rule, random.Random(1))
    yield from (fixture.replace("«", "").replace("»", "") for fixture in CERTAIN.values())
    yield pem_key()
    yield jwt({"alg": "HS256"}, {"sub": "u71"})
    yield "pypi-" + "AgEIcHlwaS5vcmc" + TOKEN * 3
    yield "sq0csp" + "-" + TOKEN + "Zx81Qw5Nk0T"


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.sampled_from([*_samples(), "\r\n", "\n", "\r", "İ", "\x85", '"', "password = ", "x"]), max_size=12
    )
)
def test_findings_are_ordered_and_apart(parts: list[str]) -> None:
    """Findings come in reading order, do not overlap, and their lines and columns agree with their offsets."""
    text = "".join(parts)
    starts = line_starts(text)
    end = 0
    for finding in scan(text, "a.py"):
        assert end <= finding.start < finding.end
        assert starts[finding.line] + finding.start_column == finding.start
        assert starts[finding.end_line] + finding.end_column == finding.end
        assert finding.end <= line_span(text, starts, finding.end_line)[1]
        end = finding.end


@given(st.text(), st.text(max_size=20))
@settings(deadline=None, max_examples=100)
def test_any_text_can_be_scanned(text: str, path: str) -> None:
    """No text and no path makes the scanner fail."""
    scan(text, path)


@given(st.text(alphabet="ab\r\n\x0b\x0c\x1c\x85\u2028"))
def test_lines_are_the_protocols(text: str) -> None:
    """Only the three line ends of the protocol make lines, and the lines with their ends are the text."""
    starts = line_starts(text)
    contents = [text[slice(*line_span(text, starts, line))] for line in range(len(starts))]
    assert contents == text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def test_shortened_private_key_is_only_possible() -> None:
    """Documents show the first line of a key; no RSA key is so short."""
    (shown,) = scan(pem_key(n_lines=1), "a.py")
    (whole,) = scan(pem_key(), "a.py")
    assert (shown.tier, whole.tier) == ("possible", "certain")
