"""Takes away the empty folders that stand in a workspace for protected names while commands run in it."""

import asyncio
import contextlib
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from victor_server.agent.sandbox.protected import PLACED, missing_in
from victor_server.agent.uninterrupted import uninterrupted
from victor_server.errors import Unavailable
from victor_server.settings.home import FILE_MODE, FOLDER_MODE


@contextlib.asynccontextmanager
async def placeholders(home: Path, root: Path, *, is_writable: bool) -> AsyncIterator[None]:
    """While this is entered, a sandbox may make folders of the names that `protected.missing_in` gives.

    Commands of several windows may run in one workspace: the last that ends takes away what is empty. What a killed
    Victor left is taken away by the next.
    """
    if not is_writable:
        yield
        return
    handle = await uninterrupted(asyncio.to_thread(_enter, home, root))
    try:
        yield
    finally:
        await uninterrupted(asyncio.to_thread(_leave, handle, root))


def _enter(home: Path, root: Path) -> int:
    import fcntl  # Here, not above: Windows has none, and the room is read there too.

    folder = home / "sandbox"
    key = hashlib.sha256(os.fsencode(root)).hexdigest()[:32]
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        handle = os.open(
            folder / f"{key}.lock", os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, FILE_MODE
        )
    except OSError as error:
        raise Unavailable(f"{folder} cannot be written to: {error.strerror}.") from error
    fcntl.flock(handle, fcntl.LOCK_SH)
    names = "".join(f"{path.name}\n" for path in missing_in(root))
    os.write(handle, names.encode("ascii"))
    return handle


def _leave(handle: int, root: Path) -> None:
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # another command runs here: it will do this
    else:
        for name in set(os.pread(handle, 1 << 16, 0).decode("ascii", "replace").split()) & set(PLACED):
            with contextlib.suppress(OSError):
                (root / name).rmdir()
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)
