"""Which files never leave this machine."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.policy.private_files import PrivateFiles

ALWAYS = [
    ".env",
    "a/b/.env",
    ".env.local",
    ".ENV",
    "prod.env",
    ".envrc",
    "certs/server.key",
    "SERVER.PEM",
    "id_rsa",
    "id_ed25519.bak",
    "home/.ssh/config",
    ".ssh/known_hosts",
    ".aws/credentials",
    "x/.aws/config",
    ".netrc",
    "terraform.tfstate",
    "terraform.tfstate.backup",
    ".kube/config",
    "a/.docker/config.json",
    "client_secret_123.json",
    "wallet.kdbx",
    "./.env",
    "a/../.env",
    "a//.env",
    "/home/me/project/.env",
    "/home/me/.ssh/notes.txt",
    "../.env",
    "C:/project/.env",
    "a\\.env",
    ".env.",
    ".env ",
    ".env::$DATA",
]
SHOWN = [
    "main.py",
    ".env.example",
    "a/.env.sample",
    "example.env",
    "id_rsa.pub",
    "environment.py",
    "env/bin/x.py",
    "key.py",
    "keys/table.py",
    "monkey.ts",
    "src/credentials/store.go",
    "config.json",
    "docker/config.json",
    "kube/config",
    "pkg/kubeconfig/load.go",
    "/home/me/project/main.py",
    "",
]


@pytest.mark.parametrize("path", ALWAYS)
def test_what_holds_keys_is_always_private(path: str) -> None:
    """However a path to such a file is written; and no pattern of the person's takes it back."""
    assert "never leave this machine" in PrivateFiles().why(path)
    assert PrivateFiles(["!.env*", "!*", "!**/*"]).why(path)


@pytest.mark.parametrize("path", SHOWN)
def test_other_files_may_be_shown(path: str) -> None:
    """Examples, public keys and code that is only called so."""
    assert PrivateFiles().why(path) == ""


@pytest.mark.parametrize(
    ("patterns", "path", "private"),
    [
        (["*.sql"], "db/dump.sql", True),
        (["*.sql", "!schema.sql"], "db/schema.sql", False),
        (["*.sql", "!schema.sql"], "db/dump.sql", True),
        (["customers/"], "customers/list.csv", True),
        (["customers/"], "src/customers/a/b.csv", True),
        (["customers/"], "customers", False),
        (["/data"], "data/x", True),
        (["/data"], "src/data/x", False),
        (["/data"], "/srv/project/data/x", True),
        (["src/**/private"], "src/a/b/private/c.py", True),
        (["[[:upper:]]*.txt"], "Secret.txt", True),
        (["Secret.TXT"], "sEcReT.txt", True),
        (["[A-C]*.md"], "b.md", True),
        (["geheim*"], "geheim-ü.txt", True),
        (["ü.txt"], "ü.txt", True),
        (["*.sql", "!/ok.sql"], "ok.sql", False),
        (["*.sql", "!/ok.sql"], "/srv/sub/ok.sql", True),
        (["*.sql", "!ok.sql"], "/srv/sub/ok.sql", False),
        (["a/*.csv"], "/srv/x/a/b.csv", True),
        (["a/*.csv"], "x/a/b.csv", False),
        ([], "x", False),
    ],
)
def test_a_persons_patterns(patterns: list[str], path: str, private: bool) -> None:
    """The syntax of .gitignore, letters of either case the same; the reason names the pattern."""
    why = PrivateFiles(patterns).why(path)
    assert bool(why) is private
    assert not private or "private paths" in why


@given(st.text(max_size=40), st.lists(st.text(max_size=12), max_size=4))
@settings(max_examples=200, deadline=None)
def test_any_path_has_an_answer(path: str, patterns: list[str]) -> None:
    """No path and no pattern makes the question fail, and none takes a private file back."""
    files = PrivateFiles(patterns)
    files.why(path)
    assert files.why("deep/down/.env")


@given(st.lists(st.sampled_from(["a", "b", "secret", "x.sql"]), min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_an_absolute_path_is_at_least_as_private(parts: list[str]) -> None:
    """Without a workspace to measure from, every folder may be one."""
    files = PrivateFiles(["/secret", "a/x.sql"])
    path = "/".join(parts)
    assert not files.why(path) or files.why(f"/{path}")
