"""Assists that people write themselves: what is read, what is wrong, and whose word counts."""

import os
from pathlib import Path

import pytest
from repositories import write_tree

from victor_server.features.assists.assist import NotOffered, Offer
from victor_server.features.assists.own import OwnAssist, read_own, reference
from victor_server.features.assists.own_files import OwnAssistFiles, OwnFile
from victor_server.features.assists.place import Lines, Place

GOOD = """\
assists:
  translate:
    title: Translate the comments
    prompt: Translate every comment to English.
    languages: [python]
  summary:
    title: Summarise
    prompt: Say in one sentence what this is.
    gives: document
    about: file
    task: documentation
"""


def place(text: str, language: str = "python") -> Place:
    """A document, all of it selected."""
    lines = text.splitlines(keepends=True)
    return Place("a.py", language, lines, 0, Lines(0, len(lines)))


def written(folder: Path, text: str) -> OwnFile:
    """A file with assists."""
    write_tree(folder, {"assists.yaml": text})
    return OwnFile(folder / "assists.yaml")


def test_what_is_read(tmp_path: Path) -> None:
    """In the file's order, with kinds that no editor runs by itself."""
    found = read_own(written(tmp_path, GOOD))
    assert found.problems == ()
    translate, summary = found.assists
    assert (translate.id, translate.gives, translate.task) == ("own.translate", "edit", "refactoring")
    assert translate.kind == "refactor.rewrite.victor.own.translate"
    assert (summary.id, summary.gives, summary.task) == ("own.summary", "document", "documentation")
    assert summary.kind == "victor.own.summary"
    offer = translate.offer(place("# ja\n"))
    assert offer == Offer("Victor: Translate the comments", Lines(0, 1))
    assert isinstance(offer, Offer)
    assert translate.prompt(place("# ja\n"), offer) == "Translate every comment to English."
    assert isinstance(translate.offer(place("// ja\n", "go")), NotOffered)
    cursor = Place("a.py", "python", ["x = 1\n"], 0)
    assert isinstance(translate.offer(cursor), NotOffered)
    assert summary.offer(cursor) == Offer("Victor: Summarise", Lines(0, 1))


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("assists: [", 1, "not YAML"),
        ("- a\n", 1, "settings by name"),
        ("assists: 3\n", None, "must hold assists by name"),
        ("assist:\n  a: {title: A, prompt: b}\n", 1, "write `assists:`"),
        ("assists:\n  a: {title: A}\n", 2, "prompt is missing"),
        ("assists:\n  a: {title: '', prompt: b}\n", 2, "title must not be empty"),
        ("assists:\n  a: {title: A, prompt: b, kind: c}\n", 2, "has kind, which is not known here"),
        ("assists:\n  a: {title: A, prompt: b, gives: money}\n", 2, "gives must be 'edit' or 'document'"),
        ("assists:\n  a: {title: A, prompt: b, task: none}\n", 2, "'none', which there is not"),
        ("assists:\n  explain: {title: A, prompt: b}\n", 2, "one of Victor's own"),
        ("assists:\n  'a/../b': {title: A, prompt: b}\n", 2, "must be named by letters"),
        ("assists:\n  a: {title: A, prompt: b, languages: python}\n", 2, "must be a list of languages"),
        ("assists:\n  a: 3\n", 2, "must hold settings by name"),
        ("assists:\n" + "".join(f"  a{n}: {{title: A, prompt: b}}\n" for n in range(60)), None, "first 50"),
        ("a: " + "x" * 70_000, None, "cannot be read"),
    ],
)
def test_what_is_wrong(tmp_path: Path, text: str, line: int | None, says: str) -> None:
    """It is told with its line, and nothing else is taken away."""
    (problem, *_) = read_own(written(tmp_path, text)).problems
    assert says in problem.message
    assert problem.line == line


def test_one_that_is_wrong_takes_no_other_along(tmp_path: Path) -> None:
    """The rest of the file is read."""
    found = read_own(written(tmp_path, f"{GOOD}  wrong: {{title: A}}\n"))
    assert [each.id for each in found.assists] == ["own.translate", "own.summary"]
    assert len(found.problems) == 1


def test_variables_are_not_filled_in(tmp_path: Path) -> None:
    """A prompt goes to a model: what the environment holds does not."""
    (assist,) = read_own(written(tmp_path, "assists:\n  a: {title: A, prompt: 'say ${PATH}'}\n")).assists
    offer = assist.offer(place("x\n"))
    assert isinstance(offer, Offer)
    assert assist.prompt(place("x\n"), offer) == "say ${PATH}"


def test_titles_deceive_nobody(tmp_path: Path) -> None:
    """One line, nothing that cannot be seen; a project's say whose they are."""
    text = 'assists:\n  a: {title: "Safe\\u202e\\n  thing\\u0007", prompt: b}\n'
    write_tree(tmp_path, {".victor/assists.yaml": text})
    (assist,) = read_own(OwnFile(tmp_path / ".victor/assists.yaml", is_project=True)).assists
    offer = assist.offer(place("x\n"))
    assert isinstance(offer, Offer)
    assert offer.title == "Victor: Safe thing (this project's)"
    assert assist.id == "project.a"


@pytest.mark.skipif(os.name != "posix", reason="links need a privilege on Windows")
def test_a_project_reads_no_file_of_the_persons(tmp_path: Path) -> None:
    """A link in a project is not followed; the person's own file may be one."""
    write_tree(tmp_path, {"real.yaml": GOOD, "project/.victor/x": ""})
    for link in (tmp_path / "assists.yaml", tmp_path / "project/.victor/assists.yaml"):
        link.symlink_to(tmp_path / "real.yaml")
    assert len(read_own(OwnFile(tmp_path / "assists.yaml")).assists) == 2
    refused = read_own(OwnFile(tmp_path / "project/.victor/assists.yaml", is_project=True))
    assert refused.assists == ()
    assert len(refused.problems) == 1


def test_only_a_trusted_folder_has_a_word(tmp_path: Path) -> None:
    """Untrusted, its file is not even opened; trusted, it counts at once, and until that is taken back."""
    home, root = tmp_path / "home", tmp_path / "work"
    write_tree(home, {"assists.yaml": GOOD})
    write_tree(root, {".victor/assists.yaml": "assists:\n  mine: {title: M, prompt: p}\n"})
    trusted: set[Path] = set()
    files = OwnAssistFiles(home, trusted.__contains__)
    ours = ["own.translate", "own.summary"]
    assert [each.id for each in files.now(root)[0]] == ours
    trusted.add(root)
    assert [each.id for each in files.now(root)[0]] == [*ours, "project.mine"]
    trusted.clear()
    assert [each.id for each in files.now(root)[0]] == ours
    assert [each.id for each in files.now(None)[0]] == ours


def test_a_file_is_read_once_and_again_when_it_changed(tmp_path: Path) -> None:
    """What was read is given again as it is."""
    file = written(tmp_path, GOOD)
    files = OwnAssistFiles(tmp_path, lambda _: False)
    first, again = files.now(None)[0], files.now(None)[0]
    assert [id(each) for each in first] == [id(each) for each in again]
    file.path.write_text("assists:\n  other: {title: Other, prompt: p}\n", encoding="utf-8")
    assert [each.id for each in files.now(None)[0]] == ["own.other"]
    file.path.unlink()
    assert files.now(None) == ([], [])


def test_the_reference_names_everything() -> None:
    """It is a part of the manual."""
    assert all(f"| `{name}` |" in reference() for name in OwnAssist.model_fields)
