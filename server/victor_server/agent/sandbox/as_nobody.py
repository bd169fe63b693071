"""Becomes another user than root and then runs a program: `python -I -S as_nobody.py JSON`, read from its argument.

Root's files would be closed to that user. So the folders that it needs are mounted anew below /tmp, in a mount
namespace of this process alone, and there root's files count as its own; what it writes is root's outside.
Only the standard library: it is started without the packages of Victor.
"""

import ctypes
import json
import os
import signal
import struct
import sys
from pathlib import Path

CANNOT = 126
_NEW_MOUNTS, _NEW_USER = 0x2_0000, 0x1000_0000
_PRIVATE = 0x4000 | 0x4_0000
_NO_SETUID_NO_DEVICES = 0x2 | 0x4
_OPEN_TREE, _MOVE_MOUNT, _SET_ATTRIBUTES = 428, 429, 442
_CLONE, _CLOSE_ON_EXEC, _RECURSIVE, _EMPTY_PATH = 0x1, 0x8_0000, 0x8000, 0x1000
_OTHER_OWNERS = 0x10_0000
_FROM_DESCRIPTOR = 0x4
_HERE = -100
_DIE_WITH_PARENT = 1

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Do as the argument says: `{parent, uid, gid, borrowed, mounts: [[from, to]…], words}`."""
    told = json.loads(sys.argv[1])
    try:
        _die_with(told["parent"])
        _lend(told["mounts"], told["uid"], told["gid"], borrowed=told["borrowed"])
        os.setgroups([])
        os.setresgid(told["gid"], told["gid"], told["gid"])
        os.setresuid(told["uid"], told["uid"], told["uid"])
        _die_with(told["parent"])  # the kernel forgets it when the user changes
        os.execve(told["words"][0], told["words"], {"PATH": "/usr/bin:/bin"})  # noqa: S606  # no shell is wanted
    except OSError as error:
        sys.stderr.write(f"as another user than root: {error.strerror}\n")
        sys.exit(CANNOT)


def _die_with(parent: int) -> None:
    _checked(_libc.prctl(_DIE_WITH_PARENT, ctypes.c_ulong(signal.SIGKILL)))
    if os.getppid() != parent:
        os._exit(CANNOT)


def _lend(mounts: list[list[str]], uid: int, gid: int, *, borrowed: bool) -> None:
    """Mount each first path at the second one; `borrowed`: with root's files as those of `uid`."""
    _checked(_libc.unshare(_NEW_MOUNTS))
    _checked(_libc.mount(b"none", b"/", None, ctypes.c_ulong(_PRIVATE), None))
    owners = _root_as(uid, gid) if borrowed else -1
    trees = [(_tree(source, owners), Path(source).is_dir(), Path(target)) for source, target in mounts]
    _checked(
        _libc.mount(b"none", b"/tmp", b"tmpfs", ctypes.c_ulong(_NO_SETUID_NO_DEVICES), b"mode=755,size=1m")
    )
    for tree, is_folder, target in trees:
        if is_folder:
            target.mkdir()
        else:
            target.touch()
        _call(_MOVE_MOUNT, tree, b"", _HERE, os.fsencode(target), _FROM_DESCRIPTOR)
        os.close(tree)


def _tree(source: str, owners: int) -> int:
    tree = _call(_OPEN_TREE, _HERE, os.fsencode(source), _CLONE | _CLOSE_ON_EXEC | _RECURSIVE)
    if owners >= 0:
        attributes = struct.pack("=QQQQ", _OTHER_OWNERS, 0, 0, owners)
        _call(_SET_ATTRIBUTES, tree, b"", _EMPTY_PATH | _RECURSIVE, attributes, len(attributes))
    return tree


def _root_as(uid: int, gid: int) -> int:
    """A namespace in which root has these numbers, as an open file: it says to the kernel whose files are whose."""
    ready, done = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        os.close(done[1])  # so that the wait below ends with the parent, however that ends
        os.write(ready[1], b"y" if _libc.unshare(_NEW_USER) == 0 else b"n")
        os.read(done[0], 1)
        os._exit(0)
    try:
        if os.read(ready[0], 1) != b"y":
            raise PermissionError(0, "no user namespace could be made")
        Path(f"/proc/{child}/uid_map").write_text(f"0 {uid} 1", "ascii")
        Path(f"/proc/{child}/gid_map").write_text(f"0 {gid} 1", "ascii")
        return os.open(f"/proc/{child}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.write(done[1], b"y")
        os.waitpid(child, 0)
        for end in (*ready, *done):
            os.close(end)


def _call(number: int, *arguments: int | bytes) -> int:
    words = [ctypes.c_char_p(each) if isinstance(each, bytes) else ctypes.c_long(each) for each in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number), *words))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


if __name__ == "__main__":
    main()
