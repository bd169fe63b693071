"""Models are asked in one place of the edge, and in one of a team's backend."""

import ast
from collections.abc import Iterator
from pathlib import Path

SERVER = Path(__file__).parents[2] / "server" / "victor_server"
ALLOWED = {"agent/model_call.py", "team/gateway/asking.py"}


def calls_of(file: Path, name: str) -> Iterator[int]:
    """The lines that call a method of this name with something: a request."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(attr=called), args=[_, *_]) if called == name:
                yield node.lineno


def test_only_model_call_asks_a_provider() -> None:
    """`stream` of a provider is called by these, and within the providers themselves; nowhere else."""
    found = {
        file.relative_to(SERVER).as_posix(): list(calls_of(file, "stream"))
        for file in sorted(SERVER.rglob("*.py"))
        if "agent/providers" not in file.as_posix()
    }
    callers = {path for path, lines in found.items() if lines}
    assert callers == ALLOWED
