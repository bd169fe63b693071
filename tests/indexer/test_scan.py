"""What the walk takes, leaves out and says about it, beyond git's own list."""

import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from repositories import GIT, make_repository, run_git, scratch_folder, write_tree

from victor_indexer.errors import RequestCancelled, WorkspaceNotFound
from victor_indexer.scan import ScanResult, Verdict, explain, git, scan


@pytest.fixture(autouse=True)
def _no_personal_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The person who runs the tests has an ignore file and a git configuration of their own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)


def check(files: Mapping[str, str | bytes], expected: str, *, exclude: tuple[str, ...] = ()) -> None:
    """The walk takes exactly the expected paths (apart from ignore files): in a repository, and outside one."""
    for in_repository in (True, False):
        with scratch_folder() as root:
            if in_repository:
                make_repository(root, files)
            else:
                write_tree(root, files)
            result = scan(root, exclude=exclude)
            taken = [path for path in paths(result) if not path.endswith("ignore")]
            assert taken == expected.split(), f"{in_repository=}"
            for path in files:
                verdict = explain(root, path, exclude=exclude)
                assert verdict.indexed == (path in paths(result)), (path, verdict, in_repository)


def paths(result: ScanResult) -> list[str]:
    return [found.path for found in result.files]


def reasons(result: ScanResult) -> dict[str, str]:
    return {skipped.path: skipped.reason for skipped in result.skipped}


# .victorignore


def test_victorignore_leaves_out_what_git_tracks(tmp_path: Path) -> None:
    """A file that git tracks goes when .victorignore names it, and is recorded with the rule."""
    files = {"a.py": "", "gen/b.py": "", "c.log": "", ".victorignore": "# noise\ngen/\n*.log\n"}
    root = make_repository(tmp_path / "r", files, tracked=("a.py", "gen/b.py", "c.log"))
    result = scan(root)
    assert paths(result) == [".victorignore", "a.py"]
    rules = {skipped.path: (skipped.reason, skipped.rule) for skipped in result.skipped}
    assert rules == {
        "gen/": ("ignored", ".victorignore:2:gen/"),
        "c.log": ("ignored", ".victorignore:3:*.log"),
    }


def test_victorignore_takes_back_a_file() -> None:
    """A file that git ignores by a rule of its own comes back."""
    check(
        {".gitignore": "*.gen", ".victorignore": "!keep.gen", "a/keep.gen": "", "a/b.gen": ""}, "a/keep.gen"
    )


def test_victorignore_takes_back_a_folder() -> None:
    """A folder that git ignores comes back whole, save for what single rules still ignore in it."""
    files = {
        ".gitignore": "out/\n*.tmp\n",
        ".victorignore": "!out/\n",
        "out/a.c": "",
        "out/d/b.c": "",
        "out/c.tmp": "",
    }
    check(files, "out/a.c out/d/b.c")


def test_a_path_takes_back_inside_an_ignored_folder() -> None:
    """A rule that names the way reaches into an ignored folder; all else in there stays ignored."""
    files = {
        ".gitignore": "build/\n",
        ".victorignore": "!build/api/*.py\n!*.md\n",
        "build/api/a.py": "",
        "build/api/a.c": "",
        "build/x.py": "",
        "build/read.md": "",
        "build/other/deep/read.md": "",
    }
    check(files, "build/api/a.py")


def test_two_stars_reach_down_from_a_named_folder() -> None:
    """`build/**/x` looks into all of build, and into nothing else that is ignored."""
    files = {
        ".gitignore": "build/\ndist/\n",
        ".victorignore": "!build/**/keep.py\n",
        "build/keep.py": "",
        "build/a/b/keep.py": "",
        "build/a/b/c.py": "",
        "dist/keep.py": "",
    }
    check(files, "build/a/b/keep.py build/keep.py")


def test_nested_victorignore_has_the_last_word() -> None:
    """A .victorignore deeper down overrules one further up, and speaks of its own folder only."""
    files = {
        ".victorignore": "*.sql\n",
        "db/.victorignore": "!schema.sql\n",
        "db/schema.sql": "",
        "schema.sql": "",
    }
    check(files, "db/schema.sql")


def test_settings_overrule_victorignore() -> None:
    """`exclude` counts after every .victorignore, and can take back too."""
    files = {".victorignore": "!a.py\nb.py\n", "a.py": "", "b.py": "", "d/c.py": ""}
    check(files, "b.py", exclude=("a.py", "!b.py", "/d"))


def test_secrets_are_not_taken_back() -> None:
    """No rule of a repository brings a file into the index that holds secrets by its name."""
    check(
        {".gitignore": ".env\n", ".victorignore": "!.env\n!*.pem\n", ".env": "", "k.pem": "", "a.py": ""},
        "a.py",
    )


def test_what_is_not_ignored_needs_no_look_into_ignored_folders(tmp_path: Path) -> None:
    """A bare name that takes something back does not send the walk through every ignored folder."""
    files = {".gitignore": "deps/\n", ".victorignore": "!keep.gen\n", "deps/a/keep.gen": "", "a.py": ""}
    root = make_repository(tmp_path / "r", files)
    blocked = root / "deps"
    blocked.chmod(0)
    try:
        assert scan(root).skipped == []
    finally:
        blocked.chmod(0o700)


# Repositories


def test_deleted_files_vanish(tmp_path: Path) -> None:
    """A file that git tracks but that is gone from disk is neither found nor skipped."""
    root = make_repository(tmp_path / "r", {"a.py": "", "b/c.py": ""}, tracked=("a.py", "b/c.py"))
    (root / "a.py").unlink()
    (root / "b/c.py").unlink()
    (root / "b").rmdir()
    assert scan(root) == ScanResult([], [])


def test_a_folder_of_a_repository(tmp_path: Path) -> None:
    """Opened below its top, a repository's outer ignore files still count, and rules are named from there."""
    files = {
        ".gitignore": "/sub/no.py\n*.log\n",
        "sub/no.py": "",
        "sub/a.py": "",
        "sub/d/x.log": "",
        "b.py": "",
    }
    root = make_repository(tmp_path / "r", files)
    assert paths(scan(root / "sub")) == ["a.py"]
    assert explain(root / "sub", "d/x.log") == Verdict(False, "ignored", f"{root}/.gitignore:2:*.log")


def test_a_folder_of_a_repository_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same where git is missing, and the result says so."""
    files = {
        ".gitignore": "/sub/no.py\n*.log\n",
        "sub/no.py": "",
        "sub/a.py": "",
        "sub/d/x.log": "",
        "b.py": "",
    }
    root = make_repository(tmp_path / "r", files)
    monkeypatch.setenv("PATH", "")
    result = scan(root / "sub")
    assert paths(result) == ["a.py"]
    assert "git was not found" in result.note
    assert explain(root / "sub", "d/x.log") == Verdict(False, "ignored", f"{root}/.gitignore:2:*.log")


def test_an_ignored_folder_that_is_opened_itself(tmp_path: Path) -> None:
    """Who opens a folder wants it, even if the repository around it ignores it."""
    root = make_repository(tmp_path / "r", {".gitignore": "vendor/\n", "vendor/lib/a.py": ""})
    assert paths(scan(root / "vendor")) == ["lib/a.py"]


def test_a_linked_working_tree(tmp_path: Path) -> None:
    """A working tree whose repository lies elsewhere obeys that repository's info/exclude."""
    root = make_repository(tmp_path / "r", {"a.py": "x"}, tracked=("a.py",))
    run_git(root, "commit", "-q", "-m", "first")
    run_git(root, "worktree", "add", "-q", str(tmp_path / "w"), "-b", "other")
    write_tree(root, {".git/info/exclude": "no.py\n"})
    write_tree(tmp_path / "w", {"no.py": "", "new.py": ""})
    assert paths(scan(tmp_path / "w")) == ["a.py", "new.py"]


def test_a_linked_working_tree_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way from a `.git` file to the shared info/exclude is found without git, too."""
    root = make_repository(tmp_path / "r", {"a.py": "x"}, tracked=("a.py",))
    run_git(root, "commit", "-q", "-m", "first")
    run_git(root, "worktree", "add", "-q", str(tmp_path / "w"), "-b", "other")
    write_tree(root, {".git/info/exclude": "no.py\n"})
    write_tree(tmp_path / "w", {"no.py": "", "new.py": ""})
    monkeypatch.setenv("PATH", "")
    assert [path for path in paths(scan(tmp_path / "w")) if path != ".git"] == ["a.py", "new.py"]


def test_repositories_inside(tmp_path: Path) -> None:
    """Submodules and clones lying in a repository are walked with their own rules; ignored clones are not."""
    part = make_repository(
        tmp_path / "part", {"p.py": "x", ".gitignore": "*.o.txt\n"}, tracked=("p.py", ".gitignore")
    )
    run_git(part, "commit", "-q", "-m", "first")
    root = make_repository(tmp_path / "r", {"a.py": "x", ".gitignore": "ignored/\n"}, tracked=("a.py",))
    run_git(root, "submodule", "--quiet", "add", str(part), "deep/sub")
    make_repository(root / "clone", {"c.py": "", "x.log": "", ".gitignore": "*.log\n"})
    make_repository(root / "ignored", {"i.py": ""})
    write_tree(root, {"deep/sub/x.o.txt": "", "deep/sub/new.py": ""})
    taken = [path for path in paths(scan(root)) if not path.split("/")[-1].startswith(".git")]
    assert taken == ["a.py", "clone/c.py", "deep/sub/new.py", "deep/sub/p.py"]
    assert explain(root, "clone/x.log") == Verdict(False, "ignored", "clone/.gitignore:1:*.log")
    assert explain(root, "deep/sub/x.o.txt").rule == "deep/sub/.gitignore:1:*.o.txt"
    assert explain(root, "ignored/i.py").rule == ".gitignore:1:ignored/"


def test_repositories_in_a_plain_folder(tmp_path: Path) -> None:
    """A folder of clones is walked with each clone's rules, info/exclude included."""
    make_repository(tmp_path / "one", {"a.py": "", "b.py": ""})
    write_tree(
        tmp_path, {"one/.git/info/exclude": "b.py\n", "two/c.py": "", "empty/.git/x": "", "empty/d.py": ""}
    )
    assert paths(scan(tmp_path)) == ["empty/d.py", "one/a.py", "two/c.py"]


def test_a_repository_that_git_refuses(tmp_path: Path) -> None:
    """Where git will not read a repository its ignore files still count, and the result says what git said."""
    root = make_repository(tmp_path / "r", {"a.py": "", "b.log": "", ".gitignore": "*.log"})
    with (root / ".git/config").open("a", encoding="utf-8") as config:
        config.write("[core]\n\trepositoryformatversion = 99\n")
    result = scan(root)
    assert paths(result) == [".gitignore", "a.py"]
    assert "read without git: " in result.note


# Hostile repositories


def test_a_repository_runs_nothing(tmp_path: Path) -> None:
    """No setting of a repository that names a program makes the walk run it."""
    ran = tmp_path / "ran"
    script = tmp_path / "evil.sh"
    script.write_text(f'#!/bin/sh\necho "$0 $*" >> {ran}\n', encoding="utf-8")
    script.chmod(0o755)
    root = make_repository(
        tmp_path / "r", {"a.txt": "x", "b.py": "", ".gitattributes": "* filter=evil diff=evil\n"}
    )
    run_git(root, "add", "a.txt")
    hooks = root / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-index-change", "fsmonitor-watchman", "pre-auto-gc", "post-checkout"):
        (hooks / hook).write_text(script.read_text(encoding="utf-8"), encoding="utf-8")
        (hooks / hook).chmod(0o755)
    with (root / ".git/config").open("a", encoding="utf-8") as config:
        config.write(
            f"[core]\n fsmonitor = {script}\n hooksPath = {hooks}\n pager = {script}\n sshCommand = {script}\n"
            f" editor = {script}\n askPass = {script}\n gitProxy = {script}\n alternateRefsCommand = {script}\n"
            f"[alias]\n ls-files = !{script}\n check-ignore = !{script}\n config = !{script}\n"
            f"[pager]\n ls-files = {script}\n check-ignore = {script}\n"
            f'[filter "evil"]\n clean = {script}\n smudge = {script}\n process = {script}\n required = true\n'
            f'[diff "evil"]\n textconv = {script}\n command = {script}\n external = {script}\n'
            f'[remote "origin"]\n url = ext::{script}\n promisor = true\n uploadpack = {script}\n'
            f"[credential]\n helper = {script}\n[gpg]\n program = {script}\n[extensions]\n partialClone = origin\n"
        )
    assert paths(scan(root)) == [".gitattributes", "a.txt", "b.py"]
    assert explain(root, "b.py").indexed
    write_tree(root, {".gitignore": "b.py\n"})
    assert explain(root, "b.py") == Verdict(False, "ignored", ".gitignore:1:b.py")
    assert not ran.exists(), ran.read_text(encoding="utf-8")
    subprocess.run([GIT, "-C", str(root), "status"], check=False, capture_output=True)
    assert ran.exists(), "the trap itself must work: plain git falls into it"


def test_an_index_that_leads_out(tmp_path: Path) -> None:
    """Paths in a repository's index that lead out of it, or through a link, are not followed."""
    write_tree(tmp_path, {"outside/secret.py": "x"})
    root = make_repository(tmp_path / "r", {"real/a.py": "x"}, tracked=("real/a.py",))
    index = root / ".git/index"
    index.write_bytes(index.read_bytes().replace(b"real/a.py", b"../out/a."))
    assert paths(scan(root)) == ["real/a.py"]
    (root / "real/a.py").unlink()
    (root / "real").rmdir()
    (root / "real").symlink_to(tmp_path / "outside")
    run_git(root, "read-tree", "--empty")
    (root / "real").unlink()
    write_tree(root, {"real/secret.py": "x"})
    run_git(root, "add", "real/secret.py")
    (root / "real/secret.py").unlink()
    (root / "real").rmdir()
    (root / "real").symlink_to(tmp_path / "outside")
    assert paths(scan(root)) == []


def test_a_pipe_in_place_of_an_ignore_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git waits for ever on a pipe that it takes for an ignore file; the walk gives up on git and goes on."""
    root = make_repository(tmp_path / "r", {"a.py": "", "sub/b.py": ""})
    os.mkfifo(root / "sub/.gitignore")
    os.mkfifo(root / ".victorignore")
    monkeypatch.setattr(git, "TIME_LIMIT_S", 0.1)
    result = scan(root)
    assert paths(result) == ["a.py", "sub/b.py"]
    assert "did not answer" in result.note


def test_ignore_patterns_cannot_stall_the_walk(tmp_path: Path) -> None:
    """A pattern with very many stars costs no more than its length times the name's, in every position."""
    stars = "*a" * 60 + "*b"
    lines = [
        stars,
        f"/{stars}",
        f"d/**/{'**/a*/' * 20}b",
        f"**/{stars}/**/{stars}",
        "[" * 2000,
        "?*" * 100 + "b",
    ]
    deep = "/".join(["aaa"] * 60)
    name = "a" * 200
    write_tree(tmp_path, {".victorignore": "\n".join(lines), f"{deep}/{name}": "", f"d/{deep}/{name}": ""})
    started = time.process_time()
    assert len(paths(scan(tmp_path))) == 3
    assert time.process_time() - started < 2.0


def test_an_endless_ignore_file(tmp_path: Path) -> None:
    """Only the beginning of a huge ignore file counts, and the rule at the cut is not half read."""
    write_tree(tmp_path, {".gitignore": "a.py\n" + "x" * 400_000 + "\n*.py\n", "a.py": "", "b.py": ""})
    assert paths(scan(tmp_path)) == [".gitignore", "b.py"]


def test_environment_of_a_hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run from a git hook, where GIT_DIR and GIT_INDEX_FILE name another repository, the walk sees its own."""
    other = make_repository(tmp_path / "other", {"o.py": ""}, tracked=("o.py",))
    root = make_repository(tmp_path / "r", {"a.py": ""}, tracked=("a.py",))
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    assert paths(scan(root)) == ["a.py"]


def test_git_is_not_taken_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative folders of PATH, the empty one included, are passed over."""
    fake = tmp_path / "git"
    fake.write_text("#!/bin/sh\n", encoding="utf-8")
    fake.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    assert git.find_git({"PATH": os.pathsep.join(["", ".", "bin"])}) is None
    assert git.find_git({"PATH": str(tmp_path)}) == str(fake)


# Names and kinds of files


def test_left_out_by_name_size_and_kind(tmp_path: Path) -> None:
    """Each file that is left out has a reason and what decided."""
    files = {
        "a.py": "",
        ".env": "",
        ".env.local": "",
        ".env.example": "",
        "prod.env": "",
        "tls/server.PEM": "",
        "id_ed25519": "",
        "id_ed25519.pub": "",
        ".netrc": "",
        "credentials": "",
        "secrets.py": "",
        "secrets.yaml": "",
        "logo.png": "",
        "lib.so": "",
        "big.txt": "x" * 1001,
        "fits.txt": "x" * 1000,
    }
    root = make_repository(tmp_path / "r", files)
    (root / "link.py").symlink_to("a.py")
    (root / "linked").symlink_to(".")
    result = scan(root, max_bytes=1000)
    assert paths(result) == [".env.example", "a.py", "fits.txt", "id_ed25519.pub", "secrets.py"]
    secret = [
        ".env",
        ".env.local",
        ".netrc",
        "credentials",
        "id_ed25519",
        "prod.env",
        "secrets.yaml",
        "tls/server.PEM",
    ]
    assert reasons(result) == dict.fromkeys(secret, "secret_file") | {
        "big.txt": "too_large",
        "lib.so": "binary",
        "link.py": "symlink",
        "linked": "symlink",
        "logo.png": "binary",
    }
    assert all(skipped.rule for skipped in result.skipped if skipped.reason != "symlink")
    assert explain(root, "big.txt", max_bytes=1000) == Verdict(
        False, "too_large", "index.max_file_bytes:1000"
    )


@pytest.mark.parametrize("in_repository", [True, False])
def test_odd_names(tmp_path: Path, *, in_repository: bool) -> None:
    """Spaces, quotes, line ends and other scripts are plain names; bytes that are no UTF-8 are named and left out."""
    odd = [
        "two words.py",
        "quo\"te's.py",
        "line\nend.py",
        "tab\t.py",
        "naïve/日本.py",
        "-rf",
        "back\\slash.py",
        "*.py",
    ]
    if in_repository:
        make_repository(tmp_path, {})
    write_tree(tmp_path, dict.fromkeys(odd, ""))
    raw = os.fsdecode(b"caf\xe9.py")
    (tmp_path / raw).write_text("", encoding="utf-8")
    (tmp_path / os.fsdecode(b"d\xff")).mkdir()
    (tmp_path / os.fsdecode(b"d\xff") / "x.py").write_text("", encoding="utf-8")
    result = scan(tmp_path)
    assert paths(result) == sorted(odd)
    assert reasons(result) == {"caf\\xe9.py": "name_not_utf8", "d\\xff/": "name_not_utf8"}
    assert explain(tmp_path, raw).reason == "name_not_utf8"
    assert all(explain(tmp_path, path).indexed for path in odd)


def test_folders_of_no_interest_outside_a_repository(tmp_path: Path) -> None:
    """Without version control, what was fetched or built is left out; a rule takes it back."""
    files = {"a.py": "", "node_modules/x/i.js": "", "env/pyvenv.cfg": "", "env/lib/x.py": "", ".hg/store": ""}
    write_tree(tmp_path, files)
    result = scan(tmp_path)
    assert paths(result) == ["a.py"]
    rules = {skipped.path: skipped.rule for skipped in result.skipped}
    assert rules == {"node_modules/": "default:node_modules", "env/": "default:pyvenv.cfg"}
    assert explain(tmp_path, "node_modules/x/i.js") == Verdict(False, "ignored", "default:node_modules")
    assert explain(tmp_path, "env/lib/x.py") == Verdict(False, "ignored", "default:pyvenv.cfg")
    assert explain(tmp_path, ".hg/store") == Verdict(False, "version_control", "")
    write_tree(tmp_path, {".victorignore": "!node_modules/\n"})
    assert "node_modules/x/i.js" in paths(scan(tmp_path))


def test_in_a_repository_git_alone_decides(tmp_path: Path) -> None:
    """A folder that git tracks is taken, whatever it is called."""
    root = make_repository(tmp_path, {"node_modules/x/i.js": ""}, tracked=("node_modules/x/i.js",))
    assert paths(scan(root)) == ["node_modules/x/i.js"]


def test_pipes_and_links_outside_a_repository(tmp_path: Path) -> None:
    """Pipes are named, links are not followed, not even in a circle."""
    write_tree(tmp_path, {"d/a.py": ""})
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "d/up").symlink_to("..")
    result = scan(tmp_path)
    assert paths(result) == ["d/a.py"]
    assert reasons(result) == {"pipe": "special_file", "d/up": "symlink"}
    assert explain(tmp_path, "pipe").reason == "special_file"
    assert explain(tmp_path, "d/up/d/a.py").indexed is False


def test_very_deep_folders() -> None:
    """Depth costs no stack; what lies deeper than the system can name is passed over."""
    with scratch_folder() as root:
        write_tree(root, {"a.py": ""})
        try:
            make_deep(root, 1200)
            assert paths(scan(root)) == ["a.py"]
        finally:
            subprocess.run(["rm", "-rf", str(root / "ddd")], check=True)  # too deep for shutil


def make_deep(root: Path, depth: int) -> None:
    """A chain of folders longer than the longest path that the system takes."""
    folder = os.open(root, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("ddd", dir_fd=folder)
        deeper = os.open("ddd", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = deeper
    os.close(folder)


# What a caller can get wrong, and stop


def test_no_folder(tmp_path: Path) -> None:
    """A missing folder, or a file in its place, is an error of its own."""
    write_tree(tmp_path, {"a.py": ""})
    for path in ("missing", "a.py"):
        with pytest.raises(WorkspaceNotFound, match="is not a folder"):
            scan(tmp_path / path)


def test_cancelled(tmp_path: Path) -> None:
    """A walk that is no longer wanted ends at the next folder."""
    write_tree(tmp_path, {f"d{number}/a.py": "" for number in range(5)})
    answers = iter([False, False, True])
    with pytest.raises(RequestCancelled):
        scan(tmp_path, cancelled=lambda: next(answers))


def test_explain_what_is_not_a_file_of_the_workspace(tmp_path: Path) -> None:
    """Each way of asking for something that can never be indexed has its own word."""
    make_repository(tmp_path / "r", {"d/a.py": ""})
    root = tmp_path / "r"
    assert explain(root, "missing.py") == Verdict(False, "not_found", "")
    assert explain(root, "../x.py") == Verdict(False, "outside", "")
    assert explain(root, root) == Verdict(False, "directory", "")
    assert explain(root, "d") == Verdict(False, "directory", "")
    assert explain(root, ".git/HEAD") == Verdict(False, "version_control", "")
    assert explain(root, root / "d/../d/a.py") == Verdict(True, "", "")


def test_explain_names_the_rule_that_takes_back(tmp_path: Path) -> None:
    """A file that is there thanks to a rule says which."""
    root = make_repository(
        tmp_path / "r", {".gitignore": "g/", ".victorignore": "!g/a.py", "g/a.py": "", "g/b.py": ""}
    )
    assert explain(root, "g/a.py") == Verdict(True, "", ".victorignore:1:!g/a.py")
    assert explain(root, "g/b.py") == Verdict(False, "ignored", ".gitignore:1:g/")
