"""A secret is moved out of the code: the code still parses, reads the variable, and does not hold the secret."""

import os
import shutil
import subprocess
import textwrap
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secrets_samples import github_token, pem_key
from tree_sitter import Parser

from victor_indexer.languages import grammar, language_named
from victor_server.features.environment import languages
from victor_server.features.environment.move import find_move, replacements
from victor_server.features.replacement import replaced
from victor_server.secrets.scanner import scan

TOKEN = github_token()
PASSWORD = "kT9wq" + "Zp4Lm7"  # pragma: allowlist secret
RANDOM = "Zq8Xk2Lm9P" + "w4Rt6Vb1Nc"
GRAMMARS = {
    "py": "python",
    "js": "javascript",
    "jsx": "javascript",
    "ts": "typescript",
    "tsx": "tsx",
    "go": "go",
    "rs": "rust",
    "java": "java",
    "cs": "csharp",
    "rb": "ruby",
    "php": "php",
    "sh": "bash",
}


def moved(text: str, path: str, language_id: str = "") -> str | None:
    """The text after its first secret is moved; None where that is not offered. `@` stands for the token."""
    text = filled(text)
    finding = scan(text, path)[0]
    move = find_move(text, path, language_id, finding)
    edits = replacements(text, move, move.proposed) if move else None
    return None if edits is None else replaced(text, edits)


def filled(text: str) -> str:
    """With secrets in it: `@@` is a token, `{{!}}` a password."""
    return textwrap.dedent(text).replace("@@", TOKEN).replace("{{?}}", RANDOM).replace("{{!}}", PASSWORD)


def check(path: str, before: str, after: str) -> None:
    """Moving gives `after`, which has no more syntax errors than `before` where there is a grammar to say so."""
    result = moved(before, path)
    assert result == textwrap.dedent(after)
    assert TOKEN not in result
    assert PASSWORD not in result
    name = GRAMMARS.get(path.rpartition(".")[2])
    if name:
        assert n_errors(result, name) <= n_errors(filled(before), name)


def n_errors(text: str, name: str) -> int:
    """How many nodes of the syntax tree are errors."""
    language = language_named(name)
    assert language is not None
    todo: list[Any] = [Parser(grammar(language)).parse(text.encode()).root_node]
    count = 0
    while todo:
        node = todo.pop()
        count += node.is_error or node.is_missing
        todo += node.children
    return count


WHOLE = [
    ("a.py", 'github_token = "@@"\n', 'import os\n\ngithub_token = os.environ["GITHUB_TOKEN"]\n'),
    ("a.py", "import os\nx = call(1, '@@')\n", 'import os\nx = call(1, os.environ["GITHUB_TOKEN"])\n'),
    ("a.js", "const ciToken = '@@';\n", "const ciToken = process.env.CI_TOKEN;\n"),
    ("a.js", 'const o = {"deployToken": "@@"};\n', 'const o = {"deployToken": process.env.DEPLOY_TOKEN};\n'),
    ("a.jsx", 'const a = <Api token="@@" />;\n', "const a = <Api token={process.env.GITHUB_TOKEN} />;\n"),
    ("a.ts", "const ciToken: string = `@@`;\n", "const ciToken: string = process.env.CI_TOKEN!;\n"),
    ("a.tsx", 'const a = <Api ciToken="@@" />;\n', "const a = <Api ciToken={process.env.CI_TOKEN!} />;\n"),
    (
        "a.go",
        'package main\n\nvar ciToken = "@@"\n',
        'package main\n\nimport "os"\n\nvar ciToken = os.Getenv("CI_TOKEN")\n',
    ),
    (
        "a.go",
        'package main\n\nimport (\n\t"fmt"\n\t"strings"\n)\n\nfunc f() string {\n\treturn `@@`\n}\n',
        'package main\n\nimport (\n\t"fmt"\n\t"os"\n\t"strings"\n)\n\nfunc f() string {\n\treturn os.Getenv("GITHUB_TOKEN")\n}\n',
    ),
    (
        "a.rs",
        'fn main() {\n    let ci_token = "@@";\n}\n',
        'fn main() {\n    let ci_token = &std::env::var("CI_TOKEN").expect("CI_TOKEN is not set");\n}\n',
    ),
    (
        "a.rs",
        'fn f() -> C {\n    C { key: "@@".to_string() }\n}\n',
        'fn f() -> C {\n    C { key: std::env::var("GITHUB_TOKEN").expect("GITHUB_TOKEN is not set").to_string() }\n}\n',
    ),
    (
        "A.java",
        'class A {\n    static final String CI_TOKEN = "@@";\n}\n',
        'class A {\n    static final String CI_TOKEN = System.getenv("CI_TOKEN");\n}\n',
    ),
    ("A.kt", 'val ciToken = "@@"\n', 'val ciToken = System.getenv("CI_TOKEN")\n'),
    ("A.scala", 'val ciToken = "@@"\n', 'val ciToken = sys.env("CI_TOKEN")\n'),
    ("build.gradle", "def ciToken = '@@'\n", 'def ciToken = System.getenv("CI_TOKEN")\n'),
    (
        "A.cs",
        'class A {\n    string ciToken = "@@";\n}\n',
        'class A {\n    string ciToken = System.Environment.GetEnvironmentVariable("CI_TOKEN");\n}\n',
    ),
    ("a.rb", "ci_token = '@@'\n", 'ci_token = ENV.fetch("CI_TOKEN")\n'),
    (
        "a.php",
        "<p>it's</p>\n<?php\n$ciToken = '@@';\n",
        "<p>it's</p>\n<?php\n$ciToken = getenv('CI_TOKEN');\n",
    ),
    ("a.exs", 'config :app, ci_token: "@@"\n', 'config :app, ci_token: System.fetch_env!("CI_TOKEN")\n'),
    (
        "a.swift",
        'let ciToken = "@@"\n',
        'import Foundation\n\nlet ciToken = (ProcessInfo.processInfo.environment["CI_TOKEN"] ?? "")\n',
    ),
    (
        "a.dart",
        "import 'a.dart';\nfinal ciToken = '@@';\n",
        "import 'dart:io';\nimport 'a.dart';\nfinal ciToken = Platform.environment['CI_TOKEN']!;\n",
    ),
    ("a.pl", "my $ci_token = '@@';\n", "my $ci_token = $ENV{CI_TOKEN};\n"),
    ("a.lua", "local ci_token = '@@'\n", 'local ci_token = os.getenv("CI_TOKEN")\n'),
    ("a.ps1", "$ciToken = '@@'\n", "$ciToken = $env:CI_TOKEN\n"),
    ("a.sh", "export CI_TOKEN=@@\n", 'export CI_TOKEN="${CI_TOKEN}"\n'),
    (
        "a.sh",
        "CI_TOKEN='@@' ./run\n",
        "CI_TOKEN='\"${CI_TOKEN}\"' ./run\n".replace("'\"", '"').replace("\"'", '"'),
    ),
    ("a.sh", "CI_TOKEN=$'@@'\n", 'CI_TOKEN="${CI_TOKEN}"\n'),
    ("a.sh", "cat <<EOF\nx\nEOF\nCI_TOKEN=@@\n", 'cat <<EOF\nx\nEOF\nCI_TOKEN="${CI_TOKEN}"\n'),
    (
        "a.go",
        'package a\n\n/*\n#include <x.h>\n*/\nimport "C"\n\nvar ciToken = "@@"\n',
        'package a\n\n/*\n#include <x.h>\n*/\nimport "C"\nimport "os"\n\nvar ciToken = os.Getenv("CI_TOKEN")\n',
    ),
    (
        "A.cs",
        'class A { void F() { Foo(ciToken: "@@"); } }\n',
        'class A { void F() { Foo(ciToken: System.Environment.GetEnvironmentVariable("CI_TOKEN")); } }\n',
    ),
    (
        "a.tsx",
        'const [a, b] = useState<string>("@@");\n',
        "const [a, b] = useState<string>(process.env.GITHUB_TOKEN!);\n",
    ),
    ("a.sh", 'CI_TOKEN="@@"\n', 'CI_TOKEN="${CI_TOKEN}"\n'),
    ("docker-compose.yml", "    CI_TOKEN: @@\n", "    CI_TOKEN: ${CI_TOKEN}\n"),
    ("application.properties", "ci.token=@@\n", "ci.token=${CI_TOKEN}\n"),
]
PART = [
    (
        "a.py",
        'import os\nDB_URL = "postgres://me:{{!}}@db.internal/{x}"\n',
        "import os\nDB_URL = f\"postgres://me:{os.environ['DB_PASSWORD']}@db.internal/{{x}}\"\n",
    ),
    (
        "a.py",
        "import os\nu = ('a' 'https://me:{{!}}@git.internal/x'\n     'b')\n",
        "import os\nu = ('a' f'https://me:{os.environ[\"PASSWORD\"]}@git.internal/x'\n     'b')\n",
    ),
    (
        "a.js",
        "const dbUrl = 'postgres://me:{{!}}@db.internal/`x';\n",
        "const dbUrl = `postgres://me:${process.env.DB_PASSWORD}@db.internal/\\`x`;\n",
    ),
    (
        "a.ts",
        'connect("postgres://me:{{!}}@db.internal/x");\n',
        "connect(`postgres://me:${process.env.PASSWORD!}@db.internal/x`);\n",
    ),
    (
        "a.go",
        'package a\n\nimport "os"\n\nvar dbURL = "postgres://me:{{!}}@db.internal/x"\n',
        'package a\n\nimport "os"\n\nvar dbURL = "postgres://me:" + os.Getenv("DB_PASSWORD") + "@db.internal/x"\n',
    ),
    (
        "a.rs",
        'fn main() {\n    connect("postgres://me:{{!}}@db.internal/x");\n}\n',
        'fn main() {\n    connect(&format!("postgres://me:{}@db.internal/x", std::env::var("PASSWORD").expect("PASSWORD is not set")));\n}\n',
    ),
    (
        "A.java",
        'class A {\n    String dbUrl = "postgres://me:{{!}}@db.internal/x";\n}\n',
        'class A {\n    String dbUrl = "postgres://me:" + System.getenv("DB_PASSWORD") + "@db.internal/x";\n}\n',
    ),
    (
        "a.rb",
        'db_url = "postgres://me:{{!}}@db.internal/x"\n',
        "db_url = \"postgres://me:#{ENV.fetch('DB_PASSWORD')}@db.internal/x\"\n",
    ),
    (
        "a.php",
        "<?php\n$dbUrl = 'postgres://me:{{!}}@db.internal/x';\n",
        "<?php\n$dbUrl = 'postgres://me:' . getenv('DB_PASSWORD') . '@db.internal/x';\n",
    ),
    (
        "a.sh",
        "git clone 'https://me:{{!}}@git.internal/x'\n",
        "git clone 'https://me:'\"${PASSWORD}\"'@git.internal/x'\n",
    ),
    ("a.sh", "curl -H 'X-Auth: Bearer @@' x\n", "curl -H 'X-Auth: Bearer '\"${GITHUB_TOKEN}\" x\n"),
    (
        "application.properties",
        "shop.url=jdbc:x://me:{{!}}@h/x\n",
        "shop.url=jdbc:x://me:${SHOP_PASSWORD}@h/x\n",
    ),
    (
        "a.sh",
        "git clone https://me:{{!}}@git.internal/x\n",
        'git clone https://me:"${PASSWORD}"@git.internal/x\n',
    ),
    (
        "compose.prod.yaml",
        '  URL: "postgres://me:{{!}}@db.internal/x"\n',
        '  URL: "postgres://me:${PASSWORD}@db.internal/x"\n',
    ),
]


@pytest.mark.parametrize(("path", "before", "after"), WHOLE)
def test_a_whole_literal(path: str, before: str, after: str) -> None:
    """The literal goes with its quotes; the variable is named after what it is assigned to, else after the vendor."""
    check(path, before, after)


@pytest.mark.parametrize(("path", "before", "after"), PART)
def test_a_part_of_a_literal(path: str, before: str, after: str) -> None:
    """What surrounds the secret stays as it is."""
    check(path, before, after)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.go", 'package a\n\nconst ciToken = "@@"\n'),
        ("a.go", 'package a\n\nconst (\n\tname = "x"\n\tciToken = "@@"\n)\n'),
        ("a.rs", 'const CI_TOKEN: &str = "@@";\n'),
        ("a.rs", 'static CI_TOKEN: &str =\n    "@@";\n'),
        ("a.rs", 'fn f() -> &\'static str {\n    "@@"\n}\n'),
        ("a.rs", 'fn f() {\n    println!("@@");\n}\n'),
        ("a.rs", 'fn f(x: &str) {\n    match x { "@@" => 1, _ => 2 };\n}\n'),
        ("A.java", 'class A {\n    @Value("@@")\n    String a;\n}\n'),
        ("A.java", 'class A { void f() { switch (x) {\n case "@@": break; } } }\n'),
        ("A.kt", 'const val CI_TOKEN = "@@"\n'),
        ("A.cs", 'class A {\n    const string CiToken = "@@";\n}\n'),
        ("A.cs", '[Key("@@")]\nclass A {}\n'),
        ("A.cs", 'class A { void F(string token = "@@") {} }\n'),
        ("a.php", "<?php\nclass A {\n    private $ciToken = '@@';\n}\n"),
        ("a.php", "<?php\nfunction f($token = '@@') {}\n"),
        ("a.exs", 'defmodule A do\n  @ci_token "@@"\nend\n'),
        ("a.dart", "const ciToken = '@@';\n"),
        ("a.py", 'x = {"@@": 1}\n'),
        ("a.py", 'x = b"@@"\n'),
        ("a.py", 'x = ("a"\n     "@@")\n'),
        ("a.py", 'def f():\n    """\n    token = "@@"\n    """\n'),
        ("a.py", '# token = "@@"\n'),
        ("a.py", 'match x:\n    case "@@":\n        pass\n'),
        ("a.py", 'x = "postgres://me:{{!}}@db.internal/%s" % y\n'),
        ("a.js", 'const o = {"@@": 1};\n'),
        ("a.js", "const t = sql`@@`;\n"),
        ("a.ts", 'interface A {\n  token: "@@";\n}\n'),
        ("a.ts", 'type A = "@@";\n'),
        ("a.ts", 'enum A {\n  Token = "@@",\n}\n'),
        ("a.sh", "cat <<EOF\ntoken=@@\nEOF\n"),
        ("a.sh", "# CI_TOKEN=@@\n"),
        ("a.json", '{"token": "@@"}\n'),
        ("a.toml", 'token = "@@"\n'),
        (".env", "CI_TOKEN=@@\n"),
        ("docker-compose.yml", "#    CI_TOKEN: @@\n"),
        ("docker-compose.yml", "x-y: {a: @@}\n"),
        ("a.py", "os = 3\nx = '@@'\n"),
        ("a.py", "def f(os):\n    x = '@@'\n"),
        ("a.py", "for os in names:\n    x = '@@'\n"),
        ("a.js", "x = '\\101 https://me:{{!}}@git.internal/x'\n"),
        ("a.jsx", 'const a = <Api url="https://me:{{!}}@git.internal/x?a&amp;b" />;\n'),
        ("a.jsx", 'const a = <p>\n  Set TOKEN="@@"\n</p>;\n'),
        ("a.ts", 'const enum A { T = "@@" }\n'),
        ("a.ts", 'const x: Rec["@@"] = 1;\n'),
        ("a.ts", 'let x: { token: "@@" };\n'),
        ("a.go", 'package a\n\nvar os = 3\nvar x = "@@"\n'),
        ("a.go", 'package a\n\nimport "mine/os"\nvar x = "@@"\n'),
        ("a.go", 'package a\n\nfunc f(os string) { x := "@@" }\n'),
        ("a.rs", 'fn main() { if let Some("@@") = x {} }\n'),
        ("a.rs", 'fn main() { let t = Some("@@"); }\n'),
        ("A.java", 'class A { final String T = "@@"; void f() { switch (x) { case T: } } }\n'),
        ("A.java", 'class A { static final String T = "@@"; @Foo(T) int x; }\n'),
        ("A.scala", 'type A = "@@"\n'),
        ("A.cs", 'class A { bool F() => x is "a" or "@@"; }\n'),
        ("A.cs", 'class A { bool F() => x is { Token: "@@" }; }\n'),
        ("A.cs", 'class A { void F(int x,\n    string t = "@@") {} }\n'),
        ("a.dart", "void f({\n  int x,\n  String t = '@@',\n}) {}\n"),
        ("a.rb", 'x = :"@@"\n'),
        ("a.rb", 'case x\nin {token: "@@"} then 1\nend\n'),
        ("a.rb", '__END__\ntoken = "@@"\n'),
        ("a.rb", '=begin\ntoken = "@@"\n=end\n'),
        ("a.rb", 'x = <<~sql\n  a = "@@"\nsql\n'),
        ("a.php", '<?php\nclass A { public static $t = ["a" => "@@"]; }\n'),
        ("a.php", '<?php\nenum A: string { case T = "@@"; }\n'),
        ("a.php", '<?php\n$f = fn($t = "@@") => $t;\n'),
        ("a.php", '<?php\n$x = <<<eot\ntoken = "@@"\neot;\n'),
        ("a.swift", 'enum A: String { case t = "@@" }\n'),
        ("a.swift", 'let x: StaticString = "@@"\n'),
        ("a.pl", '__END__\ntoken = "@@"\n'),
        ("a.pl", '=pod\n\ntoken = "@@"\n\n=cut\n'),
        ("a.lua", '--[==[\ntoken = "@@"\n]==]\n'),
        ("a.sh", "cat <<\\EOF\nTOKEN='@@'\nEOF\n"),
        ("a.sh", "cat <<eof\nTOKEN='@@'\neof\n"),
        ("a.sh", 'TOKEN="$(foo "@@")"\n'),
        ("other.yml", "CI_TOKEN: @@\n"),
    ],
)
def test_not_where_it_would_break_the_code(path: str, text: str) -> None:
    """Constants, patterns, attributes, keys, comments, bytes, and files that expand no variables."""
    assert moved(text, path) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"""Doc."""\n\nimport sys\n\nX = "@@"\n', '"""Doc."""\n\nimport os\nimport sys\n\nX = V\n'),
        ('import json\nfrom x import y\n\nX = "@@"\n', "import json\nimport os\nfrom x import y\n\nX = V\n"),
        ('"""Doc."""\nX = "@@"\n', '"""Doc."""\n\nimport os\nX = V\n'),
        (
            'from __future__ import annotations\n\nX = "@@"\n',
            "from __future__ import annotations\n\nimport os\n\nX = V\n",
        ),
        ('#!/usr/bin/env python\nX = "@@"\n', "#!/usr/bin/env python\nimport os\n\nX = V\n"),
        ('import a, os\nX = "@@"\n', "import a, os\nX = V\n"),
        ('import os.path\nX = "@@"\n', "import os.path\nX = V\n"),
        ('import os as o\nX = "@@"\n', "import os as o\nimport os\nX = V\n"),
        (
            'def f():\n    import os\n    return "@@"\n',
            "import os\n\ndef f():\n    import os\n    return V\n",
        ),
        ('import sys\r\nX = "@@"\r\n', "import os\r\nimport sys\r\nX = V\r\n"),
        ('X = "@@"', "import os\n\nX = V"),
        ('X = "@@"\nimport sys\n', "import os\n\nX = V\nimport sys\n"),
        ('X = "@@"\nimport os\n', "import os\n\nX = V\nimport os\n"),
        ('import a, \\\n    c\nX = "@@"\n', "import a, \\\n    c\nimport os\nX = V\n"),
        (
            'from __future__ import (\n    annotations,\n)\nX = "@@"\n',
            "from __future__ import (\n    annotations,\n)\n\nimport os\nX = V\n",
        ),
        ('f(os="linux")\nX = "@@"\n', 'import os\n\nf(os="linux")\nX = V\n'),
    ],
)
def test_python_import(before: str, after: str) -> None:
    """`import os` comes where it belongs, once."""
    result = moved(before, "a.py")
    assert result == after.replace("V", 'os.environ["GITHUB_TOKEN"]')
    compile(result, "a.py", "exec")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("stripe_api_key = '@@'", "STRIPE_API_KEY"),
        ("self.deployToken = '@@'", "DEPLOY_TOKEN"),
        ("stripe.api_key = '@@'", "GITHUB_API_KEY"),
        ("adminToken = '@@'", "GITHUB_ADMIN_TOKEN"),
        ("config['ci-token'] = '@@'", "CI_TOKEN"),
        ("token = '@@'", "GITHUB_TOKEN"),
        ("x = {'HTTPToken': '@@'}", "HTTP_TOKEN"),
        ("connect(token='@@')", "GITHUB_TOKEN"),
        ("set_deploy_token('@@')", "DEPLOY_TOKEN"),
        ("client: Client = Client('@@')", "GITHUB_TOKEN"),
        ("ci_token: str = '@@'", "CI_TOKEN"),
        ("url = 'https://me:{{!}}@git.internal/x'", "PASSWORD"),
        ("password = '{{!}}$'", "PASSWORD"),
        ("tokens = '{{?}}', '@@'", "GITHUB_TOKEN"),
        ("tokens = {'{{?}}': '@@'}", "GITHUB_TOKEN"),
    ],
)
def test_names(line: str, name: str) -> None:
    """After what the secret is assigned to, unless that says nothing or is a secret itself; else after its vendor."""
    text = filled(f"{line}\n")
    move = find_move(text, "a.py", "python", scan(text, "a.py")[-1])
    assert move is not None
    assert move.proposed == name


def test_a_language_by_the_editors_name() -> None:
    """A buffer without a name, or with one that tells nothing, is what the editor says."""
    assert moved("ci_token = '@@'\n", "Untitled-1", "ruby") == 'ci_token = ENV.fetch("CI_TOKEN")\n'
    assert moved("ci_token = '@@'\n", "notes.txt", "ruby") is None


def test_a_key_of_many_lines() -> None:
    """A block in a literal goes as one."""
    text = f"import os\nSIGNING_KEY = '''{pem_key()}'''\n"
    assert moved(text, "a.py") == 'import os\nSIGNING_KEY = os.environ["SIGNING_KEY"]\n'


def test_moved_python_reads_the_variable() -> None:
    """Run with the variable set, the program has what it had before."""
    text = 'DB_URL = "postgres://me:{{!}}@db.internal/{x}"\n'
    before: dict[str, Any] = {}
    exec(filled(text), before)
    after: dict[str, Any] = {}
    os.environ["DB_PASSWORD"] = PASSWORD
    try:
        exec(str(moved(text, "a.py")), after)
    finally:
        del os.environ["DB_PASSWORD"]
    assert after["DB_URL"] == before["DB_URL"]


@pytest.mark.parametrize(
    ("program", "path", "text"),
    [
        ("sh", "a.sh", "X='a{{!}}/b c'; export X; password='{{!}}'; printf '%s' \"$password\"\n"),
        ("sh", "a.sh", "printf %s 'https://me:{{!}}@git.internal/x y'\n"),
        ("sh", "a.sh", "printf %s https://me:{{!}}@git.internal/x\n"),
        ("node", "a.js", "process.stdout.write('https://me:{{!}}@git.internal/`${x}')\n"),
        ("perl", "a.pl", "my $u = 'https://me:{{!}}@git.internal/x'; print $u;\n"),
    ],
)
def test_moved_programs_read_the_variable(program: str, path: str, text: str) -> None:
    """The same for what else can run here; a machine without the program has nothing to test."""
    found = shutil.which(program)
    if found is None:
        return
    flag = "-c" if program == "sh" else "-e"
    before = subprocess.run([found, flag, filled(text)], check=True, capture_output=True)
    environment = {**os.environ, "PASSWORD": PASSWORD}
    after = subprocess.run(
        [found, flag, str(moved(text, path))], check=True, capture_output=True, env=environment
    )
    assert after.stdout == before.stdout


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted({path for path, _, _ in WHOLE + PART})), st.text(max_size=80), st.text(max_size=80)
)
def test_never_fails(path: str, before: str, after: str) -> None:
    """Whatever stands around a secret: an offer is one that takes the secret away."""
    text = f"{before}\nx = '{TOKEN}'{after}"
    for finding in scan(text, path):
        move = find_move(text, path, "", finding)
        edits = replacements(text, move, "NAME") if move else None
        if edits is not None:
            assert (
                text[finding.start : finding.end]
                not in replaced(text, edits)[finding.start :][: finding.end - finding.start]
            )


def test_every_language_has_a_name() -> None:
    """The two tables agree."""
    assert {languages.language_name(f"a.{each}") for each in ("py", "rs", "kt")} <= set(languages.LANGUAGES)
    assert set(languages._EXTENSIONS) == set(languages.LANGUAGES)
