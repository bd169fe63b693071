"""A document's secrets as a person in an editor meets them: what is said, what is known, and what can be done."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from repositories import write_tree
from secrets_samples import aws_key, github_token, pem_key

from victor_server.errors import UsageError
from victor_server.features.replacement import replaced
from victor_server.features.secrets_on_save.fixes import MAX_FIXES
from victor_server.features.secrets_on_save.model import Change, Fix, Source
from victor_server.features.secrets_on_save.service import SecretsOnSave
from victor_server.features.workspace_files import KNOWN_FILES, WorkspaceFiles, rewritten

TEXT = f"import x\n\nkey = '{aws_key()}'\npair = '{aws_key()}', '{github_token()}'\nend\n"
NO_FILES = WorkspaceFiles({})


def fixes(
    text: str,
    name: str,
    language: str,
    first: int,
    last: int,
    root: Path | None = None,
    files: WorkspaceFiles = NO_FILES,
) -> Sequence[Fix]:
    """All fixes for these lines."""
    secrets, source = SecretsOnSave(), Source(text, name, language, root)
    return secrets.fixes(source, secrets.check(source, files), first, last, files)


def kinds(found: Sequence[Fix]) -> list[str]:
    """Their kinds, in order."""
    return [fix.kind for fix in found]


def only(found: Sequence[Fix], kind: str) -> Fix:
    """The one of this kind."""
    (fix,) = [fix for fix in found if fix.kind == kind]
    return fix


def change_of(
    fix: Fix, text: str, root: Path, name: str = "src/a.py", files: WorkspaceFiles = NO_FILES
) -> Change:
    """What it changes."""
    return SecretsOnSave().change(Source(text, str(root / name), "python", root), fix, files)


def files_after(change: Change) -> Mapping[str, str]:
    """What the changed files hold then, by name."""
    return {each.path.name: replaced(each.before or "", each.replacements) for each in change.files}


def test_check_finds_by_range() -> None:
    """Every secret of the document with the range it has there."""
    found = SecretsOnSave().check(Source(TEXT, "src/a.py"), NO_FILES).findings
    places = [(f.line, f.start_column, f.end_column, f.rule) for f in found]
    assert places == [(2, 7, 27, "aws-access-key"), (3, 8, 28, "aws-access-key"), (3, 32, 72, "github-token")]


def test_checks_go_on_from_the_one_before() -> None:
    """The result is that of a new check, whatever came before, and for another kind of file as well."""
    secrets = SecretsOnSave()
    before = secrets.check(Source("x\n" + TEXT, "src/a.py"), NO_FILES)
    for name in ("src/a.py", "tests/a.py"):
        again = secrets.check(Source(TEXT, name), NO_FILES, before)
        assert again.findings == SecretsOnSave().check(Source(TEXT, name), NO_FILES).findings


def test_message_is_masked() -> None:
    """A message names the kind and shows no more than the mask; a doubtful one says so."""
    secrets = SecretsOnSave()
    (finding,) = secrets.check(Source(f"key = '{aws_key()}'", "src/a.py"), NO_FILES).findings
    assert secrets.message(finding) == "AWS Access Key (AKIA…6K)"
    (finding,) = secrets.check(Source(f"key = '{aws_key()}'", "tests/a.py"), NO_FILES).findings
    assert secrets.message(finding) == "Possible secret: AWS Access Key (AKIA…6K)"


def test_order_of_fixes(tmp_path: Path) -> None:
    """What helps most comes first; titles tell what will happen, and which secret where there are several."""
    found = fixes(TEXT, str(tmp_path / "a.py"), "python", 2, 2, tmp_path)
    assert [fix.title for fix in found] == [
        "Move to environment variable AWS_ACCESS_KEY (set it in .env; revoke it if ever pushed)",
        "Allow this secret: add `# pragma: allowlist secret` to this line",
        "Add this secret to .secrets.baseline",
        "Mark this secret as a test value in .secrets.baseline",
        "Open docs.aws.amazon.com to revoke this secret",
        "Add all 3 secrets of this file to .secrets.baseline",
    ]
    found = fixes(TEXT, str(tmp_path / "a.py"), "python", 3, 3, tmp_path)
    assert [fix.title for fix in found][1:4] == [
        "Move ghp_…5m to environment variable GITHUB_TOKEN (set it in .env; revoke it if ever pushed)",
        "Allow these 2 secrets: add `# pragma: allowlist secret` to this line",
        "Add these 2 secrets to .secrets.baseline",
    ]


def test_allow_by_range_alone() -> None:
    """Only the lines asked for; one fix settles all secrets of a line."""
    assert fixes(TEXT, "src/a.py", "python", 0, 1) == []
    fix = only(fixes(TEXT, "src/a.py", "python", 2, 2), "allow")
    assert replaced(TEXT, fix.replacements).splitlines()[2].endswith("'  # pragma: allowlist secret")
    fix = only(fixes(TEXT, "src/a.py", "python", 3, 9), "allow")
    assert [finding.rule for finding in fix.findings] == ["aws-access-key", "github-token"]


def test_allow_from_any_line_of_a_block() -> None:
    """A secret of several lines can be allowed from each of them."""
    text = f"k = '''{pem_key()}'''\n"
    for line in (0, 5, 13):
        fix = only(fixes(text, "src/a.py", "python", line, line), "allow")
        assert replaced(text, fix.replacements).splitlines()[13].endswith("secret")


def test_allow_before_the_line() -> None:
    """Where the comment needs a line of its own the title says so."""
    text = f"A=1\nKEY={aws_key()}\n"
    fix = only(fixes(text, ".env", "dotenv", 1, 1), "allow")
    assert fix.title == "Allow this secret: add `# pragma: allowlist nextline secret` to the line before"
    assert replaced(text, fix.replacements).splitlines()[1] == "# pragma: allowlist nextline secret"


def test_what_has_no_comments_and_no_folder(tmp_path: Path) -> None:
    """JSON outside of a workspace has nothing but the vendor's page; inside there is the baseline."""
    text = f'{{"key": "{aws_key()}"}}'
    assert kinds(fixes(text, "a.json", "json", 0, 0)) == ["revoke"]
    inside = fixes(text, str(tmp_path / "a.json"), "json", 0, 0, tmp_path)
    assert kinds(inside) == ["baseline", "test-value", "revoke"]


def test_move_lists_the_name_and_ignores_the_file(tmp_path: Path) -> None:
    """`.env.example` gets the name without the value, `.gitignore` gets `.env`; both are made where there is none."""
    fix = only(fixes(TEXT, str(tmp_path / "src" / "a.py"), "python", 2, 2, tmp_path), "move")
    change = change_of(fix, TEXT, tmp_path)
    assert files_after(change) == {".env.example": "AWS_ACCESS_KEY=\n", ".gitignore": ".env\n"}
    assert all(each.before is None for each in change.files)
    assert aws_key() not in replaced(TEXT, change.replacements).splitlines()[3]
    assert change.note == ""


def test_move_keeps_what_is_there(tmp_path: Path) -> None:
    """What the files hold stays, with their line ends; a name that is taken is not taken again."""
    write_tree(tmp_path, {".gitignore": "*.log\n"})
    (tmp_path / ".env.sample").write_bytes(b"A=1\r\nexport AWS_ACCESS_KEY=")
    fix = only(fixes(TEXT, str(tmp_path / "src" / "a.py"), "python", 2, 2, tmp_path), "move")
    assert fix.subject == "AWS_ACCESS_KEY_2"
    assert files_after(change_of(fix, TEXT, tmp_path)) == {
        ".env.sample": "A=1\r\nexport AWS_ACCESS_KEY=\r\nAWS_ACCESS_KEY_2=",
        ".gitignore": "*.log\n.env\n",
    }


@pytest.mark.parametrize("ignored", [".env\n", ".env*\n!.env.example\n", "/.env\n"])
def test_move_leaves_an_ignored_env_alone(tmp_path: Path, ignored: str) -> None:
    """Whatever pattern ignores it; and the editor's unsaved text counts, not the disk's."""
    fix = only(fixes(TEXT, str(tmp_path / "src" / "a.py"), "python", 2, 2, tmp_path), "move")
    files = WorkspaceFiles({tmp_path / ".gitignore": ignored})
    assert list(files_after(change_of(fix, TEXT, tmp_path, files=files))) == [".env.example"]


def test_move_hears_git(tmp_path: Path) -> None:
    """What `.git/info/exclude` ignores is ignored."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True, env=environment)
    (tmp_path / ".git" / "info").mkdir(exist_ok=True)
    (tmp_path / ".git" / "info" / "exclude").write_text(".env\n", encoding="utf-8")
    fix = only(fixes(TEXT, str(tmp_path / "a.py"), "python", 2, 2, tmp_path), "move")
    assert list(files_after(change_of(fix, TEXT, tmp_path, "a.py"))) == [".env.example"]


def test_move_without_new_files(tmp_path: Path) -> None:
    """An editor that cannot make files changes the code; what is left is said."""
    files = WorkspaceFiles({}, creates=False)
    name = str(tmp_path / "src" / "a.py")
    fix = only(fixes(TEXT, name, "python", 2, 2, tmp_path, files), "move")
    change = change_of(fix, TEXT, tmp_path, files=files)
    assert change.files == ()
    assert change.note == "Please add AWS_ACCESS_KEY= to .env.example and add .env to .gitignore."
    assert "baseline" not in kinds(fixes(TEXT, name, "python", 2, 2, tmp_path, files))


def test_move_follows_no_link_out_of_the_folder(tmp_path: Path) -> None:
    """A repository's `.gitignore` may be a link to a person's own file: that is not written to."""
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "own").write_text("x\n", encoding="utf-8")
    (root / ".gitignore").symlink_to(tmp_path / "own")
    fix = only(fixes(TEXT, str(root / "src" / "a.py"), "python", 2, 2, root), "move")
    change = change_of(fix, TEXT, root)
    assert list(files_after(change)) == [".env.example"]
    assert ".gitignore" in change.note


def test_baseline_settles_what_it_lists(tmp_path: Path) -> None:
    """After the fix the secret is known, once the file has that text, in the editor or on disk; others are not."""
    secrets, source = SecretsOnSave(), Source(TEXT, str(tmp_path / "src" / "a.py"), "python", tmp_path)
    before = secrets.check(source, NO_FILES)
    fix = only(secrets.fixes(source, before, 3, 3, NO_FILES), "baseline")
    ((name, text),) = files_after(secrets.change(source, fix, NO_FILES)).items()
    assert name == ".secrets.baseline"
    assert github_token() not in text
    unsaved = WorkspaceFiles({tmp_path / name: text})
    assert secrets.check(source, unsaved, before).findings == []
    assert len(secrets.check(source, NO_FILES, before).findings) == 3
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert secrets.check(source, NO_FILES, before).findings == []
    (tmp_path / name).unlink()
    assert len(secrets.check(source, NO_FILES, before).findings) == 3


def test_test_values_are_labelled(tmp_path: Path) -> None:
    """They are in the baseline as what an audit has found to be no secrets."""
    source = Source(TEXT, str(tmp_path / "a.py"), "python", tmp_path)
    fix = only(fixes(TEXT, source.name, "python", 3, 3, tmp_path), "test-value")
    (text,) = files_after(SecretsOnSave().change(source, fix, NO_FILES)).values()
    assert {entry["is_secret"] for entry in json.loads(text)["results"]["a.py"]} == {False}


def test_all_of_the_file(tmp_path: Path) -> None:
    """One fix for everything in the file; offered where that is more than what was asked about."""
    source = Source(TEXT, str(tmp_path / "a.py"), "python", tmp_path)
    fix = only(fixes(TEXT, source.name, "python", 2, 2, tmp_path), "baseline-all")
    (text,) = files_after(SecretsOnSave().change(source, fix, NO_FILES)).values()
    listed = {entry["hashed_secret"] for entry in json.loads(text)["results"]["a.py"]}
    assert {finding.fingerprint for finding in fix.findings} <= listed
    assert "baseline-all" not in kinds(fixes(TEXT, source.name, "python", 0, 9, tmp_path))


def test_a_broken_baseline_is_said(tmp_path: Path) -> None:
    """It settles nothing, is not written to, and the check says what is wrong."""
    (tmp_path / ".secrets.baseline").write_text("{", encoding="utf-8")
    secrets, source = SecretsOnSave(), Source(TEXT, str(tmp_path / "a.py"), "python", tmp_path)
    check = secrets.check(source, NO_FILES)
    assert len(check.findings) == 3
    assert ".secrets.baseline" in check.problems[0]
    fix = only(secrets.fixes(source, check, 2, 2, NO_FILES), "baseline")
    with pytest.raises(UsageError):
        secrets.change(source, fix, NO_FILES)


@pytest.mark.parametrize(
    ("before", "after"),
    [("", "a\n"), ("a\nb\nc\n", "a\nx\nc\n"), ("a\na\n", "a\na\na\n"), ("a\nb", "a\n"), ("a\n", "a\n")],
)
def test_rewriting_replaces_little(before: str, after: str) -> None:
    """The lines that differ, and no more."""
    change = rewritten(Path("x"), before, after)
    assert replaced(before, change.replacements) == after
    assert sum(len(each.text) for each in change.replacements) <= 2


MEGABYTE = 1_000_000
MAX_CPU_S = 10.0


def fill(line: str) -> str:
    """A megabyte of the same."""
    return line * (MEGABYTE // len(line))


def test_one_line_of_secrets_takes_linear_time() -> None:
    """Thousands of findings on one line, and the fix that settles them all, look at that line once."""
    text = fill(f"k='{aws_key()}';")
    before = time.process_time()
    assert len(only(fixes(text, "a.py", "python", 0, 0), "allow").findings) > 30_000
    assert time.process_time() - before < MAX_CPU_S


@pytest.mark.parametrize("name", ["a.py", "a.js", "a.cs", "a.dart", "a.php", "a.sh"])
def test_fixes_for_a_whole_document_are_few(name: str) -> None:
    """A menu of ten thousand entries, each of which looks through the document, would help nobody."""
    text = fill(f"k='{aws_key()}'[(\n")[: MEGABYTE // 4]
    before = time.process_time()
    found = fixes(text, name, "", 0, text.count("\n"))
    assert max(kinds(found).count(kind) for kind in kinds(found)) <= MAX_FIXES
    assert time.process_time() - before < MAX_CPU_S


def test_a_page_names_its_secret_among_several() -> None:
    """Where a line holds others, too, it is told which one is revoked there."""
    text = f"a, b = '{aws_key()}', '{github_token()}'\n"
    titles = [fix.title for fix in fixes(text, "a.py", "python", 0, 0) if fix.kind == "revoke"]
    assert "Open github.com to revoke ghp_…5m" in titles


def test_a_secret_that_was_moved_keeps_its_name(tmp_path: Path) -> None:
    """In another file it is read from the same variable, another one from another variable, elsewhere all is new."""
    secrets = SecretsOnSave()

    def name_in(file: str, value: str, root: Path) -> str:
        source = Source(f"ci_token = '{value}'\n", str(root / file), "python", root)
        fix = only(secrets.fixes(source, secrets.check(source, NO_FILES), 0, 0, NO_FILES), "move")
        secrets.chosen(root, fix)
        return fix.subject

    assert name_in("a.py", aws_key(), tmp_path) == "CI_TOKEN"
    assert name_in("b.py", github_token(), tmp_path) == "CI_TOKEN_2"
    assert name_in("c.py", aws_key(), tmp_path) == "CI_TOKEN"
    assert name_in("d.py", github_token(), tmp_path) == "CI_TOKEN_2"
    assert name_in("a.py", github_token(), tmp_path / "other") == "CI_TOKEN"


@pytest.mark.parametrize("name", KNOWN_FILES)
def test_every_file_of_known_secrets_counts(tmp_path: Path, name: str) -> None:
    """Each of the files that an editor is asked to watch settles something."""
    source = Source(TEXT, str(tmp_path / "a.py"), "python", tmp_path)
    secrets = SecretsOnSave()
    fix = only(secrets.fixes(source, secrets.check(source, NO_FILES), 3, 3, NO_FILES), "baseline")
    (baseline,) = files_after(secrets.change(source, fix, NO_FILES)).values()
    said = {".secrets.baseline": baseline, ".secretsignore": "a.py\n"}.get(name, "a.py:any-rule:4\n")
    (tmp_path / name).write_text(said, encoding="utf-8")
    assert not [finding for finding in secrets.check(source, NO_FILES).findings if finding.line == 3]


def test_rules_are_not_loaded_before_the_editor_is_greeted() -> None:
    """What answers `initialize` needs no rule; they take longer to load than all else."""
    program = "import sys; import victor_server.lsp.connection; print('victor_server.secrets.scanner' in sys.modules)"
    ran = subprocess.run([sys.executable, "-P", "-c", program], check=True, capture_output=True, text=True)
    assert ran.stdout == "False\n"
