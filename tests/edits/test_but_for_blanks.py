"""Blocks that stand in the file but for blanks: new lines are indented as the file is, old ones keep their own."""

from edit_cases import Case, Refused, case, check, each, exact


@each(
    case(
        "all of it deeper",
        """
        class A:
            def f(self):
                return 1
        """,
        "def f(self):\n    return 1\n",
        "def f(self):\n    x = 2\n    return x\n",
        want="""
        class A:
            def f(self):
                x = 2
                return x
        """,
    ),
    case(
        "all of it less deep",
        """
        def f():
            return 1
        """,
        "    def f():\n        return 1\n",
        "    def f():\n        if x:\n            return 2\n        return 1\n",
        want="""
        def f():
            if x:
                return 2
            return 1
        """,
    ),
    case(
        "the place that was meant has changed, and a deeper one is like it",
        """
        def f():
            if not result:
                raise E
            return result  # typed

        class A:
            def g(self):
                if not result:
                    raise E
                return result
        """,
        "    if not result:\n        raise E\n    return result\n",
        "    if not result:\n        raise F\n    return result\n",
        want=Refused("stands at line 8, indented in another way"),
    ),
    case(
        "lines stand elsewhere as they were sent, but not those that change",
        """
        def f():
            if not result:
                raise E
            return other

        class A:
            def g(self):
                if not result:
                    raise E
                return result
        """,
        "    if not result:\n        raise E\n    return result\n",
        "    if not result:\n        raise E\n    return 2\n",
        want="""
        def f():
            if not result:
                raise E
            return other

        class A:
            def g(self):
                if not result:
                    raise E
                return 2
        """,
    ),
    exact(
        "tabs for four spaces",
        "def f():\n\tif x:\n\t\treturn 1\n",
        "if x:\n    return 1\n",
        "if x:\n    if y:\n        return 2\n    return 1\n",
        want="def f():\n\tif x:\n\t\tif y:\n\t\t\treturn 2\n\t\treturn 1\n",
    ),
    exact(
        "tabs for two spaces",
        "f {\n\ta {\n\t\tb\n\t}\n}\n",
        "  a {\n    b\n  }\n",
        "  a {\n    b\n    c\n  }\n",
        want="f {\n\ta {\n\t\tb\n\t\tc\n\t}\n}\n",
    ),
    exact(
        "four spaces for tabs",
        "f {\n    a {\n        b\n    }\n}\n",
        "\ta {\n\t\tb\n\t}\n",
        "\ta {\n\t\tb\n\t\tc\n\t}\n",
        want="f {\n    a {\n        b\n        c\n    }\n}\n",
    ),
    exact(
        "two spaces for four",
        "f {\n  a {\n    b\n  }\n}\n",
        "    a {\n        b\n    }\n",
        "    a {\n        b {\n            c\n        }\n    }\n",
        want="f {\n  a {\n    b {\n      c\n    }\n  }\n}\n",
    ),
    exact(
        "a single line",
        "if x:\n    return 1\n",
        "return 1\n",
        "a = 1\nreturn a\n",
        want="if x:\n    a = 1\n    return a\n",
    ),
    exact(
        "a part that is a whole line",
        "if x:\n    return 1\n",
        "return 1",
        "a = 1\nreturn a",
        want="if x:\n    a = 1\n    return a\n",
    ),
    exact(
        "wrapped in a block",
        "    a()\n    b()\n",
        "a()\nb()\n",
        "if x:\n    a()\n    b()\n",
        want="    if x:\n        a()\n        b()\n",
    ),
    exact(
        "new lines that are empty stay so",
        "    a()\n    b()\n",
        "a()\nb()\n",
        "a()\n\nb()\nc()\n",
        want="    a()\n\n    b()\n    c()\n",
    ),
    exact(
        "first line lost its blanks",
        "class A:\n    def f():\n        return 1\n",
        "def f():\n        return 1\n",
        "def g():\n        return 2\n",
        want="class A:\n    def g():\n        return 2\n",
    ),
    exact(
        "first line lost its blanks, new ones are deeper",
        "class A:\n    def f():\n        return 1\n",
        "def f():\n        return 1\n",
        "def f():\n        if x:\n            return 2\n        return 1\n",
        want="class A:\n    def f():\n        if x:\n            return 2\n        return 1\n",
    ),
    exact(
        "first line lost its blanks, the new one did not",
        "class A:\n    def f():\n        return 1\n",
        "def f():\n        return 1\n",
        "    def g():\n        return 2\n",
        want=Refused("so far left"),
    ),
    exact(
        "not all by as much",
        "def f():\n    a()\n        b()\n",
        "def f():\n    a()\n    b()\n",
        "def f():\n    c()\n",
        want=Refused("indented in another way"),
    ),
    exact(
        "a line out of its block",
        "for x in y:\n    a(x)\nb(x)\n",
        "for x in y:\n    a(x)\n    b(x)\n",
        "for x in y:\n    b(x)\n",
        want=Refused("indented in another way"),
    ),
    exact(
        "new line farther left than that goes",
        "a:\n  b\n",
        "      a:\n        b\n",
        "x\n      a:\n        b\n",
        want=Refused("so far left"),
    ),
    exact(
        "more in two places",
        "f:\n    a()\n    b()\ng:\n    a()\n    b()\n",
        "a()\nb()\n",
        "c()\n",
        want=Refused("2 times"),
    ),
)
def test_indentation(one: Case) -> None:
    """A block that is indented otherwise, evenly, is indented as the file is; unevenly, it is refused."""
    check(one)


@each(
    exact(
        "trailing blanks in the file",
        "a = 1  \nb = 2\t\nc = 3\n",
        "a = 1\nb = 2\n",
        "a = 1\nb = 3\n",
        want="a = 1  \nb = 3\nc = 3\n",
    ),
    exact(
        "trailing blanks in the block",
        "a = 1\nb = 2\n",
        "a = 1  \nb = 2 \n",
        "a = 1  \nb = 3\n",
        want="a = 1\nb = 3\n",
    ),
    exact("blanks on an empty line", "a\n    \nb\n", "a\n\nb\n", "a\n\nc\n", want="a\n    \nc\n"),
    exact(
        "wider inside",
        "Name   string\nAge    int\n",
        "Name string\nAge int\n",
        "Name string\nAge int64\n",
        want="Name   string\nAge int64\n",
    ),
    exact("a tab inside", "a\t= 1\nb\t= 2\n", "a = 1\nb = 2\n", "a = 1\nb = 3\n", want="a\t= 1\nb = 3\n"),
    exact(
        "no-break space",
        "if\u00a0x:\n    y()\n",
        "if x:\n    y()\n",
        "if x:\n    z()\n",
        want="if\u00a0x:\n    z()\n",
    ),
    exact(
        "no-break spaces as indentation",
        "if x:\n\u00a0\u00a0y()\n",
        "if x:\n  y()\n",
        "if x:\n  z()\n",
        want="if x:\n\u00a0\u00a0z()\n",
    ),
    exact(
        "within quotes of a line that stays",
        "a = 'x  y'\nb = 2\n",
        "a = 'x y'\nb = 2\n",
        "a = 'x y'\nb = 3\n",
        want="a = 'x  y'\nb = 3\n",
    ),
    exact(
        "within quotes of a line that changes",
        "a = 'x  y'\nb = 2\n",
        "a = 'x y'\nb = 2\n",
        "a = 'x y z'\nb = 2\n",
        want=Refused("Line 1 has other blanks between its quotes"),
    ),
    exact("blanks for nothing", "f(a,b)\n", "f(a, b)\n", "f(a)\n", want=Refused("not in the file")),
    exact("nothing for blanks", "f(a, b)\n", "f(a,b)\n", "f(a)\n", want=Refused("not in the file")),
    exact("empty lines around it", "a\nb\n", "\n\nb\n\n", "\n\nc\n\n", want="a\nc\n"),
    exact(
        "an empty line is missing",
        "alpha()\n\nbeta()\ngamma()\n",
        "alpha()\nbeta()\ngamma()\n",
        "alpha()\nbeta()\ndelta()\n",
        want="alpha()\n\nbeta()\ndelta()\n",
    ),
    exact(
        "form feed at the end",
        "a = 1\f\nb = 2\n",
        "a = 1\nb = 2\n",
        "a = 1\nb = 3\n",
        want="a = 1\f\nb = 3\n",
    ),
    exact(
        "zero width space is a letter",
        "a\u200bb = 1\nc = 2\n",
        "ab = 1\nc = 2\n",
        "ab = 2\nc = 2\n",
        want=Refused("only look the same"),
    ),
)
def test_blanks(one: Case) -> None:
    """Blanks at the end and between words may differ, but not between the quotes of a line that changes."""
    check(one)


@each(
    exact(
        "curly quotes in the file",
        "say(\u201chi\u201d)\n",
        'say("hi")\n',
        'say("ho")\n',
        want=Refused("U+0022 was sent, U+201C is there"),
    ),
    exact(
        "curly quotes in the block",
        "say('hi')\n",
        "say(\u2018hi\u2019)\n",
        "say('ho')\n",
        want=Refused("only look the same"),
    ),
    exact(
        "accent in two parts",
        "name = 'caf\u00e9'\n",
        "name = 'cafe\u0301'\n",
        "name = 'tea'\n",
        want=Refused("only look the same"),
    ),
    exact(
        "accent in one part",
        "name = 'cafe\u0301'\n",
        "name = 'caf\u00e9'\n",
        "name = 'tea'\n",
        want=Refused("only look the same"),
    ),
    exact("dashes", "a \u2013 b\n", "a - b\n", "a + b\n", want=Refused("only look the same")),
    exact("ligature", "de\ufb01ne(x)\n", "define(x)\n", "undef(x)\n", want=Refused("only look the same")),
    exact("dots", "wait\u2026\n", "wait...\n", "go\n", want=Refused("only look the same")),
    exact("Cyrillic letter", "p\u0430ss = 1\n", "pass = 1\n", "x = 1\n", want=Refused("not in the file")),
    exact("capitals", "Return X\n", "return x\n", "return y\n", want=Refused("capital letters")),
    exact("escapes", "a = '\\n'\n", "a = '\n'\n", "a = 1\n", want=Refused("not in the file")),
    exact("entities", "a < b\n", "a &lt; b\n", "a > b\n", want=Refused("not in the file")),
    exact(
        "same letters are found",
        "name = 'caf\u00e9 \u65e5\u672c'\n",
        "'caf\u00e9 \u65e5\u672c'",
        "'x'",
        want="name = 'x'\n",
    ),
)
def test_letters(one: Case) -> None:
    """Letters never differ: what only looks the same is refused, and the refusal names the first such character."""
    check(one)
