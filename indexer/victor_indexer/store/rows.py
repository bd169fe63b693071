"""The shape of the table: parsed files into rows, and rows back into chunks."""

import functools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from victor_indexer.model import ParsedFile, StoredChunk
from victor_indexer.tokens import token_line

CHUNK_COLUMNS = ["path", "ord", "about", "tokens"]
"""What is read of a row to rank it: all but its text. Each column costs a query half a millisecond, so the small
values stand together in `about`: start, end, kind, symbol and the names defined, a line each."""

_SEPARATOR = " | "
"""Between the tokens of path, symbols and text: no token contains it, and one more token harms no index."""


def rows_of(files: Iterable[ParsedFile], *, fresh: bool) -> Any:
    """Return the chunks of `files` as rows of the table."""
    import pyarrow as pa

    rows = [
        (*(chunk.path, chunk.ord, _about_column(chunk), fresh, parsed.text, _token_column(chunk)),)
        for file in files
        for parsed, chunk in zip(file.chunks, chunks_of_file(file), strict=True)
    ]
    columns = zip(*rows, strict=True) if rows else [()] * len(schema())
    arrays = [_array(column, field.type) for column, field in zip(columns, schema(), strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema())


def chunks_of_file(file: ParsedFile | None) -> tuple[StoredChunk, ...]:
    """Return a parsed file's chunks as the table would give them back."""
    if file is None:
        return ()
    path_tokens = token_line(file.path)
    return tuple(
        StoredChunk(
            *(file.path, chunk.ord, chunk.start_line, chunk.end_line, chunk.symbol, chunk.kind),
            *(chunk.defines, path_tokens, token_line(" ".join((chunk.symbol, *chunk.defines))), chunk.tokens),
        )
        for chunk in file.chunks
    )


def marked_fresh(rows: Any, *, fresh: bool) -> Any:
    """Return `rows` marked as in the index or not."""
    import pyarrow as pa

    position = schema().names.index("fresh")
    return rows.set_column(
        position, schema().field("fresh"), pa.array([fresh] * rows.num_rows, pa.bool_())
    ).cast(schema())


def stored_chunks(rows: Any) -> list[StoredChunk]:
    """Return rows of the table as chunks."""
    columns = [rows[name].to_pylist() for name in CHUNK_COLUMNS]
    found = []
    for path, number, about, tokens in zip(*columns, strict=True):
        start, end, kind, symbol, *defines = about.split("\n")
        path_tokens, symbol_tokens, text_tokens = tokens[1:-1].split(_SEPARATOR, 2)
        names = (path_tokens, symbol_tokens, text_tokens)
        found.append(StoredChunk(path, number, int(start), int(end), symbol, kind, tuple(defines), *names))
    return found


def text_tokens(column: Any) -> Iterator[str]:
    """Return the tokens of the chunks' text alone, a line for each row of the column `tokens`."""
    return (tokens.rsplit(_SEPARATOR, 1)[1] for tokens in column.to_pylist())


@functools.cache
def schema() -> Any:
    """Return the columns of the table."""
    import pyarrow as pa

    packed = {"lance-encoding:compression": "zstd", "lance-encoding:compression-level": "1"}
    return pa.schema(
        [
            pa.field("path", pa.string()),
            pa.field("ord", pa.int32()),
            pa.field("about", pa.string()),
            pa.field("fresh", pa.bool_()),
            pa.field("text", pa.string(), metadata=packed),
            pa.field("tokens", pa.string(), metadata=packed),
        ]
    )


def _array(values: Sequence[object], kind: Any) -> Any:
    import pyarrow as pa

    try:
        return pa.array(values, type=kind)
    except UnicodeEncodeError:
        # A lone surrogate: one odd string must not keep its whole batch out of the index.
        return pa.array([str(value).encode("utf-8", "replace").decode() for value in values], type=kind)


def _about_column(chunk: StoredChunk) -> str:
    names = (chunk.symbol, *chunk.defines)
    lines = (
        str(chunk.start_line),
        str(chunk.end_line),
        chunk.kind,
        *(name.replace("\n", " ") for name in names),
    )
    return "\n".join(lines)


def _token_column(chunk: StoredChunk) -> str:
    # Spaces at both ends: every token then stands between spaces, which is what a scan looks for.
    return f" {chunk.path_tokens}{_SEPARATOR}{chunk.symbol_tokens}{_SEPARATOR}{chunk.tokens} "
