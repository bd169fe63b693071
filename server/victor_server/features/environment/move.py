"""Writes the change by which code reads an environment variable instead of holding a secret."""

import re
from dataclasses import dataclass

from victor_server.features.environment.imports import import_edit, is_hidden
from victor_server.features.environment.languages import LANGUAGES, Language, expands_variables, language_name
from victor_server.features.environment.literals import Literal, code_only, literal_around
from victor_server.features.environment.names import variable_name
from victor_server.features.replacement import Replacement
from victor_server.secrets.finding import Finding
from victor_server.secrets.lines import line_around

_MAX_TEXT = 2_000_000
"""Longer ones are written by programs, and take long to look through."""
_LOOK_BACK = 20_000
_LOOK_AHEAD = 2_000
_MAX_STATEMENT = 1_000

_BEFORE = re.compile(r"(?:(?<![-<>])>?=>?|[(,\[{:+?.]|\|\||\?\?|(?<!\w)(?:return|or|and|else|then))\s*\Z")
_AFTER_WHOLE = re.compile(r"[ \t]*(?:\Z|[\r\n;,)\]}+?]|\|\||==|!=|(?:or|if|and|else)\b|\.(?=\w)|\[)")
_AFTER_PART = re.compile(r"[ \t]*(?:\Z|[\r\n;,)\]}+])")
_BINDS_TIGHTER = re.compile(r"[ \t]*(?:\??\.(?=\w)|\[|!|as\b)")
_ATTRIBUTE = re.compile(r"<[A-Za-z][\w.:-]*(?:\s[^<>]*)?\s[\w:-]+=\Z")
_JSX_TEXT = re.compile(r"(?<![\w$.])</?[A-Za-z][^<>{}]{0,300}>[^<>{};]{0,2000}\Z")
_CONSTANT = re.compile(r"\bfinal\b[^=\n]*?(\w+)\s*=\s*\Z|\bString\s+(\w+)\s*=\s*\Z")
_OPENERS = re.compile(r"[()\[\]{}]")
_CONVERTED = re.compile(r"\.(?:to_string|to_owned|into|to_vec|into_bytes)\(\)")


@dataclass(frozen=True, slots=True)
class Move:
    """A place where a secret may be read from a variable: what to call it, and what has to be written there."""

    language: Language | None
    literal: Literal | None
    proposed: str
    start: int
    end: int
    is_attribute: bool = False
    lends: bool = False
    """Rust: a reference is wanted, so the value that is read is lent."""


def find_move(text: str, path: str, language_id: str, finding: Finding) -> Move | None:
    """Where and under which name a secret can be moved; None where the code would break, or it is not sure."""
    name = language_name(path, language_id)
    if len(text) > _MAX_TEXT:
        return None
    if name is None:
        return _textual_move(text, finding) if expands_variables(path) else None
    language = LANGUAGES[name]
    literal = literal_around(language.lexer, text, finding.start, finding.end)
    if literal is None:
        return _unquoted_move(text, language, finding) if name == "shell" else None
    is_whole = (literal.body_start, literal.body_end) == (finding.start, finding.end)
    proposed = variable_name(_line_before(text, literal.start), finding, is_whole)
    if (name in {"shell", "powershell"} and not is_whole) or name == "shell":
        return Move(language, literal, proposed, finding.start, finding.end)
    return _judged(
        text, name, language, Move(language, literal, proposed, finding.start, finding.end), is_whole
    )


def replacements(text: str, move: Move, name: str) -> list[Replacement] | None:
    """What to replace so that `name` is read, imports included; None where that cannot be written."""
    if move.language is None or move.literal is None:
        insert = move.language.read.format(name=name) if move.language else f"${{{name}}}"
        return [Replacement(move.start, move.end, insert)]
    literal, language = move.literal, move.language
    read = language.read.format(name=name)
    if (literal.body_start, literal.body_end) != (move.start, move.end):
        written = language.partial(text, literal, move.start, move.end, read, name)
        if written is None:
            return None
        read = written
    if move.lends:
        read = f"&{read}"
    if move.is_attribute:
        read = f"{{{read}}}"
    return [
        *import_edit(text, language, literal.start),
        Replacement(literal.start, literal.end, read),
    ]


def _judged(text: str, name: str, language: Language, move: Move, is_whole: bool) -> Move | None:
    literal = move.literal
    if literal is None or "b" in literal.prefix.lower() or (is_whole and _is_template_call(name, literal)):
        return None
    code = code_only(language.lexer, text)
    before = code[max(0, literal.start - _LOOK_BACK) : literal.start]
    after = code[literal.end : literal.end + _LOOK_AHEAD]
    if _is_denied(before, language) or is_hidden(text, language):
        return None
    if name in {"java", "groovy"} and _is_used_as_constant(before, code):
        return None
    is_script = name in {"javascript", "typescript"}
    is_attribute = is_script and bool(_ATTRIBUTE.search(before[-400:]))
    if is_attribute and not is_whole and re.search(r"[\\&]", text[literal.start : literal.end]):
        return None  # an attribute has its own escapes
    if is_script and not is_attribute and _JSX_TEXT.search(before[-2500:]):
        return None
    joined = language.joins_strings and (
        before.rstrip()[-1:] in {'"', "'"} or after.lstrip()[:1] in {'"', "'"}
    )
    is_f_string = name == "python" and not is_whole
    if joined and not is_f_string and _is_bracketed(before):
        return None
    expected = _BEFORE.search(before)
    if not (is_attribute or expected or (joined and is_f_string)):
        return None
    if expected and name == "python" and "\n" in expected.group() and not _opener(before):
        return None  # a statement of its own, such as a docstring
    if not is_attribute and not _may_follow(after, language, is_whole, joined and is_f_string):
        return None
    if name == "rust":
        return _judged_rust(before, after, move, is_whole)
    return Move(language, literal, move.proposed, move.start, move.end, is_attribute)


def _may_follow(after: str, language: Language, is_whole: bool, in_join: bool) -> bool:
    if in_join and after.lstrip()[:1] in {'"', "'"}:
        return True
    if _BINDS_TIGHTER.match(after) and not (is_whole and language.is_primary):
        return False
    return bool((_AFTER_WHOLE if is_whole else _AFTER_PART).match(after))


def _judged_rust(before: str, after: str, move: Move, is_whole: bool) -> Move | None:
    """A `String` where one is wanted, else a reference, which lives long enough in a `let` and in a call only."""
    if _CONVERTED.match(after) and is_whole:
        return move
    if after.lstrip(" \t").startswith("."):
        return None
    if re.search(r"\bString::from\(\s*\Z", before):
        return move
    statement = _end_of_line(before).rpartition(";")[2]
    if re.match(r"\s*let\b[^=]*=\s*\Z", statement) or (
        before.rstrip()[-1:] in {"(", ","} and _opener(before) == "("
    ):
        return Move(move.language, move.literal, move.proposed, move.start, move.end, lends=True)
    return None


def _is_template_call(name: str, literal: Literal) -> bool:
    """A tagged template, or a sigil: what stands before the quote decides what it means."""
    return name in {"javascript", "typescript", "elixir", "scala"} and bool(literal.prefix)


def _is_denied(before: str, language: Language) -> bool:
    """Whether the statement that the literal is part of, or one around it, takes constants only."""
    line = _end_of_line(before)
    lines = [line, *_lines_of_openers(before)]
    if not line.strip():
        lines.append(_end_of_line(before.rstrip()))
    return any(language.denied.search(each) for each in lines) or bool(
        language.parameter.search(_inside_brackets(before))
    )


def _inside_brackets(before: str) -> str:
    """What stands before the literal in the innermost brackets, in one line, with the bracket and what is before it."""
    places = _open_places(before)
    if not places or len(before) - places[0] > _MAX_STATEMENT:
        return ""
    outside = before[: places[0]].rstrip()[-1:]
    return outside + " ".join(before[places[0] :].split())


def _is_used_as_constant(before: str, code: str) -> bool:
    """Java: whether what the literal is assigned to stands where only a constant may."""
    assigned = _CONSTANT.search(_end_of_line(before))
    if not assigned:
        return False
    name = re.escape(assigned[1] or assigned[2])
    return bool(
        re.search(rf"\bcase\s[^:\n]{{0,200}}\b{name}\b|@[\w.]{{1,80}}+\([^()\n]{{0,200}}\b{name}\b", code)
    )


def _end_of_line(code: str) -> str:
    """The last line, of which only so much is read that no pattern takes long."""
    return code[max(code.rfind("\n") + 1, len(code) - _MAX_STATEMENT) :]


def _lines_of_openers(before: str) -> list[str]:
    """The line of each bracket that is open where `before` ends, up to the bracket, the innermost first."""
    return [_end_of_line(before[: place + 1]) for place in _open_places(before)[:12]]


def _open_places(before: str) -> list[int]:
    closed = 0
    places = []
    for match in reversed(list(_OPENERS.finditer(before))):
        if match.group() in ")]}":
            closed += 1
        elif closed:
            closed -= 1
        else:
            places.append(match.start())
    return places


def _opener(before: str) -> str:
    places = _open_places(before)
    return before[places[0]] if places else ""


def _is_bracketed(before: str) -> bool:
    return _opener(before) in {"(", "["}


def _textual_move(text: str, finding: Finding) -> Move | None:
    """A file in which `${NAME}` is replaced wherever it stands, but for its keys and comments."""
    before = _line_before(text, finding.start)
    if (
        finding.line != finding.end_line
        or re.match(r"\s*[#!]|.*\s#|.*[\[{](?:[^\"']|\"[^\"]*\"|'[^']*')*+\Z", before)
        or not re.search(r"[:=]", before)
    ):
        return None
    is_whole = bool(re.search(r"[:=]\s*[\"']?\s*\Z", before))
    proposed = variable_name(before.rstrip("\"' ").replace(".", "_"), finding, is_whole)
    return Move(None, None, proposed, finding.start, finding.end)


def _unquoted_move(text: str, language: Language, finding: Finding) -> Move | None:
    """A bare word of a shell: quoted, the variable may stand anywhere in it."""
    before = _line_before(text, finding.start)
    tokens = language.lexer.tokens(text)
    if any(start < finding.end and finding.start < end for start, end, _ in tokens) or before.endswith("\\"):
        return None
    if before[-1:] in {'"', "'"} or text[finding.end : finding.end + 1] in {'"', "'"}:
        return None  # the quotes may be of a command inside of other quotes
    is_whole = before.endswith("=")
    return Move(language, None, variable_name(before, finding, is_whole), finding.start, finding.end)


def _line_before(text: str, place: int) -> str:
    return text[line_around(text, place)[0] : place]
