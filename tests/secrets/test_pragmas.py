"""The comments that allow a secret: those of seven tools, each on the lines that it speaks of and on no other."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secrets_samples import aws_key, pem_key

from victor_server.secrets.scanner import scan

SECRET = f'key = "{aws_key()}"'
OPENINGS = ("# {}", "#{}", "// {}", "//{}", "/* {} */", "<!-- {} -->", "-- {}", "<%# {} %>", "{{/* {} */}}")
RARE_OPENINGS = ("; {}", "% {}", "' {}", '" {}', "REM {}", "dnl {}", "! {}", "{{- {} -}}", "(* {} *)", "* {}")
OF_A_LINE = ("pragma: allowlist secret", "pragma:whitelist-secret", "gitleaks:allow", "betterleaks:allow", "trufflehog:ignore", "gitguardian:ignore", "secretlint-disable-line", "secretlint-disable-line @secretlint/x -- why")  # fmt: skip
BARE = ("nosecret", "ggignore", "nosecret: made up", "noqa: S105 nosecret")
OF_NEXT_LINE = (
    "pragma: allowlist nextline secret",
    "pragma:allowlist-nextline-secret",
    "secretlint-disable-next-line",
)


def check(text: str, *lines: int) -> None:
    """The lines (from 0) on which something is still reported."""
    assert tuple(finding.line for finding in scan(text, "src/a.py")) == lines


@pytest.mark.parametrize("words", OF_A_LINE)
@pytest.mark.parametrize("opening", OPENINGS + RARE_OPENINGS)
def test_comment_on_the_line(words: str, opening: str) -> None:
    """It allows what stands on its line, and neither the line before nor the next."""
    comment = opening.format(words)
    check(f"{SECRET}\n{SECRET} {comment}\n{SECRET}\n", 0, 2)
    check(f"{comment}\n{SECRET}\n{comment}\n", 1)


@pytest.mark.parametrize("words", BARE)
@pytest.mark.parametrize("opening", OPENINGS)
def test_bare_word_in_a_comment(words: str, opening: str) -> None:
    """A word of everyday counts too where it is a comment."""
    check(f"{SECRET}\n{SECRET}  {opening.format(words)}\n{SECRET}\n", 0, 2)


@pytest.mark.parametrize("words", OF_NEXT_LINE)
@pytest.mark.parametrize("opening", OPENINGS + RARE_OPENINGS)
def test_comment_for_the_next_line(words: str, opening: str) -> None:
    """It allows what stands on the next line, and nothing else."""
    comment = opening.format(words)
    check(f"  {comment}\n{SECRET}\n{SECRET}\n", 2)
    check(f"{SECRET}\n{comment}\n", 0)
    check(f"{comment}\n\n{SECRET}\n", 2)


def test_next_line_form_that_shares_its_line() -> None:
    """detect-secrets' form must stand alone, or one comment would allow two lines; secretlint's need not."""
    check(f"{SECRET}  # pragma: allowlist nextline secret\n{SECRET}\n", 0, 1)
    check(f"{SECRET}  # secretlint-disable-next-line\n{SECRET}\n", 0)


@pytest.mark.parametrize("words", OF_NEXT_LINE)
def test_private_key_after_the_line_that_opens_its_string(words: str) -> None:
    """For a secret of several lines the comment may stand before the line that opens its literal."""
    check(f"# {words}\nk = '''\n{pem_key()}\n'''\n")
    check(f"# {words}\n\n\n{pem_key()}\n", 3)


NO_COMMENT = (
    'nosecret(KEY, "{}")',
    'x.nosecret = "{}"',
    '"nosecret": "{}"',
    'run --nosecret --key {}',
    'run --no-nosecret --key {}  # nosecrets',
    'key = "{}"; nosecret()',
    'key = "{}" # my_nosecret_flag',
    'key = "{}" # nosecret_key',
    'get("https://ggignore/{}")',
    'get("https://nosecret {}")',
    'key = "{}"  # see ggignore.md',
    'gitleaks:allow {}',
    'key = "{}"  # not-gitleaks:allowed',
    'key = "{}"  # gitleaks:allowlist',
    'key = "{}"  # pragma: allowlist secrets',
    'key = "{}"  # pragma: allowlist',
    'key = "{}"  # pragma: no cover',
    'key = "{}"  # secretlint-disable-lines',
    'key = "{}"  # secretlint-disable',
    'key = "{}"  # Gitleaks:Allow',
)  # fmt: skip


@pytest.mark.parametrize("line", NO_COMMENT)
def test_words_that_allow_nothing(line: str) -> None:
    """Names, flags, addresses and words that only begin alike switch nothing off."""
    check(line.format(aws_key()), 0)


WORDS = st.sampled_from(
    [*OF_A_LINE, *BARE, *OF_NEXT_LINE, "nosecrets", "x", "#", "//", "--", "'", '"', "*/", ""]
)
LINE = st.lists(WORDS, max_size=5).map(" ".join)


@settings(deadline=None, max_examples=300)
@given(st.lists(LINE, max_size=4), LINE, st.lists(LINE, max_size=4))
def test_no_line_speaks_of_a_line_further_on(before: list[str], blank: str, after: list[str]) -> None:
    """Whatever is written two lines before or anywhere after a secret, the secret is reported."""
    text = "\n".join([*before, "", SECRET, *after])
    check(text, len(before) + 1)


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet=st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=40))
def test_other_text_allows_nothing(comment: str) -> None:
    """A line without any of the words is never allowed."""
    check(f'# {comment}\nkey = "{aws_key()}" # {comment.replace(chr(34), "")}\n', 1)


@pytest.mark.parametrize("part", ["nosecret ", "# ", "pragma: allowlist secret", "pragma: ", "-- ", ";", " ", "rem ", "secretlint-disable-next-line"])  # fmt: skip
def test_long_lines_take_linear_time(part: str) -> None:
    """A line of a million characters is answered at once."""
    from victor_server.secrets.allow.pragmas import is_allowed
    from victor_server.secrets.lines import line_starts

    line = part * (1_000_000 // len(part))
    text = f"{line}\n{line}x\n"
    is_allowed(text, line_starts(text), 1, 1)
