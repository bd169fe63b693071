"""Whatever is done to a command line, a deny does not become an allow, and what is asked for is not allowed."""

import functools
import shlex
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from permissions_judged import of_command, rules_of

from victor_server.agent.permissions.command_line import parse_command
from victor_server.agent.permissions.ruleset import Ruleset

HERE = Path(__file__).parent


@functools.cache
def rules() -> Ruleset:
    """Those of rules.yaml."""
    with tempfile.TemporaryDirectory() as home:
        return rules_of(Path(home), (HERE / "rules.yaml").read_text("utf-8"))


def lines(*decisions: str) -> list[str]:
    """The plain lines of the table with one of these decisions."""
    rows = (HERE / "table.txt").read_text("utf-8").splitlines()[4:]
    plain = (row for row in rows if row.startswith(decisions) and "{U+" not in row)
    return [line for row in plain if is_whole(line := row.split(maxsplit=1)[1].replace("⏎", "\n"))]


def is_whole(line: str) -> bool:
    """Whether it is a command, or several: half of one may be made whole by what it is put beside."""
    is_half = line.count("'") % 2 or line.count('"') % 2 or line.endswith(("&&", "\\"))
    return not is_half and not line.startswith("#")


ALLOWED, ASKED, DENIED = lines("allow"), lines("ask"), lines("deny")

Change = Callable[[str], str]


def around(before: str, after: str) -> Change:
    """The line with something before and after it."""
    return lambda line: f"{before}{line}{after}"


def handed_to(before: str, after: str = "") -> Change:
    """The line as one quoted word."""
    return lambda line: f"{before}{shlex.quote(line)}{after}"


WRAPS: list[Change] = [
    *(around(before, "") for before in ("sudo ", "timeout 5 ", "nice ", "nohup ", "env ", "env CI=1 ", "command ")),
    *(around(before, "") for before in ("time ", "git status; ", "ls && ", "ls | ", "ls & ", "! ", "\n\n", "CI=1 ")),
    *(around(before, "") for before in ("X=1 ", "exec ", "builtin ", "xargs ", "stdbuf -oL ", "ls || ", "cat x |& ")),
    *(around("", after) for after in ("; ls", " && ls", " | cat -", " &", "\nls", " # x", "  ", "\n", " > /dev/null")),
    *(around("", after) for after in (" 2>&1", " < /dev/null", " ;", " || echo no", " |& grep x")),
    around("(", ")"), around("{ ", "; }"), around("{ ", "\n}"), around("echo $(", ")"), around("echo `", "`"),
    around("if ls; then ", "\nfi"), around("for x in a; do ", "\ndone"), around("f() { ", "\n}; f"),
    around("while ", "\ndo ls; done"), around("case x in x) ", "\n;; esac"), around("cat <(", "\n)"),
    around("cat <<EOF | sh\n", "\nEOF"), around("bash <<'EOF'\n", "\nEOF"), around('echo "$(', '\n)"'),
    *(handed_to(before) for before in ("bash -c ", "sh -ec ", "bash -lc ", "eval ", "zsh -c ", "sudo sh -c ", "su -c ")),
    *(handed_to(before) for before in ("env -S ", "watch ", "ssh host ", "timeout 5 bash -c ", "find . -exec sh -c ")),
    handed_to("echo ", " | bash"), handed_to("trap ", " EXIT"), handed_to("bash <<< "),
]  # fmt: skip

NO_WORDS_FOR_PROGRAMS = ("! ", "CI=1 ", "X=1 ")
"""What is a shell's word at the start of a command only: `sudo !` runs a program of that name."""
PLAIN = [change for change in WRAPS[:36] if not change("").startswith(NO_WORDS_FOR_PROGRAMS)]

KEEPS_WORDS: list[Change] = [
    lambda line: line.replace(" ", "  "),
    lambda line: line.replace(" ", "\t"),
    lambda line: line.replace(" ", " \\\n"),
    lambda line: f"\\{line}" if line[:1].isalpha() else line,
    lambda line: f'{line[:1]}""{line[1:]}' if line[:1].isalpha() else line,
    lambda line: f"{line[:1]}''{line[1:]}" if line[:1].isalpha() else line,
    lambda line: f"'{line[:1]}'{line[1:]}" if line[:1].isalpha() else line,
    lambda line: f"{line[:1]}\\\n{line[1:]}" if line[:1].isalpha() else line,
]

_SIGNS = "\u200b\u200d\u00a0\u202e\u2066\u2069\ufeff\u00ad\u2028\u3164\x00\x07\x1b\r\x7f\U000e0041\ufe0f"


@settings(deadline=None, max_examples=150)
@given(
    line=st.sampled_from(DENIED + ASKED), changes=st.lists(st.sampled_from(WRAPS + KEEPS_WORDS), max_size=4)
)
def test_nothing_that_is_not_allowed_becomes_so(line: str, changes: list[Change]) -> None:
    """However it is wrapped, quoted and put beside others."""
    for change in changes:
        line = change(line)
    assert of_command(line, rules()).decision != "allow", line


@settings(deadline=None, max_examples=100)
@given(line=st.sampled_from(DENIED), change=st.sampled_from(PLAIN), again=st.sampled_from(PLAIN))
def test_a_deny_is_found_behind_plain_wrappers(line: str, change: Change, again: Change) -> None:
    """And stays a deny, for it is the person's word."""
    if any(mark in line for mark in ("<<", "#", "$")) or line.endswith("\\"):
        return  # what comes after belongs to the document, or to the remark
    if line.startswith("!") or "=" in line.split()[0]:
        return  # `sudo !` runs a program of that name
    simple = parse_command(line)
    wrapped = parse_command(again(change(line)))
    if simple.unclear or wrapped.unclear:
        return  # held to "not allowed" above
    assert of_command(again(change(line)), rules()).decision == "deny", again(change(line))


@settings(deadline=None, max_examples=120)
@given(line=st.sampled_from(ALLOWED), sign=st.sampled_from(_SIGNS), at=st.integers(0, 200))
def test_signs_that_nobody_sees_are_asked_for(line: str, sign: str, at: int) -> None:
    """Wherever they stand."""
    place = at % (len(line) + 1)
    assert of_command(f"{line[:place]}{sign}{line[place:]}", rules()).decision != "allow"


@settings(deadline=None, max_examples=120)
@given(
    one=st.sampled_from(ALLOWED + ASKED + DENIED),
    other=st.sampled_from(ASKED + DENIED),
    mark=st.sampled_from(["; ", " && ", " || ", " | ", " |& ", " & ", "\n"]),
)
def test_the_strictest_of_two_decides(one: str, other: str, mark: str) -> None:
    """Whichever stands first."""
    for line in (f"{one}{mark}{other}", f"{other}{mark}{one}"):
        if "#" not in line and not one.endswith("\\") and not other.endswith("\\"):
            assert of_command(line, rules()).decision != "allow", line


@settings(deadline=None, max_examples=150)
@given(text=st.text(alphabet=st.sampled_from("rmgitls x;&|()<>{}$`'\"\\\n\t*?#=~!-/.é\u200b"), max_size=60))
def test_whatever_comes_is_judged(text: str) -> None:
    """Without a fault; and nothing in which `rm` is called by its name is allowed."""
    verdict = of_command(text, rules())
    parsed = parse_command(text)
    if any(command.argv[:1] == ("rm",) for command in parsed.commands):
        assert verdict.decision != "allow"
    if verdict.decision == "allow":
        assert not parsed.unclear
        assert all(command.is_known for command in parsed.commands if command.how != "guess")


@settings(deadline=None, max_examples=150)
@given(
    depth=st.integers(1, 3_000),
    opening=st.sampled_from(["(", "{ ", "$(", "`", "bash -c '", "if ", '"$(', "sudo ", "! ", "<("]),
)
def test_what_is_deep_is_not_allowed(depth: int, opening: str) -> None:
    """And costs no stack: a hostile line may be as deep as it likes."""
    line = opening * depth + "git status"
    verdict = of_command(line, rules())
    is_whole = opening == "! " or ("'" in opening and depth % 2 == 0)
    if depth > 200 or not is_whole:
        assert verdict.decision != "allow"


def test_there_are_lines_of_each_kind() -> None:
    """So that the properties above have something to say."""
    assert min(len(ALLOWED), len(ASKED), len(DENIED)) > 50
