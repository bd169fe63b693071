"""The strict reading of words is held to real shells: what it reads, bash and sh read as the same words."""

import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.agent.permissions.shell_words import NotSimple, odd_character, read_simple

_PIECES = [
    "p", "p ", " ", "  ", "\t", "a", "b c", "-x", "--y=z", "'a b'", "''", '""', '"a b"', '"a\'b"', "'a\"b'", "\\ ", "\\a",
    "\\'", '\\"', "\\\\", "\\\n", '"a\\"b"', '"\\a"', '"a\\\nb"', '"$"', "$", "a$", "\n", "\n p ", "; p ", " && p ", " & p ",
    " | p ", "#", " # x", "a#b", "~", "~/x", "a~", "{", "}", "{}", "a{b}c", "!", " ! ", "=", "a=b", "x=y p ", "%", "+", "@",
    ":", ",", "^", "[", "]", "é", "日本", "1", "2>&1", " 2>/dev/null", " >/dev/null ", "</dev/null", "( p ", " )", "{ p ",
    "; }", "`", "$(", "${", "*", "?", "if", "in", "time ", "'", '"', "\\", "&", "|", ";", "<", ">", "((", "[[ ", "!!", "<<",
]  # fmt: skip
# One write a call: calls may run side by side.
_SETUP = "END=$(printf '\\1'); exec 3>&1; p() { printf '%s\\0' p \"$@\" \"$END\" >&3; }\n"
_SHELLS = [
    pytest.param(Path(found), id=name)
    for name in ("bash", "sh")
    if (found := shutil.which(name, path="/bin:/usr/bin")) is not None
]


def read(line: str) -> Counter[tuple[str, ...]] | None:
    """Every `p` of a line with its words; None for a line that is not wholly read, or that runs anything else."""
    try:
        simples = read_simple(line)
    except NotSimple:
        return None
    called = [tuple(word.text for word in simple.words) for simple in simples if simple.words]
    known = all(word.is_known for simple in simples for word in simple.words)
    known = known and all(each.target.is_known for simple in simples for each in simple.redirections)
    files = {each.target.text for simple in simples for each in simple.redirections}
    homes = any(
        word.raw.startswith("~") or "=~" in word.raw or ":~" in word.raw for s in simples for word in s.words
    )
    fits = known and not homes and files <= {"/dev/null"} and all(words[0] == "p" for words in called)
    return Counter(called) if fits else None


def compared(line: str) -> Counter[tuple[str, ...]] | None:
    """What a shell must call; None where that would tell nothing."""
    wanted = read(line)
    if wanted is None or odd_character(line):
        return None
    if "||" in line or ("!" in line and "&&" in line):
        return None  # the shell runs a part only
    is_beside = "|" in line or "&" in line
    mixes = is_beside and any(
        "\n" in word for words in wanted for word in words
    )  # what is printed side by side
    return None if mixes else wanted


def run(shell: Path, line: str) -> Counter[tuple[str, ...]] | None:
    """What a shell called; None where it does not take the line."""
    done = subprocess.run(
        [shell, "-c", f"{_SETUP}{line}\nwait"], capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=20,
        env={"LANG": "C.UTF-8", "PATH": "/nonexistent"},
    )  # fmt: skip
    if done.stderr:
        return None
    calls = done.stdout.decode("utf-8", "surrogateescape").split("\1\0")[:-1]
    return Counter(tuple(call.split("\0")[:-1]) for call in calls)


@pytest.mark.parametrize("shell", _SHELLS)
@settings(deadline=None, max_examples=250)
@given(
    pieces=st.lists(st.sampled_from(_PIECES), max_size=9), text=st.text("p ab'\"\\$;&|#~=!{}\n", max_size=6)
)
def test_words_are_those_of_the_shell(shell: Path, pieces: list[str], text: str) -> None:
    """Whatever is read is read as the shell does; and the shell has no trouble with it."""
    line = "p " + "".join(pieces) + text
    wanted = compared(line)
    if wanted is not None:
        assert run(shell, line) == wanted


@pytest.mark.torture
@pytest.mark.parametrize("shell", _SHELLS)
@settings(deadline=None, max_examples=20_000)
@given(
    pieces=st.lists(st.sampled_from(_PIECES), max_size=9), text=st.text("p ab'\"\\$;&|#~=!{}\n", max_size=6)
)
def test_words_are_those_of_the_shell_at_length(shell: Path, pieces: list[str], text: str) -> None:
    """As above, for as long as it takes to find what is rare."""
    line = "p " + "".join(pieces) + text
    wanted = compared(line)
    if wanted is not None:
        assert run(shell, line) == wanted


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("p a \\\nb", ["p", "a", "b"]),
        ("p 'a\\\nb'", ["p", "a\\\nb"]),
        ('p "a\\c\\""', ["p", 'a\\c"']),
        ("p a#b #c", ["p", "a#b"]),
        ("p '' \"\"", ["p", "", ""]),
        ("p \\\\ $ a$", ["p", "\\", "$", "a$"]),
        ("p 1 2>/dev/null 3", ["p", "1", "3"]),
        ("2>&1 p x", ["p", "x"]),
    ],
)
@pytest.mark.parametrize("shell", _SHELLS)
def test_examples(shell: Path, line: str, words: list[str]) -> None:
    """Lines that are read, so that the property above has something to say."""
    assert read(line) == Counter([tuple(words)])
    assert run(shell, line) == Counter([tuple(words)])


def test_there_is_a_shell() -> None:
    """Without one nothing above would be held to anything."""
    assert _SHELLS
