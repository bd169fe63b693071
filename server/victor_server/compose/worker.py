"""Where the index worker enters."""

import argparse
import gc
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from victor_indexer.model import Status
from victor_indexer.pool import ParserPool
from victor_indexer.service import LEAVE_AFTER_S, serve
from victor_indexer.workspace import Workspace
from victor_indexer.writer import WorkspaceOptions
from victor_server.compose.log_format import handler_without_quotes
from victor_server.egress.no_connect import deny_connections
from victor_server.secrets.redaction.stored import REDACTION_VERSION

PARSER_COMMAND = (sys.executable, "-P", "-m", "victor_server.compose.parser")
"""`-P`: the working directory may be a hostile repository and must not be imported from."""


_GC_THRESHOLD = 200_000
"""Objects between two collections: a build makes millions that live as long as their batch and hold no cycles."""


def main() -> NoReturn:
    """Serve the index of one VICTOR_HOME; ends the process."""
    asked = _arguments()
    deny_connections()  # clients come to it, and neither parsers nor git have anybody to reach
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD)
    logging.basicConfig(level=logging.INFO, handlers=[handler_without_quotes()])
    pool = ParserPool(PARSER_COMMAND, size=asked.parsers)

    def open_workspace(
        root: Path, options: WorkspaceOptions, on_status: Callable[[Status], None]
    ) -> Workspace:
        return Workspace(
            root, asked.index, pool, on_status, redaction_version=REDACTION_VERSION, options=options
        )

    serve(asked.home, pool=pool, open_workspace=open_workspace, leave_after_s=asked.leave_after)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="victor-index-worker", description="Started by Victor itself.")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--index", type=Path, required=True, help="folder that holds one index a workspace")
    parser.add_argument("--parsers", type=int, default=2)
    leave_after_s = float(os.environ.get("VICTOR_WORKER_LEAVE_AFTER_S", LEAVE_AFTER_S))
    parser.add_argument("--leave-after", type=float, default=leave_after_s)
    return parser.parse_args()


if __name__ == "__main__":
    main()
