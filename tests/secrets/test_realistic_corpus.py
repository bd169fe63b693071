"""The realistic corpus is what it says it is, and the scanner is good on both of its halves."""

from collections import Counter
from pathlib import PurePosixPath

import pytest
from bench.secrets_quality import MIN_F1, MIN_PRECISION, Verdict, judge, score_of, spans_of_victor
from bench.secrets_realistic.corpus import SEED, Half, labelled_files

FILES = labelled_files()
LABELS = [label for file in FILES for label in file.labels]


def test_same_seed_same_files() -> None:
    """Two people who measure see the same lines; another seed shows other values."""
    assert labelled_files(SEED) == FILES
    assert labelled_files(SEED + 1) != FILES


def test_every_label_lies_on_its_lines() -> None:
    """The value of a label is what stands between its first and its last line."""
    for file in FILES:
        lines = file.text.split("\n")
        for label in file.labels:
            assert label.value in "\n".join(lines[label.line : label.end_line + 1])


def test_is_wide_enough() -> None:
    """Many kinds of lines, files and languages, and about ten lines that are no credential for each that is one."""
    families = {
        truth: {label.family for label in LABELS if label.truth == truth} for truth in ("secret", "none")
    }
    assert all(len(members) >= 150 for members in families.values())
    assert len({file.language for file in FILES}) >= 25
    assert len({PurePosixPath(file.path).suffix for file in FILES}) >= 40
    counts = Counter(label.truth for label in LABELS)
    assert counts.total() >= 6_000
    assert 6 <= counts["none"] / counts["secret"] <= 15


def test_the_halves_share_no_family() -> None:
    """What is tuned on one half must show on families it has never seen."""
    halves = {half: {label.family for label in LABELS if label.half == half} for half in ("tune", "validate")}
    assert min(map(len, halves.values())) >= 300
    assert not halves["tune"] & halves["validate"]


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    """What the scanner does with the corpus."""
    return list(judge(FILES, spans_of_victor(FILES)))


@pytest.mark.parametrize("half", ["tune", "validate"])
def test_the_scanner_keeps_its_promise(verdicts: list[Verdict], half: Half) -> None:
    """Both tiers together reach the promised F1 and precision on either half."""
    score = score_of(verdict for verdict in verdicts if verdict.half == half)
    assert score.f1 >= MIN_F1, score
    assert score.precision >= MIN_PRECISION, score
