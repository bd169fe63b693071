"""What no command sees is found at once the second time, and nothing that is new is overlooked."""

import os
import shutil
import tempfile
import time
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from repositories import write_tree

from victor_server.agent.tools.hidden_files import HiddenFiles
from victor_server.policy.private_files import PrivateFiles

PRIVATE = PrivateFiles(("vault/**",))


class Asking:
    """Counts what is asked."""

    def __init__(self, private: PrivateFiles = PRIVATE) -> None:
        self.n_asked = 0
        self.private = private

    def why(self, path: str) -> str:
        """As the private files say."""
        self.n_asked += 1
        return self.private.why(path)


def settle(folder: Path) -> None:
    """Let all folders be as if nobody had changed them for an hour."""
    past = time.time() - 3_600
    for each in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        os.utime(each, (past, past))


def names(found: tuple[Path, ...], root: Path) -> set[str]:
    """Relative to the root."""
    return {path.relative_to(root).as_posix() for path in found}


def test_only_what_changed_is_asked_again(tmp_path: Path) -> None:
    """Folders that stayed as they were cost a look at their time; a file that appears is found."""
    write_tree(tmp_path, {"a/.env": "", "a/b.py": "", "c/d.py": "", "vault/x": ""})
    settle(tmp_path)
    hidden, asking = HiddenFiles(lambda: 1), Asking()
    assert names(hidden.below(tmp_path, asking.why), tmp_path) == {"a/.env", "vault"}
    n_first = asking.n_asked
    assert names(hidden.below(tmp_path, asking.why), tmp_path) == {"a/.env", "vault"}
    assert asking.n_asked == n_first
    write_tree(tmp_path, {"c/id_rsa": ""})
    assert names(hidden.below(tmp_path, asking.why), tmp_path) == {"a/.env", "c/id_rsa", "vault"}
    assert asking.n_asked == n_first + 2


def test_what_just_changed_is_not_believed(tmp_path: Path) -> None:
    """A folder's time is too coarse to tell two changes of one moment apart."""
    write_tree(tmp_path, {"a.py": ""})
    hidden, asking = HiddenFiles(lambda: 1), Asking()
    hidden.below(tmp_path, asking.why)
    hidden.below(tmp_path, asking.why)
    assert asking.n_asked == 2


def test_other_patterns_count_at_once(tmp_path: Path) -> None:
    """What becomes private while Victor runs is hidden from the next command."""
    write_tree(tmp_path, {"a.py": "", "b/a.py": ""})
    settle(tmp_path)
    patterns: tuple[str, ...] = ()
    hidden = HiddenFiles(lambda: patterns)
    assert hidden.below(tmp_path, PrivateFiles(patterns).why) == ()
    patterns = ("a.py",)
    assert names(hidden.below(tmp_path, PrivateFiles(patterns).why), tmp_path) == {"a.py", "b/a.py"}


_NAMES = st.sampled_from(["a.py", ".env", "id_rsa", "vault", "deep", "x.pem", "node_modules", ".ssh"])
_CHANGES = st.lists(st.tuples(st.booleans(), st.lists(_NAMES, min_size=1, max_size=3)), max_size=12)


@settings(max_examples=60, deadline=None)
@given(changes=_CHANGES)
def test_it_is_always_what_a_fresh_look_finds(changes: list[tuple[bool, list[str]]]) -> None:
    """Whatever is made and removed in between."""
    with tempfile.TemporaryDirectory() as made:
        root = Path(made).resolve()
        hidden = HiddenFiles(lambda: 1)
        for is_new, parts in changes:
            path = root.joinpath(*parts)
            if not is_new:
                shutil.rmtree(path, ignore_errors=True)
                if path.is_file():
                    path.unlink()
            elif not any(parent.is_file() for parent in path.parents) and not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("")
            assert hidden.below(root, PRIVATE.why) == HiddenFiles().below(root, PRIVATE.why)
            settle(root)
            assert hidden.below(root, PRIVATE.why) == HiddenFiles().below(root, PRIVATE.why)
