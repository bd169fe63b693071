"""URIs and paths on every system, tested on any."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.lsp import uris


@pytest.mark.parametrize(
    ("uri", "windows", "posix"),
    [
        ("file:///home/a%20b/c.py", "\\home\\a b\\c.py", "/home/a b/c.py"),
        ("file:///c%3A/x/y.py", "c:\\x\\y.py", "/c:/x/y.py"),
        ("file:///C:/x", "c:\\x", "/C:/x"),
        ("FILE:///c%3a", "c:\\", "/c:"),
        ("file://server/share/f.txt", "\\\\server\\share\\f.txt", "//server/share/f.txt"),
        ("file://localhost/tmp", "\\tmp", "/tmp"),
        ("file:/tmp/x", "\\tmp\\x", "/tmp/x"),
        ("file:///tmp/%E2%82%AC%23%3F", "\\tmp\\€#?", "/tmp/€#?"),
        ("file:///tmp/x?query#fragment", "\\tmp\\x", "/tmp/x"),
        ("file:///tmp/%FF", "\\tmp\\\udcff", "/tmp/\udcff"),
        ("untitled:Untitled-1", None, None),
        ("git:/tmp/x?ref", None, None),
        ("file:///a%00b", None, None),
        ("file:relative", None, None),
        ("", None, None),
    ],
)
def test_paths_of_uris(uri: str, windows: str | None, posix: str | None) -> None:
    """The path that each system understands; None for what no path can be."""
    assert uris.to_path(uri, windows=True) == windows
    assert uris.to_path(uri, windows=False) == posix


@pytest.mark.parametrize(
    ("path", "windows", "uri"),
    [
        ("/tmp/a b#?%.py", False, "file:///tmp/a%20b%23%3F%25.py"),
        ("c:\\x\\ü.py", True, "file:///c%3A/x/%C3%BC.py"),
        ("C:\\", True, "file:///c%3A/"),
        ("\\\\server\\share\\f", True, "file://server/share/f"),
        ("/tmp/\udcff", False, "file:///tmp/%FF"),
    ],
)
def test_uris_of_paths(path: str, windows: bool, uri: str) -> None:
    """As VS Code writes them."""
    assert uris.from_path(path, windows=windows) == uri


names = st.text(st.characters(exclude_characters="/\\\0:", exclude_categories=["Cs"]), min_size=1, max_size=8)


@settings(max_examples=200, deadline=None)
@given(st.lists(names, min_size=1, max_size=4), st.booleans())
def test_paths_come_back(parts: list[str], windows: bool) -> None:
    """A path's URI stands for that path."""
    path = "c:\\" + "\\".join(parts) if windows else "/" + "/".join(parts)
    assert uris.to_path(uris.from_path(path, windows=windows), windows=windows) == path


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30) | st.text("file:/%cC3A\\?#[]@", max_size=30), st.booleans())
def test_any_text_is_taken(uri: str, windows: bool) -> None:
    """What a client calls a URI may be anything."""
    assert uris.to_path(uri, windows=windows) is None or uris.scheme(uri) == "file"
    assert uris.name_of(uri)


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("untitled:Untitled-1", "Untitled-1"),
        ("untitled:/home/me/.env", "//untitled/home/me/.env"),
        ("vscode-remote://ssh-remote%2Bbox/home/me/.aws/config", "//ssh-remote%2Bbox/home/me/.aws/config"),
        ("zip:/a.zip/.s%73h/config?x#y", "//zip/a.zip/.ssh/config"),
        ("sftp://[::1/.kube/config%00", "//[::1/.kube/config"),
        ("oil:///home", "//elsewhere/home"),
        ("/tmp/x", "//elsewhere/tmp/x"),
    ],
)
def test_places_of_what_is_no_file(uri: str, place: str) -> None:
    """The folders on the way count, and the place is that of no file here."""
    assert uris.place_of(uri) == place
