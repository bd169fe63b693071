"""How lines of a log are written: of an exception the way to it, not its message, which may quote a file or a question."""

import logging
import traceback
from pathlib import Path
from types import TracebackType

LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class WithoutQuotes(logging.Formatter):
    """Lines as `LINE`; below an error the places in the code, innermost last, and the kind of the exception."""

    def __init__(self) -> None:
        super().__init__(LINE)

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - the library's name
        """Return the way to an exception."""
        kind, _, trace = ei
        frames = [
            f"  {Path(each.filename).name}:{each.lineno} {each.name}" for each in traceback.extract_tb(trace)
        ]
        return "\n".join([*frames, f"  {kind.__name__}" if kind is not None else ""])


def handler_without_quotes() -> logging.Handler:
    """A handler that writes such lines to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(WithoutQuotes())
    return handler
