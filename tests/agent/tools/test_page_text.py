"""Pages as text: what a person would read, and no page that draws it out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.agent.tools.killable import run_killable
from victor_server.agent.tools.page_text import END, text_of_page

AT = "https://example.org/docs/page.html"


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<title>T</title><h1>One</h1><p>two\n three</p>four", "T\n\n# One\n\ntwo three\n\nfour"),
        ("<ul><li>a<li>b</ul>", "- a\n- b"),
        ("<a href='../x?y=1'>x</a> <a href='#top'>top</a>", "[x](https://example.org/x?y=1) [top]"),
        ("<a href='javascript:alert(1)'>x</a>", "[x]"),
        ("<pre>a  b\n  c</pre>", "```\na  b\n  c\n```"),
        ("a &lt;b&gt; &amp; &eacute;", "a <b> & é"),
        ("<script>let x = '<p>no</p>'</script><style>p{}</style>yes", "yes"),
        ("<div style='display: none'>no<div>no</div></div>yes", "yes"),
        ("<p hidden>no</p><span aria-hidden=true>no</span>yes", "yes"),
        ("y\u200be\u202es\U000e0041", "yes"),
        ("<table><tr><th>a<th>b<tr><td>1<td>2</table>", "| a | b\n | 1 | 2"),
        ("<img alt='a cat' src=x>", "a cat"),
        ("", ""),
    ],
)
def test_pages(page: str, text: str) -> None:
    """Headings, lists, links and code as Markdown has them; hidden words are not there."""
    assert text_of_page(page, AT) == text


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                ["<p>", "</p>", "<a href='", "'>", "<pre>", "</pre>", "<!--", "-->", "<![CDATA[", "<script>"]
            ),
            st.sampled_from(
                ["<", ">", "&#x", "&", ";", "</", "<li hidden>", "</li>", "<?", "<!x", "\0", "é"]
            ),
            st.text(max_size=4),
        ),
        max_size=20,
    ).map("".join)
)
def test_whatever_a_page_holds(page: str) -> None:
    """There is a text, and it is one that can be sent."""
    text_of_page(page, AT).encode("utf-8", "replace")


async def test_the_child_says_the_same() -> None:
    """Whatever the letters."""
    page = "<p>größe \u65e5\u672c</p>"
    told = await run_killable(
        "victor_server.agent.tools.page_text", f"{AT}\n{page}".encode(), time_s=20, max_output=1_000
    )
    assert told.output == "größe \u65e5\u672c".encode() + END
