"""Assists from the place to the proposal: what a model is shown and told, and what becomes of its answer."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from agent_services import actions, receipts
from assists_places import place_in
from assists_running import Assisting, after, assisting, block, written
from context_sources import MemoryIndex
from repositories import make_repository, run_git, write_tree
from secrets_samples import github_token

from victor_server.agent.run_events import Answered, ReceiptWritten, Routed
from victor_server.errors import (
    BadResponse,
    BudgetExceeded,
    ContextTooLong,
    ProviderError,
    Refused,
    SecretBlocked,
    UsageError,
)
from victor_server.features.assists.assist import Assist, Offer
from victor_server.features.assists.comment_to_code import COMMENT_TO_CODE
from victor_server.features.assists.commit_message import COMMIT_MESSAGE
from victor_server.features.assists.document import DOCUMENT
from victor_server.features.assists.explain import EXPLAIN
from victor_server.features.assists.fix_diagnostic import FIX_DIAGNOSTIC
from victor_server.features.assists.generate_tests import GENERATE_TESTS
from victor_server.features.assists.outcome import CommitMessage, LeftAlone, Proposed, Written
from victor_server.features.assists.place import Place, Reported
from victor_server.features.assists.refactor import REFACTOR
from victor_server.features.assists.simplify import SIMPLIFY
from victor_server.features.assists.table import ASSISTS
from victor_server.features.edits.model import EditSet
from victor_server.settings.resolved import BudgetSettings

CODE = "import os\n\n\ndef add(a, b):\n    if a:\n        return a + b\n    return b\n\n\nx = add(1, 2)\n"
AT = CODE.replace("    if a:\n", "    if| a:\n")
SIMPLER = "def add(a, b):\n    return a + b if a else b\n"


def place(work: Assisting, text: str = AT, name: str = "src/boxes.py", **more: Any) -> Place:
    """A place in a file of the workspace, which is written there."""
    found = place_in(text, name, path=work.root / name, root=work.root, **more)
    write_tree(work.root, {name: "".join(found.lines)})
    return found


def proposed(outcome: object) -> EditSet:
    """The edit set that was proposed."""
    assert isinstance(outcome, Proposed), outcome
    return outcome.edits


async def test_the_selected_lines_anew(tmp_path: Path) -> None:
    """The answer's one block takes their place; nothing is written before a person accepts it, hunk by hunk."""
    async with assisting(tmp_path, f"```python\n{SIMPLER}```") as work:
        here = place(work)
        edits = proposed(await work.run(SIMPLIFY, here))
        (file,) = edits.files
        lines = CODE.splitlines(keepends=True)
        assert after(file) == "".join([*lines[:3], SIMPLER, *lines[7:]])
        assert (file.path, file.problems, edits.origin.assist) == (here.path, (), "simplify")
        assert edits.origin.title == "Simplify add"
        assert here.path is not None
        assert here.path.read_text() == CODE
        assert {hunk.state for hunk in file.hunks} == {"proposed"}
        done = await work.reviews.resolve(edits.id, None, "accept")
        assert done.said == ()
        assert here.path.read_text() == after(file)
        await work.reviews.resolve(edits.id, None, "undo")
        assert here.path.read_bytes() == CODE.encode()


async def test_what_the_model_is_told(tmp_path: Path) -> None:
    """The lines that are selected, the file around them, what is wanted and in which form; a receipt names the file."""
    async with assisting(tmp_path, f"```python\n{SIMPLER}```") as work:
        await work.run(SIMPLIFY, place(work))
        asked = work.asked()
        assert "## src/boxes.py, lines 4-7 (selected)\n\n```\ndef add(a, b):\n    if a:" in asked
        assert "x = add(1, 2)" in asked
        assert "Make the selected lines simpler" in asked
        assert "<" * 7 + " SEARCH" in asked
        (receipt,) = receipts(work.services)
        assert {file.path for file in receipt.files} == {"src/boxes.py"}
        assert receipt.task == "refactoring"
        assert [type(each) for each in work.told if isinstance(each, Routed | ReceiptWritten)] == [
            Routed,
            ReceiptWritten,
        ]
        assert "model_call.end" in actions(work.services)


async def test_blocks_and_new_files(tmp_path: Path) -> None:
    """Search and replace in this file and in others, a new file: one edit set, and nothing outside of the workspace."""
    answer = (
        block("src/boxes.py", "import os\n", "import os\nimport sys\n")
        + block("src/other.py", "y = 1\n", "y = 2\n")
        + "```python title=src/new.py\nz = 3\n```\n"
    )
    async with assisting(tmp_path, answer) as work:
        write_tree(work.root, {"src/other.py": "x = 1\ny = 1\n"})
        edits = proposed(await work.run(SIMPLIFY, place(work)))
        assert written(edits.files) == {
            "boxes.py": CODE.replace("import os\n", "import os\nimport sys\n"),
            "other.py": "x = 1\ny = 2\n",
            "new.py": "z = 3\n",
        }
        assert [file.kind for file in edits.files] == ["change", "change", "create"]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("I would rather not.", "holds no code"),
        ("```python\ndef add(a, b):\n    # ... existing code ...\n```", "leaves lines out"),
        (block("src/boxes.py", "def subtract(a, b):\n", "x\n"), "src/boxes.py: "),
        (block("../../etc/passwd", "root\n", "x\n"), "leads out of the workspace"),
        (block(".env", "A=1\n", "A=2\n"), "Nothing was changed: "),
        ("```python\ndef add(a, b):\n    return (\n```\n```\nx\n```", "2 blocks of code"),
    ],
)
async def test_what_cannot_be_applied_goes_back(tmp_path: Path, answer: str, told: str) -> None:
    """With the reason, after the answer; the second answer is then taken."""
    async with assisting(tmp_path, answer, f"```python\n{SIMPLER}```") as work:
        write_tree(work.root, {".env": "A=1\n"})
        edits = proposed(await work.run(SIMPLIFY, place(work)))
        assert "return a + b if a else b" in after(edits.files[0])
        first, again = work.requests
        assert [message.role for message in first.messages] == ["user"]
        assert [message.role for message in again.messages] == ["user", "assistant", "user"]
        assert told in work.asked(1)
        assert "That was not applied" in work.asked(1)
        assert (work.root / ".env").read_text() == "A=1\n"


async def test_three_answers_at_most(tmp_path: Path) -> None:
    """Then the person is told, and nothing is proposed."""
    async with assisting(tmp_path, *["No."] * 4) as work:
        with pytest.raises(BadResponse, match="could not be applied: The answer holds no code"):
            await work.run(SIMPLIFY, place(work))
        assert len(work.requests) == 3
        assert work.reviews.list() == []
        assert len(receipts(work.services)) == 3


async def test_the_nearest_excerpt_goes_back_without_secrets(tmp_path: Path) -> None:
    """What stands there instead is shown to the model as any text of that file is."""
    token = github_token()
    answer = block("src/other.py", "def connect(self, key):\n    token = 'x'\n    return 1\n", "x\n")
    async with assisting(tmp_path, answer, f"```python\n{SIMPLER}```") as work:
        write_tree(
            work.root, {"src/other.py": f"def connect(self, key):\n    token = '{token}'\n    return 2\n"}
        )
        await work.run(SIMPLIFY, place(work))
        assert "def connect(self, key):" in work.asked(1)
        assert all(token not in work.asked(number) for number in (0, 1))


async def test_secrets_come_back_into_their_own_file(tmp_path: Path) -> None:
    """The model sees a placeholder; what it repeats is the file's own secret again, and no diff of it."""
    token = github_token()
    text = f"«TOKEN = '{token}'\nname = 'a'\n»"
    async with assisting(tmp_path, "```python\nTOKEN = 'PLACEHOLDER'\nname = 'b'\n```") as work:
        here = place(work, text)
        _fill_in(work, f"TOKEN = '{token}'\n", "src/boxes.py")
        (file,) = proposed(await work.run(DOCUMENT, here)).files
        assert after(file) == f"TOKEN = '{token}'\nname = 'b'\n"
        assert [(hunk.before, hunk.after) for hunk in file.hunks] == [("name = 'a'\n", "name = 'b'\n")]
        assert token not in work.asked()


def _fill_in(work: Assisting, line: str, path: str) -> None:
    """Let the model repeat the placeholder that stands for the secret of a line, once there is one."""
    redacting, script = work.ports.redaction, work.services.home / "default.jsonl"

    def redaction() -> Any:
        session = redacting()
        shown = session.redact(line, path)[0]
        script.write_text(script.read_text().replace("PLACEHOLDER", shown.split("'")[1]))
        return session

    work.ports = replace(work.ports, redaction=redaction)


async def test_a_new_secret_is_not_offered(tmp_path: Path) -> None:
    """What a model makes up that proves to be one goes back to it."""
    token = github_token()
    answers = (
        f"```python\ndef add(a, b):\n    token = '{token}'\n    return b\n```",
        f"```python\n{SIMPLER}```",
    )
    async with assisting(tmp_path, *answers) as work:
        edits = proposed(await work.run(SIMPLIFY, place(work)))
        assert token not in after(edits.files[0])
        assert len(work.requests) == 2


@pytest.mark.parametrize("strict", [False, True])
async def test_what_does_not_parse(tmp_path: Path, strict: bool) -> None:
    """It is marked, and where the person is strict, not offered."""
    broken = "```python\ndef add(a, b:\n    return (a\n```"
    async with assisting(tmp_path, broken, f"```python\n{SIMPLER}```", strict=strict) as work:
        (file,) = proposed(await work.run(SIMPLIFY, place(work))).files
        assert len(work.requests) == (2 if strict else 1)
        assert bool(file.problems) != strict


async def test_an_instruction_is_done_and_goes(tmp_path: Path) -> None:
    """The comment that said what to do is not left behind; where nothing was done, it is."""
    text = f"# victor: use a conditional expression\n|{SIMPLER}"
    better = "def add(a, b):\n    return b if not a else a + b\n"
    async with assisting(tmp_path, f"```python\n{better}```", f"```python\n{SIMPLER}```") as work:
        (file,) = proposed(await work.run(REFACTOR, place(work, text))).files
        assert after(file) == better
        assert "They say:\n\nuse a conditional expression" in work.asked()
        assert await work.run(REFACTOR, place(work, text)) == LeftAlone()


async def test_a_fix(tmp_path: Path) -> None:
    """What is reported is told with its line."""
    reported = (Reported(6, 7, "undefined name 'c'", "pyflakes", "F821"),)
    text = "def add(a, b):\n    return a + |c\n"
    async with assisting(tmp_path, "```python\ndef add(a, b):\n    return a + b\n```") as work:
        here = place(
            work, text, reported=(Reported(1, 2, "undefined name 'c'", "pyflakes", "F821"), *reported)
        )
        (file,) = proposed(await work.run(FIX_DIAGNOSTIC, here)).files
        assert after(file) == "def add(a, b):\n    return a + b\n"
        assert "* line 2: undefined name 'c' [pyflakes F821]" in work.asked()
        assert "line 7" not in work.asked()


@pytest.mark.parametrize("assist", ASSISTS, ids=lambda assist: assist.id)
async def test_each_of_them(tmp_path: Path, assist: Assist) -> None:
    """Every assist in the table, to its end: what it asks, by which task, and what it gives."""
    text = AT.replace("def", "# victor: make it shorter\ndef") if assist is REFACTOR else AT
    text = "|# the sum of both\nx = 1\n" if assist is COMMENT_TO_CODE else text
    answers = {
        "edit": "```python\n# the sum of both\ny = 1\n```",
        "document": "It adds.",
        "commit_message": "Add",
    }
    make_repository(tmp_path / "work", {"a.py": "x = 1\n"}, tracked=("a.py",))
    async with assisting(tmp_path, answers[assist.gives]) as work:
        here = place(work, text)
        outcome = await work.run(assist, here)
        kinds = {"edit": Proposed, "document": Written, "commit_message": CommitMessage}
        assert type(outcome) is kinds[assist.gives]
        offer = assist.offer(here)
        assert isinstance(offer, Offer)
        assert assist.prompt(here, offer) in work.asked()
        (receipt,) = receipts(work.services)
        assert receipt.task == assist.task
        if isinstance(outcome, Proposed):
            assert outcome.edits.origin.assist == assist.id
            assert "y = 1\n" in after(outcome.edits.files[0])


async def test_nothing_to_change(tmp_path: Path) -> None:
    """The lines come back as they are: said, and nothing proposed."""
    same = "".join(CODE.splitlines(keepends=True)[3:7])
    async with assisting(tmp_path, f"```python\n{same}```") as work:
        assert await work.run(SIMPLIFY, place(work)) == LeftAlone()
        assert work.reviews.list() == []


async def test_tests_in_the_projects_own_style(tmp_path: Path) -> None:
    """The file of tests that belongs to the code is shown, and added to; another project's style is not made up."""
    files = {
        "tests/test_boxes.py": "from boxes import add\n\ndef test_add() -> None:\n    assert add(1, 2) == 3\n"
    }
    index = MemoryIndex(files)
    more = block(
        "tests/test_boxes.py",
        "    assert add(1, 2) == 3\n",
        "    assert add(1, 2) == 3\n\ndef test_none() -> None: ...\n",
    )
    async with assisting(tmp_path, more, index=index) as work:
        write_tree(work.root, files)
        (file,) = proposed(await work.run(GENERATE_TESTS, place(work))).files
        assert file.path.name == "test_boxes.py"
        assert "Add them to `tests/test_boxes.py`" in work.asked()
        assert "def test_add() -> None:" in work.asked()


async def test_tests_for_what_has_none(tmp_path: Path) -> None:
    """They lie where the others lie, and are named as those are, by examples that the model is shown."""
    files = {"spec/other_test.py": "def test_other_add(): ...\n", "src/other.py": "def other(): ...\n"}
    answer = "```python title=spec/boxes_test.py\ndef test_add(): ...\n```"
    async with assisting(tmp_path, answer, index=MemoryIndex(files)) as work:
        write_tree(work.root, files)
        (file,) = proposed(await work.run(GENERATE_TESTS, place(work))).files
        assert (file.kind, file.path) == ("create", work.root / "spec/boxes_test.py")
        assert "Make the new file `spec/boxes_test.py`" in work.asked()
        assert "def test_other_add(): ..." in work.asked()


async def test_an_index_that_does_not_answer(tmp_path: Path) -> None:
    """The assist goes on with the language's usual place."""
    index = MemoryIndex({}, trouble=UsageError("The index is away."))
    answer = "```python title=tests/test_boxes.py\ndef test_add(): ...\n```"
    async with assisting(tmp_path, answer, index=index) as work:
        (file,) = proposed(await work.run(GENERATE_TESTS, place(work))).files
        assert file.path == work.root / "tests/test_boxes.py"
        assert "No tests were found here" in work.asked()


async def test_something_to_read(tmp_path: Path) -> None:
    """A document as it may be kept: no secret in it. Of a file that is longer than the model holds, what fits."""
    token = github_token()
    async with assisting(tmp_path, f"# add\n\nIt adds. {token}") as work:
        outcome = await work.run(EXPLAIN, place(work))
        assert isinstance(outcome, Written)
        assert outcome.title == "explain add"
        assert outcome.text.startswith("# add\n\nIt adds. [REDACTED")
        assert token not in outcome.text


async def test_a_document_that_is_no_file(tmp_path: Path) -> None:
    """Its change is shown as a patch: there is no file to review it in, and no other file is changed."""
    other = "```python title=other.py\nx = 1\n```"
    async with assisting(tmp_path, other, f"```python\n{SIMPLER}```") as work:
        here = place_in(AT, "Untitled-1", path=None, root=None)
        outcome = await work.run(SIMPLIFY, here)
        assert isinstance(outcome, Written)
        assert "--- a/Untitled-1\n" in outcome.text
        assert "+    return a + b if a else b\n" in outcome.text
        assert "The document is no file" in work.asked(1)


async def test_a_file_of_no_folder(tmp_path: Path) -> None:
    """Its own secrets come back into it as well; nothing beside its folder is changed."""
    token = github_token()
    beyond = block("../other.py", "x = 1\n", "x = 2\n")
    async with assisting(tmp_path, beyond, "```python\nTOKEN = 'PLACEHOLDER'\nname = 'b'\n```") as work:
        _fill_in(work, f"TOKEN = '{token}'\n", str(work.root / "a.py"))
        here = place(work, f"«TOKEN = '{token}'\nname = 'a'\n»", "a.py")
        (file,) = proposed(await work.run(DOCUMENT, replace(here, root=None))).files
        assert after(file) == f"TOKEN = '{token}'\nname = 'b'\n"
        assert "leads out of the workspace" in work.asked(1)


async def test_the_commit_message(tmp_path: Path) -> None:
    """Of what is staged, in the style of the last messages; without a change nobody is asked."""
    make_repository(tmp_path / "work", {"a.py": "x = 1\n"}, tracked=("a.py",))
    run_git(tmp_path / "work", "commit", "-qm", "Count the boxes")
    async with assisting(tmp_path, "```\nCount them anew\n```") as work:
        here = place_in("|\n# Please\n", ".git/COMMIT_EDITMSG", "gitcommit", root=work.root)
        with pytest.raises(UsageError, match="nothing has changed"):
            await work.run(COMMIT_MESSAGE, here)
        assert work.requests == []
        write_tree(work.root, {"a.py": "x = 2\n"})
        run_git(work.root, "add", "a.py")
        assert await work.run(COMMIT_MESSAGE, here) == CommitMessage("Count them anew")  # type: ignore[arg-type]  # kept text
        assert "+x = 2" in work.asked()
        assert "Count the boxes" in work.asked()


async def test_what_is_private_stays(tmp_path: Path) -> None:
    """No model is asked about a private file, nor is one changed."""
    async with assisting(tmp_path, "x") as work:
        for assist in (SIMPLIFY, EXPLAIN):
            with pytest.raises((SecretBlocked, UsageError)):
                await work.run(assist, place(work, AT, "keys/.env"))
        assert work.requests == []


async def test_mode_plan_changes_nothing(tmp_path: Path) -> None:
    """It is said before a model is asked; reading is allowed."""
    async with assisting(tmp_path, "It adds.") as work:
        work.mode = "plan"
        with pytest.raises(UsageError, match="In mode plan nothing is changed"):
            await work.run(SIMPLIFY, place(work))
        assert work.requests == []
        assert isinstance(await work.run(EXPLAIN, place(work)), Written)


async def test_more_than_the_model_holds(tmp_path: Path) -> None:
    """Lines that the model has not seen are not replaced; a document says what it can of the rest."""
    long = "def add(a, b):\n" + "    a = a + b  # and so on and so on\n" * 500 + "|    return a\n"
    async with assisting(tmp_path, "It adds.") as work:
        work.services.router.profiles = _small(work)
        with pytest.raises(ContextTooLong, match="502 lines are more"):
            await work.run(SIMPLIFY, place(work, long))
        assert work.requests == []


def _small(work: Assisting) -> Any:
    profiles = work.services.router.profiles
    named = {name: replace(each, context_tokens=4_000) for name, each in profiles.profiles.items()}
    return replace(profiles, profiles=named)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ([{"text": "```python\ndef"}, {"stop": "max_tokens"}], ContextTooLong),
        ([{"text": "no"}, {"stop": "refused"}], Refused),
        ({"error": "provider_auth"}, ProviderError),
    ],
)
async def test_answers_that_break_off(tmp_path: Path, reply: Any, error: type[Exception]) -> None:
    """Nothing is proposed, and the call is settled."""
    async with assisting(tmp_path, reply) as work:
        with pytest.raises(error):
            await work.run(SIMPLIFY, place(work))
        assert work.reviews.list() == []
        assert len(receipts(work.services)) == 1


async def test_a_budget_is_kept(tmp_path: Path) -> None:
    """Nothing is sent that it does not hold."""
    async with assisting(tmp_path, "x", budgets=BudgetSettings(day_tokens=50)) as work:
        with pytest.raises(BudgetExceeded):
            await work.run(SIMPLIFY, place(work))
        assert work.requests == []


async def test_a_cancel(tmp_path: Path) -> None:
    """The call is ended and settled; nothing is proposed."""
    async with assisting(tmp_path, [{"text": "```python\n"}, {"sleep_ms": 60_000}, {"text": "x"}]) as work:
        task = asyncio.create_task(work.run(SIMPLIFY, place(work)))
        await work.heard(Answered)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        assert [receipt.outcome for receipt in receipts(work.services)] == ["cancelled"]
        assert work.reviews.list() == []


async def test_not_offered(tmp_path: Path) -> None:
    """A place at which there is nothing to do is said, and nobody asked."""
    async with assisting(tmp_path, "x") as work:
        with pytest.raises(UsageError, match="Select the lines"):
            await work.run(SIMPLIFY, place(work, "|x = 1\n"))
        assert work.requests == []
