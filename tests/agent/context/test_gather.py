"""What a model is shown: each piece with its reason, the person's own text first, nothing private, within the budget."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from context_sources import (
    MemoryEditor,
    MemoryIndex,
    as_question,
    context_of,
    definition,
    hidden,
    shown,
    sources_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot
from repositories import make_repository, run_git, write_tree

from victor_indexer.model import Hit, SearchResult
from victor_server.agent.context.fit import SHARES, fit
from victor_server.agent.context.gather import gather
from victor_server.agent.context.sources import Buffer, Note, RankedSymbol, Selection
from victor_server.agent.context.wish import Wish, Wishes
from victor_server.errors import Unavailable

APP = "import os\n\ndef start():\n    return 1\n\ndef stop():\n    return 2\n"
SECRET = "TOKEN=do-not-show\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with code, instructions and a file that is private."""
    write_tree(
        tmp_path,
        {
            "app.py": APP,
            "lib/util.py": "def helper():\n    pass\n",
            "lib/AGENTS.md": "Use spaces in lib.\n",
            "AGENTS.md": "Use tabs.\n",
            ".env": SECRET * 5,
        },
    )
    return tmp_path


def front(root: Path, path: str, text: str, *, edited: bool = False) -> Buffer:
    """An open document."""
    return Buffer(root / path, text, edited, in_front=True)


async def test_a_selection_brings_its_file_and_its_instructions(root: Path) -> None:
    """What is selected comes last, where a model reads best; the file around it and the instructions come before."""
    selection = Selection(root / "app.py", 2, 4, "def start():\n    return 1\n")
    editor = MemoryEditor(selection, [front(root, "app.py", APP)])
    context = await context_of("why?", root, sources_of(editor))
    assert shown(context) == snapshot(
        [
            "instructions AGENTS.md:1-1 instructions of this repository",
            "file app.py:1-7 open in front",
            "selection app.py:3-4 selected",
        ]
    )


async def test_unsaved_text_is_the_truth(root: Path) -> None:
    """Mentioned, found or open: the editor's text stands for the file's."""
    unsaved = APP.replace("return 1", "return 'unsaved'")
    editor = MemoryEditor(
        None, [front(root, "lib/util.py", "x = 1\n"), front(root, "app.py", unsaved, edited=True)]
    )
    index = MemoryIndex({"app.py": unsaved})
    mentioned = await context_of("what of @app.py", root, sources_of(editor))
    found = await context_of("unsaved", root, sources_of(editor, index))
    assert [piece.text for piece in mentioned.pieces if piece.path == "app.py"] == [unsaved]
    assert all("return 1" not in piece.text for piece in found.pieces)
    assert any("'unsaved'" in piece.text for piece in found.pieces)


async def test_hits_say_what_brought_them(root: Path) -> None:
    """A piece from the index is read as it stands now, and says why it is there."""
    context = await context_of(
        "helper", root, sources_of(index=MemoryIndex({"lib/util.py": "def helper():"}))
    )
    hit = next(piece for piece in context.pieces if piece.kind == "index_hit")
    assert (hit.path, hit.text, hit.reason) == ("lib/util.py", "def helper():\n", "matches the question")


@pytest.mark.parametrize("prompt", ["see @.env", "see @file:.env", "see @./.env", 'see @".env"', "TOKEN"])
async def test_private_files_are_never_read(root: Path, prompt: str) -> None:
    """Mentioned, open, selected, found or changed: a private file is named with the reason, and nothing of it shown."""
    selection = Selection(root / ".env", 0, 1, SECRET)
    editor = MemoryEditor(
        selection, [front(root, ".env", SECRET)], [Note(root / ".env", 0, 0, "error", SECRET)]
    )
    context = await context_of(prompt, root, sources_of(editor, MemoryIndex({".env": SECRET})))
    assert all("do-not-show" not in piece.text for piece in context.pieces)
    assert all(".env" not in piece.path for piece in context.pieces)
    kinds = {each.kind for each in context.left_out if each.reason == "private: .env" and each.n_tokens == 0}
    assert {"selection", "file", "diagnostics"} <= kinds


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
async def test_a_link_shows_nothing_of_what_it_leads_to(root: Path) -> None:
    """A repository's link to a private file, or out of the folder, is not followed, not even when it is open."""
    (root / "notes.md").symlink_to(root / ".env")
    (root / "passwd").symlink_to("/etc/passwd")
    editor = MemoryEditor(None, [front(root, "notes.md", SECRET)])
    context = await context_of("see @passwd and @notes.md", root, sources_of(editor))
    assert hidden(context) == snapshot(
        [
            "file passwd: is a link, which is not followed",
            "file notes.md: private: .env",
            "file notes.md: private: .env",
        ]
    )
    assert [piece.kind for piece in context.pieces] == ["instructions"]


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/passwd", "lib/../../outside.txt", "~/.ssh/id_rsa"])
async def test_nothing_outside_of_the_folder_is_read(root: Path, name: str) -> None:
    """A mention cannot lead out of the workspace."""
    (root.parent / "outside.txt").write_text("outside")
    context = await context_of(f"see @{name}", root, sources_of())
    assert [piece.kind for piece in context.pieces] == ["instructions"]
    assert len(context.left_out) == 1


async def test_lines_of_a_file_can_be_mentioned(root: Path) -> None:
    """`@app.py:3-4` is these lines, both included."""
    context = await context_of("see @app.py:3-4", root, sources_of())
    assert shown(context)[1:] == ["file app.py:3-4 mentioned"]
    assert context.pieces[1].text == "def start():\n    return 1\n"


async def test_a_name_is_a_file_first_and_then_a_definition(root: Path) -> None:
    """`@util.py` is found below a folder, `@stop` by its definition; what is neither is said to be."""
    index = MemoryIndex({"lib/util.py": ""}, [definition("app.py", "stop", 5, 6)])
    context = await context_of("compare @util.py with @stop and @nothing", root, sources_of(index=index))
    assert [each for each in shown(context) if "mentioned" in each] == snapshot(
        ["file lib/util.py:1-2 mentioned", "symbol app.py:6-7 mentioned: function stop"]
    )
    assert hidden(context)[0] == "file nothing: there is no file or definition of this name"


async def test_a_name_of_several_files_is_asked_back(root: Path) -> None:
    """Which of two was meant is for the person to say."""
    index = MemoryIndex({"a/util.py": "", "b/util.py": ""})
    context = await context_of("@util.py", root, sources_of(index=index))
    assert hidden(context)[0] == "file util.py: there are several: a/util.py, b/util.py"


async def test_diagnostics_of_the_file_in_front_come_by_themselves(root: Path) -> None:
    """Errors first; those of other files only where `@diagnostics` asks for them."""
    notes = [
        Note(root / "app.py", 5, 5, "warning", "unused", "ruff", "F401"),
        Note(root / "app.py", 2, 2, "error", "wrong\n  type", "pyright"),
        Note(root / "lib/util.py", 0, 0, "error", "elsewhere"),
    ]
    editor = MemoryEditor(Selection(root / "app.py", 2, 4, "def"), [front(root, "app.py", APP)], notes)
    context = await context_of("why?", root, sources_of(editor))
    told = [piece for piece in context.pieces if piece.kind == "diagnostics"]
    assert [piece.text for piece in told] == snapshot(
        ["line 3: error [pyright]: wrong type\nline 6: warning [ruff F401]: unused\n"]
    )
    assert told[0].reason == "2 reported here, 1 at the selection"
    everything = await context_of("fix @diagnostics", root, sources_of(editor))
    assert {piece.path for piece in everything.pieces if piece.kind == "diagnostics"} == {
        "app.py",
        "lib/util.py",
    }
    assert editor.asked == [[root / "app.py"], []]


async def test_instructions_count_only_where_the_folder_is_trusted(root: Path) -> None:
    """Without trust they are named and not shown."""
    context = await context_of("why?", root, sources_of(trusted=False))
    assert context.pieces == []
    assert hidden(context) == ["instructions AGENTS.md: the folder is not trusted (`victor trust`)"]


async def test_the_nearest_instructions_win(root: Path) -> None:
    """For a file in lib those of lib; the ones farther up are named."""
    editor = MemoryEditor(None, [front(root, "lib/util.py", "x = 1\n")])
    context = await context_of("why?", root, sources_of(editor))
    assert shown(context)[0] == "instructions lib/AGENTS.md:1-1 instructions for lib"
    assert hidden(context) == ["instructions AGENTS.md: lib/AGENTS.md is nearer"]


async def test_an_untrusted_part_of_a_trusted_folder_has_no_say(root: Path) -> None:
    """Then those of the trusted folder around it count."""
    editor = MemoryEditor(None, [front(root, "lib/util.py", "x = 1\n")])
    sources = replace(sources_of(editor), is_trusted=lambda folder: folder.name != "lib")
    context = await context_of("why?", root, sources)
    assert shown(context)[0] == "instructions AGENTS.md:1-1 instructions of this repository"
    assert hidden(context) == ["instructions lib/AGENTS.md: the folder is not trusted (`victor trust`)"]


@pytest.mark.parametrize("name", ["CLAUDE.md", ".github/copilot-instructions.md", ".victor/rules/style.md"])
async def test_other_assistants_instructions_count_too(tmp_path: Path, name: str) -> None:
    """Where there is no AGENTS.md; rules count besides."""
    write_tree(tmp_path, {name: "Be kind.\n"})
    context = await context_of("why?", tmp_path, sources_of())
    assert [(piece.kind, piece.path) for piece in context.pieces] == [("instructions", name)]


async def test_a_review_is_shown_the_changes_and_a_commit_what_is_staged(root: Path) -> None:
    """Each file's patch is a piece; a private file's is not shown, not even under another name."""
    make_repository(root, {}, tracked=(".",))
    run_git(root, "commit", "-q", "-m", "Begin with two functions")
    write_tree(
        root, {"app.py": APP + "# end\n", "lib/util.py": "def helper():\n    return 3\n", ".env": "TOKEN=x\n"}
    )
    run_git(root, "add", "app.py")
    commit = await context_of("", root, sources_of(), task="commit_message")
    review = await context_of("", root, sources_of(), task="code_review")
    assert [each for each in shown(commit) if not each.startswith("instr")] == snapshot(
        [
            "diff app.py:1-9 staged for the next commit",
            "attached :1-1 the last commit messages, for their style",
        ]
    )
    assert [piece.path for piece in review.pieces if piece.kind == "diff"] == ["app.py", "lib/util.py"]
    assert "diff .env: private: .env" in hidden(review)
    write_tree(root, {"new.py": "x = 1\n", "new.pem": "private"})
    news = await context_of("", root, sources_of(), task="code_review")
    assert "diff new.py:1-1 new, not added to git yet" in shown(news)
    assert "diff new.pem: private: *.pem" in hidden(news)
    run_git(root, "checkout", "--", ".env")
    run_git(root, "mv", ".env", "plain.txt")
    write_tree(root, {"plain.txt": SECRET * 5 + "X=1\n"})
    assert "diff plain.txt: private: .env" in hidden(await context_of("see @diff", root, sources_of()))


async def test_a_review_of_a_clean_tree_is_of_the_branch(root: Path) -> None:
    """Where a branch has no commits of its own, that is said."""
    make_repository(root, {}, tracked=(".",))
    run_git(root, "commit", "-q", "-m", "Begin")
    nothing = await context_of("", root, sources_of(), task="code_review")
    said = "nothing has changed since the last commit, and this branch has no commits of its own"
    assert f"diff : {said}" in hidden(nothing)
    run_git(root, "checkout", "-q", "-b", "topic")
    write_tree(root, {"app.py": APP + "# end\n"})
    run_git(root, "commit", "-q", "-a", "-m", "End it")
    review = await context_of("", root, sources_of(), task="code_review")
    assert "diff app.py:1-9 changed on this branch since main" in shown(review)
    mentioned = await context_of("see @diff", root, sources_of())
    assert "diff : nothing has changed since the last commit" in hidden(mentioned)


async def test_a_source_that_fails_is_left_out_with_the_reason(root: Path) -> None:
    """The rest is shown."""
    index = MemoryIndex({}, trouble=Unavailable("The index is switched off."))
    context = await context_of("@diff start @app.py", root, sources_of(index=index))
    assert "index_hit : The index is switched off." in hidden(context)
    assert any(each.startswith("diff : git cannot tell what has changed: ") for each in hidden(context))
    assert "file app.py:1-7 mentioned" in shown(context)


async def test_a_source_that_hangs_is_not_waited_for(root: Path) -> None:
    """Its part is left out."""

    class Hanging(MemoryIndex):
        async def search(self, root: Path, query: str, k: int) -> SearchResult:
            await asyncio.Event().wait()
            raise AssertionError

    question = as_question("start", "explain", root)
    context = await gather(question, sources_of(index=Hanging({})), 4000, time_limit_s=0.01)
    assert "index_hit : took longer than 0.01 s" in hidden(context)


async def test_a_map_shows_what_the_code_leans_on(root: Path) -> None:
    """Seen from the file in front and the files that are named; private files are not on it."""
    ranked = [
        RankedSymbol("app.py", "stop", "function", 5, 0.5),
        RankedSymbol(".env", "TOKEN", "constant", 0, 0.3),
        RankedSymbol("app.py", "start", "function", 2, 0.2),
    ]
    index = MemoryIndex({}, ranked=ranked)
    editor = MemoryEditor(None, [front(root, "lib/util.py", "x = 1\n")])
    context = await context_of("see @file:app.py", root, sources_of(editor, index))
    (told,) = (piece for piece in context.pieces if piece.kind == "repo_map")
    assert told.text == "app.py: function start, function stop\n"
    assert index.focus == [["lib/util.py", "app.py"]]
    assert "repo_map .env: private: .env" in hidden(context)


async def test_the_same_question_has_the_same_context(root: Path) -> None:
    """Nothing hangs on the order in which sources answer."""
    index = MemoryIndex({"app.py": APP, "lib/util.py": "def helper():"}, ranked=[])
    editor = MemoryEditor(None, [front(root, "app.py", APP)])
    first, second = [await context_of("def start helper", root, sources_of(editor, index)) for _ in range(2)]
    assert first == second


async def test_without_a_folder_the_open_document_is_all_there_is() -> None:
    """An untitled document can be asked about."""
    untitled = Path("Untitled-1.py")
    editor = MemoryEditor(
        Selection(untitled, 0, 1, "x = 1\n"), [Buffer(untitled, "x = 1\n", edited=True, in_front=True)]
    )
    context = await context_of("why?", None, sources_of(editor, MemoryIndex({})))
    assert shown(context) == [
        "file Untitled-1.py:1-1 open in front, not saved",
        "selection Untitled-1.py:1-1 selected",
    ]


def wish(kind: str, path: str, n_lines: int, score: float, **more: object) -> Wish:
    """Lines of ten tokens each."""
    lines = tuple(f"{'x' * 39}\n" for _ in range(n_lines))
    return Wish(kind, path, 0, lines, "reason", score, **more)  # type: ignore[arg-type]  # as in the test's table


def count(text: str) -> int:
    """A token for four characters."""
    return -(-len(text) // 4)


def test_what_was_asked_for_comes_first_and_is_cut_around_its_place() -> None:
    """A file too large for the budget is shown around the line that matters, and says which part."""
    asked = replace(wish("file", "a.py", 100, 1.0, asked=True, cuttable=True), keep_line=50)
    context = fit(Wishes([wish("index_hit", "b.py", 5, 99.0), asked]), 224, count)
    assert [(piece.path, piece.start_line, piece.end_line) for piece in context.pieces] == [("a.py", 40, 60)]
    assert context.pieces[0].reason == "reason; lines 41-60 of 100"
    assert [(each.path, each.n_tokens, each.reason) for each in context.left_out] == [
        ("b.py", 74, "the budget is full")
    ]


def test_a_hit_inside_of_what_is_shown_is_not_shown_twice() -> None:
    """Nor is it said to be left out: it is there."""
    context = fit(Wishes([wish("file", "a.py", 9, 9.0), wish("index_hit", "a.py", 5, 1.0)]), 1000, count)
    assert [piece.kind for piece in context.pieces] == ["file"]
    assert context.left_out == []


async def test_a_small_window_is_shown_a_part_of_the_best_answer(root: Path) -> None:
    """Rather than the whole of a lesser one; what is left out says whether the budget or its share is full."""

    class Chunks(MemoryIndex):
        async def search(self, root: Path, query: str, k: int) -> SearchResult:
            sizes = [("best.py", 40), ("second.py", 39), ("third.py", 38)]
            hits = [Hit(path, 0, 60, "", "text", float(score)) for path, score in sizes]
            return SearchResult(query, False, tuple(hits))

    names = ("best.py", "second.py", "third.py")
    write_tree(root, dict.fromkeys(names, "some_name = another_name\n" * 60))
    small = await context_of("some name", root, sources_of(index=Chunks({}), trusted=False), budget=300)
    assert [piece.path for piece in small.pieces] == ["best.py"]
    assert small.pieces[0].end_line < 60
    assert "index_hit second.py: the budget is full" in hidden(small)
    larger = await context_of("some name", root, sources_of(index=Chunks({}), trusted=False), budget=900)
    assert [(piece.path, piece.end_line) for piece in larger.pieces] == [("best.py", 60)]
    assert any(each.startswith("index_hit second.py: others of its kind") for each in hidden(larger))


@pytest.mark.parametrize(
    ("prompt", "query"),
    [
        ("Thanks!", None),
        ("yes, go on", None),
        ("why not?", None),
        ("explain @src/shop/cart.py:3-9", "explain cart"),
        ("explain @Cart.total and @diff", "explain Cart.total and"),
        ("what does cart do", "what does cart do"),
    ],
)
async def test_what_the_index_is_asked(root: Path, prompt: str, query: str | None) -> None:
    """Nothing where nothing is asked; of a file that is named not the folders, which all its neighbours share."""
    asked: list[str] = []

    class Noting(MemoryIndex):
        async def search(self, root: Path, query: str, k: int) -> SearchResult:
            asked.append(query.strip())
            return SearchResult(query, False, ())

    await context_of(prompt, root, sources_of(index=Noting({})))
    assert asked == ([] if query is None else [query])


async def test_a_commit_without_changes_is_shown_nothing(root: Path) -> None:
    """Not even the style of the last ones: there is nothing to write about."""
    make_repository(root, {}, tracked=(".",))
    run_git(root, "commit", "-q", "-m", "Begin")
    context = await context_of("", root, sources_of(), task="commit_message")
    assert not any(piece.kind in ("diff", "attached") for piece in context.pieces)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(SHARES)),
            st.sampled_from(["a.py", "b.py", "c.py"]),
            st.integers(0, 60),
            st.floats(0, 100),
            st.booleans(),
            st.booleans(),
        ),
        max_size=12,
    ),
    st.integers(0, 1500),
)
def test_a_budget_is_never_exceeded(rows: list[tuple[str, str, int, float, bool, bool]], budget: int) -> None:
    """Whatever there is: the sum of the pieces stays within it, and each piece is what its lines say."""
    wishes = [
        wish(kind, path, n, score, asked=asked, cuttable=cuttable)
        for kind, path, n, score, asked, cuttable in rows
    ]
    context = fit(Wishes(wishes), budget, count)
    assert sum(piece.n_tokens for piece in context.pieces) <= budget
    for piece in context.pieces:
        assert piece.text.count("\n") == piece.end_line - piece.start_line
        assert piece.n_tokens >= count(piece.text)
    assert fit(Wishes(list(reversed(wishes))), budget, count).pieces == context.pieces


async def test_what_is_only_open_is_shown_where_the_question_speaks_of_it(root: Path) -> None:
    """Nobody says what the person looks at: then an open document is no more than one of many."""
    opened = [Buffer(root / "app.py", APP), Buffer(root / "lib/util.py", "def helper():\n    pass\n")]
    editor = MemoryEditor(None, opened, [Note(root / "app.py", 0, 0, "error", "wrong")])
    context = await context_of("what does the helper do?", root, sources_of(editor))
    assert shown(context)[1:] == ["file lib/util.py:1-2 open, has words of the question"]
    assert editor.asked == []


async def test_what_goes_with_the_selection_comes_after_what_answers_the_question(root: Path) -> None:
    """Where the question is only "why?", the selected code says what it is about; nothing is there twice."""
    index = MemoryIndex({"app.py": APP, "lib/util.py": "def helper():\n    pass\n"})
    editor = MemoryEditor(Selection(Path("Untitled"), 0, 1, "helper"), [])
    context = await context_of("stop", root, sources_of(editor, index))
    hits = [
        (piece.path, piece.start_line, piece.reason) for piece in context.pieces if piece.kind == "index_hit"
    ]
    assert hits == [("app.py", 5, "matches the question"), ("lib/util.py", 0, "goes with the selection")]
    again = await context_of("helper", root, sources_of(editor, index))
    assert [piece.reason for piece in again.pieces if piece.kind == "index_hit"] == ["matches the question"]
