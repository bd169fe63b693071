"""Adds the import that reading an environment variable needs, where it is missing and where its kind stands."""

import re

from victor_server.features.environment.languages import LANGUAGES, Language
from victor_server.features.environment.literals import code_only
from victor_server.features.replacement import Replacement

_PYTHON_HAS = re.compile(r"^import[ \t](?:[^\n;]*,[ \t]*)?os(?:\.path)?[ \t]*(?:,|;|\r?$)", re.MULTILINE)
_PYTHON_IMPORT = re.compile(
    r"^(?:import|from)[ \t]+([\w.]+)(?:\\\r?\n|\([^()]{0,5000}+\)|[^\n])*+", re.MULTILINE
)
_PYTHON_OTHER = re.compile(
    r"^[ \t]*os[ \t]+=(?!=)|^os=(?!=)|\bas[ \t]+os\b|\bfor[ \t]+os\b"
    r"|^[ \t]*from[ \t]+[\w.]+[ \t]+import[ \t]+(?:[\w ]+,)*[ \t]*os[ \t]*(?:,|\r?$)"
    r"|\bdef[ \t]+\w+\([^()]{0,500}(?<![\w.*])os[ \t]*[,:)=]",
    re.MULTILINE,
)
_DOCSTRING = re.compile(
    r"\s*[A-Za-z]?(?:\"\"\"[^\"]*\"\"\"|'''[^']*'''|\"[^\"\n]*\"|'[^'\n]*')[ \t]*;?[ \t]*(?=\r?\n|\Z)"
)
_GO_HAS = re.compile(r"^[ \t]*(?:import[ \t]+)?\"os\"[ \t]*\r?$", re.MULTILINE)
_GO_GROUP = re.compile(r"^import[ \t]*\([ \t]*\r?\n", re.MULTILINE)
_GO_IMPORT = re.compile(r"^import[ \t]", re.MULTILINE)
_GO_OTHER = re.compile(
    r"\bos[ \t]*(?:,[ \t]*\w+[ \t]*)?:?=(?!=)|\bvar[ \t]+os\b|[(,][ \t]*os[ \t]+[\w*\[]"
    r"|^[ \t]*(?:import[ \t]+)?os[ \t]+\"|\"[^\"\n]+/os\"[ \t]*\r?$",
    re.MULTILINE,
)
_GO_PACKAGE = re.compile(r"^package[ \t]+\w+[^\n]*", re.MULTILINE)
_SWIFT_HAS = re.compile(
    r"^[ \t]*(?:@\w+[ \t]+)?import[ \t]+(?:Foundation|UIKit|AppKit|SwiftUI|Cocoa)\b", re.MULTILINE
)
_DART_HAS = re.compile(r"^import[ \t]+['\"]dart:io['\"][ \t]*;", re.MULTILINE)
_FIRST_IMPORT = re.compile(r"^import\b", re.MULTILINE)
_LIBRARY = re.compile(r"^library\b[^\n]*\r?\n", re.MULTILINE)


def import_edit(text: str, language: Language, before: int) -> list[Replacement]:
    """The insertion that imports what `language` needs, none where it needs nothing or has it; all lie above `before`."""
    if not language.needs:
        return []
    place, line = _WRITERS[_name_of(language)](text, code_only(language.lexer, text), before)
    if line is None:
        return []
    newline = "\r\n" if "\r\n" in text else "\n"
    return [Replacement(place, place, line.replace("\n", newline))]


def is_hidden(text: str, language: Language) -> bool:
    """Whether the name of the module that must be imported seems to mean something else in this file."""
    match language.needs, _name_of(language):
        case "os", "python":
            return bool(_PYTHON_OTHER.search(code_only(language.lexer, text)))
        case "os", "go":
            return bool(_GO_OTHER.search(text))
        case _:
            return False


def _name_of(language: Language) -> str:
    return next(name for name, known in LANGUAGES.items() if known is language)


def _python(text: str, code: str, before: int) -> tuple[int, str | None]:
    """In alphabetical order among plain imports, else before the first import, else below the module's docstring.

    What is imported behind `before` comes too late.
    """
    if _PYTHON_HAS.search(code, 0, before):
        return 0, None
    imports = [match for match in _PYTHON_IMPORT.finditer(code) if match.start() < before]
    found = [match for match in imports if match[1] != "__future__"]
    if found and found[-1].end() > before:
        return found[-1].start(), "import os\n"
    if found:
        block = _block(code, found)
        plain = [match for match in block if match.group().startswith("import")]
        later = next((match for match in plain if match[1] > "os"), None)
        if later is not None:
            return later.start(), "import os\n"
        if plain and plain[-1] is not block[-1]:
            return _next_line(code, plain[-1].end()), "import os\n"
        if plain:
            return _behind(code, plain[-1].end(), "import os\n")
        return found[0].start(), "import os\n"
    return _python_top(code, imports)


def _block(code: str, found: list[re.Match[str]]) -> list[re.Match[str]]:
    """The first imports, up to the first line between them that is none."""
    block = found[:1]
    for match in found[1:]:
        if (
            code[block[-1].end() : match.start()].strip("\r\n\t ")
            or "\n\n" in code[block[-1].end() : match.start()]
        ):
            break
        block.append(match)
    return block


def _python_top(code: str, future: list[re.Match[str]]) -> tuple[int, str | None]:
    if future:
        return _behind(code, future[-1].end(), "\nimport os\n")
    docstring = _DOCSTRING.match(code)
    if docstring:
        return _behind(code, docstring.end(), "\nimport os\n")
    place = len(code) - len(code.lstrip())
    start = code.rfind("\n", 0, place) + 1
    return start, "import os\n\n"


def _go(text: str, code: str, _before: int) -> tuple[int, str | None]:
    if _GO_HAS.search(text):
        return 0, None
    if group := _GO_GROUP.search(code):
        return _go_in_group(text, group.end()), '\t"os"\n'
    if single := _GO_IMPORT.search(code):
        return _behind(code, single.end(), 'import "os"\n')  # what stands before it may be its own
    package = _GO_PACKAGE.search(code)
    return _behind(code, package.end(), '\nimport "os"\n') if package else (0, None)


def _go_in_group(text: str, start: int) -> int:
    """Before the first path of the standard library's block that comes later in the alphabet, else at its end."""
    place = start
    for line in text[start:].splitlines(keepends=True):
        path = re.match(r'\s*"([^"]+)"', line)
        if not path or path[1] > "os" or "." in path[1].partition("/")[0]:
            break
        place += len(line)
    return place


def _swift(text: str, code: str, _before: int) -> tuple[int, str | None]:
    if _SWIFT_HAS.search(code):
        return 0, None
    first = _FIRST_IMPORT.search(code)
    if first:
        return first.start(), "import Foundation\n"
    return _first_code_line(code), "import Foundation\n\n"


def _dart(text: str, code: str, _before: int) -> tuple[int, str | None]:
    if _DART_HAS.search(text):
        return 0, None
    first = _FIRST_IMPORT.search(code)
    if first:
        return first.start(), "import 'dart:io';\n"
    library = _LIBRARY.search(code)
    return (library.end() if library else _first_code_line(code)), "import 'dart:io';\n\n"


def _first_code_line(code: str) -> int:
    return code.rfind("\n", 0, len(code) - len(code.lstrip())) + 1


def _next_line(code: str, place: int) -> int:
    return code.find("\n", place) + 1 or len(code)


def _behind(code: str, place: int, lines: str) -> tuple[int, str]:
    """On the line behind `place`, which may be the text's last."""
    end = code.find("\n", place)
    return (end + 1, lines) if end >= 0 else (len(code), "\n" + lines)


_WRITERS = {"python": _python, "go": _go, "swift": _swift, "dart": _dart}
