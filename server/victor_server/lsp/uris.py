"""URIs of documents and the paths they stand for, on the system that is told: pure text, no file is touched."""

import os
import re
from urllib.parse import quote, unquote

ON_WINDOWS = os.name == "nt"

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_DRIVE = re.compile(r"/([A-Za-z])(?::|%3[Aa])(.*)", re.DOTALL)
# What vscode-uri leaves as it is in a path; the colon of a drive is quoted, as VS Code does it.
_SAFE = "/-._~"


def scheme(uri: str) -> str:
    """The scheme in lower case; "" if there is none."""
    match = _SCHEME.match(uri)
    return match[1].lower() if match else ""


def to_path(uri: str, *, windows: bool = ON_WINDOWS) -> str | None:
    """The path that a `file` URI stands for, None for any other and for one that no path can be."""
    if scheme(uri) != "file":
        return None
    rest = unquote(uri[len("file:") :].split("#", 1)[0].split("?", 1)[0], errors="surrogateescape")
    host, path = "", rest
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        path = slash + path
    if not path.startswith("/") or "\0" in path:
        return None
    return _windows_path(host, path) if windows else _posix_path(host, path)


def from_path(path: str, *, windows: bool = ON_WINDOWS) -> str:
    """The `file` URI of an absolute path."""
    if not windows:
        return "file://" + _quoted(path)
    path = path.replace("\\", "/")
    if path.startswith("//"):
        host, _, rest = path[2:].partition("/")
        return f"file://{quote(host)}/{_quoted(rest)}"
    if path[1:2] == ":":
        return f"file:///{path[0].lower()}%3A{_quoted(path[2:])}"
    return "file://" + _quoted(path)


def name_of(uri: str) -> str:
    """The last part of any URI's path, for what is not a file (`untitled:Untitled-1`)."""
    path = uri.split("#", 1)[0].split("?", 1)[0].rstrip("/")
    return unquote(re.split(r"[/\\:]", path)[-1]) or "untitled"


def place_of(uri: str) -> str:
    """Where what is not a file lies: `//HOST/PATH`, which no file of this system is called, or its bare name."""
    text = uri.split("#", 1)[0].split("?", 1)[0]
    if "/" not in text:
        return name_of(uri)
    host, path = scheme(uri), text[len(scheme(uri)) + 1 :]
    if path.startswith("//"):
        host, _, path = path[2:].partition("/")
    return f"//{host or 'elsewhere'}/{unquote(path).strip('/')}".replace("\0", "")


def _quoted(path: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape"), safe=_SAFE)


def _posix_path(host: str, path: str) -> str:
    return path if host.lower() in ("", "localhost") else f"//{host}{path}"


def _windows_path(host: str, path: str) -> str:
    if host and host.lower() != "localhost":
        return ("//" + host + path).replace("/", "\\")
    if drive := _DRIVE.fullmatch(path):
        return f"{drive[1].lower()}:{drive[2] or '/'}".replace("/", "\\")
    return path.replace("/", "\\")
