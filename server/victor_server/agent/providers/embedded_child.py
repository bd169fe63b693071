"""The process in which an embedded model runs: llama.cpp's server, for one client on this machine.

It is told what to do by one line of JSON on stdin, says where it listens by one line on stdout, and ends with stdin:
that is, with the process that started it, however that ends.
"""

import contextlib
import json
import os
import signal
import sys
from typing import Any

from victor_server.egress.no_connect import deny_connections

_NICE = 10
_PROMPT_CACHE_MIB = 512


def main() -> None:
    """Serve until stdin ends."""
    _step_back()
    told = json.loads(sys.stdin.readline())
    deny_connections()  # it listens, and never has to reach anybody
    try:
        server = _serve(told)
    except Exception as error:  # noqa: BLE001  the parent must hear of it, whatever it is
        print(json.dumps({"error": type(error).__name__}), flush=True)  # noqa: T201  stdout is the way to the parent
        return
    print(json.dumps({"address": server.listening_address}), flush=True)  # noqa: T201
    sys.stdin.read()
    os._exit(0)  # the server's threads need no farewell


def _step_back() -> None:
    """Leave the processor to others, and the person's Ctrl-C to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import psutil

    below = getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", _NICE)  # Windows knows classes
    with contextlib.suppress(psutil.Error, OSError):
        psutil.Process().nice(below)


def _serve(told: dict[str, Any]) -> Any:
    import xllamacpp  # type: ignore[import-untyped]  # ships no types

    params = xllamacpp.CommonParams()
    params.model.path = told["model"]
    params.model_alias = {told["alias"]}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [told["key"]]
    params.n_ctx = told["context_tokens"]
    params.n_parallel = 1
    params.ctx_shift = False
    params.cache_ram_mib = _PROMPT_CACHE_MIB
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = told["threads"]
    params.offline = True
    params.ui = False
    params.endpoint_slots = False
    params.verbosity = 0
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
