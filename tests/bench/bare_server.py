"""The peer of the start-up and typing benches: a pygls server that does nothing of its own."""

import logging
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("bare", "1")


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
def did_open(params: types.DidOpenTextDocumentParams) -> None:
    """Makes pygls announce text synchronisation."""


@server.feature("bench/ping")
def ping(ls: LanguageServer, params: Any) -> int:
    """Answer, so that a client knows that everything before has been handled."""
    return 1


if __name__ == "__main__":
    logging.getLogger("pygls").setLevel(logging.ERROR)
    server.start_io()
