"""`make bench-team`: what the team's backend costs, beside litellm's proxy, nginx and a bare client, in the same run.

    python -P tests/bench/team.py [N_IDLE]

All of them ask one model server on loopback, which streams 32 tokens: 60 a second, as models do, so that each comes by
itself; and all at once, which leaves what a call costs besides its tokens. CPU time is that of the whole tree of a
server's processes. Bounds are what we promise; wall times wander on a shared machine.
"""

import asyncio
import resource
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.figures import Figure, percentile, table
from bench.team_audit import measure_audit
from bench.team_idle import idle_kib
from bench.team_streams import N_WARMING, streams
from bench.team_targets import Target, cpu_s, litellm, model_server, nginx, rss_mb, victor

from victor_server.team.configuration.resolved import DatabaseSettings

N_STREAMS = 200
N_PACED = 96
N_IDLE = 5_000
AT_ONCE = 16
_N_ROUNDS = 3


def main() -> int:
    """Measure and print the table; exit code 1 when a promised bound does not hold."""
    n_idle = int(sys.argv[1]) if len(sys.argv) > 1 else N_IDLE
    scratch = Path(tempfile.mkdtemp(prefix="victor-bench-team-"))
    try:
        figures = _measured(scratch, n_idle)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    print(table(figures))
    print("\n".join(_verdicts(figures)))
    return 0 if all(figure.holds for figure in figures) else 1


def _measured(scratch: Path, n_idle: int) -> list[Figure]:
    with ExitStack() as stack:
        model_url = stack.enter_context(model_server())
        bare = Target("bare client", model_url.removesuffix("/v1"), "none")
        ours = stack.enter_context(victor(scratch / "victor", model_url))
        idle_rss = rss_mb(_pid(ours))
        with ExitStack() as others:
            _tell("start of nginx and litellm")
            plain = others.enter_context(nginx(scratch / "nginx", model_url))
            theirs = others.enter_context(litellm(scratch / "litellm", model_url))
            theirs_rss = rss_mb(_pid(theirs)) if theirs else 0.0
            costs = _costs([each for each in (bare, ours, plain, theirs) if each is not None])
        _tell(f"idle connections: {n_idle:,}")
        idle = _idle(ours, n_idle)
    figures = _streams(costs)
    figures.append(Figure("memory of an idle connection", idle, "KiB", bound=40, peer=f"{n_idle:,} attached"))
    peer = f"litellm: {theirs.start_s:.1f} s" if theirs else "litellm: not installed"
    figures.append(Figure("start, until ready", ours.start_s, "s", bound=3, peer=peer))
    peer = f"litellm: {theirs_rss:.0f} MB" if theirs else ""
    figures.append(Figure("resident memory, ready", idle_rss, "MB", bound=120, peer=peer))
    _tell("audit")
    return [*figures, _audit(scratch)]


class Cost:
    """What streamed answers cost: CPU ms of each, and ms until the first token, sorted out of several rounds."""

    def __init__(self) -> None:
        self.cpu_ms: dict[str, list[float]] = {"m": [], "paced": []}
        self.first_ms: list[float] = []

    def least(self, model: str) -> float:
        """CPU ms of an answer in the round in which the machine disturbed it least."""
        return min(self.cpu_ms[model])


def _costs(targets: list[Target]) -> dict[str, Cost]:
    """In turns: a shared machine is slower in one minute than in the next, for all of them."""
    costs = {target.name: Cost() for target in targets}
    for number in range(_N_ROUNDS):
        for target in targets:
            _tell(f"streams, round {number + 1} of {_N_ROUNDS}: {target.name}")
            _add_round(costs[target.name], target)
    return costs


def _add_round(cost: Cost, target: Target) -> None:
    for model, n_streams in (("m", N_STREAMS), ("paced", N_PACED)):
        before = cpu_s(target.pid) if target.pid else 0.0
        found = streams(target.url, target.key, model, n_streams, AT_ONCE)
        after = cpu_s(target.pid) if target.pid else 0.0
        # The warming answers count too: they were paid for.
        n_paid = n_streams // AT_ONCE * AT_ONCE + N_WARMING
        cost.cpu_ms[model].append((after - before) / n_paid * 1000 if target.pid else found["cpu_ms"])
        if model == "paced":
            cost.first_ms += found["first_ms"]


def _cpu(costs: dict[str, Cost], model: str, name: str, *, bound: float | None) -> Figure:
    beside = ", ".join(
        f"{each}: {cost.least(model):.2f} ms" for each, cost in costs.items() if each != "victor serve"
    )
    limit = None if bound is None else bound * costs["bare client"].least(model)
    return Figure(name, costs["victor serve"].least(model), "ms", bound=limit, peer=beside)


def _streams(costs: dict[str, Cost]) -> list[Figure]:
    bare, ours = costs["bare client"], costs["victor serve"]
    found = [
        _cpu(costs, "paced", "CPU of an answer, token by token", bound=3),
        _cpu(costs, "m", "… that comes all at once", bound=None),
    ]
    if "litellm" in costs:
        for model, what in (("paced", "token by token"), ("m", "all at once")):
            share = ours.least(model) / costs["litellm"].least(model)
            found.append(Figure(f"… as a share of litellm's, {what}", share, "", bound=1 / 3))
    for percent, bound in ((50, 10), (95, 30)):
        before = percentile(bare.first_ms, percent)
        added = percentile(ours.first_ms, percent) - before
        others = ", ".join(
            f"{name}: {percentile(cost.first_ms, percent) - before:.1f} ms"
            for name, cost in costs.items()
            if name not in ("bare client", "victor serve")
        )
        found.append(
            Figure(
                f"added to the first token, p{percent}, {AT_ONCE} streams",
                added,
                "ms",
                bound=bound,
                peer=others,
            )
        )
    return found


def _idle(target: Target, n_idle: int) -> float:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = n_idle + 500
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise SystemExit(f"{n_idle:,} connections need {wanted:,} open files, and the limit is {hard:,}")
    # The backend began with the soft limit of this process, so both are raised.
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    resource.prlimit(_pid(target), resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    return asyncio.run(idle_kib(_pid(target), target.url, target.key, n_idle))


def _audit(scratch: Path) -> Figure:
    folder = scratch / "audit"
    folder.mkdir()
    settings = DatabaseSettings(url=f"sqlite:///{folder / 'audit.db'}")
    rate = asyncio.run(measure_audit(settings, folder, at_once=8, per_call=25))
    peer = f"{rate.cpu_us:.0f} us of CPU each, on SQLite"
    return Figure("durable audit events", rate.events_per_s, "/s", least=5_000, peer=peer)


def _pid(target: Target) -> int:
    assert target.pid is not None
    return target.pid


def _verdicts(figures: list[Figure]) -> list[str]:
    return [f"{'✓' if each.holds else '✗'} {each.name}" for each in figures if each.promise]


def _tell(line: str) -> None:
    print(f"measuring: {line} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
