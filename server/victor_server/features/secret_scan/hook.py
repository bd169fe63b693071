"""The hook that keeps secrets out of commits: put into a repository, and taken out again."""

import contextlib
import os
import re
import stat
from pathlib import Path

from victor_server.errors import UsageError
from victor_server.features.secret_scan.repository import Repository, ask

NAME = "pre-commit"
_MARK = "# victor scan-secrets, hook 1:"
_PYTHON = re.compile(r"^python='((?:[^']|'\\'')*)'$", re.MULTILINE)
_MAX_BYTES = 100_000
_BY_HAND = "Add this line to it: victor scan-secrets --staged || exit 1"

_SCRIPT = """\
#!/bin/sh
{mark} written by `victor scan-secrets --install-hook`, taken away by `--uninstall-hook`.
python='{python}'
if [ -x "$python" ]; then
    "$python" -P -c 'import sys
try:
    from victor_server.cli.main import main
except ImportError:
    sys.exit(127)
main()' scan-secrets --staged
    code=$?
    [ "$code" -eq 127 ] || exit "$code"
fi
if command -v victor >/dev/null 2>&1; then
    exec victor scan-secrets --staged
fi
echo "The commit was stopped: its scan for secrets could not be run, as Victor is gone from" >&2
echo "$python. Install it again and run 'victor scan-secrets --install-hook'," >&2
echo "or take this hook away: $0" >&2
exit 1
"""


def install_hook(repository: Repository, python: str) -> Path:
    """Put the hook where git looks for it, or bring ours up to date; returns its file.

    `python` is the interpreter that has Victor. Raises `UsageError` where there is another hook, which is left as
    it is, or where git is told to look for hooks outside the repository, which other repositories would feel.
    """
    file = _hook_file(repository)
    if os.path.lexists(file) and not _is_ours(file):
        raise UsageError(f"{file} is there already, and was left as it is.", _BY_HAND)
    _write(file, script(python))
    return file


def uninstall_hook(repository: Repository) -> Path | None:
    """Take the hook away; returns its file, None if there was none.

    Raises `UsageError` if the file is not as we wrote it.
    """
    file = _hook_file(repository)
    if not os.path.lexists(file):
        return None
    if not _is_ours(file):
        raise UsageError(f"{file} is not as Victor wrote it, and was left as it is.", "Change it by hand.")
    file.unlink()
    return file


def script(python: str) -> str:
    """The hook for an interpreter. It stops the commit where Victor is gone, rather than letting everything pass."""
    path = python.replace(os.sep, "/").replace("'", "'\\''")
    return _SCRIPT.format(mark=_MARK, python=path)


def _hook_file(repository: Repository) -> Path:
    told = ask(repository, "rev-parse", "--git-path", "hooks")
    common = ask(repository, "rev-parse", "--git-common-dir")
    if not told or not common:
        raise UsageError("git does not say where its hooks are.", "")
    folder = Path(os.path.realpath(repository.working / told))
    ours = (Path(os.path.realpath(repository.working / common)), Path(os.path.realpath(repository.top)))
    if not any(folder.is_relative_to(each) for each in ours):
        fix = f"Add this line to its {NAME}: victor scan-secrets --staged || exit 1"
        raise UsageError(f"core.hooksPath is {folder}, outside this repository.", fix)
    return folder / NAME


def _is_ours(file: Path) -> bool:
    """Whether the file is a script of ours, for whatever interpreter, that nobody has changed."""
    try:
        info = file.lstat()
        if not stat.S_ISREG(info.st_mode) or info.st_size > _MAX_BYTES:
            return False
        text = file.read_bytes().decode("utf-8", "replace")
    except OSError:
        return False
    python = _PYTHON.search(text)
    return python is not None and text == script(python[1].replace("'\\''", "'"))


def _write(file: Path, text: str) -> None:
    """All of it or nothing: half a hook would let everything pass."""
    beside = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(text.encode("utf-8", "surrogateescape"))
        beside.chmod(0o755)
        beside.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise UsageError(f"{file}: {error.strerror or 'it could not be written'}.", "") from error
