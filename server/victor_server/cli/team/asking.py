"""Asks the backend one question and prints the answer: as a table for people, as one document for scripts."""

import asyncio
import json as jsonlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from victor_server.cli.chat.neutral import neutral
from victor_server.compose.team_client import open_client
from victor_server.errors import UsageError
from victor_server.protocol import Shape

AnyShape = TypeVar("AnyShape", bound=Shape)


@dataclass(frozen=True, slots=True)
class Where:
    """Which backend, and as whom; without both, the one that this person is logged in to."""

    url: str | None = None
    token_file: Path | None = None


def answer(
    where: Where, method: str, params: Shape, show: Callable[[Any], Iterable[str]], *, json: bool
) -> int:
    """Ask, and print: `show` makes the lines for people."""
    found = ask(where, method, params)
    print(jsonlib.dumps(found.model_dump(mode="json")) if json else neutral("\n".join(show(found))))
    return 0


def ask(where: Where, method: str, params: Shape) -> Any:
    """What the backend answers. Raises what it says."""
    return asyncio.run(_ask(where, method, params))


def made(shape: type[AnyShape], **values: Any) -> AnyShape:
    """Params of what was written on the command line; what is None is left out. Raises UsageError."""
    try:
        return shape.model_validate({name: value for name, value in values.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        name = ".".join(map(str, first["loc"]))
        raise UsageError(f"{name}: {first['msg'][:1].lower()}{first['msg'][1:]}.", "See --help.") from None


def table(head: Sequence[str], rows: Iterable[Sequence[object]], nothing: str) -> Iterable[str]:
    """Rows below their head, in columns; numbers to the right."""
    cells = [tuple(map(_cell, row)) for row in rows]
    if not cells:
        return [nothing]
    numbers = [all(_is_number(row[at]) for row in cells) for at in range(len(head))]
    widths = [max(len(row[at]) for row in (tuple(head), *cells)) for at in range(len(head))]
    return [
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, numbers, strict=True)
        ).rstrip()
        for row in (tuple(head), *cells)
    ]


async def _ask(where: Where, method: str, params: Shape) -> Any:
    client = open_client(os.environ, where.url, where.token_file)
    try:
        return await client.ask(method, params)
    finally:
        await client.close()


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, int):
        return f"{value:,}"
    return "" if value is None else str(value)


def _is_number(text: str) -> bool:
    return text == "" or text.lstrip("$").replace(",", "").replace(".", "").isdigit()
