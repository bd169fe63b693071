"""The one place where a command's failure becomes a message, a document and an exit code."""

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from victor_server import __version__
from victor_server.errors import VictorError

FAILED = 2
STOPPED = 130
PIPE_CLOSED = 141


def guarded(command: Callable[[], int], *, json: bool) -> int:
    """Run a command; whatever it raises is told in words (`{"error": …}` on stdout with `json`), never as a traceback."""
    from victor_indexer.errors import IndexerError

    try:
        code = command()
        sys.stdout.flush()
    except KeyboardInterrupt:
        return STOPPED
    except BrokenPipeError:
        _leave_stdout()
        return PIPE_CLOSED
    except (VictorError, IndexerError) as error:
        return _tell(error.kind, error.message, error.fix, json=json)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _tell("system", f"{where}{error.strerror or error}", "Run `victor doctor`.", json=json)
    except Exception as error:  # noqa: BLE001 - the edge: what is left is a bug, and is told as one
        message = f"This is a bug in Victor: {type(error).__name__}."
        return _tell("bug", message, _where_it_is_written(error), json=json)
    return code


def _tell(kind: str, message: str, fix: str, *, json: bool) -> int:
    try:
        if json:
            import json as jsonlib

            print(jsonlib.dumps({"error": {"kind": kind, "message": message, "fix": fix}}), flush=True)
            return FAILED
    except OSError:  # stdout may be what failed: a full disk, a reader that is gone
        _leave_stdout()
    from victor_server.cli.chat.neutral import neutral  # a file or a model server may have named what failed

    with contextlib.suppress(OSError):
        print(neutral(f"victor: {message}"), file=sys.stderr)
        if fix:
            print(neutral(fix), file=sys.stderr)
    return FAILED


def _leave_stdout() -> None:
    """Nobody reads any more; without this the interpreter would complain once more at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _where_it_is_written(error: Exception) -> str:
    """Writes down where the bug struck, and says where that can be read."""
    from victor_server.settings.home import append_private, create_home, home_folder

    try:
        log = create_home(home_folder(os.environ)) / "errors.log"
        append_private(log, _report(error))
    except (OSError, VictorError):
        return "Please report it, with the command that you ran."
    return f"Please report it; {log} says where it struck."


def _report(error: Exception) -> str:
    """The way to the bug. Not the error's message: it may quote a file."""
    import platform
    import time
    import traceback

    when = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    frames = (
        f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    )
    head = f"{when} victor {__version__} Python {platform.python_version()} {sys.platform} {type(error).__name__}"
    return "\n".join([head, *frames, ""])
