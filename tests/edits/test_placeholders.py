"""Secrets in files that a model changes without seeing them: its placeholders, back in their own file, nowhere else."""

import pytest
from edit_cases import PATH, Refused, compare
from secrets_samples import aws_key, github_token, pem_key

from victor_server.agent.redaction.incoming import of_file, take_in_now
from victor_server.agent.redaction.shown import restored_in_file
from victor_server.agent.text_kinds import KeptText
from victor_server.agent.tools.edits import Block, ChangeFile, WriteFile
from victor_server.features.edits.apply import make_file_edit
from victor_server.secrets.redaction.session import RedactionSession

_NAME = "src/app.py"


@pytest.fixture
def session() -> RedactionSession:
    """A conversation in which a model was shown files."""
    return RedactionSession()


def _change(session: RedactionSession, base: str, search: str, replace: str, want: str | Refused) -> None:
    change = ChangeFile(PATH, (Block(search, replace),))
    compare(
        make_file_edit(base, change, restore=lambda text: restored_in_file(session, KeptText(text), _NAME)),
        want,
    )


def test_the_files_own_secret_is_put_back(session: RedactionSession) -> None:
    """A line with a placeholder is found, and the secret stands in what is written."""
    base = f'key = "{aws_key()}"\nother = 1\n'
    shown = take_in_now(of_file(base, _NAME), session)
    assert aws_key() not in shown
    line = shown.splitlines()[0]
    _change(session, base, f"{line}\n", f"{line}  # mine\n", f'key = "{aws_key()}"  # mine\nother = 1\n')


def test_a_key_of_many_lines(session: RedactionSession) -> None:
    """A private key is one placeholder and empty lines: with all of them it is the key again."""
    base = f"key = '''{pem_key()}'''\nother = 1\n"
    shown = take_in_now(of_file(base, _NAME), session)
    _change(
        session, base, shown, shown.replace("other = 1", "other = 2"), base.replace("other = 1", "other = 2")
    )


def test_another_files_secret_is_not_written(session: RedactionSession) -> None:
    """What stands in one file is not carried into another, neither to look for it nor to write it."""
    shown = take_in_now(of_file(f'key = "{aws_key()}"\n', "src/other.py"), session)
    _change(session, "a = 1\n", "a = 1\n", shown, Refused("not stand for a secret of this very file"))
    _change(
        session, f'key = "{aws_key()}"\n', shown, "key = 1\n", Refused("not stand for a secret of this file")
    )


def test_a_secret_that_is_gone(session: RedactionSession) -> None:
    """A secret that was changed since the model saw it is not brought back by an old line."""
    base = f'key = "{aws_key()}"\nother = 1\n'
    line = take_in_now(of_file(base, _NAME), session).splitlines()[0]
    now = f'key = "{github_token()}"\nother = 1\n'
    _change(session, now, f"{line}\n", f"{line}  # mine\n", Refused("not in the file"))


@pytest.mark.parametrize("kind", ["[REDACTED:aws-access-key]", "[REDACTED:aws-access-key:1:abcdefghjk]"])
def test_made_up_placeholders(session: RedactionSession, kind: str) -> None:
    """A placeholder of the index, or of another conversation, is nobody's value: it never gets into a file."""
    _change(session, "a = 1\n", "a = 1\n", f"a = '{kind}'\n", Refused("not stand for a secret"))
    compare(make_file_edit(None, WriteFile(PATH, f"a = '{kind}'\n")), Refused("not stand for a secret"))


def test_placeholders_that_are_the_files_own_text(session: RedactionSession) -> None:
    """A file that has such words in it can be changed around them."""
    base = "told = '[REDACTED:aws-access-key]'\nother = 1\n"
    _change(session, base, "other = 1", "other = 2", base.replace("1", "2"))
    _change(session, base, base, base.replace("told", "said"), base.replace("told", "said"))
