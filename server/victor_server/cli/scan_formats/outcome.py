"""What the formats are given: the report, and what follows from it."""

from dataclasses import dataclass
from typing import Literal

from victor_server.features.secret_scan.report import Found, Report
from victor_server.secrets.finding import Finding

Mode = Literal["files", "staged", "since", "history"]

MAX_ALLOWED = 10
"""Of what may stay people are shown so many, and the number of the others."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A report with its exit code. `bypass` is the reason for which findings were let through, "" if none were.

    `strict`: possible findings count like certain ones.
    """

    report: Report
    mode: Mode
    strict: bool
    code: int
    bypass: str = ""

    @property
    def in_commits(self) -> bool:
        """Whether commits were scanned, so that a finding may be gone from the last one."""
        return self.mode in ("since", "history")

    @property
    def allowed(self) -> list[Found]:
        """What a change brings that may stay, and would have counted otherwise."""
        return [found for found in self.report.allowed if self.strict or found.finding.tier == "certain"]


def is_error(outcome: Outcome, found: Found) -> bool:
    """Whether a finding stops what waits for the report."""
    return (outcome.strict or found.finding.tier == "certain") and not outcome.bypass


def where_now(outcome: Outcome, found: Found) -> Finding | None:
    """Where a secret stands in the files as they are now; None if it was taken out again, or if nobody looked."""
    return found.now if outcome.in_commits else found.finding
