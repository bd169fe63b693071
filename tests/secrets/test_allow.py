"""The comment that allows a secret: in the file's own syntax, and never inside a string."""

import ast
from xml.etree import ElementTree

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from secrets_samples import aws_key, pem_key

from victor_server.secrets.allow.comments import STYLES
from victor_server.secrets.allow.write import AllowEdit, allow_edit, allow_edit_at
from victor_server.secrets.lines import line_starts
from victor_server.secrets.scanner import scan

KEY = aws_key()


def apply(text: str, edit: AllowEdit) -> str:
    """The text after the edit."""
    at = line_starts(text)[edit.line] + edit.position
    return text[:at] + edit.insert_text + text[at:]


def check(text: str, path: str, expected: str | None, language_id: str = "") -> None:
    """The edit for the only secret in `text` gives `expected`, which scans clean; None: there is no edit."""
    (finding,) = scan(text, path)
    edit = allow_edit_at(text, finding, path, language_id)
    assert (apply(text, edit) if edit else None) == expected
    if expected is not None:
        assert scan(expected, path) == []


TRAILING = {
    "a.py": "  # pragma: allowlist secret",
    "a.sh": "  # pragma: allowlist secret",
    "a.rb": "  # pragma: allowlist secret",
    "a.toml": "  # pragma: allowlist secret",
    "a.tf": "  # pragma: allowlist secret",
    "a.js": "  // pragma: allowlist secret",
    "a.tsx": "  // pragma: allowlist secret",
    "a.go": "  // pragma: allowlist secret",
    "a.java": "  // pragma: allowlist secret",
    "a.rs": "  // pragma: allowlist secret",
    "a.c": "  // pragma: allowlist secret",
    "a.cs": "  // pragma: allowlist secret",
    "a.css": "  /* pragma: allowlist secret */",
    "a.sql": "  -- pragma: allowlist secret",
    "a.lua": "  -- pragma: allowlist secret",
    "a.html": "  <!-- pragma: allowlist secret -->",
    "a.xml": "  <!-- pragma: allowlist secret -->",
    "README.md": "  <!-- pragma: allowlist secret -->",
    "a.el": "  ; pragma: allowlist secret",
    "a.tex": "  % pragma: allowlist secret",
    "a.erl": "  % pragma: allowlist secret",
    "a.ml": "  (* pragma: allowlist secret *)",
    "a.ps1": "  # pragma: allowlist secret",
    "a.tcl": "  ;# pragma: allowlist secret",
    "a.vb": "  ' pragma: allowlist secret",
    "a.vue": "  <!-- pragma: allowlist secret -->",
    "a.mdx": "  {/* pragma: allowlist secret */}",
    "index.html.erb": "  <!-- pragma: allowlist secret -->",
    "a.hs": "  -- pragma: allowlist secret",
}


@pytest.mark.parametrize("path", TRAILING)
def test_comment_follows_the_secret(path: str) -> None:
    """Where a comment may end a line it is appended to it."""
    check(f'first\n  x = "{KEY}"\nlast\n', path, f'first\n  x = "{KEY}"{TRAILING[path]}\nlast\n')
    assert allow_edit(f'x = "{KEY}"', path) == TRAILING[path]


def test_comment_follows_the_secret_in_yaml() -> None:
    """In YAML it follows a key's value or an item."""
    comment = "  # pragma: allowlist secret"
    check(f"a: 1\nb: {KEY}\nc:\n  - x\n", "a.yaml", f"a: 1\nb: {KEY}{comment}\nc:\n  - x\n")
    check(f"a:\n  - '{KEY}'\n  - x\n", "a.yml", f"a:\n  - '{KEY}'{comment}\n  - x\n")
    check(f"a: [\n  {KEY}\n]\n", "a.yml", None)


BEFORE = {
    "prod.env": "# pragma: allowlist nextline secret",
    ".env.local": "# pragma: allowlist nextline secret",
    "app.properties": "# pragma: allowlist nextline secret",
    "Makefile": "# pragma: allowlist nextline secret",
    "Dockerfile": "# pragma: allowlist nextline secret",
    "Dockerfile.dev": "# pragma: allowlist nextline secret",
    "app.ini": "; pragma: allowlist nextline secret",
    "run.bat": "REM pragma: allowlist nextline secret",
    "a.vim": '" pragma: allowlist nextline secret',
    "rules.mk": "# pragma: allowlist nextline secret",
}


@pytest.mark.parametrize("path", BEFORE)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_comment_on_the_line_before(path: str, newline: str) -> None:
    """Where a comment behind a value would become part of it, it gets a line of its own."""
    text = f"A=1{newline}KEY={KEY}{newline}"
    check(text, path, f"A=1{newline}{BEFORE[path]}{newline}KEY={KEY}{newline}")
    assert allow_edit(f"KEY={KEY}", path) is None


def test_no_comment_exists() -> None:
    """JSON and plain text have no comments, so nothing is offered; an editor's JSONC has."""
    check(f'{{"k": "{KEY}"}}', "a.json", None)
    check(f"k {KEY}", "notes.txt", None)
    check(f'{{"k": "{KEY}"}}', "settings", f'{{"k": "{KEY}"}}  // pragma: allowlist secret', "jsonc")


def test_language_of_the_editor_helps_where_the_name_does_not() -> None:
    """A file without a telling name takes the editor's word, or its own first line's."""
    check(f"k = '{KEY}'", "Untitled-1", f"k = '{KEY}'  # pragma: allowlist secret", "python")
    check(f"#!/bin/sh\nk='{KEY}'", "deploy", f"#!/bin/sh\nk='{KEY}'  # pragma: allowlist secret")


INSIDE = {
    "first line of a string": ("x = '''{KEY}\nb'''\n", "a.py", "# pragma: allowlist nextline secret\nx = '''{KEY}\nb'''\n"),
    "last line of a string": ("x = '''a\n{KEY}'''\n", "a.py", "x = '''a\n{KEY}'''  # pragma: allowlist secret\n"),
    "amid a string": ("x = '''a\n{KEY}\nb'''\n", "a.py", None),
    "continued line": ("x = '{KEY}' + \\\n  y\n", "a.py", "# pragma: allowlist nextline secret\nx = '{KEY}' + \\\n  y\n"),
    "quote in a comment": ("# don't '''\nx = '{KEY}'\n", "a.py", "# don't '''\nx = '{KEY}'  # pragma: allowlist secret\n"),
    "template literal": ("const a = `\n{KEY}\n`\n", "a.js", None),
    "heredoc": ("cat <<EOF\n{KEY}\nEOF\n", "a.sh", None),
    "after a heredoc": ("cat <<EOF\nx'\nEOF\nk={KEY}\n", "a.sh", "cat <<EOF\nx'\nEOF\nk={KEY}  # pragma: allowlist secret\n"),
    "shell string": ("k='a\n{KEY}\n'\n", "a.sh", None),
    "block scalar": ("a: |\n  {KEY}\nb: 1\n", "a.yaml", None),
    "after a block scalar": ("a: |\n  x\nb: {KEY}\n", "a.yaml", "a: |\n  x\nb: {KEY}  # pragma: allowlist secret\n"),
    "inside a tag": ('<a>\n<b\n k="{KEY}"\n c="1"/>\n</a>\n', "a.xml", None),
    "first line of a tag": ('<a>\n<b k="{KEY}"\n c="1"/>\n</a>\n', "a.xml", '<a>\n<!-- pragma: allowlist nextline secret -->\n<b k="{KEY}"\n c="1"/>\n</a>\n'),
    "C block comment": ("/* a\n{KEY}\n*/\n", "a.c", None),
    "Rust string": ('let a = "\n{KEY}\n";\n', "a.rs", None),
    "Rust lifetime": ("fn f<'a>() {{}}\nlet k = \"{KEY}\";\n", "a.rs", "fn f<'a>() {{}}\nlet k = \"{KEY}\";  // pragma: allowlist secret\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", INSIDE)
def test_comment_never_stands_in_a_string(case: str) -> None:
    """A comment inside a string would change what the program does: the line before is taken, or nothing offered."""
    text, path, expected = INSIDE[case]
    check(text.replace("{KEY}", KEY), path, None if expected is None else expected.replace("{KEY}", KEY))


def test_private_key_is_allowed_before_its_literal() -> None:
    """For a key of several lines the comment stands before the line that opens its string."""
    check(
        f"x = 1\nk = '''\n{pem_key()}\n'''\n",
        "a.py",
        f"x = 1\n# pragma: allowlist nextline secret\nk = '''\n{pem_key()}\n'''\n",
    )
    indented = pem_key().replace("\n", "\n  ")
    check(f"k: |\n  {indented}\n", "a.yaml", f"# pragma: allowlist nextline secret\nk: |\n  {indented}\n")
    check(f"k = '''{pem_key()}'''\n", "a.py", f"k = '''{pem_key()}'''  # pragma: allowlist secret\n")


EXTENSIONS = sorted(name for name in STYLES if name.isalnum() and len(name) <= 4)
LINES = st.lists(
    st.sampled_from(["", "x = 1", "'", '"', "'''", '"""', "`", "/*", "*/", "# c", "// c", "<a", ">", "a: |", "  b", "\\", f'k = "{KEY}"', f"  {KEY}", f"'{KEY}"]),
    min_size=1,
    max_size=7,
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(LINES, st.sampled_from(EXTENSIONS), st.sampled_from(["\n", "\r\n", "\r"]))
def test_edited_text_scans_clean(lines: list[str], extension: str, newline: str) -> None:
    """Whatever surrounds a secret, where an edit is offered that secret is allowed by it, and no other."""
    text, path = newline.join(lines), f"file.{extension}"
    before = scan(text, path)
    for finding in before:
        edit = allow_edit_at(text, finding, path)
        if edit:
            after = scan(apply(text, edit), path)
            allowed = [f for f in before if f.line == finding.line]
            assert len(after) == len(before) - len(allowed)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(["x = 1", f"k = '{KEY}'", f"k = '''{KEY}", f"{KEY}'''", "'''", "# it's", "y = [", "]", "s = '''a\\", f"z = ('{KEY}'", ")"]), max_size=6))  # fmt: skip
def test_python_means_the_same_after_the_edit(lines: list[str]) -> None:
    """A comment changes no program."""
    text = "\n".join(lines) + "\n"
    try:
        before = ast.dump(ast.parse(text))
    except SyntaxError:
        return
    for finding in scan(text, "a.py"):
        edit = allow_edit_at(text, finding, "a.py")
        if edit:
            assert ast.dump(ast.parse(apply(text, edit))) == before


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(["a: 1", f"b: {KEY}", f'c: "{KEY}"', "d: |", f"  {KEY}", "e: >-", "  text", 'f: "x', f'  {KEY}"', "g: it's", f"- {KEY}", "h:"]), max_size=6))  # fmt: skip
def test_yaml_means_the_same_after_the_edit(lines: list[str]) -> None:
    """The same for YAML, whose scalars may span lines; a document that is nothing but one scalar is left aside."""
    text = "\n".join(lines) + "\n"
    try:
        before = yaml.safe_load(text)
    except yaml.YAMLError:
        return
    if isinstance(before, str):
        return
    for finding in scan(text, "a.yaml"):
        edit = allow_edit_at(text, finding, "a.yaml")
        if edit:
            assert yaml.safe_load(apply(text, edit)) == before


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(["<b>x</b>", f"<b>{KEY}</b>", f'<b k="{KEY}"', 'c="1"', "/>", ">", "</b>", "<!-- c", "-->", "it's", f"{KEY}"]), max_size=6))  # fmt: skip
def test_xml_means_the_same_after_the_edit(lines: list[str]) -> None:
    """The same for XML: its elements and attributes stay as they were."""
    text = "\n".join(["<a>", *lines, "</a>"])
    try:
        before = [(e.tag, e.attrib) for e in ElementTree.fromstring(text).iter()]
    except ElementTree.ParseError:
        return
    for finding in scan(text, "a.xml"):
        edit = allow_edit_at(text, finding, "a.xml")
        if edit:
            assert [(e.tag, e.attrib) for e in ElementTree.fromstring(apply(text, edit)).iter()] == before


@pytest.mark.parametrize("language_id", ["", "json", "plaintext"])
@pytest.mark.parametrize(
    "path", ["c.json", "go.json", "sql.txt", "d.csv", "rs.log", "config.json", "dockerfile.json", "makefile.txt", "yaml", "go"]
)  # fmt: skip
def test_name_that_only_sounds_like_a_language(path: str, language_id: str) -> None:
    """What stands before the suffix says nothing of how the file is written: a comment would break `go.json`."""
    check(f'"k": "{KEY}"', path, None, language_id)


def test_script_with_the_name_of_a_language() -> None:
    """Its first line tells what it is."""
    check(f"#!/bin/sh\nk='{KEY}'", "bin/go", f"#!/bin/sh\nk='{KEY}'  # pragma: allowlist secret")


def test_configuration_that_is_xml() -> None:
    """`.config` files are XML on one system and lines of names and values on others."""
    xml = f'<?xml version="1.0"?>\n<add value="{KEY}"/>\n'
    check(xml, "web.config", xml.replace("/>", "/>  <!-- pragma: allowlist secret -->"))
    check(f"key={KEY}\n", "my.config", f"# pragma: allowlist nextline secret\nkey={KEY}\n")


ONE, NEXT = "pragma: allowlist secret", "pragma: allowlist nextline secret"
PARTS = {
    "script in a page": ("<p>\n<script>\nk = '{KEY}'\n</script>\n", "a.html", f"<p>\n<script>\nk = '{{KEY}}'  // {ONE}\n</script>\n"),
    "style in a page": ("<style>\na: '{KEY}'\n</style>\n", "a.html", f"<style>\na: '{{KEY}}'  /* {ONE} */\n</style>\n"),
    "page after a script": ("<script>'</script>\n<p>{KEY}</p>\n", "a.html", f"<script>'</script>\n<p>{{KEY}}</p>  <!-- {ONE} -->\n"),
    "data in a page": ("<script type='application/json'>\n'{KEY}'\n</script>\n", "a.html", None),
    "text area": ("<textarea>\n{KEY}\n</textarea>\n", "a.html", None),
    "script of a component": ("<template>\n<p/>\n</template>\n<script lang='ts'>\nk = '{KEY}'\n</script>\n", "a.vue", f"<template>\n<p/>\n</template>\n<script lang='ts'>\nk = '{{KEY}}'  // {ONE}\n</script>\n"),
    "template of a component": ("<template>\n<p>{KEY}</p>\n</template>\n", "a.vue", f"<template>\n<p>{{KEY}}</p>  <!-- {ONE} -->\n</template>\n"),
    "template in another language": ("<template lang='pug'>\np {KEY}\n</template>\n", "a.vue", None),
    "style of a component": ("<style lang='scss'>\na: '{KEY}'\n</style>\n", "a.svelte", f"<style lang='scss'>\na: '{{KEY}}'  // {ONE}\n</style>\n"),
    "expression in markup": ("<p>\n{f({\n k: '{KEY}'\n})}\n</p>\n", "a.svelte", None),
    "closed expressions": ("{#if a}\n<p>{KEY}</p>\n{/if}\n", "a.svelte", f"{{#if a}}\n<p>{{KEY}}</p>  <!-- {ONE} -->\n{{/if}}\n"),
    "front of an Astro page": ("---\nconst k = '{KEY}'\n---\n<p/>\n", "a.astro", f"---\nconst k = '{{KEY}}'  // {ONE}\n---\n<p/>\n"),
    "body of an Astro page": ("---\nconst k = {\n---\n<p>{KEY}</p>\n", "a.astro", f"---\nconst k = {{\n---\n<p>{{KEY}}</p>  <!-- {ONE} -->\n"),
    "front matter": ("---\nk: {KEY}\n---\ntext\n", "a.md", f"---\nk: {{KEY}}  # {ONE}\n---\ntext\n"),
    "code in a text": ("text\n```python\nk = '{KEY}'\n```\n", "a.md", f"text\n```python\nk = '{{KEY}}'  # {ONE}\n```\n"),
    "settings in a text": ("text\n~~~env\nK={KEY}\n~~~\n", "a.md", None),
    "JSON in a text": ("text\n```json\n'{KEY}'\n```\n", "a.md", None),
    "text after code": ("```\nx\n```\n{KEY}\n", "a.md", f"```\nx\n```\n{{KEY}}  <!-- {ONE} -->\n"),
    "longer fence": ("````sh\n```\nk={KEY}\n````\n", "a.md", f"````sh\n```\nk={{KEY}}  # {ONE}\n````\n"),
    "import in MDX": ("import a from 'a'\nexport const k = '{KEY}'\n\ntext\n", "a.mdx", f"import a from 'a'\nexport const k = '{{KEY}}'  // {ONE}\n\ntext\n"),
    "text in MDX": ("import a from 'a'\n\n{KEY}\n", "a.mdx", f"import a from 'a'\n\n{{KEY}}  {{/* {ONE} */}}\n"),
    "PHP": ("<p>\n<?php\n$k = '{KEY}';\n?>\n", "a.php", f"<p>\n<?php\n$k = '{{KEY}}';  // {ONE}\n?>\n"),
    "page around PHP": ("<?php $a = 1; ?>\n<p>{KEY}</p>\n", "a.php", f"<?php $a = 1; ?>\n<p>{{KEY}}</p>  <!-- {ONE} -->\n"),
    "text in JSX": ("f(\n<p>\n{KEY}\n</p>)\n", "a.tsx", f"f(\n<p>\n{{KEY}}  {{/* {ONE} */}}\n</p>)\n"),
    "attribute in JSX": ("f(<p\nk='{KEY}'\n/>)\n", "a.jsx", f"f(<p\nk='{{KEY}}'  // {ONE}\n/>)\n"),
    "expression in JSX": ("f(<p>{\n'{KEY}'\n}</p>)\n", "a.js", f"f(<p>{{\n'{{KEY}}'  // {ONE}\n}}</p>)\n"),
    "after JSX": ("const a = <p>\nb</p>\nconst k = '{KEY}'\n", "a.js", f"const a = <p>\nb</p>\nconst k = '{{KEY}}'  // {ONE}\n"),
    "XML by another name": ("<?xml version='1.0'?>\n<a>{KEY}</a>\n", "a.ts", f"<?xml version='1.0'?>\n<a>{{KEY}}</a>  <!-- {ONE} -->\n"),
    "string in an environment file": ('A="\nK={KEY}\n"\n', ".env", None),
    "apostrophe in an environment file": ("A=it's\nK={KEY}\n", ".env", f"A=it's\n# {NEXT}\nK={{KEY}}\n"),
    "continued line of PowerShell": ("f `\n -k '{KEY}' `\n -x\n", "a.ps1", None),
    "block of PowerShell": ("@'\n{KEY}\n'@\n", "a.ps1", None),
    "string of Nix": ("a = ''\n{KEY}\n'';\n", "a.nix", None),
    "lines of a Zig string": ("const a =\n    \\\\{KEY}\n;\n", "a.zig", f"const a =\n    // {NEXT}\n    \\\\{{KEY}}\n;\n"),
    "pod": ("=pod\n\n{KEY}\n\n=cut\n", "a.pl", None),
    "data after a program": ("1;\n__END__\n{KEY}\n", "a.rb", None),
    "verbatim text": ("\\begin{verbatim}\n{KEY}\n\\end{verbatim}\n", "a.tex", None),
    "continued line of Vim": ("let a = {\n  \\ 'k': '{KEY}'}\n", "a.vim", None),
    "heredoc of Terraform": ("a = <<EOF\n{KEY}\nEOF\n", "a.tf", None),
    "heredoc of a Dockerfile": ("RUN <<EOF\nk={KEY}\nEOF\n", "Dockerfile", None),
}  # fmt: skip


@pytest.mark.parametrize("case", PARTS)
def test_comment_in_the_language_of_its_place(case: str) -> None:
    """In a file of several languages the comment is of the one that is written there; where none is, none is offered."""
    text, path, expected = PARTS[case]
    check(text.replace("{KEY}", KEY), path, None if expected is None else expected.replace("{KEY}", KEY))
