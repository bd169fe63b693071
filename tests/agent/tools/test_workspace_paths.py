"""Where paths lead: nothing that a model writes gets it out of the workspace unnoticed, or makes anybody wait."""

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repositories import scratch_folder, write_tree

from victor_server.agent.tools.workspace_paths import (
    as_on_disk,
    check_shown,
    name_in,
    resolve_anywhere,
    resolve_in,
    true_name,
    why_no_path,
)
from victor_server.errors import SecretBlocked, UsageError
from victor_server.policy.private_files import PrivateFiles


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with a file outside of it."""
    write_tree(tmp_path, {"outside.txt": "out", "work/src/app.py": "x = 1\n", "work/README.md": "hello\n"})
    return (tmp_path / "work").resolve()


@pytest.mark.parametrize(
    ("written", "leads_to"),
    [
        ("README.md", "README.md"),
        ("./src//app.py", "src/app.py"),
        ("src/../README.md", "README.md"),
        ("src/app.py/", "src/app.py"),
        (".", ""),
        ("../work/README.md", "README.md"),
        ("src", "src"),
    ],
)
def test_paths_inside(root: Path, written: str, leads_to: str) -> None:
    """However it is written, one file has one path."""
    assert resolve_in(root, written, must_exist=True) == root / leads_to


def test_an_absolute_path_inside_is_inside(root: Path) -> None:
    """Models often write whole paths."""
    assert resolve_in(root, str(root / "README.md"), must_exist=True) == root / "README.md"


@pytest.mark.parametrize(
    "written", ["../outside.txt", "/etc/passwd", "src/../../outside.txt", "..", "/", "~"]
)
def test_what_leads_out_is_said_to(root: Path, written: str) -> None:
    """A tool that stays inside refuses it; one that may go out is told where it leads, for permissions to judge."""
    with pytest.raises(UsageError, match="leads out of the workspace"):
        resolve_in(root, written, must_exist=True)
    assert not resolve_anywhere(root, written, must_exist=True).is_relative_to(root)


def test_nobody_is_told_what_is_outside(root: Path) -> None:
    """Whether a file outside is there is known only after it was permitted."""
    missing = resolve_anywhere(root, "../nothing.txt", must_exist=True)
    assert missing == root.parent / "nothing.txt"
    with pytest.raises(UsageError, match="leads out") as refused:
        resolve_in(root, "../nothing.txt", must_exist=True)
    assert "no '" not in refused.value.message


@pytest.mark.parametrize("target", ["/etc", "..", "../outside.txt", "/nowhere/at/all", "/proc/self/cwd/.."])
def test_links_are_followed_first(root: Path, target: str) -> None:
    """A link inside is what it leads to, wherever in the path it stands."""
    (root / "way").symlink_to(target)
    for written in ("way", "way/passwd", "src/../way"):
        with pytest.raises(UsageError, match=r"leads out|cannot be used"):
            resolve_in(root, written, must_exist=False)


def test_links_inside_lead_to_their_file(root: Path) -> None:
    """What permissions judge is the file, not the name of the link."""
    (root / "link").symlink_to("src")
    assert resolve_in(root, "link/app.py", must_exist=True) == root / "src/app.py"


def test_a_link_that_leads_round_is_refused(root: Path) -> None:
    """Nobody can say what it is."""
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("a")
    for written in ("a", "a/x"):
        for must_exist in (True, False):
            with pytest.raises(UsageError):
                resolve_in(root, written, must_exist=must_exist)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "  ",
        "a\0b",
        "a\nb",
        "a\x1b[2Jb",
        "a\u202eb",
        "a\ud800",
        "x" * 5_000,
        "é" * 3_000,
        "file:///etc/passwd",
        "https://example.org/x",
        "/proc/self/environ",
        "/proc/self/fd/0",
        "/dev/tty",
        "/dev/zero",
        "/sys/kernel/notes",
    ],
)
def test_what_is_no_path(root: Path, written: str) -> None:
    """Refused at once, in a message that repeats nothing dangerous."""
    with pytest.raises(UsageError) as refused:
        resolve_anywhere(root, written, must_exist=False)
    assert refused.value.message.isprintable()
    assert len(refused.value.message) < 300


def test_a_way_round_through_proc_is_seen(root: Path) -> None:
    """`/proc` has links to everything."""
    assert (
        resolve_anywhere(root, "/proc/self/root/etc/passwd", must_exist=True) == Path("/etc/passwd").resolve()
    )


def test_pipes_and_sockets_are_no_files(root: Path) -> None:
    """Nothing is opened to find that out, so nothing waits."""
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(root / "socket"))
        for written in ("pipe", "socket"):
            with pytest.raises(UsageError, match="neither a file nor a folder"):
                resolve_in(root, written, must_exist=True)


def test_a_missing_file_is_said_with_what_is_near(root: Path) -> None:
    """A model that misspelt a name can mend its call."""
    with pytest.raises(UsageError) as misspelt:
        resolve_in(root, "READM.md", must_exist=True)
    assert misspelt.value.fix == "There is README.md."
    with pytest.raises(UsageError) as lost:
        resolve_in(root, "src/deep/er.py", must_exist=True)
    assert "'src' is there" in lost.value.fix
    assert resolve_in(root, "src/deep/er.py", must_exist=False) == root / "src/deep/er.py"


@pytest.mark.parametrize(
    "written",
    [
        *("nul", "src/CON", "aux.c", "COM1.txt", "lpt9", "com\u00b9", "conin$", "NUL .txt"),
        *("a.txt:stream", "a. ", "b.", "C:here", "//server/share"),
        *("\\\\server\\share\\x", "\\\\?\\C:\\x", "\\\\.\\pipe\\x"),
    ],
)
def test_names_that_windows_takes_for_something_else(written: str) -> None:
    """Devices, streams, other machines and names that it spells otherwise; elsewhere they are names."""
    assert why_no_path(written, windows=True)
    assert not why_no_path(written, windows=False)


@pytest.mark.parametrize(
    "written", ["src\\app.py", "C:\\work\\app.py", "..\\x", "console.py", "com10", "a.b.c", "."]
)
def test_names_that_windows_takes_as_they_are(written: str) -> None:
    """Nothing else is refused there."""
    assert not why_no_path(written, windows=True)


def test_one_file_has_one_name_where_case_does_not_count() -> None:
    """The folder's own spelling is taken, so that no rule is got round by another one."""
    assert true_name("SECRETS", ["x", "secrets"], lambda _: True) == "secrets"
    assert true_name("cafe\u0301", ["caf\u00e9"], lambda _: True) == "caf\u00e9"
    assert true_name("a", ["A", "a"], lambda _: True) == "a"
    assert true_name("a", ["A"], lambda _: False) == "a"


def test_where_case_counts_names_stay(root: Path) -> None:
    """Also of files that are each other's hard links."""
    (root / "one").write_text("1")
    os.link(root / "one", root / "ONE")
    assert as_on_disk(root / "one") == root / "one"
    assert as_on_disk(root / "ONE") == root / "ONE"


def test_private_files_are_refused_by_every_name(root: Path) -> None:
    """By the one in the workspace, the one on disk and the one that was written."""
    why = PrivateFiles(("drafts/",)).why
    for name in (".env", "drafts/a.md"):
        with pytest.raises(SecretBlocked, match="is not shown"):
            check_shown(why, root, root / name)
    with pytest.raises(SecretBlocked):
        check_shown(why, root, root / "plain", written=".env")
    check_shown(why, root, root / "src/app.py")


NAMES = st.sampled_from(["a", "b", "c", "..", ".", "link", "deep", "x.txt", "~"])
TARGETS = st.lists(
    st.sampled_from(["a", "b", "..", "link", "deep", "/", "outside", "work"]), min_size=1, max_size=4
)


@settings(max_examples=150, deadline=None)
@given(
    links=st.lists(st.tuples(st.lists(NAMES, min_size=1, max_size=3), TARGETS), max_size=6),
    written=st.lists(NAMES, min_size=1, max_size=6),
)
def test_nothing_leads_out_unnoticed(links: list[tuple[list[str], list[str]]], written: list[str]) -> None:
    """In any tree of folders and links: what is said to lie inside does so as the system itself sees it."""
    with scratch_folder() as folder:
        root = folder / "work"
        write_tree(folder, {"outside/x.txt": "o", "work/a/x.txt": "1", "work/b/deep/x.txt": "2"})
        for place, target in links:
            _link(root.joinpath(*place), "/".join(target).replace("//", "/"), root)
        path = "/".join(written)
        try:
            found = resolve_in(root, path, must_exist=True)
        except UsageError:
            return
        assert found.is_relative_to(root)
        assert found.exists()
        assert not any(step.is_symlink() for step in (found, *found.parents))
        if (root / path).exists():  # the system itself goes nowhere by way of what is not there
            assert found.samefile(root / path)
        assert name_in(root, found) == found.relative_to(root).as_posix()


def _link(place: Path, target: str, root: Path) -> None:
    """Make a link inside `root` where that is possible; tests make none elsewhere."""
    try:
        if place.parent.resolve().is_relative_to(root) and not os.path.lexists(place):
            place.symlink_to(target)
    except (OSError, RuntimeError):
        pass
