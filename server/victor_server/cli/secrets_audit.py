"""`victor secrets audit`: one question after the other about the secrets in a baseline, in plain lines."""

import json as jsonlib
import sys
from collections.abc import Sequence
from pathlib import Path

from victor_server.cli.scan_formats.printable import encodable, printable
from victor_server.cli.secrets_baseline import run_baseline
from victor_server.errors import UsageError
from victor_server.features.secret_audit.questions import Question, Questions, read_questions
from victor_server.features.secret_scan.report import place_of
from victor_server.secrets.allow.baseline import change_baseline, label_in
from victor_server.secrets.allow.known import BASELINE
from victor_server.secrets.allow.named_file import read_named
from victor_server.secrets.revoke_pages import revoke_page

ALL_ANSWERED, SOME_LEFT = 0, 1

_PROMPT = "A real secret? y = yes, n = no, s = skip, b = back, q = quit: "
_LABELS = {"y": True, "n": False}
_SAID = {True: "secret", False: "no secret", None: "not judged"}


def run_audit(baseline: Path | None, *, json: bool, again: bool) -> int:
    """Ask about each secret that nobody has judged (all of them if `again`): 0 all are judged, 1 some are not.

    Where there is no baseline yet the repository is scanned for one. Each answer is written at once. With `json`
    nothing is asked and nothing written. Raises `UsageError` if the file is no baseline, or nobody is there to ask.
    """
    file = _baseline_file(baseline)
    root = place_of(file.parent).root
    if json:
        print(jsonlib.dumps(_document(file, _read(file, root))))
        return _code(_read(file, root))
    if not sys.stdin.isatty():
        raise UsageError(
            "Nobody is there to answer: the input is no terminal.",
            "Run it in a terminal, or with --json for a summary; `victor secrets baseline` asks nothing.",
        )
    if not file.exists():
        print("There is no baseline yet: the repository is scanned for one.")
        run_baseline([], file, json=False)
    _ask_all(file, root, again=again)
    return _tell_end(file, _read(file, root))


def _baseline_file(baseline: Path | None) -> Path:
    if baseline is not None:
        return baseline.absolute()
    return place_of(Path.cwd()).root / BASELINE


def _read(file: Path, root: Path) -> Questions:
    text, problem = read_named(file)
    if text is None:
        fix = "`victor secrets baseline` writes one."
        raise UsageError(f"{file} {problem}." if problem else f"There is no baseline {file}.", fix)
    return read_questions(text, root)


def _ask_all(file: Path, root: Path, *, again: bool) -> None:
    questions = [each for each in _read(file, root).questions if again or each.label is None]
    said: dict[int, bool | None] = {}
    at = 0
    while at < len(questions):
        question = questions[at]
        _show(question, at, len(questions), said.get(at, question.label))
        answer = _answer(is_first=at == 0)
        if answer == "q":
            return
        if answer in _LABELS:
            said[at] = _LABELS[answer]
            _write(file, root, question, _LABELS[answer])
        at += -1 if answer == "b" else 1


def _show(question: Question, at: int, n_questions: int, label: bool | None) -> None:
    print(f"\n{at + 1} of {n_questions}: {printable(question.path)}, line {question.line + 1}")
    judged = "" if label is None else f", judged before: {_SAID[label]}"
    print(encodable(f"{question.title}: {question.masked}{judged}"))
    width = len(str(question.context[-1].number))
    for line in question.context:
        mark = ">" if line.is_here else " "
        print(f"{mark} {line.number:>{width}} | {printable(line.text.replace(chr(9), '    '))}".rstrip())


def _answer(*, is_first: bool) -> str:
    """One of y, n, s, b, q; the end of the input quits."""
    while True:
        try:
            given = input(_PROMPT).strip().lower()
        except EOFError:
            print()
            return "q"
        if given == "b" and is_first:
            print("This is the first one.")
        elif given in {"y", "n", "s", "b", "q"}:
            return given
        else:
            print("Please answer with y, n, s, b or q.")


def _write(file: Path, root: Path, question: Question, label: bool) -> None:
    def change(text: str | None, _companion: str | None) -> str:
        if text is None:
            raise UsageError(f"{file} is gone.", "`victor secrets baseline` writes a new one.")
        return label_in(text, question.path, question.keys, label)

    change_baseline(file, change, root=root)


def _tell_end(file: Path, state: Questions) -> int:
    secrets = [each for each in state.questions if each.label]
    n_left = sum(each.label is None for each in state.questions)
    n_rest = len(state.questions) - len(secrets) - n_left
    print(
        f"\nsecrets: {len(secrets)}; no secrets: {n_rest}; not yet judged: {n_left}; saved in {printable(str(file))}"
    )
    if state.n_gone:
        print(f"no longer in any file: {state.n_gone}; `victor secrets baseline` drops their entries.")
    _tell_what_to_revoke(secrets)
    return _code(state)


def _tell_what_to_revoke(secrets: Sequence[Question]) -> None:
    if not secrets:
        return
    print(
        "A secret in a repository must be revoked where it was issued; taking it out of the file is not enough:"
    )
    for each in secrets:
        page = revoke_page(each.rule)
        print(
            encodable(
                f"  {printable(each.path)}:{each.line + 1}  {each.title}  {each.masked}  {page or ''}".rstrip()
            )
        )


def _code(state: Questions) -> int:
    return SOME_LEFT if any(each.label is None for each in state.questions) else ALL_ANSWERED


def _document(file: Path, state: Questions) -> dict[str, object]:
    return {
        "baseline": str(file),
        "total": len(state.questions),
        "secrets": sum(each.label is True for each in state.questions),
        "false_positives": sum(each.label is False for each in state.questions),
        "unanswered": sum(each.label is None for each in state.questions),
        "gone": state.n_gone,
        "entries": [
            {
                "path": each.path,
                "line": each.line + 1,
                "title": each.title,
                "rule": each.rule,
                "masked": each.masked,
                "is_secret": each.label,
            }
            for each in state.questions
        ],
    }
