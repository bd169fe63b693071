"""`--format text`: a line a finding for people on stdout, and on stderr what became of the scan."""

import sys
from collections.abc import Sequence

from victor_server.cli.scan_formats.outcome import MAX_ALLOWED, Mode, Outcome
from victor_server.cli.scan_formats.printable import encodable, printable
from victor_server.features.secret_scan.report import Found

_ADVICE: dict[Mode, tuple[str, ...]] = {
    "files": (
        "Take each out of the file, and revoke it if it was ever shared. One that may stay is allowed by the",
        "comment `pragma: allowlist secret` on its line, or by `victor secrets audit`.",
    ),
    "staged": (
        "Take each out and `git add` the file again. One that may stay is allowed by the comment",
        "`pragma: allowlist secret` on its line. To let all of this commit through, say why:",
        "VICTOR_SCAN_BYPASS=used-in-tests|false-positive|fix-later git commit …   (this is recorded)",
    ),
    "since": (
        "Revoke each: whoever has the branch has them. Taking them out in a new commit is not enough; rewrite the",
        "commits, or allow what may stay by the comment `pragma: allowlist secret` or in `.secrets.baseline`.",
    ),
    "history": (
        "Revoke each: whoever has a clone has them. What may stay is allowed in `.secrets.baseline` or",
        "`.gitleaksignore`.",
    ),
}


def print_lines(outcome: Outcome) -> None:
    """`path:line:column  rule  masked`, coloured on a terminal unless NO_COLOR is set."""
    report = outcome.report
    for found in report.findings:
        _print_finding(found)
    _print_allowed(outcome.allowed)
    for note in report.notes:
        print(f"note: {printable(note)}", file=sys.stderr)
    for path, error in report.errors:
        print(f"{printable(path)}: {error}", file=sys.stderr)
    print(_summary(outcome), file=sys.stderr)
    if outcome.bypass:
        print(f"Let through as {outcome.bypass}, and recorded in the audit log.", file=sys.stderr)
    elif outcome.code == 1:
        print(*_ADVICE[outcome.mode], sep="\n", file=sys.stderr)


def _summary(outcome: Outcome) -> str:
    report = outcome.report
    n_certain = sum(found.finding.tier == "certain" for found in report.findings)
    n_possible = len(report.findings) - n_certain
    parts = [f"secrets found: {f'{n_certain} certain, {n_possible} possible' if report.findings else 'none'}"]
    parts += [f"allowed: {len(outcome.allowed)}"] if outcome.allowed else []
    parts.append(f"files scanned: {report.n_files}")
    parts += [f"files left out: {report.n_left_out}"] if report.n_left_out else []
    parts += [f"commits: {report.n_commits}"] if outcome.in_commits else []
    return "; ".join(parts)


def _print_allowed(allowed: Sequence[Found]) -> None:
    """The change may have brought what allows them: whoever looks at it should know."""
    for found in allowed[:MAX_ALLOWED]:
        finding = found.finding
        place = f"{printable(found.shown)}:{finding.line + 1}:{finding.start_column + 1}"
        print(f"allowed: {place}  {finding.rule}  {encodable(finding.masked)}", file=sys.stderr)
    if len(allowed) > MAX_ALLOWED:
        print(f"allowed: {len(allowed) - MAX_ALLOWED} more", file=sys.stderr)


def _print_finding(found: Found) -> None:
    """Rich is slow to load, and hooks and pipes do without."""
    finding = found.finding
    place = f"{printable(found.shown)}:{finding.line + 1}:{finding.start_column + 1}"
    rule = finding.rule if finding.tier == "certain" else f"{finding.rule}  (possible)"
    rest = encodable(finding.masked)
    if found.commit:
        rest += f"  commit {found.commit.id[:12]} of {found.commit.author_date[:10]}"
    if not sys.stdout.isatty():
        print(f"{place}  {rule}  {rest}")
        return
    from rich.console import Console
    from rich.text import Text

    colour = "bold red" if finding.tier == "certain" else "yellow"
    line = Text.assemble((place, "bold"), "  ", (rule, colour), "  ", rest)
    Console(highlight=False, soft_wrap=True).print(line)
