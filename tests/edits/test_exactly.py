"""Blocks that stand in the file letter by letter: one place is taken, two are refused."""

from edit_cases import Case, Refused, case, check, each, exact


@each(
    exact("one line", "a\nb\nc\n", "b\n", "B\n", want="a\nB\nc\n"),
    exact("one line, sent without its end", "a\nb\nc\n", "b", "B", want="a\nB\nc\n"),
    exact("first line", "a\nb\n", "a\n", "A\n", want="A\nb\n"),
    exact("last line", "a\nb\n", "b\n", "B\n", want="a\nB\n"),
    exact("whole file", "a\nb\n", "a\nb\n", "c\n", want="c\n"),
    exact("line goes away", "a\nb\nc\n", "b\n", "", want="a\nc\n"),
    exact("line goes away, sent without its end", "a\nb\nc\n", "b", "", want="a\nc\n"),
    exact("all goes away", "a\nb\n", "a\nb\n", "", want=""),
    exact("end of the new text left out", "a\nb\nc\n", "b\n", "B", want="a\nB\nc\n"),
    exact("end of the old text left out", "a\nb\nc\n", "b", "B\n", want="a\nB\nc\n"),
    exact("several lines for one", "a\nb\nc\n", "b\n", "x\ny\nz\n", want="a\nx\ny\nz\nc\n"),
    exact("one line for several", "a\nb\nc\nd\n", "b\nc\n", "x\n", want="a\nx\nd\n"),
    exact("empty lines in it", "a\n\nb\n\nc\n", "a\n\nb\n", "a\n\nB\n", want="a\n\nB\n\nc\n"),
    exact("an empty line goes away", "a\n\nb\n", "a\n\nb\n", "a\nb\n", want="a\nb\n"),
    exact("lines before and behind stay", "a\nb\nc\nd\n", "b\nc\n", "b\nX\nc\n", want="a\nb\nX\nc\nd\n"),
    exact("text that reads like a pattern", "a.*(b)\n", "a.*(b)", r"\1\g<0>$&", want="\\1\\g<0>$&\n"),
    exact("percent and braces", "x = '%s {}'\n", "'%s {}'", "f'{%}'", want="x = f'{%}'\n"),
    exact("no text at all", "a\nb\n", want=Refused("no block")),
    exact("not there", "a\nb\n", "zz\n", "y\n", want=Refused("not in the file")),
    exact("changes nothing", "a\nb\n", "a\n", "a\n", want=Refused("changes nothing")),
    exact("empty search in a file with text", "a\n", "", "b\n", want=Refused("is empty")),
    exact("blank search in a file with text", "a\n\nb\n", "\n", "x\n", want=Refused("is empty")),
    exact("empty search in an empty file", "", "", "a\n", want="a\n"),
    exact("empty search in a blank file", "\n", "", "a\n", want="a\n"),
    exact("NUL in the new text", "a\n", "a\n", "\0\n", want=Refused("NUL")),
)
def test_whole_lines(one: Case) -> None:
    """Lines are found, replaced, added and taken away as lines, whether their last end was sent or not."""
    check(one)


@each(
    exact("a word", "total = count(x)\n", "count", "sum", want="total = sum(x)\n"),
    exact("at the start", "old = 1\n", "old", "new", want="new = 1\n"),
    exact("at the end", "x = old\n", "old", "new", want="x = new\n"),
    exact("an expression", "f(a, b)  # c\n", "(a, b)", "(b)", want="f(b)  # c\n"),
    exact("nothing for it", "f(a, b)\n", ", b", "", want="f(a)\n"),
    exact("several lines for a part", "x = f(a)\n", "f(a)", "f(\n    a,\n)", want="x = f(\n    a,\n)\n"),
    exact("only within a word", "counter = 1\n", "count", "sum", want=Refused("not in the file")),
    exact("only at a word's end", "discount = 1\n", "count", "sum", want=Refused("not in the file")),
    exact("within a word, and alone", "counter = count\n", "count", "sum", want="counter = sum\n"),
    exact("within a number", "x = 300\n", "30", "60", want=Refused("not in the file")),
    exact("before a decimal point", "x = 30.5\n", "30", "60", want=Refused("not in the file")),
    exact("behind a decimal point", "x = 1.30\n", "30", "60", want=Refused("not in the file")),
    exact("before an accent of its own", "cafe\u0301 = 1\n", "cafe", "tea", want=Refused("not in the file")),
    exact(
        "within an emoji",
        "x = '\U0001f469\u200d\U0001f4bb'\n",
        "\U0001f469",
        "y",
        want=Refused("not in the file"),
    ),
    exact(
        "within a run of blanks",
        "        return x\n",
        "    return x",
        "    return y",
        want="        return y\n",
    ),
    exact("dollar in a name", "$count = 1\n", "count", "sum", want=Refused("not in the file")),
    exact("twice in a line", "a = b + b\n", "b", "c", want=Refused("2 times, at line 1.")),
    exact("twice in two lines", "x = b\ny = b\n", "b", "c", want=Refused("2 times, at lines 1 and 2")),
    exact(
        "whole line, and part of another", "x = 1\nif y: x = 1\n", "x = 1", "x = 2", want=Refused("2 times")
    ),
    exact("whole line by its end", "x = 1\nif y: x = 1\n", "x = 1\n", "x = 2\n", want="x = 2\nif y: x = 1\n"),
    exact("no part for whole lines", "if y: x = 1\n", "x = 1\n", "x = 2\n", want=Refused("not in the file")),
    exact("only blanks", "a b\n", " ", "", want=Refused("is empty")),
    exact("done already", "x = count + 1\n", "count", "count + 1", want=Refused("done already")),
    exact("unclear for many", "b\n" * 20, "b", "c", want=Refused("8 or more times")),
)
def test_parts_of_lines(one: Case) -> None:
    """A part of one line is found where it is whole words, and nowhere else."""
    check(one)


@each(
    case(
        "functions with the same body",
        """
        def first():
            return load()

        def second():
            return load()
        """,
        "    return load()\n",
        "    return load(1)\n",
        want=Refused("at lines 2 and 5"),
    ),
    case(
        "told apart by their heads",
        """
        def first():
            return load()

        def second():
            return load()
        """,
        "def second():\n    return load()\n",
        "def second():\n    return load(1)\n",
        want="""
        def first():
            return load()

        def second():
            return load(1)
        """,
    ),
    case(
        "told apart by what follows",
        """
        x = 1
        a()
        x = 1
        b()
        """,
        "x = 1\nb()\n",
        "x = 2\nb()\n",
        want="""
        x = 1
        a()
        x = 2
        b()
        """,
    ),
    case(
        "told apart by their indentation",
        """
        x = 1
        y = 2
            x = 1
            y = 2
        """,
        "    x = 1\n    y = 2\n",
        "    x = 1\n    y = 3\n",
        want="""
        x = 1
        y = 2
            x = 1
            y = 3
        """,
    ),
    case("overlapping with itself", "a\na\na\n", "a\na\n", "b\n", want=Refused("2 times, at lines 1 and 2")),
    case(
        "two files' worth of copies",
        "a\nb\n" * 3,
        "a\nb\n",
        "c\n",
        want=Refused("3 times, at lines 1, 3 and 5"),
    ),
    case("brackets alone", "f(\n)\ng(\n)\n", ")\n", "),\n", want=Refused("at lines 2 and 4")),
)
def test_duplicates(one: Case) -> None:
    """What stands there twice is changed only where the lines around it tell which is meant."""
    check(one)


@each(
    exact("in order", "a\nb\nc\nd\n", "a\n", "A\n", "d\n", "D\n", want="A\nb\nc\nD\n"),
    exact("in another order", "a\nb\nc\nd\n", "d\n", "D\n", "a\n", "A\n", want="A\nb\nc\nD\n"),
    exact("shared context", "a\nb\nc\n", "a\nb\n", "A\nb\n", "b\nc\n", "b\nC\n", want="A\nb\nC\n"),
    exact("side by side", "a\nb\nc\n", "a\n", "A\n", "b\n", "B\n", want="A\nB\nc\n"),
    exact("the same twice", "a\nb\n", "a\n", "A\n", "a\n", "A\n", want="A\nb\n"),
    exact(
        "two ways for one line", "a\nb\n", "a\n", "A\n", "a\n", "B\n", want=Refused("same lines, at line 1")
    ),
    exact("overlapping", "a\nb\nc\n", "a\nb\n", "x\n", "b\nc\n", "y\n", want=Refused("same lines")),
    exact("one after the other", "a\nb\nc\n", "a\nb\n", "A\nB\n", "B\nc\n", "B\nC\n", want="A\nB\nC\n"),
    exact("of what another put", "a\nb\n", "a\n", "new()\n", "new()\n", "newer()\n", want="newer()\nb\n"),
    exact("twice at one place", "a\nb\n", "a\n", "a\nx\n", "a\n", "a\ny\n", want="a\ny\nx\nb\n"),
    exact("one of them is nowhere", "a\nb\n", "a\n", "A\n", "zz\n", "Z\n", want=Refused("Block 2 of 2: ")),
    exact("one of them is unclear", "a\nb\nb\n", "a\n", "A\n", "b\n", "B\n", want=Refused("Block 2 of 2: ")),
    exact(
        "unclear until another is done", "a\nb\nb\n", "a\nb\n", "A\n", "b\n", "B\n", want=Refused("2 times")
    ),
    exact(
        "one is done already", "a\nBee(1)\n", "a\n", "A\n", "b\n", "Bee(1)\n", want=Refused("done already")
    ),
    exact("swap", "a\nb\n", "a\n", "b\n", "b\n", "a\n", want="b\na\n"),
    exact(
        "one takes away what another needs",
        "a\nb\nc\n",
        "b\n",
        "",
        "a\nb\n",
        "x\n",
        want=Refused("same lines"),
    ),
)
def test_several_blocks(one: Case) -> None:
    """All are looked for in the file as it is; those that meet are done in order if that is clear, else none is."""
    check(one)


@each(
    case(
        "lines behind",
        "import a\nimport b\n",
        "import a\n",
        "import a\nimport b\n",
        want=Refused("done already: see line 1"),
    ),
    case("lines before", "# note\nf()\n", "f()\n", "# note\nf()\n", want=Refused("done already")),
    case("lines around", "try:\nf()\nend()\n", "f()\n", "try:\nf()\nend()\n", want=Refused("done already")),
    case(
        "another text there now",
        "def new():\n    run()\n",
        "def old():\n    run()\n",
        "def new():\n    run()\n",
        want=Refused("but the new text is: it may have been done already, see line 1"),
    ),
    case(
        "indented otherwise",
        "if x:\n    new_call()\n",
        "old_call()\n",
        "new_call()\n",
        want=Refused("done already"),
    ),
    case("too little to know it by", "}\n", "{\n", "}\n", want=Refused("not in the file")),
)
def test_done_already(one: Case) -> None:
    """A block that was applied before is not applied again, and the refusal says so."""
    check(one)
