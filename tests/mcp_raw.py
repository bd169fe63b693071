"""A server in a few lines of plain Python, so that it starts at once and can say whatever a hostile one might.

`python mcp_raw.py FILE`: FILE holds JSON that is read anew at each request: `tools` as they are listed, `answers` by
the name of a tool, and `do` by the name of a method or tool (`exit`, `silence`, `flood`, `notify`, `ask`).
"""

import json
import sys
from pathlib import Path
from typing import Any

_VERSION = "2025-06-18"


def main() -> None:
    """Answer until the input ends."""
    for line in sys.stdin:
        message = json.loads(line)
        told: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text("utf-8"))
        method, params = message.get("method", ""), message.get("params", {})
        note(message)
        if "id" in message and method:
            what = params.get("name", "") if method == "tools/call" else method
            answer(message["id"], method, what, told)


def note(message: Any) -> None:
    """Keep what was heard, for a test to read."""
    with Path(sys.argv[1] + ".heard").open("a", encoding="utf-8") as file:
        file.write(json.dumps(message) + "\n")


def answer(number: Any, method: str, what: str, told: dict[str, Any]) -> None:
    """One answer, or what is done instead."""
    do = told.get("do", {}).get(what, "")
    if do == "exit":
        sys.stderr.write("something is missing\n")
        sys.exit(3)
    if do == "silence":
        return
    if do == "flood":
        sys.stdout.write("x" * 5_000_000 + "\n")
    if do == "notify":
        say({"method": "notifications/tools/list_changed"})
    if do == "ask":
        for each in range(1_100):
            say(
                {
                    "id": f"q{each}",
                    "method": "sampling/createMessage",
                    "params": {"messages": [], "maxTokens": 1},
                }
            )
    if method == "initialize":
        info = {"name": "raw", "version": "1"}
        result: Any = {"protocolVersion": _VERSION, "capabilities": {"tools": {}}, "serverInfo": info}
    elif method == "tools/list":
        result = {"tools": told["tools"]}
    else:
        result = told.get("answers", {}).get(what, {"content": [{"type": "text", "text": f"{what} done"}]})
    say({"id": number, "result": result})


def say(message: dict[str, Any]) -> None:
    """One message."""
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
