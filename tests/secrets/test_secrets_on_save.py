"""What a document's secrets look like to a person in an editor."""

from secrets_samples import aws_key, github_token, pem_key

from victor_server.features.secrets_on_save import check, fixes, message

TEXT = f"import x\n\nkey = '{aws_key()}'\npair = '{aws_key()}', '{github_token()}'\nend\n"


def test_check_finds_by_range() -> None:
    """Every secret of the document with the range it has there."""
    found = [(f.line, f.start_column, f.end_column, f.rule) for f in check(TEXT, "src/a.py")]
    assert found == [(2, 7, 27, "aws-access-key"), (3, 8, 28, "aws-access-key"), (3, 32, 72, "github-token")]


def test_message_is_masked() -> None:
    """A message names the kind and shows no more than the mask; a doubtful one says so."""
    (finding,) = check(f"key = '{aws_key()}'", "src/a.py")
    assert message(finding) == "AWS Access Key (AKIA…6K)"
    (finding,) = check(f"key = '{aws_key()}'", "tests/a.py")
    assert message(finding) == "Possible secret: AWS Access Key (AKIA…6K)"


def test_fixes_by_range_alone() -> None:
    """Only the lines asked for; one fix settles all secrets of a line; its title tells what it inserts."""
    assert fixes(TEXT, "src/a.py", "python", 0, 1) == []
    (fix,) = fixes(TEXT, "src/a.py", "python", 2, 2)
    assert fix.title == "Allow this secret: add `# pragma: allowlist secret` to this line"
    assert (fix.line, fix.column, fix.insert_text) == (2, 28, "  # pragma: allowlist secret")
    (fix,) = fixes(TEXT, "src/a.py", "python", 3, 9)
    assert fix.title == "Allow these 2 secrets: add `# pragma: allowlist secret` to this line"
    assert [finding.rule for finding in fix.findings] == ["aws-access-key", "github-token"]


def test_fix_from_any_line_of_a_block() -> None:
    """A secret of several lines can be allowed from each of them."""
    text = f"k = '''{pem_key()}'''\n"
    for line in (0, 5, 13):
        (fix,) = fixes(text, "src/a.py", "python", line, line)
        assert fix.line == 13


def test_fix_before_the_line() -> None:
    """Where the comment needs a line of its own the title says so."""
    (fix,) = fixes(f"A=1\nKEY={aws_key()}\n", ".env", "dotenv", 1, 1)
    assert fix.title == "Allow this secret: add `# pragma: allowlist nextline secret` to the line before"
    assert (fix.line, fix.column, fix.insert_text) == (1, 0, "# pragma: allowlist nextline secret\n")


def test_no_fix_without_comments() -> None:
    """JSON has no comments, so there is nothing to offer."""
    assert fixes(f'{{"key": "{aws_key()}"}}', "a.json", "json", 0, 0) == []
