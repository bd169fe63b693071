"""A whole server process over the services for tests: `python -P fake_server.py [OPTION… | HOST PORT]`."""

import asyncio
import json
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from lsp.fake_services import FakeServices, resolve

from victor_server.lsp.server import serve_socket, serve_stdio
from victor_server.settings.resolved import Settings


def main() -> int:
    """Serve on stdio, or on a socket."""
    if len(sys.argv) == 3:
        return serve_socket(sys.argv[1], int(sys.argv[2]), open_services, resolve)
    exit_code = serve_stdio(open_services, resolve)
    if "--modules" in sys.argv:
        sys.stderr.write(json.dumps(sorted(sys.modules)) + "\n")
    return exit_code


def open_services(settings: Settings) -> FakeServices:
    """Open services, and do what a careless library might."""
    if "--hang" in sys.argv:
        services = FakeServices(settings=settings, on_close=say_closed)
        services.index.gate = lambda: asyncio.to_thread(threading.Event().wait)
        return services
    if "--stray" in sys.argv:
        print("printed by python", flush=True)  # noqa: T201 - this is what must not reach the wire
        script = "import sys; print('printed by a child', flush=True); print('stdin holds', sys.stdin.buffer.read())"
        subprocess.run([sys.executable, "-c", script], check=True)
    return FakeServices(settings=settings, on_close=say_closed)


def say_closed() -> None:
    """For tests that ask whether the end was an orderly one."""
    sys.stderr.write("services closed\n")


if __name__ == "__main__":
    sys.exit(main())
