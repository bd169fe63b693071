"""No text makes a rule, or the whole scan, take more than linear time."""

import random
import time

import pytest
from secrets_samples import sample

from victor_server.secrets.allow import literals
from victor_server.secrets.allow.literals import IsInside
from victor_server.secrets.allow.pragmas import is_allowed
from victor_server.secrets.judge.file_kind import file_facts
from victor_server.secrets.redaction.stored import redact
from victor_server.secrets.rule import Candidate, Rule
from victor_server.secrets.rules.named import NamedRule
from victor_server.secrets.rules.table import RULES
from victor_server.secrets.scanner import scan

MEGABYTE = 1_000_000
MAX_CPU_S = 2.5
"""Two hundred times what most take, and a hundredth of what a quadratic one would."""

FILLERS = ["", "A1", " ", "=", '"', "://a:", ":", "\\"]


def fill(unit: str) -> str:
    return (unit * (MEGABYTE // len(unit) + 1))[:MEGABYTE]


def cpu_seconds(rule: Rule, text: str) -> float:
    candidate = Candidate(text, 0, len(text), file_facts("a.env"))
    before = time.process_time()
    list(rule.find(candidate))
    return time.process_time() - before


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.id}-{rule.keywords[0]}")
def test_rule_takes_linear_time(rule: Rule) -> None:
    """One line of 1 MB made of a rule's keyword, alone and before what its pattern might swallow."""
    keyword = rule.keywords[0]
    texts = [
        fill(keyword),
        keyword + fill("a"),
        fill(f"{keyword.upper()}A1b2C3d4-"),
        fill(f"{keyword} = "),
    ]
    if isinstance(rule, NamedRule):
        found = fill(f"{keyword}_key='{sample(rule.source, random.Random(1))}' ")
        texts = [texts[2][: MEGABYTE // 2] + found[: MEGABYTE // 2]]
    for text in texts:
        assert cpu_seconds(rule, text) < MAX_CPU_S


@pytest.mark.parametrize("filler", FILLERS)
@pytest.mark.parametrize("rule", [rule for rule in RULES if len(rule.source) > 90], ids=lambda rule: rule.id)
def test_long_pattern_takes_linear_time(rule: Rule, filler: str) -> None:
    """Patterns of many parts, on what each part repeats."""
    keyword = rule.keywords[0]
    for text in (keyword + fill(filler or "b"), fill(keyword + filler * 30)):
        assert cpu_seconds(rule, text) < MAX_CPU_S


@pytest.mark.parametrize(
    "unit",
    [
        "password=",
        "key: 'x\n",
        "AKIA" + "Z7QH2MVWX4RTNB6K\n",
        "-----BEGIN PRIVATE KEY-----\n",
        "PuTTY-User-Key-File-2: ",
        "PuTTY-User-Key-File-2: Private-MAC: \n",
        "\r",
        "token\r",
    ],
)
def test_scan_takes_linear_time(unit: str) -> None:
    """A megabyte of candidates, findings or line ends."""
    text = fill(unit)
    before = time.process_time()
    scan(text, "a.env")
    assert time.process_time() - before < 4 * MAX_CPU_S


def test_redaction_takes_linear_time() -> None:
    """Secrets glued to each other do not cost one round each."""
    text = fill("AKIA" + "Z7QH2MVWX4RTNB6K")
    before = time.process_time()
    redact(text, "a.env")
    assert time.process_time() - before < 4 * MAX_CPU_S


LITERALS = [literals.python, literals.shell, literals.c_like, literals.script, literals.rust, literals.php, literals.sql,
    literals.lua, literals.haskell, literals.lisp, literals.erlang, literals.markup, literals.yaml, literals.plain]  # fmt: skip


@pytest.mark.parametrize(
    "is_inside", LITERALS, ids=lambda is_inside: getattr(is_inside, "__name__", "literal")
)
@pytest.mark.parametrize(
    "unit",
    [
        '"',
        "'",
        '"\\',
        "`",
        "/*",
        "<<EOF\n",
        "<<A1 ",
        "<a '",
        "<!--",
        "[=[",
        "[=",
        "{-",
        "'''",
        "a: |\n",
        "- ",
        'r#"',
        "\\",
    ],
)
def test_literals_take_linear_time(is_inside: IsInside, unit: str) -> None:
    """What opens a literal a hundred thousand times."""
    text = fill(unit)[: MEGABYTE // 4]
    before = time.process_time()
    is_inside(text, len(text))
    assert time.process_time() - before < MAX_CPU_S


def test_pragmas_take_linear_time() -> None:
    """A line of almost-pragmas, or of what may stand before one."""
    for text in (fill("pragma: allowlist "), fill("#"), fill("rem ")):
        before = time.process_time()
        is_allowed(text + "\nx", [0, len(text) + 1], 1, 1)
        assert time.process_time() - before < MAX_CPU_S


@pytest.mark.parametrize("unit", ["x", "X", "Ab", "a1", "a/", "hello_world_", "key="])
def test_redaction_of_one_long_line(unit: str) -> None:
    """A line of a megabyte that a repository holds keeps nobody waiting who reads it."""
    text = fill(unit)
    before = time.process_time()
    redact(text, "a.py")
    assert time.process_time() - before < MAX_CPU_S
