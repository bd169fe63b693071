"""Instructions that stand in comments, in the ways that languages write those."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from victor_server.features.assists.comments import comment_text
from victor_server.features.assists.instruction import Instruction, comment_instruction


def found(text: str, language: str = "python") -> Instruction | None:
    """The instruction for the line with the cursor `|`."""
    line = text[: text.index("|")].count("\n")
    return comment_instruction(text.replace("|", "").splitlines(keepends=True), line, language)


@pytest.mark.parametrize(
    ("language", "comment"),
    [
        ("python", "# victor: sort it"),
        ("python", "    #victor:sort it"),
        ("python", "## Victor : sort it"),
        ("rust", "/// victor: sort it"),
        ("javascript", "// VICTOR: sort it"),
        ("c", "/* victor: sort it */"),
        ("html", "<!-- victor: sort it -->"),
        ("sql", "-- victor: sort it"),
        ("lua", "--- victor: sort it"),
        ("clojure", ";; victor: sort it"),
        ("latex", "% victor: sort it"),
        ("vim", '" victor: sort it'),
        ("php", "# victor: sort it"),
        ("something-new", "-- victor: sort it"),
    ],
)
def test_every_way_to_comment(language: str, comment: str) -> None:
    """The comment above the line and the line of the comment itself both give it."""
    for text in (f"{comment}\n|code\n", f"|{comment}\ncode\n"):
        assert found(text, language) == Instruction("sort it", 0, 1)


def test_an_instruction_over_several_lines() -> None:
    """It goes on to the end of its comment, wherever in it the cursor is."""
    text = "x = 1\n# a remark\n# victor: sort it,\n#   and then\n#\n# print it\n{}def f(): ...\n"
    assert found(text.format("|")) == Instruction("sort it, and then print it", 2, 6)
    assert found(text.format("").replace("#   and", "|#   and")) == Instruction(
        "sort it, and then print it", 2, 6
    )


def test_a_block_comment() -> None:
    """The stars at the beginnings of its lines are no part of what it says."""
    text = "/*\n * victor: make it\n * faster\n */\n|int f();\n"
    assert found(text, "c") == Instruction("make it faster", 1, 4)


@pytest.mark.parametrize(
    "text",
    [
        "|code\n",
        "# victor: sort it\n\n|code\n",
        "# victor:\n|code\n",
        "# the victor: none of ours\n|code\n",
        "x = 1  # victor: sort it\n|code\n",
        "# victor: sort it\ncode\n|more\n",
        "'victor: sort it'\n|code\n",
        "#" + " x" * 2_000 + "\n|code\n",
        "# victor: too long\n" + "# and so on\n" * 30 + "|code\n",
    ],
)
def test_what_is_none(text: str) -> None:
    """A comment that is not directly above, says nothing, or is meant for somebody else."""
    assert found(text) is None


def test_the_nearer_of_two() -> None:
    """A comment may hold two; the one nearer to the line counts."""
    assert found("# victor: first\n# victor: second\n|code\n") == Instruction("second", 1, 2)
    assert found("|# victor: first\n# victor: second\ncode\n") == Instruction("first", 0, 1)


@settings(deadline=None, max_examples=60)
@given(
    st.text(alphabet="#/*- \tvictor:x\n", max_size=200),
    st.integers(-3, 30),
    st.sampled_from(["python", "c", "?"]),
)
def test_any_text_at_all(text: str, line: int, language: str) -> None:
    """Never an error, and what is found lies in the text and is a comment."""
    lines = text.splitlines(keepends=True)
    instruction = comment_instruction(lines, line, language)
    if instruction is not None:
        assert 0 <= instruction.start < instruction.end <= len(lines)
        assert all(
            comment_text(each, language) is not None for each in lines[instruction.start : instruction.end]
        )
        assert instruction.text
