"""What text and queries are split into."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_indexer.tokens import query_names, query_terms, split_identifier, token_line, tokenize

IDENTIFIERS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{1,30}", fullmatch=True)


def check(text: str, expected: str) -> None:
    assert " ".join(tokenize(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HTTPServer", "http server httpserver"),
        ("parse_config", "pars config parseconfig"),
        ("parseConfig", "pars config parseconfig"),
        ("ParseConfig", "pars config parseconfig"),
        ("PARSE_CONFIG", "pars config parseconfig"),
        ("parse-config", "pars config"),
        ("hostName", "host name hostnam"),
        ("hostname", "hostnam"),
        ("getURLs", "get url geturl"),
        ("base64Encode", "base base64 encod base64encod"),
        ("OAuth2Client", "oauth auth auth2 client oauth2client"),
        ("x86_64", "x86 64 x8664"),
        ("error_404 404 8", "error error404 404 404"),
        ("__init__", "init"),
        ("parsing parsed parses", "pars pars pars"),
    ],
)
def test_identifiers_are_split_stemmed_and_kept_whole(text: str, expected: str) -> None:
    """However a name is written, its words and its whole come out the same."""
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Übergrößen", "übergrößen"),
        ("ÜberGröße", "über größe übergröß"),
        ("cafe\u0301 café", "café café"),
        ("配置", "配 置 配置"),
        ("读取配置Config文件", "读 取 配 置 读取 取配 配置 config 文 件 文件"),
        ("नमस्ते दुनिया", "नमस्ते दुनिया"),
        ("привет МИР", "привет мир"),
    ],
)
def test_words_of_any_script_are_found(text: str, expected: str) -> None:
    """Marks stay with their letters, and unspaced scripts give characters and pairs."""
    check(text, expected)


def test_words_that_tell_nothing_are_left_out() -> None:
    """Function words and ubiquitous keywords cost postings and distinguish nothing."""
    check("the return of self and a x", "")


def test_stop_words_are_kept_inside_a_whole_name() -> None:
    """`for_each` must be found as a name although `for` alone tells nothing."""
    check("for_each", "each foreach")


def test_encoded_data_is_left_out() -> None:
    """Hashes and base64 would fill the vocabulary with words that nobody asks for."""
    check("aB3dE5fG7hI9jK1lM3nO5pQ7" + " " + "A" * 200, "")


def test_a_query_is_answered_in_distinct_terms() -> None:
    """A word said twice in a query counts once."""
    assert query_terms("how to parse the parseConfig and parse") == ("pars", "config", "parseconfig")
    assert query_terms(' "?!* ') == ()


def test_names_of_a_query_are_kept_as_typed() -> None:
    """Ranking compares whole names with definitions: case stays and qualifiers are dotted."""
    assert query_names("call Foo::bar() or a.b.c, then Foo#bar") == ("call", "Foo.bar", "or", "a.b.c", "then")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("HTTPServer2", ["http", "server", "2"]),
        ("snake_case-kebab", ["snake", "case", "kebab"]),
        ("ГруппаКода_2", ["группа", "кода", "2"]),
        ("", []),
        ("___", []),
    ],
)
def test_split_identifier(name: str, expected: list[str]) -> None:
    """A name falls apart where its case, digits and marks say so, outside ASCII as well."""
    assert split_identifier(name) == expected


@settings(deadline=None, max_examples=200)
@given(IDENTIFIERS)
def test_both_splitters_agree(name: str) -> None:
    """Inside ASCII a name means the same to the fast splitter and to the one for all scripts."""
    plural = any(
        part.endswith("s") for part in split_identifier(name)
    )  # `URLs` is known to the fast one only
    assert plural or split_identifier(name) == split_identifier(name + "_é")[:-1]


@settings(deadline=None, max_examples=300)
@given(st.text())
def test_any_text_gives_clean_tokens(text: str) -> None:
    """Tokens are what a whitespace tokenizer gives back: none is empty or holds a space; a second pass agrees."""
    line = token_line(text)
    assert line == " ".join(line.split(" ")) if line else line == ""
    assert all(line.split(" ")) or line == ""
    assert tokenize(text) == line.split()


@settings(deadline=None, max_examples=200)
@given(st.lists(IDENTIFIERS, max_size=8))
def test_a_query_meets_the_text_it_was_copied_from(words: list[str]) -> None:
    """Every term of a query that quotes a text stands among the text's tokens."""
    text = " ".join(words)
    assert set(query_terms(text)) <= set(tokenize(f"prefix({text});"))
