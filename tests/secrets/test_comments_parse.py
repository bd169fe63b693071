"""What is written as a comment is one to the language's own grammar, and changes nothing else."""

import configparser
import sqlite3
import tomllib
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secrets_samples import aws_key
from tree_sitter import Node, Parser

from victor_indexer.languages import grammar, language_of
from victor_server.secrets.allow.write import AllowEdit, allow_edit_at
from victor_server.secrets.lines import line_starts
from victor_server.secrets.scanner import scan

KEY = aws_key()
PRAGMA = "pragma: allowlist"
CLASS = "class A {{\n{}\n}}\n"
MAIN = "int main(void) {{\n{}\n}}\n"

PROGRAMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "a.py": ("{}\n", ("k = 'KEY'", "k = '''a\nKEY\nb'''", "f(\n 'KEY',\n)", "# it's", "x = 1 + \\\n 2", 'k = f"{x}KEY"')),
    "a.sh": ("{}\n", ("k='KEY'", "cat <<EOF\nKEY\nEOF", "f \\\n -k KEY \\\n -x", "k='a\nKEY'", "# it's", 'echo "$k#" KEY')),
    "a.js": ("{}\n", ("k = 'KEY';", "k = `a\nKEY\n`;", "f({\n k: 'KEY',\n});", "/* it's\n*/", "// it's", "const e = <p>\nKEY\n</p>;", "const e = <p a='KEY'\n/>;")),
    "a.ts": ("{}\n", ("const k: string = 'KEY';", "f(`KEY\n`);", "// it's", "enum E {\n A = 'KEY',\n}", "/* KEY\n*/")),
    "a.tsx": ("{}\n", ("f(<a>\n<b/>KEY\n</a>);", "f(<a b={{\n k: 'KEY',\n}}/>);", "const k = 'KEY';", "f(<>KEY\n{k}\n</>);")),
    "a.go": ("package a\n{}\n", ('var k = "KEY"', "var k = `a\nKEY`", "// it's", "var m = map[string]string{\n\"k\": \"KEY\",\n}", "/* KEY\n*/")),
    "a.rs": ("{}\n", ('const K: &str = "KEY";', 'const K: &str = "a\nKEY";', 'const K: &str = r#"KEY"\n"#;', "// it's", "fn f<'a>(x: &'a str) {}")),
    "A.java": (CLASS, ('String k = "KEY";', 'String k = """\nKEY\n""";', "// it's", "/* KEY\n*/", "char c = '\"';")),
    "a.c": (MAIN, ('char *k = "KEY";', "// it's", "/* KEY\n*/", "char c = '\"';", 'f("a"\n"KEY");')),
    "a.cpp": (MAIN, ('auto k = "KEY";', 'auto k = R"(a\nKEY\n)";', "// it's", "f(1,\n \"KEY\");")),
    "a.cs": (CLASS, ('string k = "KEY";', 'string k = @"a\nKEY";', "// it's", "/* KEY\n*/", "char c = '\"';")),
    "a.rb": ("{}\n", ("k = 'KEY'", "k = <<~EOS\nKEY\nEOS", "k = \"a\nKEY\"", "# it's", "=begin\nKEY\n=end", "f(\n k: 'KEY',\n)")),
    "a.php": ("<p>KEY</p>\n<?php\n{}\n?>\n<p>KEY</p>\n", ("$k = 'KEY';", "$k = <<<EOT\nKEY\nEOT;", "$k = 'a\nKEY';", "// its", "/* KEY\n*/", "f([\n 'k' => 'KEY',\n]);")),
}  # fmt: skip


def apply(text: str, edit: AllowEdit) -> str:
    """The text after the edit."""
    at = line_starts(text)[edit.line] + edit.position
    return text[:at] + edit.insert_text + text[at:]


def parse(path: str, text: str) -> Node:
    """The tree by the official grammar."""
    language = language_of(path)
    assert language is not None
    name = "tsx" if path.endswith(".js") else language.name
    return Parser(grammar(language_of(f"a.{name}") or language)).parse(text.encode()).root_node


def shape(node: Node) -> list[tuple[str, bytes]]:
    """What the program says: its leaves and their texts, comments left out."""
    if "comment" in node.type:
        return []
    if not node.children:
        return [(node.type, (node.text or b"").strip())]
    return [leaf for child in node.children for leaf in shape(child)]


@pytest.mark.parametrize("path", PROGRAMS)
def test_comments_are_comments_to_the_grammar(path: str) -> None:
    """Whatever the program, a comment that is offered is a comment, and the rest means what it meant."""
    program, statements = PROGRAMS[path]
    n_offered = 0

    @settings(deadline=None, max_examples=40)
    @given(st.lists(st.sampled_from(statements), min_size=1, max_size=4))
    def check(lines: list[str]) -> None:
        nonlocal n_offered
        text = program.format("\n".join(lines)).replace("KEY", KEY)
        before = parse(path, text)
        assert not before.has_error, text
        for finding in scan(text, path):
            edit = allow_edit_at(text, finding, path)
            if edit is None:
                continue
            n_offered += 1
            edited = apply(text, edit)
            after = parse(path, edited)
            assert not after.has_error, edited
            place = len(
                edited[
                    : line_starts(edited)[edit.line] + edited.split("\n")[edit.line].index(PRAGMA)
                ].encode()
            )
            node = after.descendant_for_byte_range(place, place + len(PRAGMA))
            if not (
                path.endswith(".php") and node and node.type in {"text", "text_interpolation", "program"}
            ):
                assert node is not None
                assert "comment" in node.type, edited
            assert shape(after) == shape(before) or "jsx" in str(before) or path.endswith(".php"), edited

    check()
    assert n_offered


SQL = (
    "select 'KEY';",
    "insert into t values ('a\nKEY');",
    "-- it's",
    "/* KEY\n*/",
    "select 'it''s', 'KEY';",
    "select \"a\", 'KEY'\nfrom t;",
)
TOML = (
    "k{} = 'KEY'",
    "k{} = '''\nKEY\n'''",
    'k{} = """a\nKEY"""',
    "k{} = [\n 'KEY',\n]",
    "# it's",
    "[t{}]",
    "k{} = {{a = 'KEY'}}",
)
INI = ("[s{}]", "k{} = KEY", "k{} = a\n  KEY", "; it's", "# c")
PAGE = (
    "<p>KEY</p>",
    "<p a='KEY'\n b='c'>x</p>",
    "<script>k = 'KEY'\n</script>",
    "<style>a: 'KEY'\n</style>",
    "<!-- KEY\n-->",
    "it's",
    "<textarea>\nKEY\n</textarea>",
)


def edited_texts(path: str, text: str) -> list[str]:
    """The text after each edit that is offered."""
    edits = [allow_edit_at(text, finding, path) for finding in scan(text, path)]
    return [apply(text, edit) for edit in edits if edit]


def numbered(lines: list[str]) -> str:
    """The lines with names of their own, and with the secret."""
    return "\n".join(line.format(n) for n, line in enumerate(lines)).replace("KEY", KEY) + "\n"


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(SQL), min_size=1, max_size=4))
def test_sql_gives_the_same_rows(lines: list[str]) -> None:
    """SQLite reads the same statements after the edit."""
    text = "\n".join(lines).replace("KEY", KEY) + "\n"
    for edited in edited_texts("a.sql", text):
        assert _rows(edited) == _rows(text)


def _rows(text: str) -> list[str]:
    seen: list[str] = []
    database = sqlite3.connect(":memory:")
    try:
        database.execute("create table t (a)")
        database.set_trace_callback(lambda statement: seen.append(_without_comments(statement)))
        database.executescript(text)
        seen += map(str, database.execute("select a from t"))
    finally:
        database.close()
    return seen


def _without_comments(statement: str) -> str:
    return "\n".join(
        line.partition("  -- pragma")[0]
        for line in statement.splitlines()
        if not line.startswith("-- pragma")
    )


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(TOML), min_size=1, max_size=5))
def test_toml_means_the_same(lines: list[str]) -> None:
    """Python's own reader finds the same values."""
    text = numbered(lines)
    for edited in edited_texts("a.toml", text):
        assert tomllib.loads(edited) == tomllib.loads(text)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(INI), max_size=5))
@pytest.mark.parametrize("path", ["a.ini", "setup.cfg"])
def test_settings_mean_the_same(path: str, lines: list[str]) -> None:
    """The same for the files that configparser reads."""
    text = "[s]\n" + numbered(lines)
    for edited in edited_texts(path, text):
        assert _settings(edited) == _settings(text)


def _settings(text: str) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser}


class Page(HTMLParser):
    """What a page holds besides comments and white space."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[object] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        script = data.replace("  // pragma: allowlist secret", "").replace(
            "  /* pragma: allowlist secret */", ""
        )
        self.seen += script.split()


@settings(deadline=None, max_examples=100)
@given(st.lists(st.sampled_from(PAGE), min_size=1, max_size=5))
def test_page_shows_the_same(lines: list[str]) -> None:
    """A browser shows the same text, with the same elements, and nobody sees the comment."""
    text = "\n".join(lines).replace("KEY", KEY) + "\n"
    for edited in edited_texts("a.html", text):
        assert Page(edited).seen == Page(text).seen
