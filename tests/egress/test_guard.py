"""What the guard lets a process do, each in a process of its own: it cannot be taken back."""

import subprocess
import sys

import pytest

PRELUDE = """
import asyncio, socket, sys, threading
from victor_server.egress import guard
from victor_server.egress.factory import Egress
from victor_server.egress.connections import Timeouts
from victor_server.errors import OfflineBlocked
from victor_server.policy.policy import Policy
blocked = []
told = threading.Event()
def record(one):
    blocked.append(one)
    told.set()
guard.install()
guard.tell(record)
listening = socket.create_server(("127.0.0.1", 0))
port = listening.getsockname()[1]
"""

REFUSED = (
    PRELUDE
    + """
try:
    {attempt}
except OfflineBlocked as error:
    assert isinstance(error, OSError)
    told.wait(30)
    print(blocked[0].destination.replace(str(port), "PORT"), "|", error.kind)
else:
    print("went through")
"""
)


def run(code: str) -> str:
    """What a program prints. It must end well."""
    done = subprocess.run(
        [sys.executable, "-P", "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("attempt", "destination"),
    [
        ("socket.create_connection(('127.0.0.1', port))", "127.0.0.1:PORT"),
        ("socket.create_connection(('192.0.2.1', 80), 1)", "192.0.2.1:80"),
        ("socket.socket(socket.AF_INET6).connect(('::1', port))", "[::1]:PORT"),
        ("socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))", "192.0.2.1:53"),
        ("socket.socket(type=socket.SOCK_DGRAM).sendmsg([b'x'], [], 0, ('192.0.2.1', 53))", "192.0.2.1:53"),
        ("socket.socket().connect_ex(('192.0.2.1', 80))", "192.0.2.1:80"),
        ("socket.getaddrinfo('example.com', 443)", "example.com"),
        ("socket.gethostbyname('example.com')", "example.com"),
        ("asyncio.run(asyncio.open_connection('192.0.2.1', 80))", "192.0.2.1:80"),
        ("__import__('http.client').client.HTTPConnection('192.0.2.1').connect()", "192.0.2.1:80"),
    ],
)
def test_what_was_not_announced_is_refused(attempt: str, destination: str) -> None:
    """Whatever way a library takes, and be it to this machine; it is told, and is an error that libraries know."""
    out = run(REFUSED.replace("{attempt}", attempt))
    assert out == f"{destination} | offline_blocked"


def test_a_refusal_in_a_library_that_wraps_errors_is_still_a_refusal() -> None:
    """A client that libraries make by themselves gets nowhere."""
    code = (
        PRELUDE
        + """
import httpx2
async def ask():
    async with httpx2.AsyncClient() as client:
        await client.get(f"http://127.0.0.1:{port}/")
try:
    asyncio.run(ask())
except (httpx2.ConnectError, OfflineBlocked):
    told.wait(30)
    print(blocked[0].purpose)
"""
    )
    assert run(code) == "a library of this process"


def test_the_factory_announces_itself() -> None:
    """The same connection made by the factory opens, and the name that it looks up may be asked for."""
    code = (
        PRELUDE
        + """
def serve():
    peer, _ = listening.accept()
    peer.recv(4096)
    peer.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok")
    peer.close()
threading.Thread(target=serve, daemon=True).start()
async def ask():
    egress = Egress(Policy(), record=record, environment={})
    async with egress.httpx2_client(f"http://localhost:{port}", purpose="test", timeouts=Timeouts()) as client:
        print((await client.get(f"http://localhost:{port}/")).text)
asyncio.run(ask())
with guard.announced_name("name.invalid"):
    try:
        socket.getaddrinfo("name.invalid", 1)
    except socket.gaierror:
        print("asked")
print(len(blocked), guard._now.places, guard._now.names)
"""
    )
    assert run(code).splitlines() == ["ok", "asked", "0 Counter() Counter()"]


def test_what_stays_inside_is_left_alone() -> None:
    """Event loops, sockets of this machine's processes, what is accepted, and names that nobody is asked for."""
    code = (
        PRELUDE
        + """
import os, tempfile
async def nothing():
    await asyncio.to_thread(print, "loop")
asyncio.run(nothing())
socket.getaddrinfo("127.0.0.1", 80); socket.getaddrinfo("localhost", 80); socket.getaddrinfo(None, 0)
a, b = socket.socketpair(); a.sendall(b"x"); b.recv(1)
folder = tempfile.mkdtemp(); path = os.path.join(folder, "s")
server = socket.socket(socket.AF_UNIX); server.bind(path); server.listen()
socket.socket(socket.AF_UNIX).connect(path)
print(len(blocked))
"""
    )
    assert run(code).splitlines() == ["loop", "0"]


def test_a_record_that_fails_lets_nothing_through() -> None:
    """The connection is refused whatever becomes of its record."""
    code = (
        PRELUDE
        + """
def broken(one):
    raise RuntimeError("no disk")
guard.tell(broken)
try:
    socket.create_connection(("192.0.2.1", 80))
except OfflineBlocked:
    print("refused")
"""
    )
    assert run(code) == "refused"


def test_every_command_is_guarded_from_its_start() -> None:
    """The console's entry installs the guard before it loads anything."""
    code = """
import sys, socket
from victor_server.cli.main import main
sys.argv = ["victor", "config", "show"]
try:
    main()
except SystemExit:
    pass
try:
    socket.create_connection(("192.0.2.1", 80), 1)
except PermissionError as error:
    print(type(error).__name__)
"""
    assert run(code).splitlines()[-1] == "ConnectionRefusedByGuard"


def test_an_event_loop_of_windows_may_connect_to_itself() -> None:
    """Where there is no socketpair, Python makes one of a connection to this machine; nobody else may."""
    code = (
        PRELUDE
        + """
text = "def socketpair(port):\\n    import _socket\\n    s = socket.socket()\\n    s.connect(('127.0.0.1', port))\\n    return s\\n"
space = {"__name__": "socket", "socket": socket}
exec(text, space)
space["socketpair"](port).close()
exec(text.replace("127.0.0.1", "192.0.2.1"), space)
try:
    space["socketpair"](port)
except OfflineBlocked:
    print("refused elsewhere")
"""
    )
    assert run(code) == "refused elsewhere"
