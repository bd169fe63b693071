"""Generate tests: for what is selected or defined here, in the way this project writes its tests.

At `def add` in `src/boxes.py`, of a project whose tests lie in `tests/test_….py`, tests for `add` are added to
`tests/test_boxes.py`, or that file is made: with the fixtures, names and assertions of the tests that are there.
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from victor_server.features.assists.assist import Assist, More, NotOffered, Offer, about_code
from victor_server.features.assists.place import Place

if TYPE_CHECKING:
    from victor_indexer.model import Hit
    from victor_server.agent.context.sources import IndexSource

N_HITS = 20
N_PATHS = 50
N_EXAMPLES = 2
_MAX_SHOWN = 400
"""Lines of a file of tests that a model is shown at most."""

_TEST_PATH = re.compile(
    r"(?:^|/)(?:tests?|specs?|__tests__)/|(?:^|/)test_[^/]+$|_(?:test|spec)\.\w+$|\.(?:test|spec)\.\w+$|Tests?\.\w+$"
)
_USUAL: dict[str, str] = {
    "python": "tests/test_{stem}.py",
    "go": "{folder}{stem}_test.go",
    "javascript": "{folder}{stem}.test.js",
    "javascriptreact": "{folder}{stem}.test.jsx",
    "typescript": "{folder}{stem}.test.ts",
    "typescriptreact": "{folder}{stem}.test.tsx",
    "ruby": "spec/{stem}_spec.rb",
    "java": "src/test/java/{stem}Test.java",
    "php": "tests/{stem}Test.php",
    "rust": "tests/{stem}.rs",
    "csharp": "tests/{stem}Tests.cs",
    "c": "tests/test_{stem}.c",
    "cpp": "tests/test_{stem}.cpp",
}

_PROMPT = """\
Write tests for what the selected lines define{name}: what it is for, its edges (nothing, one, many, the largest, what \
is wrong), and what it refuses. Every test can fail, says in its name what must hold, and needs no network and no \
sleeping. Do not change the code that is tested.\
"""


def _offer(place: Place) -> Offer | NotOffered:
    if place.root is None or place.path is None or not place.path.is_relative_to(place.root):
        return NotOffered("Tests are written for the files of an open folder.")
    if is_test_path(place.path.relative_to(place.root).as_posix()):
        return NotOffered("These are tests.")
    return about_code(place, "write tests for")


def _prompt(_: Place, offer: Offer) -> str:
    return _PROMPT.format(name=f", `{offer.name}`" if offer.name else "")


async def _more(place: Place, offer: Offer, index: "IndexSource | None") -> More:
    """Where the tests belong, and those of this project that show how they are written."""
    if place.path is None or place.root is None:
        return More()
    path = place.path.relative_to(place.root).as_posix()
    stem = PurePosixPath(path).stem
    if index is None:
        return _without_examples(path, place.language)
    hits = (await index.search(place.root, f"test {stem} {offer.name}".strip(), N_HITS)).hits
    named = await index.paths(place.root, stem, N_PATHS)
    own = next((each for each in named if is_test_of(each, path)), "")
    examples = [hit for hit in hits if _is_example(hit, path)]
    if own:
        text = f"Add them to `{own}`, whose tests are shown; where they need an import, add it there."
        return More(text, (f"{_mention(own)}:1-{_MAX_SHOWN}", *_mentions(examples, without=own)))
    if not examples:
        return _without_examples(path, place.language)
    target = new_test_file(path, examples[0].path)
    return More(
        f"Make the new file `{target}` for them, written as the tests of this project that are shown: the same test"
        " library, fixtures and names.",
        _mentions(examples),
    )


def is_test_path(path: str) -> bool:
    """Whether a file, by its path relative to the root, holds tests."""
    return _TEST_PATH.search(path) is not None


def is_test_of(test: str, path: str) -> bool:
    """Whether the tests in `test` are those of the file `path`, by their names."""
    bare = re.sub(r"^test_|_(?:test|spec)$|\.(?:test|spec)$|Tests?$", "", PurePosixPath(test).stem)
    same_kind = PurePosixPath(test).suffix == PurePosixPath(path).suffix
    return is_test_path(test) and same_kind and bare == PurePosixPath(path).stem


def new_test_file(path: str, example: str) -> str:
    """Where the tests of `path` would lie, in a project where those of something else lie in `example`."""
    stem, suffix = PurePosixPath(path).stem, PurePosixPath(example).suffix
    name, folder = PurePosixPath(example).stem, PurePosixPath(example).parent
    # Tests that lie in no folder of their own lie beside the code.
    beside = not is_test_path(f"{folder}/")
    where = PurePosixPath(path).parent if beside else folder
    for before, after in (
        ("test_", ""),
        ("", "_test"),
        ("", "_spec"),
        ("", ".test"),
        ("", ".spec"),
        ("", "Tests"),
        ("", "Test"),
    ):
        if name.startswith(before) and name.endswith(after):
            return (where / f"{before}{stem}{after}{suffix}").as_posix()
    return (where / f"test_{stem}{suffix}").as_posix()


def _without_examples(path: str, language: str) -> More:
    """The language's usual way, where the project has none of its own."""
    folder = PurePosixPath(path).parent
    usual = _USUAL.get(language, "tests/{stem}" + PurePosixPath(path).suffix)
    target = usual.format(
        stem=PurePosixPath(path).stem, folder="" if folder == PurePosixPath() else f"{folder}/"
    )
    return More(
        f"No tests were found here: make the file `{target}`, with the test library that is usual for this."
    )


def _is_example(hit: "Hit", path: str) -> bool:
    return is_test_path(hit.path) and PurePosixPath(hit.path).suffix == PurePosixPath(path).suffix


def _mentions(examples: "Sequence[Hit]", without: str = "") -> tuple[str, ...]:
    others = [each for each in examples if each.path != without][:N_EXAMPLES]
    return tuple(f"{_mention(each.path)}:{each.start_line + 1}-{each.end_line}" for each in others)


def _mention(path: str) -> str:
    from victor_server.agent.context.mentions import as_mention  # which a list of actions need not load

    return as_mention("file", path)


GENERATE_TESTS = Assist(
    "tests", "Write tests", "victor.tests", "test_generation", "edit", _offer, _prompt, more=_more
)
