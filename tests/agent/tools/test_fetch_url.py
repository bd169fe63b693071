"""`fetch_url`: pages as text, a part at a time."""

from pathlib import Path

import pytest
from tool_calls import call, scene_of, text_of

from victor_server.agent.tools.fetch_url import MAX_CHARACTERS, FetchPage, fetch_url_tool
from victor_server.egress.page import Moved, Page
from victor_server.errors import OfflineBlocked, UsageError

URL = "https://example.org/a"


def fetching(got: Page | Moved) -> FetchPage:
    """Gives this, whatever is asked for."""

    async def fetch(_url: str) -> Page | Moved:
        return got

    return fetch


async def test_a_page_as_text(tmp_path: Path) -> None:
    """With where it is from."""
    page = Page(URL, 200, "text/html", "", "<h1>T</h1><p>größe".encode())
    assert (
        await text_of(fetch_url_tool(fetching(page)), scene_of(tmp_path), url=URL)
        == f"{URL}:\n\n# T\n\ngröße"
    )


async def test_a_long_text_goes_on(tmp_path: Path) -> None:
    """Where the model asks it to."""
    tool = fetch_url_tool(fetching(Page(URL, 200, "application/json", "utf-8", b"x " * MAX_CHARACTERS)))
    text = await text_of(tool, scene_of(tmp_path), url=URL)
    assert text.endswith(f"… {MAX_CHARACTERS} more characters; ask with start {MAX_CHARACTERS}.")
    assert "more characters" not in await text_of(tool, scene_of(tmp_path), url=URL, start=MAX_CHARACTERS)


@pytest.mark.parametrize("charset", ["", "latin-1", "zip", "idna", "nothing", "punycode", "unicode_escape"])
async def test_charsets(tmp_path: Path, charset: str) -> None:
    """One that is no character set is taken for UTF-8."""
    tool = fetch_url_tool(fetching(Page(URL, 200, "text/plain", charset, b"\\x41 plain")))
    assert "\\x41 plain" in await text_of(tool, scene_of(tmp_path), url=URL)


async def test_what_is_no_text_or_no_page(tmp_path: Path) -> None:
    """Said to the model."""
    scene = scene_of(tmp_path)
    done = await call(fetch_url_tool(fetching(Page(URL, 200, "image/png", "", b"\x89PNG"))), scene, url=URL)
    assert (done.is_error, done.text) == (True, f"{URL} is no text (image/png).")
    done = await call(fetch_url_tool(fetching(Page(URL, 404, "text/plain", "", b"no"))), scene, url=URL)
    assert (done.is_error, done.text) == (True, f"{URL} answered 404:\n\nno")
    done = await call(fetch_url_tool(fetching(Moved("https://b.example/"))), scene, url=URL)
    assert "Call fetch_url with https://b.example/" in done.text


async def test_a_page_that_is_all_script(tmp_path: Path) -> None:
    """There is nothing to read, and that is no failure."""
    page = Page(URL, 200, "text/html", "", b"<script>" + b"x = 1;" * 5_000 + b"</script>")
    assert (
        await text_of(fetch_url_tool(fetching(page)), scene_of(tmp_path), url=URL) == f"{URL}:\n\n(no text)"
    )


@pytest.mark.torture
async def test_a_page_that_draws_out_its_reading(tmp_path: Path) -> None:
    """The reading ends, not the patience of who waits."""
    page = Page(URL, 200, "text/html", "", b"<![CDATA[" * 220_000)
    done = await call(fetch_url_tool(fetching(page)), scene_of(tmp_path), url=URL)
    assert (done.is_error, "takes too long" in done.text) == (True, True)


async def test_a_block_is_told(tmp_path: Path) -> None:
    """With what can be done."""

    async def fetch(_url: str) -> Page | Moved:
        raise OfflineBlocked("Offline.", "Go online.")

    done = await call(fetch_url_tool(fetch), scene_of(tmp_path), url=URL)
    assert (done.is_error, done.text) == (True, "Offline. Go online.")


async def test_permissions_see_the_address(tmp_path: Path) -> None:
    """And nothing is sent before they did."""
    prepared = fetch_url_tool(fetching(Moved(""))).prepare("1", {"url": f"{URL}#x"}, scene_of(tmp_path))
    assert prepared.touched.url == URL
    with pytest.raises(UsageError):
        await call(fetch_url_tool(fetching(Moved(""))), scene_of(tmp_path), url="file:///etc/passwd")
