"""The walk against `git ls-files`, on random trees with random ignore files."""

import os
from pathlib import Path
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repositories import listed_by_git, make_repository, scratch_folder, write_tree

from victor_indexer.scan import ScanResult, explain, scan

NAMES = ("a", "b", "ab", "a.c", "b.c", "a b", "é", "x[1]", "!c", "#d", "a\\b", "build", "-n")
NEWLINE_NAMES = ("two\nlines", 'quo"te', "tab\t")
PIECES = (
    *(
        "a",
        "b",
        "ab",
        "*",
        "?",
        "**",
        "*.c",
        "a*",
        "*b",
        "é",
        "[ab]",
        "[!a]",
        "[a-c]*",
        "[]a]",
        "x[[]1]",
        "\\!c",
    ),
    *(
        "a\\b",
        "a\\\\b",
        "[[:alpha:]]",
        "***",
        "build",
        "??",
        "[b-a]",
        "[",
        "[a",
        "[^b]c",
        "a**b",
        "*é",
        "x\\[1\\]",
    ),
    *("[a\\-c]", "[[:digit:]-z]", "[[:nope:]]", "\\#d", "*a*b*", "-n", "[a-", "[!]]", "a\\"),
)

names = st.sampled_from(NAMES + NEWLINE_NAMES)
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
patterns = st.builds(
    lambda bang, lead, parts, tail, end: f"{bang}{lead}{'/'.join(parts)}{tail}{end}",
    st.sampled_from(["", "", "", "!"]),
    st.sampled_from(["", "", "/"]),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=3),
    st.sampled_from(["", "", "/"]),
    st.sampled_from(["", "", "", " ", "\\ ", "\r", "  "]),
)
ignore_files = st.lists(
    st.one_of(patterns, st.sampled_from(["", "# note", "!", "/", "//", "\\"])), max_size=6
)


def fits(files: set[str]) -> set[str]:
    """The paths that can stand beside each other: none is a folder of another."""
    return {path for path in files if not any(other.startswith(f"{path}/") for other in files)}


def seen(result: ScanResult) -> set[str]:
    """Every file that the walk took or left out by name, size or kind."""
    return {found.path for found in result.files} | {skipped.path for skipped in result.skipped}


def write_ignores(root: Path, ignores: dict[str, list[str]]) -> None:
    for folder, lines in ignores.items():
        if (root / folder).is_dir():
            write_tree(root, {f"{folder}/.gitignore".lstrip("/"): "\n".join(lines) + "\n"})


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    files=st.sets(paths, min_size=1, max_size=14).map(fits),
    tracked=st.sets(st.integers(0, 13), max_size=3),
    root_lines=ignore_files,
    nested=st.dictionaries(paths, ignore_files, max_size=2),
    excluded=ignore_files,
    personal=ignore_files,
)
def test_the_walk_takes_what_git_lists(
    files: set[str],
    tracked: set[int],
    root_lines: list[str],
    nested: dict[str, list[str]],
    excluded: list[str],
    personal: list[str],
) -> None:
    """Whatever the ignore files say, git's list and the walk agree; so does the walk without git; so does explain."""
    with scratch_folder() as folder:
        root = folder / "r"
        ordered = sorted(files)
        added = tuple(ordered[index] for index in tracked if index < len(ordered))
        make_repository(root, dict.fromkeys(files, "x"), tracked=added)
        write_ignores(root, {"": root_lines} | nested)
        write_tree(root, {".git/info/exclude": "\n".join(excluded)})
        write_tree(folder, {"config/git/ignore": "\n".join(personal)})
        with patch.dict(os.environ, XDG_CONFIG_HOME=str(folder / "config"), GIT_CONFIG_GLOBAL=os.devnull):
            expected = listed_by_git(root)
            assert seen(scan(root)) == expected
            for path in ordered[:3]:
                assert explain(root, path).indexed == (path in expected), path
            if not added:
                with patch.dict(os.environ, PATH=""):
                    assert seen(scan(root)) == expected
