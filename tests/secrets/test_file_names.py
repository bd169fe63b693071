"""What a file's name tells: how values are written in it, and where its credentials stand."""

import pytest
from secrets_marked import check_found, check_quiet

from victor_server.secrets.judge.file_kind import FileKind, file_facts

APACHE = "$apr1$" + "Zx81Qw5N" + "$" + "k0TbVr7Ye2Lm9Pq4xxy1./"
CRYPT = "$6$" + "Zx81Qw5N" + "$" + "k0TbVr7Ye2Lm9Pq4" * 4


@pytest.mark.parametrize(
    ("path", "rule", "fixture"),
    [
        ("home/.netrc", "netrc-password", "machine git.corp.net login me password «{H}»"),
        ("_netrc", "netrc-password", "machine git.corp.net\n  login me\n  password «{H}»\n"),
        ("home/.pgpass", "pgpass-password", "db7:5432:*:app:«{H}»"),
        ("etc/.htpasswd", "htpasswd-password", f"me:«{APACHE}»"),
        ("etc/shadow", "shadow-password", f"root:«{CRYPT}»:19000:0:99999:7:::"),
        ("home/.git-credentials", "url-password", "https://me:«{T}»@git.corp.net"),
        ("home/.my.cnf", "secret-assignment", "[client]\npassword = «{H}»"),
    ],
)
def test_credentials_at_their_place(path: str, rule: str, fixture: str) -> None:
    """Lines of such files need no keyword."""
    check_found(fixture, path, rule)


def test_only_in_such_files() -> None:
    """The same lines elsewhere are nothing."""
    check_quiet("db7:5432:*:app:{H}", "notes.txt")
    check_quiet(f"root:{CRYPT}:19000:0:99999:7:::", "notes.txt")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("src/a.ino", FileKind.CODE),
        ("Jenkinsfile", FileKind.CODE),
        ("config/app.yml.erb", FileKind.MARKUP),
        ("config/app.yml.dist", FileKind.CONFIG),
        ("wp-config.php.bak", FileKind.CODE),
        (".env.production", FileKind.CONFIG),
        ("Dockerfile.dev", FileKind.CONFIG),
        ("a.ps1", FileKind.SHELL),
        ("a.jsp", FileKind.MARKUP),
        ("notes", FileKind.PROSE),
    ],
)
def test_kind(path: str, kind: FileKind) -> None:
    """The name, or its extension, or the one before that, tells how values are written."""
    assert file_facts(path).kind is kind


@pytest.mark.parametrize("path", ["messages_de.properties", "i18n/x.json", "en-US.json", "a.po"])
def test_translations(path: str) -> None:
    """Texts for people, in which a password has a translation."""
    assert file_facts(path).is_translation
    check_quiet('password = "{W}"', path)
