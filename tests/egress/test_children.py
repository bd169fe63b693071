"""Processes that must not reach the network: what the kernel lets them do."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from victor_server.egress.children import child, without_proxies
from victor_server.egress.no_connect import can_deny_connections
from victor_server.policy.policy import Policy

linux = pytest.mark.skipif(not can_deny_connections(), reason="the filter is one of the Linux kernel")

HELD = """
import socket, subprocess, sys
from victor_server.egress.no_connect import deny_connections
assert deny_connections()
{body}
"""


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """Somebody on this machine who would accept a connection."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def run(words: list[str], environment: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(words, capture_output=True, text=True, env=environment, timeout=60, check=False)


def held(body: str) -> str:
    """What a process prints that has taken the power to connect from itself."""
    done = run([sys.executable, "-P", "-W", "ignore", "-c", HELD.format(body=body)])
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@linux
@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.socket(socket.AF_INET6).connect(('::1', 9))",
        "socket.socket(socket.AF_UNIX).connect('/run/docker.sock')",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)",
        "socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)",
        "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
        "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
        "socket.socket(40, socket.SOCK_STREAM)",
        "socket.socket().sendto(b'x', 0x20000000, ('127.0.0.1', 9))",
        "socket.socket().sendmsg([b'x'], [], 0x20000000, ('127.0.0.1', 9))",
        "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', '/run/log')",
    ],
)
def test_no_way_out_is_left(attempt: str) -> None:
    """Connections, datagrams, data sent along with a connection, other families: the kernel refuses each."""
    code = f"""
try:
    {attempt}
    print("went through")
except OSError as error:
    print(error.errno)
"""
    assert held(code) in ("101", "97")


@linux
def test_what_a_server_needs_is_left() -> None:
    """It may listen and accept, talk over what it has, and start programs, which are held as it is."""
    code = """
a, b = socket.socketpair(); a.sendall(b"x"); a.sendmsg([b"y"]); assert b.recv(2) == b"xy"
server = socket.create_server(("127.0.0.1", 0)); server.getsockname()
again = "import socket; socket.create_connection(('127.0.0.1', 9))"
print(subprocess.run([sys.executable, "-c", again], capture_output=True, text=True).stderr.splitlines()[-1])
"""
    assert held(code) == "OSError: [Errno 101] Network is unreachable"


@linux
def test_threads_are_held_too() -> None:
    """Also one that ran before."""
    program = """
import socket, threading
from victor_server.egress.no_connect import deny_connections
go = threading.Event()
def later():
    go.wait()
    try:
        socket.create_connection(("127.0.0.1", 9))
    except OSError as error:
        print(error.errno)
thread = threading.Thread(target=later); thread.start()
assert deny_connections(); go.set(); thread.join()
"""
    assert run([sys.executable, "-P", "-c", program]).stdout.strip() == "101"


CONNECT = (
    "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5); print('connected')"
)


def test_a_child_reaches_nothing(listening: socket.socket) -> None:
    """By the best means of this system; a real program, a real port."""
    port = str(listening.getsockname()[1])
    started = child([sys.executable, "-c", CONNECT, port], dict(os.environ), Policy())
    done = run(list(started.words), started.environment)
    assert started.held in ("namespace", "filter", "sandbox-exec")
    assert "connected" not in done.stdout
    assert done.returncode == 1


@linux
def test_a_child_reaches_nothing_where_no_namespace_is_allowed(listening: socket.socket) -> None:
    """The second means by itself, and with it the way the program is started."""
    port = str(listening.getsockname()[1])
    wrapper = [sys.executable, "-P", "-m", "victor_server.egress.child", "--"]
    done = run([*wrapper, sys.executable, "-c", CONNECT, port])
    assert "connected" not in done.stdout
    assert "Network is unreachable" in done.stderr
    assert run([*wrapper, "no-such-program"]).returncode == 127
    assert run([*wrapper, "sh", "-c", "exit 7"]).returncode == 7


def test_a_child_that_may_is_left_as_it_is(listening: socket.socket) -> None:
    """Where the policy says so, the command and its environment are what they were."""
    environment = {**os.environ, "HTTPS_PROXY": "http://proxy.example:3128"}
    command = [sys.executable, "-c", CONNECT, str(listening.getsockname()[1])]
    started = child(command, environment, Policy(children_network=True))
    assert started.held == "allowed"
    assert list(started.words) == command
    assert started.environment == environment
    assert run(list(started.words), started.environment).stdout.strip() == "connected"


def test_no_proxy_is_named_to_a_child() -> None:
    """Whatever the spelling."""
    given = {"HTTPS_PROXY": "x", "http_proxy": "x", "All_Proxy": "x", "NO_PROXY": "x", "PATH": "/bin"}
    assert without_proxies(given) == {"PATH": "/bin"}
