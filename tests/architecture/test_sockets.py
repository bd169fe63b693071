"""Which files of the program may speak to sockets by themselves: few, and each for a reason."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]

MODULES = {"socket", "ssl", "socketserver", "ftplib", "smtplib", "imaplib", "poplib", "nntplib", "telnetlib"}
INNER = {"http.client", "http.server", "urllib.request", "xmlrpc.client", "xmlrpc.server", "logging.handlers"}
CALLS = {
    "open_connection",
    "open_unix_connection",
    "create_connection",
    "create_unix_connection",
    "create_datagram_endpoint",
    "sock_connect",
    "sock_sendto",
}

ALLOWED = {
    "server/victor_server/compose/log_rotation.py": "writes a file; its library's module has handlers that connect too",
    "server/victor_server/egress/factory.py": "makes the connections: certificates",
    "server/victor_server/egress/gate.py": "makes the connections: names",
    "server/victor_server/egress/guard.py": "tells sockets apart",
    "server/victor_server/egress/httpx2_side.py": "makes the connections",
    "server/victor_server/egress/httpx_side.py": "makes the connections",
    "server/victor_server/egress/plain_stream.py": "makes the connections",
    "server/victor_server/egress/tls.py": "makes the connections: certificates",
    "server/victor_server/egress/tunnel.py": "makes the connections: to a team's backend, through proxies",
    "server/victor_server/egress/unreachable.py": "says which certificate was not believed",
    "server/victor_server/egress/web_socket.py": "makes the connections: to a team's backend",
    "server/victor_server/features/doctor.py": "asks loopback ports whether a model server listens",
    "server/victor_server/lsp/server.py": "listens for one editor, with --socket",
    "server/victor_server/lsp/transport.py": "speaks to that editor",
    "server/victor_server/team/configuration/certificate.py": "loads what is shown to that team",
    "server/victor_server/team/operations/listening.py": "listens for a team",
    "server/victor_server/team/operations/serve.py": "answers that team",
    "indexer/victor_indexer/wire.py": "the index worker's own socket",
}


def test_only_these_files_speak_to_sockets() -> None:
    """Nothing else imports a module that connects, or calls what does."""
    found = {
        str(file.relative_to(ROOT)).replace("\\", "/")
        for folder in ("server", "indexer")
        for file in (ROOT / folder).rglob("*.py")
        if speaks(ast.parse(file.read_text("utf-8")))
    }
    assert found <= set(ALLOWED), sorted(found - set(ALLOWED))


def test_the_look_finds_what_it_looks_for() -> None:
    """Each way of reaching a socket counts."""
    for text in (
        "import socket",
        "from socket import socket",
        "import http.client as c",
        "from http import client",
        "from urllib.request import urlopen",
        "import urllib.request",
        "from logging.handlers import HTTPHandler",
        "async def f():\n    await asyncio.open_connection('a', 1)",
        "loop.create_connection(f)",
    ):
        assert speaks(ast.parse(text)), text
    assert not speaks(ast.parse("from urllib.parse import urlsplit\nimport http\nimport logging"))


def speaks(tree: ast.Module) -> bool:
    """Whether a file imports or calls what connects."""
    return any(_speaks(node) for node in ast.walk(tree))


def _speaks(node: ast.AST) -> bool:
    match node:
        case ast.Import(names=names):
            return any(name.name.split(".")[0] in MODULES or name.name in INNER for name in names)
        case ast.ImportFrom(module=str(module), names=names):
            inner = {f"{module}.{name.name}" for name in names} | {module}
            return module.split(".")[0] in MODULES or bool(inner & INNER)
        case ast.Attribute(attr=name):
            return name in CALLS
        case _:
            return False
