"""Random files, changes and typing: what comes of a change is what was meant, or a refusal."""

from collections import Counter
from random import Random

import pytest
from edits_drifting import outcome, random_drift
from hypothesis import given, settings
from hypothesis import strategies as st


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 2**32), st.sampled_from(["\n", "\r\n", "\r"]))
def test_never_wrong(seed: int, end: str) -> None:
    """Whatever a person typed meanwhile: the intended text, or nothing; and no line that was typed is lost."""
    outcome(random_drift(Random(seed)), end)


def test_mostly_applied() -> None:
    """Refusing everything would be easy: where all that is needed is there, most changes are applied."""
    drifts = [random_drift(Random(seed)) for seed in range(1_000)]
    told = Counter(outcome(drift) for drift in drifts if drift.want is not None and not drift.was_unclear)
    assert told["applied"] > 4 * told["refused"]


@pytest.mark.torture
def test_never_wrong_by_the_thousand() -> None:
    """The same a hundred thousand times."""
    told = Counter(outcome(random_drift(Random(-1 - seed))) for seed in range(100_000))
    assert told["applied"] > 50_000
