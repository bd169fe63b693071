"""A scan that goes on from the one before: always what a scan of the whole text would find."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secrets_samples import aws_key, github_token, pem_key

from victor_server.secrets import incremental, scanner
from victor_server.secrets.incremental import Scan, first_scan, scan_again
from victor_server.secrets.judge.file_kind import FileFacts
from victor_server.secrets.rule import MAX_BLOCK, Candidate
from victor_server.secrets.rules.table import RULES
from victor_server.secrets.scanner import scan

PRAGMA = "pragma: allow" + "list secret"
VALUE = "kT9wqZp4Lm" + "7Rt6Vb1Nc2"  # pragma: allowlist secret
PIECES = [
    "\n",
    "\r\n",
    "\r",
    " ",
    '"',
    "x = 1",
    "\u2028",
    "İ😀",
    f"key = '{aws_key()}'",
    aws_key()[:9],
    aws_key()[9:],
    github_token(),
    f"password = '{VALUE}$'",
    f"https://user:{'Qx7v' + 'Lp2Rw9'}@host.org/",
    pem_key(n_lines=3),
    pem_key(n_lines=3).splitlines()[0],
    pem_key(n_lines=3).splitlines()[-1],
    f"  # {PRAGMA}",
    f"\n# {PRAGMA.replace('list secret', 'list nextline secret')}\n",
    "kind: Secret\n",
    "data:\n  db-password: " + base64.b64encode(b"kT9wq" + b"Zp4Lm7").decode() + "\n",
    f"stringData:\n  token: {VALUE}\n",
    f"machine host.org login me password {VALUE[:12]}",
    f"//npm.corp.net/:_authToken={VALUE}",
    '"auth": "' + base64.b64encode(b"user:" + b"kT9wqZp4Lm7").decode() + '"',
    "[REDACTED" + ":aws-access-key:1:ab12]",
    "/* ",
    " */",
    '"""',
    "---\n",
    "-" * (MAX_BLOCK // 2),
    "filler = 0\n" * 900,
]
EDIT = st.tuples(st.floats(0, 1), st.integers(0, 400), st.lists(st.sampled_from(PIECES), max_size=4))


def check(before: str, after: str, path: str = "src/a.py") -> Scan:
    """The second scan goes on from the first, and finds what a whole scan does."""
    again = scan_again(first_scan(before, path), after)
    assert list(again.findings) == scan(after, path)
    return again


PATHS = ["src/a.py", "k8s/app.yaml", ".npmrc", ".netrc", "app.ini", "a.json", "a.js", "notes.txt", "a.sh"]


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(PATHS),
    st.lists(st.sampled_from(PIECES), max_size=12),
    st.lists(EDIT, min_size=1, max_size=4),
)
def test_same_as_a_whole_scan(
    path: str, pieces: list[str], edits: list[tuple[float, int, list[str]]]
) -> None:
    """After any edits, one upon the other, wherever they cut lines, blocks and secrets."""
    text = "".join(pieces)
    state = first_scan(text, path)
    for place, n_removed, inserted in edits:
        start = int(place * len(text))
        text = text[:start] + "".join(inserted) + text[start + n_removed :]
        state = scan_again(state, text)
        assert list(state.findings) == scan(text, path)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_block_is_seen_as_a_whole(newline: str) -> None:
    """A key of many lines comes and goes with an edit of its last one, far from where it begins."""
    key = pem_key(n_lines=200, newline=newline)
    whole = f"a{newline}{key}{newline}" + f"b{newline}" * 9_000
    cut = whole.replace("-----END", "----+END")
    assert len(check(cut, whole).findings) == 1
    check(whole, cut)
    check(whole, whole.replace("-----BEGIN", "-----BEGAN"))


def test_a_comment_on_another_line_counts() -> None:
    """What allows a secret may be typed on the line before it."""
    comment = f"# {PRAGMA.replace('list secret', 'list nextline secret')}"
    line = f"key = '{aws_key()}'\n"
    assert check("#\n" + line, f"{comment}\n{line}").findings == []
    assert len(check(f"{comment}\n{line}", f"{comment}\n\n{line}").findings) == 1


def test_an_unchanged_text_is_the_same_scan() -> None:
    """Nothing is done where nothing was edited."""
    before = first_scan(f"key = '{aws_key()}'\n", "a.py")
    assert scan_again(before, "".join(before.text)) is before


def test_only_what_is_near_is_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """An edit in a long text costs the lines around it, not the text."""
    looked: list[int] = []
    text = "password = 0\n" * 100_000
    before = first_scan(text, "a.py")

    def spy(text: str, start: int, end: int, facts: FileFacts) -> list[scanner.Claim]:
        looked.append(end - start)
        return scanner.claims(text, start, end, facts)

    monkeypatch.setattr(incremental, "claims", spy)
    middle = len(text) // 2
    scan_again(before, text[:middle] + "x" + text[middle:])
    assert looked[0] < 3 * MAX_BLOCK


def test_no_rule_looks_farther_than_a_block() -> None:
    """Each rule finds the same in a line when all that is farther away than it may look is taken away."""
    far = "secret data: KEY='x' password=\n" * 2_000
    samples = "".join(f"{piece}\n" for piece in PIECES[5:30])
    text = far + samples + far
    facts = first_scan("", "a.py").facts
    for claim in scanner.claims(text, 0, len(text), facts):
        line_start, line_end = claim.line_start, text.index("\n", claim.line_start)
        start, end = max(0, line_start - MAX_BLOCK), line_end + MAX_BLOCK + 1_000
        near = Candidate(text[start:end], line_start - start, line_end - start, facts)
        found = [span.start + start for span in RULES[claim.rank].find(near)]
        assert claim.span.start in found
