"""`--format github`: workflow commands that GitHub Actions shows beside the lines of a pull request."""

from victor_server.cli.scan_formats.outcome import MAX_ALLOWED, Outcome, is_error, where_now
from victor_server.features.secret_scan.report import Found
from victor_server.secrets.finding import Finding


def print_commands(outcome: Outcome) -> None:
    """One `::error` (or `::notice`, for what stops nothing) a finding, and one for what could not be scanned."""
    report = outcome.report
    for found in report.findings:
        level = "error" if is_error(outcome, found) else "notice"
        place = where_now(outcome, found)
        _print_command(level, "Secret", found, place, _message(found, place))
    for found in outcome.allowed[:MAX_ALLOWED]:
        _print_command("notice", "Allowed", found, where_now(outcome, found), _why_told(found))
    for note in report.notes:
        print(f"::notice::{_in_message(note)}")
    for path, error in report.errors:
        print(f"::error title=Not scanned::{_in_message(f'{path}: {error}')}")
    if outcome.bypass:
        print(f"::warning::Let through as {outcome.bypass}, and recorded in the audit log.")


def _print_command(level: str, title: str, found: Found, place: Finding | None, message: str) -> None:
    values = {"title": f"{title}: {found.finding.rule}"}
    if place is not None:
        values = {"file": found.path, **_lines(place), **values}
    words = ",".join(f"{name}={_in_value(value)}" for name, value in values.items())
    print(f"::{level} {words}::{_in_message(message)}")


def _why_told(found: Found) -> str:
    finding = found.finding
    return f"{finding.title}: {finding.masked}. A comment or a list allows it; see that it may stay."


def _lines(finding: Finding) -> dict[str, str]:
    """Columns are taken only where the end is on the same line."""
    lines = {"line": str(finding.line + 1), "endLine": str(finding.end_line + 1)}
    if finding.line != finding.end_line:
        return lines
    return lines | {"col": str(finding.start_column + 1), "endColumn": str(finding.end_column + 1)}


def _message(found: Found, place: Finding | None) -> str:
    finding = found.finding
    doubt = "" if finding.tier == "certain" else " (possible)"
    told = f"{finding.title}{doubt}: {finding.masked}."
    if found.commit is None:
        return f"{told} Take it out, and revoke it."
    told += f" Added by commit {found.commit.id[:12]}"
    if place is None:
        return f"{told} in {found.path}, line {finding.line + 1}; later commits do not make it secret again. Revoke it."
    return f"{told}. Taking it out in a new commit is not enough: revoke it."


def _in_message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _in_value(text: str) -> str:
    return _in_message(text).replace(":", "%3A").replace(",", "%2C")
