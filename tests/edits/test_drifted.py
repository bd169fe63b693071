"""Blocks whose lines have changed in the file meanwhile: merged where that is certain, refused where it is not."""

from edit_cases import Case, Refused, case, check, each

_FILE = """
import os

def load(path):
    with open(path) as file:
        text = file.read()
    return text.strip()

def save(path, text):
    with open(path, "w") as file:
        file.write(text)
"""

_LOAD = """
def load(path):
    with open(path) as file:
        text = file.read()
    return text.strip()
"""


@each(
    case(
        "a line that stays has changed",
        _FILE.replace("open(path) as", "open(path, encoding='utf-8') as"),
        _LOAD,
        _LOAD.replace("text.strip()", "text.rstrip()"),
        want=_FILE.replace("open(path) as", "open(path, encoding='utf-8') as").replace(
            "text.strip()", "text.rstrip()"
        ),
    ),
    case(
        "a line was added",
        _FILE.replace("        text = file.read()\n", "        log(path)\n        text = file.read()\n"),
        _LOAD,
        _LOAD.replace("text.strip()", "text.rstrip()"),
        want=_FILE.replace(
            "        text = file.read()\n", "        log(path)\n        text = file.read()\n"
        ).replace("text.strip()", "text.rstrip()"),
    ),
    case(
        "a line was taken away",
        "start()\none()\ntwo()\nthree()\nfour()\nend()\n",
        "start()\none()\ntwo()\nmore()\nthree()\nfour()\nend()\n",
        "start()\none()\ntwo()\nmore()\nthree()\nfive()\nend()\n",
        want="start()\none()\ntwo()\nthree()\nfive()\nend()\n",
    ),
    case(
        "drifted and indented otherwise",
        "class A:\n    start()\n    one(1)\n    two()\n    three()\n    end()\n",
        "start()\none()\ntwo()\nthree()\nend()\n",
        "start()\none()\ntwo()\nif x:\n    three()\nend()\n",
        want="class A:\n    start()\n    one(1)\n    two()\n    if x:\n        three()\n    end()\n",
    ),
    case(
        "lines are put in where both neighbours stand",
        "start()\none(1)\ntwo()\nthree()\nend()\n",
        "start()\none()\ntwo()\nthree()\nend()\n",
        "start()\none()\ntwo()\nnew()\nthree()\nend()\n",
        want="start()\none(1)\ntwo()\nnew()\nthree()\nend()\n",
    ),
    case(
        "lines are put in beside one that changed",
        "start()\none(1)\ntwo()\nthree()\nend()\n",
        "start()\none()\ntwo()\nthree()\nend()\n",
        "start()\none()\nnew()\ntwo()\nthree()\nend()\n",
        want=Refused("not the very lines that change"),
    ),
    case(
        "the line to change has changed",
        "start()\none()\ntwo(2)\nthree()\nend()\n",
        "start()\none()\ntwo()\nthree()\nend()\n",
        "start()\none()\ntwo(9)\nthree()\nend()\n",
        want=Refused("not the very lines that change"),
    ),
    case(
        "a line was put among those that change",
        "start()\none()\ntwo()\nmine()\nthree()\nend()\n",
        "start()\none()\ntwo()\nthree()\nend()\n",
        "start()\none()\nother()\nend()\n",
        want=Refused("not the very lines that change"),
    ),
    case(
        "the line to change has more behind it",
        "start()\none()\nreturn x + 1\nthree()\nend()\n",
        "start()\none()\nreturn x\nthree()\nend()\n",
        "start()\none()\nreturn y\nthree()\nend()\n",
        want=Refused("not the very lines that change"),
    ),
    case(
        "the last line has more behind it",
        "start()\none()\nreturn x + 1\n",
        "start()\none()\nreturn x",
        "start()\none()\nreturn y",
        want=Refused("not in the file"),
    ),
    case(
        "the first line has changed",
        "begin(1)\none()\ntwo()\nthree()\nend()\n",
        "begin()\none()\ntwo()\nthree()\nend()\n",
        "begin()\none()\ntwo()\nfour()\nend()\n",
        want=Refused("not in the file"),
    ),
    case(
        "the last line has changed",
        "start()\none()\ntwo()\nthree()\nfinish(1)\n",
        "start()\none()\ntwo()\nthree()\nfinish()\n",
        "start()\none()\ntwo()\nfour()\nfinish()\n",
        want=Refused("not in the file"),
    ),
    case(
        "half of it is another text",
        "start()\naa()\nbb()\ncc()\ntwo()\nend()\n",
        "start()\none()\ntwo()\nthree()\nfour()\nend()\n",
        "start()\none()\nzwei()\nthree()\nfour()\nend()\n",
        want=Refused("not in the file"),
    ),
    case(
        "too short to be known",
        "start()\none(1)\nend()\n",
        "start()\none()\nend()\n",
        "start()\none()\nfin()\n",
        want=Refused("not in the file"),
    ),
    case(
        "two places as like",
        "start()\none(1)\ntwo()\nthree()\nend()\nstart()\none(2)\ntwo()\nthree()\nend()\n",
        "start()\none()\ntwo()\nthree()\nend()\n",
        "start()\none()\ntwo()\nfour()\nend()\n",
        want=Refused("the lines that change stand there more than once"),
    ),
    case(
        "one of two places is nearly as like",
        "start()\none(1)\ntwo()\nthree()\nend()\nstart()\none(2)\ntwo(2)\nthree()\nend()\n",
        "start()\none()\ntwo()\nthree()\nend()\n",
        "start()\none()\ntwo()\nfour()\nend()\n",
        want=Refused("the lines that change stand there more than once"),
    ),
    case(
        "two ends as good",
        "start()\none(1)\ntwo()\n}\nthree()\n}\n",
        "start()\none()\ntwo()\nthree()\n}\n",
        "start()\none()\ntwo()\nfour()\n}\n",
        want="start()\none(1)\ntwo()\n}\nfour()\n}\n",
    ),
    case(
        "blanks within the quotes of a line that changes",
        "start()\none(1)\ntwo('a  b')\nthree()\nend()\n",
        "start()\none()\ntwo('a b')\nthree()\nend()\n",
        "start()\none()\ntwo('a b', 1)\nthree()\nend()\n",
        want=Refused("between its quotes"),
    ),
    case(
        "far more in between than was sent",
        "start()\none()\n" + "mine()\n" * 9 + "two()\nthree()\nend()\n",
        "start()\none()\ntwo()\nthree()\nend()\n",
        "start()\none()\ntwo()\nfour()\nend()\n",
        want=Refused("not in the file"),
    ),
    case(
        "nothing but brackets in common",
        "{\n}\n{\n1\n}\n",
        "{\n}\n{\n2\n}\n",
        "{\n}\n{\n3\n}\n",
        want=Refused("not in the file"),
    ),
)
def test_drifted(one: Case) -> None:
    """What a block changes stands there as it was sent, in one place; what it does not change is as the file has it."""
    check(one)
