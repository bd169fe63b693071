"""How good the scanner is on a realistic labelled corpus, beside the peers that are installed, in the same run.

    python -P tests/bench/secrets_quality.py              the whole report
    python -P tests/bench/secrets_quality.py --wrong      every wrong line too, credentials masked
    python -P tests/bench/secrets_quality.py --tune       of the half that may be tuned on, only

Half of the families of lines is there to tune on. The other half is for seeing whether that was learning by heart:
look at its figures, not at its lines.
"""

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.figures import Figure
from bench.secrets_peers import PEERS, Spans
from bench.secrets_realistic.corpus import SEED, Half, Label, LabelledFile, half_of, labelled_files

from victor_server.secrets.finding import mask
from victor_server.secrets.scanner import scan

N_WORST = 40
MIN_F1 = 0.70
MIN_PRECISION = 0.80


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line that counts: a credential found or missed, or something that was wrongly found."""

    outcome: str
    """`found`, `missed`, `wrong`, or `passed` for a line that was rightly left alone."""
    category: str
    family: str
    half: Half
    file: LabelledFile
    line: int
    value: str


@dataclass(frozen=True, slots=True)
class Score:
    """How many credentials were found, how many missed, how many other lines were reported."""

    found: int
    missed: int
    wrong: int

    @property
    def precision(self) -> float:
        """The share of reports that are right; 1 when nothing was reported."""
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """The share of credentials that were found."""
        return self.found / max(1, self.found + self.missed)

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.found / max(1, 2 * self.found + self.wrong + self.missed)

    def __str__(self) -> str:
        return f"P {self.precision:.3f}  R {self.recall:.3f}  F1 {self.f1:.3f}"


def measure(scratch: Path) -> list[Figure]:
    """The figures of `make bench`: what each half lacks of a perfect F1, for a bound is the most a figure may be."""
    files = labelled_files()
    verdicts = list(judge(files, spans_of_victor(files)))
    peers = "; ".join(f"{name} {score}" for name, score in peer_scores(files).items())
    return [_figure(verdicts, "tune", peers), _figure(verdicts, "validate", "")]


def _figure(verdicts: list[Verdict], half: Half, peers: str) -> Figure:
    score = _of_half(verdicts, half)
    return Figure(f"realistic secrets, {half}: 1 - F1 ({score})", 1 - score.f1, "", 1 - MIN_F1, peers)


def spans_of_victor(files: list[LabelledFile], *, certain_only: bool = False) -> Spans:
    """What our scanner reports."""
    return {
        file.path: [
            (finding.line, finding.end_line)
            for finding in scan(file.text, file.path)
            if finding.tier == "certain" or not certain_only
        ]
        for file in files
    }


def judge(files: list[LabelledFile], spans: Spans) -> Iterator[Verdict]:
    """A verdict for each credential, each labelled line that is none, and each report on any other line."""
    for file in files:
        yield from _judge_file(file, spans.get(file.path, []))


def score_of(verdicts: Iterable[Verdict]) -> Score:
    """Count the verdicts."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    return Score(counts["found"], counts["missed"], counts["wrong"])


def _judge_file(file: LabelledFile, spans: list[tuple[int, int]]) -> Iterator[Verdict]:
    reported = {line for first, last in spans for line in range(first, last + 1)}
    settled: set[int] = set()
    for label in _by_weight(file.labels):
        lines = set(range(label.line, label.end_line + 1))
        if lines & settled:
            continue
        settled |= lines
        if label.truth != "ambiguous":
            yield _verdict(file, label, hit=bool(lines & reported))
    template = f"elsewhere in {file.template}"
    for line in {first for first, last in spans if not settled & set(range(first, last + 1))}:
        yield Verdict("wrong", "elsewhere", template, half_of(template), file, line, "")


def _by_weight(labels: Iterable[Label]) -> list[Label]:
    """Where several labels share a line, the credential decides, then what is open to debate."""
    return sorted(labels, key=lambda label: ("secret", "ambiguous", "none").index(label.truth))


def _verdict(file: LabelledFile, label: Label, *, hit: bool) -> Verdict:
    outcome = ("found" if hit else "missed") if label.truth == "secret" else ("wrong" if hit else "passed")
    return Verdict(outcome, label.category, label.family, label.half, file, label.line, label.value)


# -- peers --


def peer_scores(
    files: list[LabelledFile], halves: tuple[Half, ...] = ("tune", "validate")
) -> dict[str, Score]:
    """The score of every peer that is installed, on the families of these halves."""
    scores = {}
    with tempfile.TemporaryDirectory(prefix="victor-quality-") as scratch:
        folder = Path(scratch) / "corpus"
        _write(files, folder)
        for name, spans_of in PEERS.items():
            spans = spans_of(folder)
            if spans is not None:
                scores[name] = score_of(verdict for verdict in judge(files, spans) if verdict.half in halves)
    return scores


def _write(files: list[LabelledFile], folder: Path) -> None:
    for file in files:
        place = folder / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(file.text, encoding="utf-8", newline="\n")


# -- the report --


def main() -> int:
    """Print the report; exit code 1 when a half is below what we promise."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wrong", action="store_true", help="list the wrong lines, credentials masked")
    parser.add_argument("--tune", action="store_true", help="only the half that may be tuned on")
    parser.add_argument("--no-peers", action="store_true", help="leave the other scanners out")
    parser.add_argument("--seed", type=int, default=SEED, help="draw other values and other places")
    options = parser.parse_args()
    files = labelled_files(options.seed)
    both = list(judge(files, spans_of_victor(files)))
    certain = list(judge(files, spans_of_victor(files, certain_only=True)))
    halves: tuple[Half, ...] = ("tune",) if options.tune else ("tune", "validate")
    for half in halves:
        print(f"{half:10} both tiers  {_of_half(both, half)}     certain alone  {_of_half(certain, half)}")
    shown = [verdict for verdict in both if verdict.half in halves]
    if not options.no_peers:
        for name, score in peer_scores(files, halves).items():
            print(f"{name:22}  {score}")
    _print_cuts(shown)
    _print_worst([verdict for verdict in shown if verdict.half == "tune"] if not options.tune else shown)
    if options.wrong:
        _print_lines(verdict for verdict in shown if verdict.half == "tune")
    return 0 if all(_holds(_of_half(both, half)) for half in halves) else 1


def _holds(score: Score) -> bool:
    return score.f1 >= MIN_F1 and score.precision >= MIN_PRECISION


def _of_half(verdicts: list[Verdict], half: Half) -> Score:
    return score_of(verdict for verdict in verdicts if verdict.half == half)


def _print_cuts(verdicts: list[Verdict]) -> None:
    _print_cut("path", verdicts, lambda verdict: verdict.file.path_class)
    _print_cut("language", verdicts, lambda verdict: verdict.file.language)
    print("\ncategory: recall of credentials, or share wrongly reported of lines that are none")
    by_category = _grouped(verdicts, lambda verdict: verdict.category)
    for category, members in sorted(by_category.items(), key=lambda item: -len(item[1])):
        found, missed, wrong, passed = (
            _count(members, outcome) for outcome in ("found", "missed", "wrong", "passed")
        )
        recall = f"recall {found / (found + missed):.3f} of {found + missed:5}" if found + missed else ""
        noise = f"wrong  {wrong / (wrong + passed):.3f} of {wrong + passed:5}" if wrong + passed else ""
        print(f"  {category:14} {recall:24}{noise}")


def _print_cut(title: str, verdicts: list[Verdict], key: Callable[[Verdict], str]) -> None:
    print(f"\n{title}")
    for name, members in sorted(_grouped(verdicts, key).items(), key=lambda item: -len(item[1])):
        score = score_of(members)
        print(f"  {name:14} {score}   {score.found + score.missed:5} credentials, {score.wrong:4} wrong")


def _print_worst(verdicts: list[Verdict]) -> None:
    for outcome, of in (("missed", ("found", "missed")), ("wrong", ("wrong", "passed"))):
        print(f"\nmost {outcome}, of the half that may be tuned on")
        totals = Counter(verdict.family for verdict in verdicts if verdict.outcome in of)
        counts = Counter(verdict.family for verdict in verdicts if verdict.outcome == outcome)
        for family, count in counts.most_common(N_WORST):
            print(f"  {count:4} of {totals[family]:4}  {family}")


def _print_lines(verdicts: Iterable[Verdict]) -> None:
    for verdict in sorted(verdicts, key=lambda verdict: (verdict.outcome, verdict.family)):
        if verdict.outcome in {"missed", "wrong"}:
            line = verdict.file.text.split("\n")[verdict.line].strip()
            if verdict.outcome == "missed":
                line = line.replace(verdict.value.split("\n")[0], mask(verdict.value.split("\n")[0]))
            print(f"{verdict.outcome} {verdict.family}: {verdict.file.path}:{verdict.line + 1}: {line[:160]}")


def _grouped(verdicts: list[Verdict], key: Callable[[Verdict], str]) -> dict[str, list[Verdict]]:
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        groups[key(verdict)].append(verdict)
    return groups


def _count(verdicts: list[Verdict], outcome: str) -> int:
    return sum(verdict.outcome == outcome for verdict in verdicts)


if __name__ == "__main__":
    sys.exit(main())
