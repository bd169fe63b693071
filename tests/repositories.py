"""Small trees and git repositories for tests: written from a dictionary, read back as git lists them."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

GIT = shutil.which("git") or "git"


def write_tree(root: Path, files: Mapping[str, str | bytes]) -> None:
    """Writes each path with its content; parents come into being."""
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)


def run_git(root: Path, *arguments: str) -> bytes:
    """The output of one git command; fails the test if git fails."""
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always")
    return subprocess.run(
        [GIT, "-C", str(root), *identity, *arguments], check=True, capture_output=True
    ).stdout


def make_repository(root: Path, files: Mapping[str, str | bytes], *, tracked: tuple[str, ...] = ()) -> Path:
    """A git repository holding the files, those named in `tracked` added even if they are ignored."""
    root.mkdir(parents=True, exist_ok=True)
    run_git(root, "init", "-q", "--template=", "-b", "main")
    write_tree(root, files)
    if tracked:
        run_git(root, "--literal-pathspecs", "add", "-f", "--", *tracked)
    return root


def listed_by_git(root: Path) -> set[str]:
    """What `git ls-files` calls tracked, or untracked and not ignored, as far as it is on disk and is a file."""
    output = run_git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    paths = os.fsdecode(output).split("\0")[:-1]
    return {path for path in paths if os.path.lexists(root / path) and not (root / path).is_dir()}


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """An empty folder that goes away; for property tests, where one test needs many."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        yield Path(name).resolve()
