"""What the person is shown, held to a renderer of Markdown: no secret stands where it could be run or clicked on."""

from collections.abc import Iterator, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from secrets_samples import aws_key

from victor_server.agent.redaction.fences import language_of, opened
from victor_server.agent.redaction.shown import shown
from victor_server.agent.text_kinds import KeptText
from victor_server.secrets.redaction.session import RedactionSession

KEY = aws_key()
BLOCKS = [
    "```",
    "```sh",
    "```python",
    "```src/a.py",
    "```b.py",
    "````",
    "~~~",
    "~~~bash",
    "    ",
    "\t",
    "> ",
    "- ",
]
BLOCKS += ["1. ", "   ", "  ", "# ", "---", "===", "<div>", "<pre>", "</pre>", "<!--", "-->", "[x]: ", "|"]
INLINE = [
    "`",
    "``",
    "*",
    "[",
    "]",
    "](",
    ")",
    "(",
    "<",
    ">",
    "<a href=",
    "![",
    '"',
    "'",
    "http://x/",
    "\\",
    "&lt;",
    "a",
    " ",
]
PIECES = ["K", "K", "K", "\n", "\n", "\n", "\n\n", *BLOCKS, *INLINE]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
LINES = st.lists(
    st.tuples(
        st.sampled_from(["", *BLOCKS]), st.sampled_from(["", "K", "a", "x K", "K y", "`K`", "*K*"])
    ).map("".join),
    max_size=14,
).map("\n".join)


def leaks(text: str) -> Iterator[str]:
    """The places of a rendered text where the secret is more than text that is read."""
    for token in _all(MarkdownIt("commonmark").parse(text)):
        if any(KEY in str(value) for value in token.attrs.values()):
            yield f"an attribute of {token.tag}"
        if KEY not in token.content:
            continue
        if token.type == "fence":
            fence = opened(f"{token.markup}{token.info}")
            if fence is None or not fence.is_of({"src/a.py"}):
                yield f"a block tagged {token.info!r}"
        elif token.type in ("code_block", "html_block", "html_inline"):
            yield token.type
        elif token.type == "code_inline" and token.content.strip("\"'") != KEY:
            yield f"a code span: {token.content!r}"


def _all(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type != "inline":  # its content is that of its children, with their marks
            yield token
        yield from _all(token.children or ())


@settings(deadline=None, max_examples=300)
@given(st.one_of(TEXTS, LINES))
def test_no_secret_where_it_could_be_run_or_clicked_on(text: str) -> None:
    """Whatever a model writes around a placeholder."""
    with RedactionSession() as session:
        placeholder, taken = session.redact(KEY, "src/a.py")
        session.note_origin(taken, "src/a.py")
        seen = shown(session, KeptText(text.replace("K", placeholder)))
        assert list(leaks(seen)) == []


def test_the_oracle_sees_leaks() -> None:
    """It would complain of each of these."""
    for text in (f"```sh\n{KEY}\n```", f"[a](http://x/{KEY})", f"`a {KEY}`", f"<a {KEY}>", f"\n    {KEY}"):
        assert list(leaks(text))
    assert language_of("src/a.py") == "python"
    assert not list(leaks(f"{KEY} `{KEY}`\n```python\n{KEY}\n```"))
