"""The secret scanner: noise on clean code, speed, and the wait before a commit, beside what others take for the same."""

from pathlib import Path

from bench.figures import Figure
from bench.secrets_bench import measure as measure_lines
from bench.secrets_clean import MIN_MB, clean_files, scan_clean, write_sample
from bench.secrets_programs import runs
from bench.secrets_staged import measure_staged

MAX_CERTAIN_PER_MB = 0.10
MIN_MB_PER_S = 15.0
MAX_MS_PER_1K_LINES = 2.0
MAX_STAGED_RATIO = 3.0
_SAMPLE_MB = 20.0


def measure(scratch: Path) -> list[Figure]:
    """Findings per megabyte, megabytes per second, milliseconds per 1,000 lines, and a cold scan of what is staged."""
    return [*_on_clean_code(scratch), *_per_line(), *_before_a_commit(scratch)]


def _on_clean_code(scratch: Path) -> list[Figure]:
    files = clean_files()
    noise = scan_clean(files)
    if noise.megabytes < MIN_MB:
        raise SystemExit(f"only {noise.megabytes:.0f} MB of clean code could be had; {MIN_MB:.0f} are wanted")
    sample = write_sample(files, scratch / "sample", _SAMPLE_MB)
    ours, others = scan_clean(sample), runs(scratch / "sample", sample)
    size = f"{noise.megabytes:,.0f} MB of clean code"
    victor = f"Victor {ours.certain_per_mb:.2f} certain, {ours.possible_per_mb:.2f} possible"
    return [
        Figure(
            f"certain findings per MB, {size}",
            noise.certain_per_mb,
            "",
            MAX_CERTAIN_PER_MB,
            f"on a sample of {ours.megabytes:.0f} MB: {victor}; {', '.join(map(str, others))}",
        ),
        Figure("possible findings per MB", noise.possible_per_mb, ""),
        Figure(
            f"secret scan, one thread, {size}",
            noise.megabytes / noise.cpu_s,
            "MB per CPU s",
            least=MIN_MB_PER_S,
            peer=f"sample: Victor {ours.megabytes / ours.cpu_s:.1f}, {', '.join(run.speed for run in others)}",
        ),
    ]


def _per_line() -> list[Figure]:
    result = measure_lines()
    return [
        Figure(
            "secret scan, CPU per 1,000 lines",
            result["victor_ms_per_1k_lines"],
            "ms",
            MAX_MS_PER_1K_LINES,
            f"detect-secrets {result['detect_secrets_ms_per_1k_lines']:,.0f} ms",
        ),
        Figure("redaction for the index, CPU per 1,000 lines", result["redact_ms_per_1k_lines"], "ms"),
        Figure("redaction for a model, CPU per 1,000 lines", result["session_ms_per_1k_lines"], "ms"),
        Figure("words of ordinary code hidden from a model", result["hidden_percent"], "%", 0.1),
    ]


def _before_a_commit(scratch: Path) -> list[Figure]:
    ours, typer, ratio = measure_staged(scratch / "staged")
    return [
        Figure(
            "scan-secrets --staged, cold, CPU", ours, "ms", None, f"python -c 'import typer' {typer:.0f} ms"
        ),
        Figure("scan-secrets --staged, ratio to import typer", ratio, "x", MAX_STAGED_RATIO),
    ]
