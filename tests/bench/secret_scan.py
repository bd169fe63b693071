"""The secret scanner beside detect-secrets' own scan of the same files."""

from pathlib import Path

from bench.figures import Figure

MAX_MS_PER_1K_LINES = 3.0


def measure(scratch: Path) -> list[Figure]:
    """CPU milliseconds for 1,000 lines, ours and theirs."""
    from bench.secrets_bench import measure as measure_scan

    result = measure_scan()
    return [
        Figure(
            "secret scan, CPU per 1,000 lines",
            result["victor_ms_per_1k_lines"],
            "ms",
            MAX_MS_PER_1K_LINES,
            f"detect-secrets {result['detect_secrets_ms_per_1k_lines']:,.0f} ms",
        )
    ]
