"""Records what a client and a server say to each other: `python lsp_tap.py LOG.jsonl -- SERVER…`.

Bytes pass through unchanged. Each line of the log is `{"from": "client" | "server", "message": …}`.
"""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any


def main() -> int:
    """Run the server between us; its exit code."""
    command = sys.argv[sys.argv.index("--") + 1 :]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdin is not None
    assert server.stdout is not None
    with Path(sys.argv[1]).open("a", encoding="utf-8") as log:
        record = _recorder(log)
        inward = (sys.stdin.fileno(), server.stdin, "client", record)
        # It may still wait in a read when the server has gone.
        threading.Thread(target=_pass_on, args=inward, daemon=True).start()
        _pass_on(server.stdout.fileno(), sys.stdout.buffer, "server", record)
        return server.wait()


def _recorder(log: IO[str]) -> Any:
    lock = threading.Lock()

    def record(side: str, body: bytes) -> None:
        with lock:
            log.write(json.dumps({"from": side, "message": json.loads(body)}) + "\n")
            log.flush()

    return record


def _pass_on(source: int, target: IO[bytes], side: str, record: Any) -> None:
    waiting = b""
    while chunk := os.read(source, 65536):
        # Recorded before it is passed on: a client may end us as soon as it has its answer.
        waiting = _record_whole(waiting + chunk, side, record)
        try:
            target.write(chunk)
            target.flush()
        except OSError:
            return
    try:
        target.close()
    except OSError:
        pass


def _record_whole(data: bytes, side: str, record: Any) -> bytes:
    while (end := data.find(b"\r\n\r\n")) >= 0:
        headers = dict(line.split(b":", 1) for line in data[:end].split(b"\r\n"))
        n_bytes = int(headers[b"Content-Length"])
        if len(data) < end + 4 + n_bytes:
            break
        record(side, data[end + 4 : end + 4 + n_bytes])
        data = data[end + 4 + n_bytes :]
    return data


if __name__ == "__main__":
    sys.exit(main())
