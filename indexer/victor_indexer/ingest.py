"""One file in, its symbols and chunks out.

Nothing here raises for what a file holds: a file that cannot be read or taken apart comes back as SKIPPED or
FAILED with a reason, and a file whose grammar gives up comes back in plain pieces with `error` set.
"""

import logging
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

from victor_indexer.chunk import cut
from victor_indexer.languages import Language, language_of, refine
from victor_indexer.model import FileStatus, FoundFile, ParsedFile, Redact, Symbol
from victor_indexer.source import Unread, decode, is_minified, normalise, read_file
from victor_indexer.syntax import Tree, parse
from victor_indexer.syntax.broken import broken_places
from victor_indexer.syntax.tags import symbols

PARSER_VERSION = "1"
"""Stored in the manifest; changed whenever symbols come out otherwise than before."""

CHUNKER_VERSION = "1"
"""Stored in the manifest; changed whenever chunks or tokens come out otherwise than before."""

MAX_FILE_BYTES = 1_000_000

PARSE_BUDGET_S = 2.0
"""CPU seconds for one syntax tree, ten times what the largest ordinary file takes."""

_log = logging.getLogger(__name__)


def parse_file(
    root: Path, found: FoundFile, redact: Redact, *, max_bytes: int = MAX_FILE_BYTES
) -> ParsedFile:
    """Read and take apart one file under `root`. `redact` sees the text before anything is derived from it."""
    raw = read_file(root, found.path, max_bytes)
    if isinstance(raw, Unread):
        return _unread(found, raw)
    base = ParsedFile(
        found.path,
        FileStatus.INDEXED,
        size=raw.size,
        mtime_ns=raw.mtime_ns,
        ctime_ns=raw.ctime_ns,
        content_hash=_hash(raw.content),
    )
    decoded = decode(raw.content)
    if decoded is None:
        return replace(base, status=FileStatus.SKIPPED, reason="binary", rule="content")
    text, loss = decoded
    return _take_apart(replace(base, error=loss), text, redact)


def parse_text(path: str, text: str, redact: Redact) -> ParsedFile:
    """Take apart the text of an unsaved buffer as if it stood in the file `path`; its times are 0."""
    content = text.encode("utf-8", "surrogatepass")
    base = ParsedFile(path, FileStatus.INDEXED, size=len(content), content_hash=_hash(content))
    return _take_apart(base, normalise(text), redact)


def find_broken(path: str, text: str) -> ParsedFile:
    """Where a text does not parse, as `symbols` of kind `broken`: `name` is what misses there. Never raises."""
    base = ParsedFile(path, FileStatus.INDEXED)
    try:
        found = broken_places(path, normalise(text))
    except Exception as error:  # noqa: BLE001 - as for a file: one bad text must not end the child
        return replace(base, status=FileStatus.FAILED, error=f"could not be parsed: {type(error).__name__}")
    if found is None:
        return replace(base, status=FileStatus.SKIPPED, reason="not parsed")
    places = (
        Symbol(each.misses, "broken", "", each.start, 0, each.end, 0, each.start, 0, 0) for each in found
    )
    return replace(base, symbols=tuple(places))


def _hash(content: bytes) -> str:
    return blake2b(content, digest_size=20).hexdigest()


def _unread(found: FoundFile, unread: Unread) -> ParsedFile:
    return ParsedFile(
        found.path,
        FileStatus.SKIPPED if unread.reason else FileStatus.FAILED,
        size=found.size,
        mtime_ns=found.mtime_ns,
        ctime_ns=found.ctime_ns,
        reason=unread.reason,
        rule=unread.rule,
        error=unread.error,
    )


def _take_apart(base: ParsedFile, text: str, redact: Redact) -> ParsedFile:
    """Redact, then derive everything else; whatever breaks on the way becomes a FAILED file, never its contents."""
    try:
        if is_minified(base.path, text):
            return replace(base, status=FileStatus.SKIPPED, reason="minified", rule="content")
        clean = redact(text, base.path)
        if clean.count("\n") != text.count("\n"):
            return replace(base, status=FileStatus.FAILED, error="redaction changed lines")
        return _indexed(base, normalise(clean))
    except Exception as error:  # noqa: BLE001 - one bad file must not stop the others; the message may quote the text
        _log.warning("could not take apart a file: %s", type(error).__name__)
        return replace(
            base, status=FileStatus.FAILED, error=f"could not be taken apart: {type(error).__name__}"
        )


def _indexed(base: ParsedFile, text: str) -> ParsedFile:
    language = language_of(base.path, text[:200].partition("\n")[0])
    if language is not None:
        language = refine(language, text)
    tree, found, error = _syntax(text, language)
    return replace(
        base,
        language=language.name if language else "text",
        lines=text.count("\n") + (not text.endswith("\n") and text != ""),
        error="; ".join(filter(None, (base.error, error))),
        symbols=found,
        chunks=cut(text, tree, found),
    )


def _syntax(text: str, language: Language | None) -> tuple[Tree | None, tuple[Symbol, ...], str]:
    if language is None:
        return None, (), ""
    tree = parse(text, language, budget_s=PARSE_BUDGET_S)
    if tree is None:
        return None, (), f"no syntax tree within {PARSE_BUDGET_S:g} CPU seconds: indexed as plain text"
    return tree, symbols(tree), ""
