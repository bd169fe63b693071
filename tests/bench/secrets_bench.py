"""Secret scanning beside detect-secrets' own loop: CPU milliseconds per 1,000 lines of the standard library."""

import json
import re
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path

from victor_server.secrets.redaction.session import RedactionSession
from victor_server.secrets.redaction.stored import redact
from victor_server.secrets.scanner import scan

N_LINES = 400_000
N_LINES_OF_DETECT_SECRETS = 4_000
"""A hundredth: it is a hundred times slower, and its cost per line is even."""


def measure() -> dict[str, float]:
    """Milliseconds of CPU per 1,000 lines, one thread; `mb_per_s` is the scanner's throughput."""
    files = _corpus()
    n_lines = sum(text.count("\n") for _, text in files)
    n_characters = sum(len(text) for _, text in files)
    scan("password = 'x'", "warm.py")
    scanning = _cpu_seconds(lambda: [scan(text, str(path)) for path, text in files])
    redacting = _cpu_seconds(lambda: [redact(text, str(path)) for path, text in files])
    session = RedactionSession()
    hidden: list[int] = []
    hiding = _cpu_seconds(
        lambda: hidden.extend(len(session.redact(text, str(path))[1]) for path, text in files)
    )
    n_words = sum(len(re.findall(r"\w+", text)) for _, text in files)
    return {
        "lines": n_lines,
        "victor_ms_per_1k_lines": round(scanning / n_lines * 1e6, 3),
        "redact_ms_per_1k_lines": round(redacting / n_lines * 1e6, 3),
        "session_ms_per_1k_lines": round(hiding / n_lines * 1e6, 3),
        "hidden_percent": round(100 * sum(hidden) / n_words, 4),
        "mb_per_s": round(n_characters / 1e6 / scanning, 1),
        "detect_secrets_ms_per_1k_lines": round(_detect_secrets_ms(files), 1),
    }


def _corpus() -> list[tuple[Path, str]]:
    """Files of the running Python's standard library, in a fixed order, until there are enough lines."""
    files: list[tuple[Path, str]] = []
    n_lines = 0
    for path in sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py")):
        if "site-packages" in path.parts:
            continue
        text = path.read_text("utf-8", "replace")
        files.append((path, text))
        n_lines += text.count("\n")
        if n_lines >= N_LINES:
            break
    return files


def _detect_secrets_ms(files: list[tuple[Path, str]]) -> float:
    """Its default scan, without verification over the network, on the first files of the same corpus."""
    from detect_secrets.core.scan import scan_file
    from detect_secrets.settings import default_settings, get_settings

    with default_settings():
        get_settings().disable_filters(
            "detect_secrets.filters.common.is_ignored_due_to_verification_policies"
        )
        chosen: list[tuple[Path, str]] = []
        while sum(text.count("\n") for _, text in chosen) < N_LINES_OF_DETECT_SECRETS:
            chosen.append(files[len(chosen)])
        n_lines = sum(text.count("\n") for _, text in chosen)
        list(scan_file(str(chosen[0][0])))
        return _cpu_seconds(lambda: [list(scan_file(str(path))) for path, _ in chosen]) / n_lines * 1e6


def _cpu_seconds(run: Callable[[], object]) -> float:
    before = time.process_time()
    run()
    return time.process_time() - before


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
