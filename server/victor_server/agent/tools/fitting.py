"""Which tools a model with a small window is told of: the most useful ones, as far as their descriptions fit."""

from collections.abc import Sequence

from victor_server.agent.messages import ToolSpec
from victor_server.agent.providers.estimate import tokens_of_tool

FIRST = (
    "read_file",
    "search_code",
    "edit_file",
    "run_command",
    "list_dir",
    "create_file",
    "grep",
    "diagnostics",
    "glob",
    "symbols",
    "outline",
    "git_diff",
    "git_status",
)
"""What helps most comes first. All others follow in the order in which they are offered."""


def fitting(specs: Sequence[ToolSpec], n_tokens: int) -> tuple[ToolSpec, ...]:
    """The specs whose descriptions together take at most so many tokens, in their order; none where not even one fits.

    Those that help most are taken until one does not fit, so that a larger window never has fewer tools.
    """
    taken: set[str] = set()
    for spec in sorted(specs, key=_rank):
        n_tokens -= tokens_of_tool(spec)
        if n_tokens < 0:
            break
        taken.add(spec.name)
    return tuple(spec for spec in specs if spec.name in taken)


def _rank(spec: ToolSpec) -> int:
    return FIRST.index(spec.name) if spec.name in FIRST else len(FIRST)
