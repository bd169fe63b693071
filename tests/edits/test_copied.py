"""What models copy in with the text that they look for, and lines by which they mean others."""

from edit_cases import Case, Refused, check, each, exact


@each(
    exact("numbers with a tab", "a1()\nb1()\n", "1\ta1()\n2\tb1()\n", "a1()\nb2()\n", want="a1()\nb2()\n"),
    exact("numbers with a bar", "a1()\nb1()\n", " 1 | a1()\n 2 | b1()\n", " 1 | a1()\n 2 | b2()\n", want="a1()\nb2()\n"),
    exact("numbers with an arrow", "  a1()\n  b1()\n", "     1→  a1()\n     2→  b1()\n", "     1→  a1()\n     2→  c1()\n", want="  a1()\n  c1()\n"),
    exact("numbers with a colon", "a1()\nb1()\n", "1: a1()\n2: b1()\n", "a1()\nb2()\n", want="a1()\nb2()\n"),
    exact("numbers on empty lines", "a1()\n\nb1()\n", "1\ta1()\n2\t\n3\tb1()\n", "a1()\n\nb2()\n", want="a1()\n\nb2()\n"),
    exact("numbers that are the text", "1: a\n2: b\n", "1: a\n", "1: c\n", want="1: c\n2: b\n"),
    exact("numbers that do not rise", "a1()\nb1()\n", "2\ta1()\n1\tb1()\n", "c1()\n", want=Refused("not in the file")),
    exact("numbers in the new text only", "a1()\nb1()\n", "a1()\nb1()\n", "1\ta1()\n2\tb2()\n3\tc1()\n", want=Refused("line numbers")),
    exact("marks of a diff", "a1()\nb1()\n", "-a1()\n b1()\n", "+a2()\n b1()\n", want="a2()\nb1()\n"),
    exact("marks of a diff on all lines", "a1()\nb1()\n", "-a1()\n-b1()\n", "+c1()\n", want="c1()\n"),
    exact("marks that are the text", "- one\n- two\n", "- one\n", "- three\n", want="- three\n- two\n"),
    exact("a fence", "a1()\nb1()\n", "```python\na1()\n```\n", "```python\na2()\n```\n", want="a2()\nb1()\n"),
    exact("a fence around what is looked for", "a1()\nb1()\n", "```\na1()\n```\n", "a2()\n", want="a2()\nb1()\n"),
    exact("the file's name", "a1()\nb1()\n", "# src/app.py\na1()\n", "# src/app.py\na2()\n", want="a2()\nb1()\n"),
    exact("the file's name as a heading", "a1()\nb1()\n", "=== File: src/app.py ===\na1()\n", "a2()\n", want="a2()\nb1()\n"),
    exact("another file's name", "a1()\nb1()\n", "# src/other.py\na1()\n", "a2()\n", want=Refused("not in the file")),
    exact("numbers at two places", "a1()\nb1()\na1()\nb1()\n", "3\ta1()\n4\tb1()\n", "c1()\n", want=Refused("2 times")),
    exact("a name and numbers do not hide a change", "a1(1)\nb1()\n", "1\ta1()\n2\tb1()\n", "c1()\n", want=Refused("not in the file")),
)  # fmt: skip
def test_copied(one: Case) -> None:
    """Line numbers, marks of a diff, fences and names are taken away where the text is found without them."""
    check(one)


@each(
    exact("dots in between", "a1()\nb1()\nc1()\n", "a1()\n...\nc1()\n", "a1()\nd1()\n", want=Refused("leaves lines out (“...”)")),
    exact("one character of dots", "a1()\nb1()\nc1()\n", "a1()\n…\nc1()\n", "x()\n", want=Refused("leaves lines out")),
    exact("a comment of dots", "a1()\nb1()\nc1()\n", "a1()\n# ... existing code ...\nc1()\n", "x()\n", want=Refused("leaves lines out")),
    exact("a comment of slashes", "a1()\nb1()\nc1()\n", "a1()\n    // ...\nc1()\n", "x()\n", want=Refused("leaves lines out")),
    exact("dots that are the text", "def f():\n    ...\n", "def f():\n    ...\n", "def f():\n    return 1\n", want="def f():\n    return 1\n"),
    exact("dots for a body in Python", "def f():\n    pass\n", "    pass\n", "    ...\n", want="def f():\n    ...\n"),
    exact("dots for a body elsewhere", "f {\n  go()\n}\n", "  go()\n", "  ...\n", want=Refused("leaves lines out"), path="/w/a.js"),
    exact("comment of dots in the new text", "a1()\nb1()\nc1()\n", "a1()\nb1()\n", "a2()\n# ... rest unchanged\n", want=Refused("leaves lines out")),
    exact("rest of the code", "a1()\nb1()\n", "a1()\nb1()\n", "a2()\n// rest of the code unchanged\n", want=Refused("leaves lines out")),
    exact("a comment of HTML", "<a>\n<b>\n", "<a>\n<b>\n", "<c>\n<!-- ... other elements ... -->\n", want=Refused("leaves lines out")),
    exact("an honest comment", "a1()\n", "a1()\n", "# wait for the rest, then go on\na1()\n", want="# wait for the rest, then go on\na1()\n"),
    exact("an honest comment with dots", "a1()\n", "a1()\n", "# loading...\na1()\n", want="# loading...\na1()\n"),
    exact("spread", "f({a})\n", "f({a})\n", "f({\n  ...a,\n})\n", want="f({\n  ...a,\n})\n", path="/w/a.js"),
)  # fmt: skip
def test_left_out(one: Case) -> None:
    """Nothing is looked for by lines that stand for others, and none is written; a file's own are lines like any."""
    check(one)
