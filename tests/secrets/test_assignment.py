"""Values that only their name gives away, as each language and each kind of file writes them."""

import pytest
from secrets_marked import check_found, check_quiet

from victor_server.secrets.scanner import scan

CODE = {
    "a.py": [
        "password = '«{P}»'",
        "DB_PASSWORD: Final[str] = '«{H}»'",
        "connect(host=h, user='app', password='«{H}»')",
        "x = {'user': 'app', 'password': '«{N}»'}",
        "p = os.environ.get('DB_PASSWORD', '«{H}»')",
        "p = os.environ['DB_PASSWORD'] or '«{H}»'",
        "secret = SecretStr('«{H}»')",
        "if password == '«{H}»':",
        "api_key = b'«{T}»'",
        "client_secret = (\n    '«{T}»'\n)",
        "headers = {'X-Api-Key': '«{T}»'}",
        'password = """«{P}»"""',
        'body = "{\\"password\\": \\"«{H}»\\"}"',
        "url = 'grant=x&password=«{H}»&user=me'",
    ],
    "a.js": [
        "const password = '«{W}»';",
        "const p = process.env.DB_PASS || '«{H}»';",
        "const p = process.env.DB_PASS ?? '«{H}»';",
        "module.exports = { auth: { user: 'me', pass: '«{H}»' } };",
        "const jwtSecret = `«{T}»`;",
        "form.append('password', '«{H}»');",
    ],
    "a.ts": ["private readonly password: string = '«{H}»';"],
    "a.go": ['var password string = "«{H}»"', 'cfg := Config{User: "a", Password: "«{H}»"}', 'const apiToken = "«{T}»"'],
    "a.rs": ['const PASSWORD: &\'static str = "«{H}»";', 'let token = String::from("«{T}»");', '.with_password("«{H}»")'],
    "A.java": [
        'private static final String PASSWORD = "«{H}»";',
        'ds.setPassword("«{W}»");',
        'props.put("password", "«{H}»");',
        '.withUser("me").password("«{H}»").roles("x");',
        'if (password.equals("«{H}»")) {',
        '@Value("${db.password:«{H}»}")',
    ],
    "A.cs": ['public string Password { get; set; } = "«{H}»";', 'var c = new C { Password = "«{H}»" };', 'string pwd = @"«{H}»";'],
    "a.kt": ['val dbPassword: String = "«{H}»"'],
    "a.swift": ['let password: String? = "«{H}»"'],
    "a.php": ["'password' => '«{W}»',", "define('DB_PASSWORD', '«{H}»');", "$db_pass = '«{H}»';", "$cfg['app_secret'] = '«{T}»';"],
    "a.rb": ["password: '«{W}»',", ":password => '«{H}»'", "p = ENV['DB_PASSWORD'] || '«{H}»'", "API_KEY = '«{T}»'.freeze"],
    "a.pl": ["my $password = '«{H}»';", "password => '«{H}»',"],
    "a.lua": ['password = "«{H}»"'],
    "a.c": ['#define WIFI_PASSWORD "«{H}»"', 'static char password[32] = "«{H}»";'],
    "a.ino": ['const char* password = "«{H}»";'],
    "a.m": ['NSString *password = @"«{H}»";'],
    "a.scala": ['val password = "«{H}»"'],
    "a.pas": ["password := '«{H}»';"],
    "a.bas": ['strPassword = "«{H}»"', 'Dim Password As String = "«{H}»"'],
    "main.tf": ['password = "«{H}»"', 'variable "db_password" {\n  type = string\n  default = "«{H}»"\n}'],
    "Jenkinsfile": ["def password = '«{H}»'"],
    "a.json": ['{"password": "«{H}»"}', '{"name": "DB_PASSWORD", "value": "«{H}»"}', '{"clientSecret": "«{T}»"}'],
}  # fmt: skip
SETTINGS = {
    "a.env": ["DB_PASSWORD=«{P}»", "API_TOKEN=«{T}»", "POSTGRES_PASSWORD=«{W}»", "APP_SECRET='«{T}»'", "MAPS_KEY=«{U}»"],
    "a.yaml": [
        "password: «{P}»",
        "  password: «{W}»  # of the database",
        "- POSTGRES_PASSWORD=«{H}»",
        "- name: DB_PASSWORD\n  value: «{H}»",
        "password: >-\n  «{H}»",
        'password: "«{H}»"',
        "secret-key: «{H}»",
    ],
    "a.properties": ["spring.datasource.password=«{W}»", "db.password = «{H}»", "app.password=${DB_PASSWORD:«{H}»}"],
    "a.ini": ["password = «{H}»", "passwd=«{N}»"],
    "a.toml": ['password = "«{H}»"'],
    "nginx.conf": ["fastcgi_param DB_PASSWORD «{H}»;"],
    "web.config": ['<add key="DbPassword" value="«{H}»" />'],
    "a.xml": [
        "<password>«{H}»</password>",
        "<password>\n    «{H}»\n</password>",
        '<Password type="clear">«{H}»</Password>',
        '<property name="password" value="«{H}»"/>',
        '<property name="password">«{H}»</property>',
        "<password><![CDATA[«{P}»]]></password>",
        '<meta-data android:name="x.ApiKey" android:value="«{X}»" />',
        "<param-name>password</param-name><param-value>«{H}»</param-value>",
    ],
    "Info.plist": ["<key>ApiToken</key>\n<string>«{T}»</string>"],
    "Dockerfile": ["ENV DB_PASSWORD=«{H}»", "ENV DB_PASSWORD «{H}»"],
    "run.sh": ['export PGPASSWORD="«{H}»"', "PGPASSWORD=«{H}» psql -U me", "tool --password=«{H}» --user me", "tool --password «{H}»",
               'P="${DB_PASSWORD:-«{H}»}"'],
    "a.ps1": ["$password = '«{H}»'", "Connect-It -Password '«{H}»'"],
    "notes.txt": ["password: «{H}»", "API token = «{T}»", "example-key-«{U}»"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "fixture"),
    [(path, line) for table in (CODE, SETTINGS) for path in table for line in table[path]],
)
def test_found_as_this_kind_of_file_writes_it(path: str, fixture: str) -> None:
    """The value is found, without its quotes and without what follows it."""
    check_found(fixture, path)


QUIET = {
    "a.py": [
        "password = get_password('{H}')",
        "password = getpass.getpass('Password: ')",
        "password = settings.db_password2",
        "password = 'Password is required'",
        "PASSWORD = 'password'",
        "field = 'new_password'",
        "selector = 'input[name=password]'",
        "css = '#password-2'",
        "names = ['username', 'password', 'email2fa']",
        "x = 'pass' if ok else 'fail'",
        "state = {'password': 'changed', 'token_type': 'Bearer'}",
        "password = prefix + '{H}' + suffix",
        "message = 'password: %s' % password",
        "password = f'{user}{number}'",
        "TOKEN_URL = 'https://login.corp.net/oauth2/token2'",
        "cache_key = '{X}'",
        "public_key_token = '{X}'",
        "token = tokens['{H}']",
        "d.encode('{H}').split('{P}')",
        "MIN_PASSWORD_LENGTH = '12345678'",
    ],
    "a.js": ["li.className = ok ? 'pass' : 'fail';", "const token = await this.secret('Password:');", "contractToken: '0x" + "a0" * 20 + "',"],
    "a.go": ['Password string `json:"password"`', "password := os.Getenv(name)"],
    "A.java": ['password.getBytes("UTF-8");', 'public static final String TOKEN_KEY = "user.token.key";'],
    "a.php": ["'password' => 'required|min:8',", "$password = $_POST['password'] . '{H}';"],
    "a.css": ["input.password:hover,a.b2{border:1px}"],
    "a.yaml": [
        "password: Your new password",
        "password: '{{ db_password }}'",
        "passwordSecretKey: mysql-password",
        "existingSecret: my-secret",
        "password: ${DB_PASSWORD}",
        "password: !vault |",
        "secretName: tls-secret-2",
    ],
    "a.sh": ['test "$mode,$pass" = "prog,scan"', "PASS=(sshpass -p x)", "token=$(get token2)"],
    "a.xml": ["<label for='password'>Password 2</label>", "<password>@db.password@</password>"],
    "nginx.conf": ["proxy_pass http2backend;", "uwsgi_pass backend_2;"],
    "Makefile.in": ["curve_private_key.lo curve_public_key2.lo"],
    "notes.md": ["Passwords must be between 8 and 64", "Pass `--size2` to `make`", "The password ensures2 that", "a pass through4 it"],
    "go.sum": ["token {T}"],
    "locales/de.yml": ["password: {W}"],
}  # fmt: skip


@pytest.mark.parametrize(("path", "fixture"), [(path, line) for path in QUIET for line in QUIET[path]])
def test_no_value_of_a_secret(path: str, fixture: str) -> None:
    """Names, texts, code, references and what other tools write beside such names are left alone."""
    check_quiet(fixture, path)


def test_words_are_passwords_only_where_nothing_else_would_stand() -> None:
    """A word alone is one behind a sign of assignment, but neither in a list, nor in a sentence, nor as a name."""
    check_found("password = '«{W}»'", "a.py")
    check_quiet("labels('password', '{W}')", "a.py")
    check_quiet("the password {W} was", "notes.md")
    check_quiet("password = '{W}_field_name'", "a.py")


def test_commented_out_is_possible_only() -> None:
    """A value in a comment, or in a text, does not run."""
    text = "# api_key = '" + "q7Wn2Lx9" + "Vb4Tz8Kd1Rp6Mc3Hs5Gy0Jf2'"
    assert [finding.tier for finding in scan(text, "a.py")] == ["possible"]
    assert [finding.tier for finding in scan(text[2:], "a.py")] == ["certain"]
